// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace pktwalk {

// One condition of a rule in the user's words, made while parsing: "! --dport 1024:65535". Steps
// point at it, so no text is made while packets walk.
struct Term {
  std::string option;  // "--dport", "-i"; the match's name when it has no option ("-m socket")
  std::string wanted;  // "1024:65535"
  bool negated = false;
  std::uint32_t column = 0;  // of the option in its line, from 1; 0 unknown

  std::string text() const;  // "! --dport 1024:65535"
};

}  // namespace pktwalk

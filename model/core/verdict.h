// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace pktwalk {

// What a rule, chain or hook decided.
enum class Verdict : std::uint8_t {
  Continue,
  Accept,
  Drop,
  Return,
  Jump,
  Goto,
  Queue,
  Stolen,
  Unknown
};
const char* to_string(Verdict verdict);  // "accept"

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// nft's language inside of a shell's: prompts before a dump, and scripts that call nft.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/host/host.h"

namespace pktwalk::nft {

struct ShellText {
  bool same = true;  // there is no shell in the file: read it as it is
  std::string text;  // else: the commands of nft, one a line, and what was given to nft -f -
  std::vector<std::uint32_t> places;  // of every character of text in the file
};

// Variables of the shell that get a plain value are replaced by it; loops, functions and what other
// programs print are not carried out.
ShellText without_shell(Host& host, std::uint32_t file);

}  // namespace pktwalk::nft

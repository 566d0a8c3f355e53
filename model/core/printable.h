// SPDX-License-Identifier: MIT
// Text from outside (rules, comments, file names, payloads) that must not talk to the terminal.
#pragma once

#include <string>
#include <string_view>

namespace pktwalk {

// `text` as it may be shown on a terminal: control characters, C1 controls and bytes that are no
// UTF-8 become \xNN, a tab becomes one blank, everything else stays.
std::string printable(std::string_view text);

// Columns that printable(text) takes, one a character.
std::size_t printable_width(std::string_view text);

}  // namespace pktwalk

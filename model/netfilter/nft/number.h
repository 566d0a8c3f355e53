// SPDX-License-Identifier: MIT
// Numbers and times as nft writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pktwalk::nft {

// Decimal or 0x number that fills the whole text.
std::optional<std::uint64_t> parse_number(std::string_view text);
// "1d2h3m4s5ms" in milliseconds.
std::optional<std::uint64_t> parse_time_ms(std::string_view text);
// The other way round: 90000 is "1m30s", 0 is "0s".
std::string time_text(std::uint64_t milliseconds);

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// Values of the TOS byte as iptables writes them: DSCP classes and TOS names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pktwalk {

// "EF", "AF41", "CS3", "BE", upper and lower case alike: the six bits.
std::optional<std::uint8_t> read_dscp_class(std::string_view name);
std::string dscp_text(std::uint8_t dscp);  // "0x0a"

struct TosValue {
  std::uint8_t value = 0;
  std::uint8_t mask = 0xff;
};
// "0x10", "0x10/0x3f", "Minimize-Delay". A bare number has the mask 0xff, a name `name_mask`.
std::optional<TosValue> read_tos(std::string_view text, std::uint8_t name_mask);
std::string tos_text(const TosValue& tos);  // "0x10/0x3f"

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// ICMP types and codes as elements of ipsets name them: ipset has words of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pktwalk {

// "echo-request", "3/4": type << 8 | code.
std::optional<std::uint16_t> read_icmp_word(std::string_view text, bool v6);
std::string icmp_word(std::uint16_t type_code, bool v6);

}  // namespace pktwalk

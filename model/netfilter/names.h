// SPDX-License-Identifier: MIT
// Names of services and IP protocols, independent of the machine's /etc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pktwalk {

// The port of a service name ("http" is 80), case-sensitive; nothing when the name is not known.
std::optional<std::uint16_t> service_port(std::string_view name);

// The number of a protocol name, upper or lower case ("tcp" is 6, "all" is 0).
std::optional<std::uint8_t> protocol_number(std::string_view name);

// The name that iptables-save prints for a number; empty when it prints the number.
std::string_view protocol_name_or_empty(std::uint8_t number);

}  // namespace pktwalk

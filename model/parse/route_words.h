// SPDX-License-Identifier: MIT
// The words of `ip route` for types, scopes and protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/routing/dst.h"

namespace pktwalk::route_words {

// "unicast", "blackhole" ...; nothing for another word.
std::optional<RouteType> type_of(std::string_view word);
// "global", "link", "host" ... or a number: RT_SCOPE_*.
std::optional<std::uint8_t> scope_of(std::string_view word);
// RTPROT_*; names of routing daemons do not matter, only kernel and boot do.
std::uint8_t protocol_of(std::string_view word);

}  // namespace pktwalk::route_words

// SPDX-License-Identifier: MIT
// Rates as -m limit and -m hashlimit write them. A rate is held as the kernel holds it: the time
// that one packet costs, in units of 1/scale seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pktwalk {

struct PacketRate {
  std::uint64_t avg = 0;      // scale * unit / packets
  std::uint32_t packets = 0;  // as written
  std::uint32_t unit = 1;     // seconds: 1, 60, 3600, 86400
};
// "3/min", "5/second", "10". Nothing for other text, or a rate above `scale` a second.
std::optional<PacketRate> read_packet_rate(std::string_view text, std::uint64_t scale);
// "3/min": in the smallest unit that keeps the number whole enough for iptables.
std::string packet_rate_text(std::uint64_t avg, std::uint64_t scale);
// The unit, in seconds, that packet_rate_text() chooses.
std::uint32_t packet_rate_unit(std::uint64_t avg, std::uint64_t scale);

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// A packet in one line, as tcpdump would say it: "tcp 10.9.0.5:40000 > 10.9.0.11:8080 SYN".
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace pktwalk {

// `l3`: from the network header on, as far as captured.
std::string packet_line(std::span<const std::uint8_t> l3);

struct PacketColumns {
  std::string protocol;  // "tcp"
  std::string source;    // "10.9.0.5:40000"
  std::string destination;
  std::string info;  // "SYN", "echo-request", "fragment at 1480"
};
PacketColumns packet_columns(std::span<const std::uint8_t> l3);

}  // namespace pktwalk

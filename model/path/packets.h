// SPDX-License-Identifier: MIT
// Making IPv4 packets of the router's own.
#pragma once

#include <cstdint>
#include <span>

#include "model/packet/skb.h"

namespace pktwalk {

struct Ipv4Spec {
  IpAddr src, dst;
  std::uint8_t protocol = 0;
  std::uint8_t tos = 0;
  std::uint8_t ttl = 64;
  std::uint16_t id = 0;
  bool dont_fragment = false;
  std::span<const std::uint8_t> options{};  // of the IP header, a multiple of four bytes
};

// A packet with this header and payload (transport header included), IP checksum filled in; bytes
// start at Skb::kHeadroom.
Skb make_ipv4(const Ipv4Spec& spec, std::span<const std::uint8_t> payload);

}  // namespace pktwalk

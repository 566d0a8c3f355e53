// SPDX-License-Identifier: MIT
#include "model/path/packets.h"

#include <algorithm>

#include "model/core/bytes.h"
#include "model/packet/mangle.h"

namespace pktwalk {

Skb make_ipv4(const Ipv4Spec& spec, std::span<const std::uint8_t> payload) {
  Skb skb;
  skb.network = Skb::kHeadroom;
  const std::size_t header = 20 + spec.options.size();
  skb.data.resize(Skb::kHeadroom + header + payload.size());
  std::uint8_t* const ip = skb.data.data() + skb.network;
  ip[0] = static_cast<std::uint8_t>(0x40 | header / 4);
  ip[1] = spec.tos;
  store_be16(ip + 2, static_cast<std::uint16_t>(header + payload.size()));
  store_be16(ip + 4, spec.id);
  store_be16(ip + 6, spec.dont_fragment ? 0x4000 : 0);
  ip[8] = spec.ttl;
  ip[9] = spec.protocol;
  spec.src.to_bytes(ip + 12);
  spec.dst.to_bytes(ip + 16);
  std::copy(spec.options.begin(), spec.options.end(), ip + 20);
  std::copy(payload.begin(), payload.end(), ip + header);
  fill_ip_checksum(skb);
  return skb;
}

}  // namespace pktwalk

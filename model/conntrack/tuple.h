// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/core/addr.h"

namespace pktwalk::ct {

// One direction of a connection (struct nf_conntrack_tuple).
struct Tuple {
  IpAddr src, dst;
  std::uint8_t proto = 0;
  std::uint16_t src_id = 0;  // source port; ICMP: identifier; GRE: key
  std::uint16_t dst_id = 0;  // destination port; ICMP: type << 8 | code
  bool operator==(const Tuple&) const = default;
};

std::size_t hash(const Tuple& tuple, std::uint16_t zone);

}  // namespace pktwalk::ct

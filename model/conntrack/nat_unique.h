// SPDX-License-Identifier: MIT
// How NAT chooses addresses and ports.
#pragma once

#include <cstdint>
#include <span>

#include "model/conntrack/nat.h"

namespace pktwalk::ct {

// A mapping chosen for a connection: what its packets will look like behind NAT.
struct UniqueTuple {
  Tuple tuple;
  bool random = false;        // the kernel's random generator chose the port or ICMP id
  const char* why = nullptr;  // static text: what was chosen and why; null when nothing changed
};

// get_unique_tuple(): maps `original` (what the packet looks like now) into the range, so that no
// other connection has the same reply. `id` is the packet's unconfirmed connection.
UniqueTuple get_unique_tuple(HookContext& ctx, CtId id, const Tuple& original,
                             const NatRange& range, Manip manip);

// jhash2() of include/linux/jhash.h.
std::uint32_t jhash2(std::span<const std::uint32_t> words, std::uint32_t initval);

}  // namespace pktwalk::ct

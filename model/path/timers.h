// SPDX-License-Identifier: MIT
// What the stack does by itself when time passes: it repeats what was not answered, and gives up.
#pragma once

#include "model/path/walk.h"

namespace pktwalk {

// Fires the timers that ran out before the walk's packet came, in order of time. `arrived` is that
// packet; what leaves counts as having left before it.
void fire_timers(Walk& walk, const Skb& arrived);

// SYN/ACKs: the first repetition comes after this time, each further one after twice the time
// before (TCP_TIMEOUT_INIT).
inline constexpr std::int64_t kSynAckTimeout = kNsPerSecond;

// net.ipv4.neigh.DEV.retrans_time_ms: between two ARP requests.
std::int64_t arp_retransmission(const Host& host, IfIndex dev);

}  // namespace pktwalk

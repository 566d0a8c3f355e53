// SPDX-License-Identifier: MIT
// How often a host may be told about errors.
#pragma once

#include <cstdint>

#include "model/path/local_state.h"

namespace pktwalk {

// A token bucket per destination: one message costs `cost` ns, at most `burst` ns are saved up. A
// host that was never told anything has a full bucket. Kernel:
// net/ipv4/inetpeer.c:inet_peer_xrlim_allow(), net/ipv4/route.c:ip_error()
bool peer_allows(LocalState& local, const IpAddr& destination, Time now, std::int64_t cost,
                 std::int64_t burst);

}  // namespace pktwalk

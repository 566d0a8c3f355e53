// SPDX-License-Identifier: MIT
// The protocol handlers of the host itself.
#pragma once

#include "model/path/sockets.h"
#include "model/path/stage.h"

namespace pktwalk {

bool deliver_raw(Walk& walk, const Skb& skb);  // raw_local_deliver(): a raw socket got a copy
Next deliver_tcp(Walk& walk, Skb& skb);        // tcp_v4_rcv()
Next deliver_udp(Walk& walk, Skb& skb);        // __udp4_lib_rcv()
Next deliver_icmp(Walk& walk, Skb& skb);       // icmp_rcv()

}  // namespace pktwalk

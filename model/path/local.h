// SPDX-License-Identifier: MIT
// The protocol handlers of the host itself.
#pragma once

#include "model/path/stage.h"

namespace pktwalk {

// The socket that takes a packet; null: none. Connected sockets win over listeners, specific
// addresses over wildcards, sockets bound to the device over others. Kernel:
// net/ipv4/inet_hashtables.c:compute_score(), net/ipv4/udp.c:compute_score()
struct SocketKey {
  std::uint8_t proto = 0;
  IpAddr local;
  std::uint16_t port = 0;
  IpAddr remote;
  std::uint16_t remote_port = 0;
  IfIndex dev = IfIndex::None;
};
const Socket* find_socket(const Host& host, const SocketKey& key);

bool deliver_raw(Walk& walk, const Skb& skb);  // raw_local_deliver(): a raw socket got a copy
Next deliver_tcp(Walk& walk, Skb& skb);        // tcp_v4_rcv()
Next deliver_udp(Walk& walk, Skb& skb);        // __udp4_lib_rcv()
Next deliver_icmp(Walk& walk, Skb& skb);       // icmp_rcv()

}  // namespace pktwalk

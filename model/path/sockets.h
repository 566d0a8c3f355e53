// SPDX-License-Identifier: MIT
// Which socket of the dump a packet belongs to.
#pragma once

#include "model/host/host.h"

namespace pktwalk {

struct SocketKey {
  std::uint8_t proto = 0;
  IpAddr local;
  std::uint16_t port = 0;
  IpAddr remote;
  std::uint16_t remote_port = 0;
  IfIndex dev = IfIndex::None;
};

// Which sockets come into question: TCP looks for connections first and for listeners then, and
// TPROXY asks for either alone.
enum class SocketKind : std::uint8_t { Any, Connected, Listening };

// The socket that takes a packet; null: none. A connected TCP socket comes before all others, then
// one with this very address before a wildcard, then the better score: connected UDP sockets,
// sockets bound to the device, IPv4 before those for both families.
// Kernel: net/ipv4/inet_hashtables.c:__inet_lookup(), compute_score();
//         net/ipv4/udp.c:__udp4_lib_lookup(), compute_score()
const Socket* find_socket(const Host& host, const SocketKey& key,
                          SocketKind kind = SocketKind::Any);

// No address, or 0.0.0.0: any.
bool is_wildcard(const IpAddr& address);

}  // namespace pktwalk

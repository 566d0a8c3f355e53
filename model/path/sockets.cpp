// SPDX-License-Identifier: MIT
// Which socket of the dump a packet belongs to.
//
// Kernel:  net/ipv4/inet_hashtables.c:__inet_lookup(), compute_score(); net/ipv4/udp.c:
//          __udp4_lib_lookup(), compute_score()
// Differs: nothing known
#include "model/path/sockets.h"

#include "model/packet/headers.h"

namespace pktwalk {
namespace {

// Two look-ups of the kernel one after the other: what the first finds always wins.
constexpr int kConnectedTcp = 1000, kThisAddress = 100;

bool fits(const Socket& s, const SocketKey& key, SocketKind kind) {
  if (s.raw || s.proto != key.proto || s.port != key.port) return false;
  if (s.family == Family::Ipv6 && s.v6only) return false;
  if (!is_wildcard(s.local) && s.local != key.local) return false;
  const bool connected = !is_wildcard(s.remote);
  if (connected && (s.remote != key.remote || s.remote_port != key.remote_port)) return false;
  if (s.dev != IfIndex::None && s.dev != key.dev) return false;
  if (kind == SocketKind::Connected) return connected;
  return kind == SocketKind::Any || s.listening;
}

int score(const Socket& s) {
  const bool connected = !is_wildcard(s.remote);
  if (s.proto == kProtoTcp && connected) return kConnectedTcp;
  int points = is_wildcard(s.local) ? 0 : kThisAddress;
  if (s.family == Family::Ipv4) ++points;
  // UDP weighs a device more than TCP does: there a socket for both families may tie with it.
  if (s.dev != IfIndex::None) points += s.proto == kProtoTcp ? 1 : 4;
  if (connected) points += 8;
  return points;
}

}  // namespace

bool is_wildcard(const IpAddr& address) {
  return address.family() == Family::Unspec || address.is_unspecified();
}

const Socket* find_socket(const Host& host, const SocketKey& key, SocketKind kind) {
  const Socket* best = nullptr;
  int best_points = -1;
  for (const Socket& s : host.sockets) {
    if (!fits(s, key, kind)) continue;
    if (const int points = score(s); points > best_points) {
      best = &s;
      best_points = points;
    }
  }
  return best;
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
#include "model/path/peer.h"

#include <algorithm>

namespace pktwalk {

bool peer_allows(LocalState& local, const IpAddr& destination, Time now, std::int64_t cost,
                 std::int64_t burst) {
  const auto [at, fresh] = local.peers.try_emplace(destination);
  Peer& peer = at->second;
  // A new peer counts as silent for a minute.
  if (fresh) peer.last = now + -60 * kNsPerSecond;
  // Twice within one tick the kernel neither adds nor cuts: an error route asks here first and the
  // ICMP limit again.
  if (fresh || now != peer.last) {
    peer.tokens = std::min(peer.tokens + (now - peer.last), burst);
    peer.last = now;
  }
  if (peer.tokens < cost) return false;
  peer.tokens -= cost;
  return true;
}

}  // namespace pktwalk

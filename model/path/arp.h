// SPDX-License-Identifier: MIT
// ARP, as far as a router's path needs it.
#pragma once

#include "model/path/stage.h"

namespace pktwalk {

// arp_process(): answers requests for our addresses, learns from what is said to us, and sends what
// waited for an answer.
Next receive_arp(Walk& walk, Skb& skb);
// arp_solicit(): asks who has `target` on the device.
void send_arp_request(Walk& walk, const Skb& skb, const Link& link, const IpAddr& target);
// The link-layer address of a neighbour: learned in this run, or from the dump. Null: not known.
struct NeighFound {
  bool known = false;
  MacAddr mac;
  const Neigh* dumped = nullptr;
};
NeighFound find_neighbour(Walk& walk, IfIndex dev, const IpAddr& addr);

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// A stage of the path: a place with a name where something is decided about a packet.
#pragma once

#include "model/path/walk.h"

namespace pktwalk {

struct Stage {
  const char* name;  // as hops show it; null: the function opens its own hops (netfilter hooks)
  Next (*run)(Walk& walk, Skb& skb);
};

// The stages, each in model/path/stages/X.cpp. What each does is said there.
namespace stage {
Next link_receive(Walk& walk, Skb& skb);   // __netif_receive_skb_core(): device, VLAN, protocol
Next ingress(Walk& walk, Skb& skb);        // nf_ingress(): chains of the device
Next link_protocol(Walk& walk, Skb& skb);  // VLAN, upper devices, who takes the protocol
Next egress(Walk& walk, Skb& skb);         // nf_hook_egress()
Next ip_receive(Walk& walk, Skb& skb);     // ip_rcv_core(): header checks
Next prerouting(Walk& walk, Skb& skb);     // NF_INET_PRE_ROUTING
Next input_route(Walk& walk,
                 Skb& skb);  // ip_rcv_finish_core(), ip_route_input_slow(), ip_rcv_options()
Next forward(Walk& walk, Skb& skb);           // ip_forward(): TTL, MTU, redirect
Next forward_hook(Walk& walk, Skb& skb);      // NF_INET_FORWARD
Next local_defrag(Walk& walk, Skb& skb);      // ip_local_deliver(): reassembly
Next input_hook(Walk& walk, Skb& skb);        // NF_INET_LOCAL_IN
Next local_deliver(Walk& walk, Skb& skb);     // protocol handlers and sockets
Next output_route(Walk& walk, Skb& skb);      // ip_route_output_key(), source address
Next output_hook(Walk& walk, Skb& skb);       // NF_INET_LOCAL_OUT, with re-routing
Next postrouting(Walk& walk, Skb& skb);       // NF_INET_POST_ROUTING
Next postrouting_copy(Walk& walk, Skb& skb);  // the same for ip_mc_output()'s copy
Next loop_back(Walk& walk, Skb& skb);         // dev_loopback_xmit(): that copy comes in again
Next fragment(
    Walk& walk,
    Skb& skb);  // ip_finish_output(): MTU and fragmentation; runs the rest itself for each piece
Next neighbour(Walk& walk, Skb& skb);  // ip_finish_output2(): link-layer address
Next transmit(Walk& walk, Skb& skb);   // dev_queue_xmit(): the frame leaves, or loops back on `lo`
// The end of neighbour resolution: the frame leaves for this link-layer address.
void transmit_to(Walk& walk, Skb& skb, const MacAddr& to);
}  // namespace stage

// Runs the functions registered at a netfilter hook in order of priority (nf_hook_slow). Done when
// the packet ended there.
Next run_hook(Walk& walk, Skb& skb, Hook hook, IfIndex in, IfIndex out);

// Whether chains sit at this hook of this device (netdev and inet families).
bool has_device_hook(const Host& host, Hook hook, const Link& link);

// What a function at a hook works with (struct nf_hook_state).
struct HookContext {
  Walk& walk;
  Skb& skb;
  Hook hook;
  const Link* in;
  const Link* out;
};

}  // namespace pktwalk

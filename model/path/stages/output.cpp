// SPDX-License-Identifier: MIT
// Locally made packets begin here: the route chooses device and source address.
//
// Kernel: net/ipv4/route.c:ip_route_output_key_hash_rcu(), net/ipv4/ip_output.c:__ip_local_out()
// Differs: nothing known
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/stage.h"
#include "model/routing/fib.h"

namespace pktwalk::stage {

Next output_route(Walk& walk, Skb& skb) {
  if (skb.dst) return Next::Continue;  // whoever made the packet routed it already
  const Ipv4View ip(skb.l3().data());
  fib::Flow flow;
  flow.daddr = ip.daddr();
  if (!ip.saddr().is_unspecified()) flow.saddr = ip.saddr();
  flow.mark = skb.mark;
  flow.tos = ip.tos();
  flow.proto = ip.protocol();
  flow.uid = skb.uid;
  const std::span<const std::uint8_t> l4 = skb.l3().subspan(ip.header_length());
  if ((ip.protocol() == kProtoTcp || ip.protocol() == kProtoUdp) && l4.size() >= 4) {
    flow.sport = load_be16(l4.data());
    flow.dport = load_be16(l4.data() + 2);
  }
  Dst dst;
  if (fib::route_output(walk, flow, dst, walk.recorder()) != RouteError::None) {
    return walk.drop(DropReason::IP_OUTNOROUTES, "no route to the destination");
  }
  skb.dst = dst;
  if (ip.saddr().is_unspecified() && flow.saddr.family() != Family::Unspec) {
    set_saddr(skb, flow.saddr, walk.recorder());
  }
  return Next::Continue;
}

}  // namespace pktwalk::stage

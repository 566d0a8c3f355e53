// SPDX-License-Identifier: MIT
// Output routing: the way of packets that this host makes, and their source address.
//
// Kernel: net/ipv4/route.c:ip_route_output_key_hash_rcu(), __mkroute_output();
// net/ipv4/fib_semantics.c:fib_select_path();
//         net/ipv4/netfilter.c:ip_route_me_harder()
// Differs: nothing known
#include "model/packet/headers.h"
#include "model/routing/fib.h"

namespace pktwalk::fib {
RouteError route_output(Walk& walk, Flow& flow, Dst& dst, Recorder* recorder) {
  const Host& host = walk.host();
  const bool chosen = flow.saddr.family() != Family::Unspec && !flow.saddr.is_unspecified();
  if (chosen) {
    if (flow.saddr.is_v4_multicast() || flow.saddr.is_v4_limited_broadcast() ||
        flow.saddr.is_unspecified()) {
      return RouteError::Inval;
    }
    if (!flow.any_source && flow.oif == IfIndex::None && !is_local(host, flow.saddr))
      return RouteError::NetUnreach;
  }
  const IfIndex lo = loopback_of(host);
  flow.iif = lo;
  const Found found = lookup(host, flow, recorder, {.output = true});
  dst = {};
  if (found.error != RouteError::None) {
    if (flow.oif == IfIndex::None) return found.error;
    // Who names the device is believed: the destination is taken to be on its link.
    dst.kind = DstKind::Output;
    dst.dev = flow.oif;
    if (!chosen) flow.saddr = select_addr(host, flow.oif, {}, kScopeLink);
    if (flow.saddr.family() == Family::Unspec) flow.saddr = IpAddr::v4(0);
    if (recorder != nullptr) {
      recorder->step(
          NoteStep{"no route by the named device: the destination is taken to be on its "
                   "link",
                   Value::address(flow.daddr)});
    }
    return RouteError::None;
  }
  dst.kind = DstKind::Output;
  dst.type = found.type;
  dst.mtu = found.route->mtu;
  dst.mtu_locked = found.route->mtu_locked;
  dst.advmss = found.route->advmss;
  dst.scope = found.route->scope;
  dst.prefsrc = found.route->prefsrc;
  dst.realm = found.route->realm;
  if (found.type == RouteType::Local) {
    dst.dev = lo;
    if (!chosen)
      flow.saddr =
          found.route->prefsrc.family() != Family::Unspec ? found.route->prefsrc : flow.daddr;
    return RouteError::None;
  }
  dst.dev = found.hop->dev;
  dst.gateway = found.hop->gateway;
  if (flow.daddr.is_v4_limited_broadcast()) dst.type = RouteType::Broadcast;
  if (flow.daddr.is_v4_multicast()) dst.type = RouteType::Multicast;
  if (!chosen) {
    const bool direct = dst.gateway.family() == Family::Unspec;
    flow.saddr =
        found.route->prefsrc.family() != Family::Unspec
            ? found.route->prefsrc
            : select_addr(host, dst.dev, direct ? flow.daddr : dst.gateway, found.route->scope);
    if (flow.saddr.family() == Family::Unspec) flow.saddr = IpAddr::v4(0);
    if (recorder != nullptr) {
      recorder->step(RouteStep{.kind = RouteStep::Kind::SourceChosen,
                               .route = found.route,
                               .key = Value::address(flow.saddr),
                               .dev = dst.dev});
    }
  }
  return RouteError::None;
}

RouteError reroute(Walk& walk, Skb& skb) {
  const Host& host = walk.host();
  const Ipv4View ip(skb.l3().data());
  Flow flow;
  flow.daddr = ip.daddr();
  // A foreign source is kept in the packet, but does not take part in the look-up.
  if (is_local(host, ip.saddr())) flow.saddr = ip.saddr();
  flow.any_source = true;
  flow.mark = skb.mark;
  flow.tos = ip.tos();
  flow.proto = ip.protocol();
  flow.uid = skb.uid;
  Dst dst;
  const RouteError error = route_output(walk, flow, dst, walk.recorder());
  if (error == RouteError::None) skb.dst = dst;
  return error;
}

}  // namespace pktwalk::fib

// SPDX-License-Identifier: MIT
// After PREROUTING: where does the packet go? The route decides whether it is forwarded, delivered
// here, or refused with an ICMP error; IP options are read at this point too.
//
// Kernel: net/ipv4/ip_input.c:ip_rcv_finish_core(), net/ipv4/route.c:ip_error(),
// net/ipv4/ip_options.c Differs: no-early-demux (every packet is looked up), source-route (accepted
// source routes are unknown)
#include "model/packet/headers.h"
#include "model/path/icmp.h"
#include "model/path/ip_options.h"
#include "model/path/peer.h"
#include "model/path/stage.h"
#include "model/routing/fib.h"

namespace pktwalk::stage {
namespace {

// ip_error(): the route is an error.
Next refuse(Walk& walk, Skb& skb) {
  const RouteError error = skb.dst->error;
  const bool forwarding = walk.host().sysctls.conf(skb.dev).forwarding;
  if (walk.recorder() != nullptr) {
    walk.recorder()->step(CheckStep{Check::Forwarding, forwarding, Value::boolean(forwarding),
                                    Value::boolean(true), skb.dev});
  }
  DropReason reason = DropReason::NOT_SPECIFIED;
  if (!forwarding) {
    if (error == RouteError::HostUnreach) reason = DropReason::IP_INADDRERRORS;
    if (error == RouteError::NetUnreach) reason = DropReason::IP_INNOROUTES;
    return walk.drop(reason, "not for this host, and forwarding is off on the input device");
  }
  std::uint8_t code = 0;
  const char* why = nullptr;
  switch (error) {
    case RouteError::HostUnreach:
      code = 1;
      why = "the route says unreachable";
      break;
    case RouteError::NetUnreach:
      code = 0;
      reason = DropReason::IP_INNOROUTES;
      why = "no route to the destination";
      break;
    case RouteError::Acces:
      code = 13;
      why = "the route says prohibit";
      break;
    case RouteError::None:
    case RouteError::Inval:
    case RouteError::XDev:
      return walk.drop(reason, "the route says blackhole");
  }
  const IpAddr source = Ipv4View(skb.l3().data()).saddr();
  if (peer_allows(walk.state().local, source, walk.now(), kNsPerSecond, 5 * kNsPerSecond)) {
    send_icmp_error(walk, skb, 3, code);
  } else if (walk.recorder() != nullptr) {
    walk.recorder()->step(
        NoteStep{"no ICMP error: this host was told five times within as many seconds"});
  }
  return walk.drop(reason, why);
}

}  // namespace

Next input_route(Walk& walk, Skb& skb) {
  if (!skb.dst) {
    if (const std::optional<DropReason> reason = fib::route_input(walk, skb))
      return walk.drop(*reason);
    PKTWALK_ASSERT(skb.dst.has_value());
  }
  if (Ipv4View(skb.l3().data()).header_length() > 20) {
    if (const Next next = receive_options(walk, skb); next != Next::Continue) return next;
  }
  const bool unicast =
      skb.dst->type != RouteType::Broadcast && skb.dst->type != RouteType::Multicast;
  if (unicast && (skb.pkt_type == PktType::Broadcast || skb.pkt_type == PktType::Multicast)) {
    const NetSysctls& sysctls = walk.host().sysctls;
    if (sysctls.all.drop_unicast_in_l2_multicast ||
        sysctls.conf(skb.dev).drop_unicast_in_l2_multicast) {
      return walk.drop(DropReason::UNICAST_IN_L2_MULTICAST, "unicast IP in a link-layer broadcast");
    }
  }
  switch (skb.dst->kind) {
    case DstKind::Forward:
      return Next::Forward;
    case DstKind::LocalIn:
    case DstKind::Output:
      return Next::LocalIn;  // Output: looped back over `lo` with its route attached
    case DstKind::Error:
      return refuse(walk, skb);
    case DstKind::Multicast:
      return walk.unknown("multicast routing is not walked yet");
  }
  return Next::LocalIn;
}

}  // namespace pktwalk::stage

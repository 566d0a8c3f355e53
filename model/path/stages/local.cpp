// SPDX-License-Identifier: MIT
// Packets for this host: reassembly before INPUT, and after it the protocol handler or socket that
// takes them.
//
// Kernel: net/ipv4/ip_input.c:ip_local_deliver(), ip_protocol_deliver_rcu();
//         net/ipv4/igmp.c:igmp_rcv()
// Differs: protocol-handlers (only ICMP, IGMP, TCP, UDP and UDP-Lite count as having a handler;
// tunnels and IPsec
//          depend on loaded modules)
#include "model/path/local.h"

#include "model/packet/checksum.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/defrag.h"
#include "model/path/icmp.h"
#include "model/path/stage.h"

namespace pktwalk::stage {

namespace {

constexpr std::uint8_t kIgmpQuery = 0x11, kIgmpReport = 0x12, kIgmpV2Report = 0x16;

// igmp_rcv(): what a host takes are queries, and reports of others by multicast; the rest is for
// multicast routers, which get it by a raw socket.
Next deliver_igmp(Walk& walk, Skb& skb) {
  const std::span<const std::uint8_t> igmp =
      skb.l3().subspan(Ipv4View(skb.l3().data()).header_length());
  if (skb.missing != 0) return walk.unknown("the IGMP message was not captured whole");
  if (igmp.size() < 8) return walk.drop(DropReason::NOT_SPECIFIED, "the IGMP message is cut off");
  if (checksum(igmp) != 0)
    return walk.drop(DropReason::NOT_SPECIFIED, "the IGMP checksum is wrong");
  const bool group = skb.pkt_type == PktType::Multicast || skb.pkt_type == PktType::Broadcast;
  switch (igmp[0]) {
    case kIgmpQuery:
      // Longer than a query of version 1 or 2, shorter than one of version 3.
      if (igmp.size() > 8 && igmp.size() < 12)
        return walk.drop(DropReason::NOT_SPECIFIED, "an IGMP query of impossible length");
      return walk.deliver("igmp");
    case kIgmpReport:
    case kIgmpV2Report:
      if (group) return walk.deliver("igmp");
      return walk.drop(DropReason::NOT_SPECIFIED, "an IGMP report by unicast");
    default:
      return walk.drop(DropReason::NOT_SPECIFIED, "an IGMP message that only routers take");
  }
}

}  // namespace

Next local_defrag(Walk& walk, Skb& skb) {
  if (!Ipv4View(skb.l3().data()).is_fragment()) return Next::Continue;
  return defrag(walk, skb, DefragUser::LocalDeliver, 0);
}

Next local_deliver(Walk& walk, Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  const bool raw = deliver_raw(walk, skb);
  switch (ip.protocol()) {
    case kProtoTcp:
      return deliver_tcp(walk, skb);
    case kProtoUdp:
    case kProtoUdpLite:
      return deliver_udp(walk, skb);
    case kProtoIcmp:
      return deliver_icmp(walk, skb);
    case kProtoIgmp:
      return deliver_igmp(walk, skb);
    default:
      break;
  }
  if (raw) return walk.deliver("raw socket");
  if (walk.recorder() != nullptr) {
    walk.recorder()->step(
        CheckStep{Check::ProtocolHandler, false, Value::proto(ip.protocol()), {}, IfIndex::None});
  }
  send_icmp_error(walk, skb, 3, 2);
  return walk.drop(DropReason::IP_NOPROTO, "no handler and no raw socket for this protocol");
}

}  // namespace pktwalk::stage

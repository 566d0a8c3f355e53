// SPDX-License-Identifier: MIT
// Packets for this host: reassembly before INPUT, and after it the protocol handler or socket that
// takes them.
//
// Kernel: net/ipv4/ip_input.c:ip_local_deliver(), ip_protocol_deliver_rcu()
// Differs: protocol-handlers (only ICMP, IGMP, TCP, UDP and UDP-Lite count as having a handler;
// tunnels and IPsec
//          depend on loaded modules)
#include "model/path/local.h"

#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/defrag.h"
#include "model/path/icmp.h"
#include "model/path/stage.h"

namespace pktwalk::stage {

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
      return walk.deliver("igmp");
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

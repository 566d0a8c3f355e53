// SPDX-License-Identifier: MIT
// UDP and raw sockets of the host.
//
// Kernel: net/ipv4/udp.c:__udp4_lib_rcv(), __udp4_lib_mcast_deliver();
// net/ipv4/raw.c:raw_v4_input() Differs: nothing known
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/icmp.h"
#include "model/path/local.h"

namespace pktwalk {
bool deliver_raw(Walk& walk, const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  bool any = false;
  for (const Socket& s : walk.host().sockets) {
    if (!s.raw || s.proto != ip.protocol() || s.family != Family::Ipv4) continue;
    if (!is_wildcard(s.local) && !(s.local == ip.daddr())) continue;
    if (!is_wildcard(s.remote) && !(s.remote == ip.saddr())) continue;
    if (s.dev != IfIndex::None && s.dev != skb.dev) continue;
    any = true;
    if (walk.recorder() != nullptr) {
      walk.recorder()->step(SocketStep{&s, Value::address(ip.daddr()), "a raw socket gets a copy"});
    }
  }
  return any;
}

Next deliver_udp(Walk& walk, Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  Recorder* const recorder = walk.recorder();
  const std::span<const std::uint8_t> l4 = skb.l3().subspan(ip.header_length());
  const std::size_t length = skb.len() - ip.header_length();
  const std::optional<UdpView> udp = UdpView::at(l4);
  if (!udp && length >= 8) return walk.unknown("the UDP header was not captured");
  if (!udp) {
    if (recorder != nullptr) {
      recorder->step(
          CheckStep{Check::UdpHeader, false, Value::dec(length), Value::dec(8), skb.dev});
    }
    return walk.drop(DropReason::NOT_SPECIFIED, "the UDP header is cut off");
  }
  if (udp->length() > length || udp->length() < 8) {
    if (recorder != nullptr) {
      recorder->step(CheckStep{Check::UdpHeader, false, Value::dec(udp->length()),
                               Value::dec(length), skb.dev});
    }
    return walk.drop(DropReason::PKT_TOO_SMALL, "the UDP length does not fit the packet");
  }
  // What stands behind the datagram's own length does not belong to it.
  if (ip.protocol() == kProtoUdp && skb.missing == 0) {
    skb.data.resize(skb.data.size() - (length - udp->length()));
  }
  const SocketKey key{ip.protocol(), ip.daddr(), udp->dport(), ip.saddr(), udp->sport(), skb.dev};
  const Socket* const socket =
      skb.assigned != nullptr ? skb.assigned : find_socket(walk.host(), key);
  if (recorder != nullptr)
    recorder->step(SocketStep{socket, Value::endpoint(ip.daddr(), udp->dport()), nullptr});
  if (socket != nullptr) {
    if (verify_transport_checksum(skb) != ChecksumState::Wrong) return walk.deliver("udp socket");
    if (recorder != nullptr) {
      recorder->step(
          CheckStep{Check::UdpChecksum, false, Value::hex(udp->checksum()), {}, skb.dev});
    }
    return walk.drop(DropReason::UDP_CSUM,
                     "the UDP checksum is wrong: dropped when the program reads it");
  }
  if (!walk.host().has_sockets && recorder != nullptr) {
    recorder->step(
        NoteStep{"no dump of the sockets was given (ss -lntuw): the port counts as closed"});
  }
  const bool group = skb.dst->type == RouteType::Broadcast || skb.dst->type == RouteType::Multicast;
  if (group)
    return walk.drop(DropReason::NOT_SPECIFIED,
                     "broadcast or multicast without a listener: dropped in silence");
  // nf_reset_ct(): conntrack has to find the connection of the error anew.
  skb.ct = CtId::None;
  skb.ctinfo = CtInfo::None;
  if (verify_transport_checksum(skb) == ChecksumState::Wrong) {
    if (recorder != nullptr)
      recorder->step(
          CheckStep{Check::UdpChecksum, false, Value::hex(udp->checksum()), {}, skb.dev});
    return walk.drop(DropReason::UDP_CSUM, "the UDP checksum is wrong");
  }
  send_icmp_error(walk, skb, 3, 3);
  return walk.drop(DropReason::NO_SOCKET, "no UDP socket is open at this port");
}

}  // namespace pktwalk

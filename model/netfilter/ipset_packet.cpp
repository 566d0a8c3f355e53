// SPDX-License-Identifier: MIT
// Kernel:  net/netfilter/ipset/ip_set_hash_*.c, ip_set_bitmap_*.c, *_kadt();
//          ip_set_getport.c, ip_set_get_ip4_port()
// Differs: nothing known
#include "model/netfilter/ipset_packet.h"

#include "model/core/bytes.h"
#include "model/netfilter/ipset_element.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

// How much of a transport header the kernel asks for, and where the two bytes stand; 0: a protocol
// without ports.
std::size_t header_size(std::uint8_t protocol) {
  switch (protocol) {
    case kProtoTcp:
      return 20;
    case kProtoSctp:
      return 12;
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoIcmp:
    case kProtoIcmpv6:
      return 8;
    default:
      return 0;
  }
}

void take_port(const SetPacket& packet, bool source, SetCandidate& candidate) {
  candidate.key.proto = packet.protocol;
  const std::size_t size = header_size(packet.protocol);
  if (size == 0) return;
  if (packet.frag_offset != 0) {
    candidate.failure = "a later fragment has no ports";
    return;
  }
  const Skb& skb = packet.skb;
  if (packet.transport + size > skb.data.size() + skb.missing) {
    candidate.failure = "the packet ends within the transport header";
    return;
  }
  const bool icmp = packet.protocol == kProtoIcmp || packet.protocol == kProtoIcmpv6;
  const std::size_t at = packet.transport + (icmp || source ? 0 : 2);
  if (at + 2 > skb.data.size()) {
    candidate.failure = "bytes beyond the captured length";
    candidate.cut = true;
    return;
  }
  candidate.key.port = load_be16(skb.data.data() + at);
}

void take_mac(const SetPacket& packet, bool source, SetCandidate& candidate) {
  const Skb& skb = packet.skb;
  if (!skb.has_mac || skb.mac + 14 > skb.data.size()) {
    candidate.failure = "the packet has no link header here";
    return;
  }
  const std::uint8_t* from = skb.data.data() + skb.mac + (source ? 6 : 0);
  for (std::size_t i = 0; i < 6; ++i) candidate.mac.bytes[i] = from[i];
  if (candidate.mac.is_zero()) candidate.failure = "the link-layer address is zero";
}

}  // namespace

IpAddr packet_address(const Skb& skb, bool source) {
  const std::uint8_t* ip = skb.data.data() + skb.network;
  if (skb.family == Family::Ipv4) return IpAddr::from_bytes(Family::Ipv4, ip + (source ? 12 : 16));
  return IpAddr::from_bytes(Family::Ipv6, ip + (source ? 8 : 24));
}

SetCandidate set_candidate(const SetPacket& packet, const IpSet& set, const SetDirections& dirs) {
  SetCandidate candidate;
  bool seen_address = false;
  const auto width = static_cast<std::uint8_t>(address_bits(packet.skb.family));
  for (std::size_t i = 0; i < set.kind->dimensions && candidate.failure == nullptr; ++i) {
    const bool source = dirs.src(i);
    switch (set.kind->parts[i]) {
      case SetPart::Ip:
      case SetPart::Net: {
        IpAddr addr = packet_address(packet.skb, source);
        const bool net = set.kind->parts[i] == SetPart::Net;
        if (!net && !seen_address) {
          if (set.kind->bitmap && (addr < set.range_first || addr > set.range_last)) {
            candidate.failure = "the address is outside the set's range";
          }
          addr = masked_by_set(set, addr);
          if (!set.kind->bitmap && set.kind->dimensions == 1 && addr.is_unspecified()) {
            candidate.failure = "the address is zero";
          }
        }
        (seen_address ? candidate.key.addr2 : candidate.key.addr) = addr;
        if (net) (seen_address ? candidate.key.prefix2 : candidate.key.prefix) = width;
        seen_address = true;
        break;
      }
      case SetPart::Port:
        take_port(packet, source, candidate);
        if (set.kind->dimensions == 1 && candidate.failure == nullptr) {  // bitmap:port
          if (packet.protocol != kProtoTcp && packet.protocol != kProtoUdp) {
            candidate.failure = "the packet is neither TCP nor UDP";
          } else if (candidate.key.port < set.port_first || candidate.key.port > set.port_last) {
            candidate.failure = "the port is outside the set's range";
          }
          candidate.key.proto = 0;
        }
        break;
      case SetPart::Iface:
        candidate.device = source ? packet.in : packet.out;
        if (candidate.device == nullptr) candidate.failure = "the hook has no such device";
        break;
      case SetPart::Mac:
        take_mac(packet, source, candidate);
        if (!set.kind->bitmap) candidate.key.mac = candidate.mac;
        break;
      case SetPart::Mark:
        candidate.key.mark = packet.skb.mark & set.markmask;
        break;
      case SetPart::Member:
        break;
    }
  }
  return candidate;
}

std::uint32_t iface_number(const IpSet& set, const Link& device) {
  for (std::size_t i = 0; i < set.ifaces.size(); ++i) {
    const IpSet::Iface& iface = set.ifaces[i];
    if (!iface.wildcard && !iface.physdev && iface.name == device.name) {
      return static_cast<std::uint32_t>(i + 1);
    }
  }
  return IpSet::kLinkIface | static_cast<std::uint32_t>(device.index);
}

}  // namespace pktwalk

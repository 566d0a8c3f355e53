// SPDX-License-Identifier: MIT
// A frame arrives: to whom it was sent, on which device (VLAN), and for which protocol; then the
// checks of the IP header.
//
// Kernel: net/ethernet/eth.c:eth_type_trans(), net/core/dev.c:__netif_receive_skb_core(),
//         net/8021q/vlan_core.c:vlan_do_receive(), net/ipv4/ip_input.c:ip_rcv_core()
// Differs: nothing known
#include <cstring>

#include "model/netfilter/nft/ruleset.h"
#include "model/packet/checksum.h"
#include "model/packet/headers.h"
#include "model/path/arp.h"
#include "model/path/stage.h"

namespace pktwalk::stage {
namespace {

constexpr std::uint16_t kEthIp = 0x0800, kEthArp = 0x0806, kEthIpv6 = 0x86dd, kEthVlan = 0x8100,
                        kEthQinQ = 0x88a8;

MacAddr mac_at(const std::uint8_t* p) {
  MacAddr mac;
  std::memcpy(mac.bytes.data(), p, 6);
  return mac;
}

PktType packet_type(const MacAddr& dst, const Link& link) {
  if (dst == link.mac) return PktType::Host;
  if (dst.is_multicast()) return dst == link.broadcast ? PktType::Broadcast : PktType::Multicast;
  return PktType::OtherHost;
}

const Link* vlan_device(const Host& host, IfIndex lower, std::uint16_t id) {
  for (const Link& link : host.links) {
    if (link.kind == "vlan" && link.lower == lower && link.vlan_id == id) return &link;
  }
  return nullptr;
}

Next by_protocol(Walk& walk, Skb& skb, std::uint16_t type) {
  switch (type) {
    case kEthIp:
      return Next::Ip;
    case kEthArp:
      if (nft::has_arp_chains(*walk.host().nftables))
        return walk.unknown("nftables chains of the family arp are not walked yet");
      return receive_arp(walk, skb);
    case kEthIpv6: {
      const std::string name =
          "net.ipv6.conf." + std::string(walk.host().link_name(skb.dev)) + ".disable_ipv6";
      if (walk.host().sysctl_texts.get(name, 0) != 0) {
        return walk.drop(DropReason::IPV6DISABLED, "IPv6 is disabled on the device");
      }
      return walk.unknown("IPv6 is not walked yet");
    }
    default:
      return walk.drop(DropReason::UNHANDLED_PROTO, "no handler for this EtherType");
  }
}

// Follows VLAN tags to their devices. Gives the EtherType behind them.
Next untag(Walk& walk, Skb& skb, std::uint16_t& type) {
  const Host& host = walk.host();
  while (type == kEthVlan || type == kEthQinQ) {
    if (skb.data.size() < skb.network + 4)
      return walk.drop(DropReason::HDR_TRUNC, "VLAN header is cut off");
    const std::uint16_t id = load_be16(skb.data.data() + skb.network) & 0x0fff;
    type = load_be16(skb.data.data() + skb.network + 2);
    skb.network += 4;
    const Link* const vlan = vlan_device(host, skb.dev, id);
    if (walk.recorder() != nullptr) {
      walk.recorder()->step(NoteStep{vlan != nullptr ? "VLAN tag: goes on at the VLAN's device"
                                     : id == 0       ? "VLAN tag 0: a priority tag, ignored"
                                                     : "VLAN tag: no device for this VLAN",
                                     Value::dec(id)});
    }
    if (vlan == nullptr) {
      if (id == 0) continue;
      skb.pkt_type = PktType::OtherHost;
      return Next::Continue;
    }
    skb.dev = vlan->index;
    skb.skb_iif = vlan->index;
    if (skb.pkt_type == PktType::OtherHost && mac_at(skb.data.data() + skb.mac) == vlan->mac) {
      skb.pkt_type = PktType::Host;
    }
  }
  return Next::Continue;
}

}  // namespace

Next link_receive(Walk& walk, Skb& skb) {
  const Host& host = walk.host();
  const Link* const link = host.link(skb.dev);
  PKTWALK_ASSERT(link != nullptr);
  skb.skb_iif = skb.dev;
  if (!link->up) return walk.drop(DropReason::DEV_READY, "the device is down");
  if (!skb.has_mac) {
    return has_device_hook(host, Hook::Ingress, *link) ? Next::Ingress : link_protocol(walk, skb);
  }
  if (skb.data.size() < skb.mac + 14)
    return walk.drop(DropReason::HDR_TRUNC, "Ethernet header is cut off");

  const std::uint8_t* const eth = skb.data.data() + skb.mac;
  skb.network = skb.mac + 14;
  skb.pkt_type = packet_type(mac_at(eth), *link);
  if (link->promisc && skb.pkt_type == PktType::OtherHost && walk.recorder() != nullptr) {
    walk.recorder()->step(
        NoteStep{"the device is promiscuous: it takes frames for others, IP does not"});
  }
  const std::uint16_t type = load_be16(eth + 12);
  if (type < 0x0600)
    return walk.drop(DropReason::UNHANDLED_PROTO, "an IEEE 802.2 frame, not Ethernet II");
  return has_device_hook(host, Hook::Ingress, *link) ? Next::Ingress : link_protocol(walk, skb);
}

Next ingress(Walk& walk, Skb& skb) {
  return run_hook(walk, skb, Hook::Ingress, skb.dev, IfIndex::None);
}

Next link_protocol(Walk& walk, Skb& skb) {
  const Host& host = walk.host();
  if (!skb.has_mac) return by_protocol(walk, skb, skb.protocol);
  std::uint16_t type = load_be16(skb.data.data() + skb.mac + 12);
  const IfIndex below = skb.dev;
  if (const Next next = untag(walk, skb, type); next != Next::Continue) return next;
  const Link* const at = host.link(skb.dev);
  if (skb.dev != below && has_device_hook(host, Hook::Ingress, *at))
    return walk.unknown("ingress chains of a VLAN device are not walked yet");
  if (at->master != IfIndex::None) {
    const Link* const master = host.link(at->master);
    if (master == nullptr || master->kind == "bridge")
      return walk.unknown("the device is a port of a bridge: bridges are not walked yet");
    if (master->kind == "vrf")
      return walk.unknown("the device belongs to a VRF: VRFs are not walked yet");
    if (master->kind == "bond" || master->kind == "team") {
      skb.dev = master->index;
      skb.skb_iif = master->index;
    }
  }
  return by_protocol(walk, skb, type);
}

Next ip_receive(Walk& walk, Skb& skb) {
  Recorder* const recorder = walk.recorder();
  const auto failed = [&](Check check, DropReason reason, Value seen, Value wanted) {
    if (recorder != nullptr) recorder->step(CheckStep{check, false, seen, wanted, skb.dev});
    return walk.drop(reason);
  };
  if (skb.pkt_type == PktType::OtherHost) {
    const Value seen = skb.has_mac ? Value::mac(mac_at(skb.data.data() + skb.mac)) : Value::none();
    const Link* const link = walk.host().link(skb.dev);
    return failed(Check::PacketForUs, DropReason::OTHERHOST, seen, Value::mac(link->mac));
  }
  const std::size_t length = skb.len();
  const std::span<std::uint8_t> l3 = skb.l3();
  if (length < 20)
    return failed(Check::IpHeaderLength, DropReason::IP_INHDR, Value::dec(length), Value::dec(20));
  if (l3.size() < 20) return walk.unknown("the IP header was not captured");
  const Ipv4View ip(l3.data());
  if (ip.header_length() < 20) {
    return failed(Check::IpHeaderLength, DropReason::IP_INHDR, Value::dec(ip.header_length()),
                  Value::dec(20));
  }
  if (ip.version() != 4)
    return failed(Check::IpVersion, DropReason::IP_INHDR, Value::dec(ip.version()), Value::dec(4));
  if (length < ip.header_length()) {
    return failed(Check::IpHeaderLength, DropReason::IP_INHDR, Value::dec(length),
                  Value::dec(ip.header_length()));
  }
  if (l3.size() < ip.header_length()) return walk.unknown("the IP options were not captured");
  if (checksum(l3.first(ip.header_length())) != 0) {
    const std::uint16_t right = finish_sum(sum_bytes(l3.first(ip.header_length())) - ip.checksum());
    return failed(Check::IpChecksum, DropReason::IP_CSUM, Value::hex(ip.checksum()),
                  Value::hex(right));
  }
  const std::size_t total = ip.total_length();
  if (length < total) {
    return failed(Check::IpTotalLength, DropReason::PKT_TOO_SMALL, Value::dec(length),
                  Value::dec(total));
  }
  if (total < ip.header_length()) {
    return failed(Check::IpTotalLength, DropReason::IP_INHDR, Value::dec(total),
                  Value::dec(ip.header_length()));
  }
  // Ethernet pads short frames: from here on the packet ends where its header says.
  std::size_t excess = length - total;
  const std::size_t uncaptured = excess < skb.missing ? excess : skb.missing;
  skb.missing -= uncaptured;
  excess -= uncaptured;
  skb.data.resize(skb.data.size() - excess);
  if (skb.missing != 0 && recorder != nullptr) {
    recorder->step(NoteStep{
        "the capture holds only the beginning of this packet: checksums are taken as right",
        Value::dec(skb.l3().size()), Value::dec(skb.len())});
  }
  return Next::Continue;
}

}  // namespace pktwalk::stage

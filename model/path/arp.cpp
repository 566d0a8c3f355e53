// SPDX-License-Identifier: MIT
// ARP on Ethernet devices: answers, learning, and the packets that waited for it.
//
// Kernel: net/ipv4/arp.c:arp_process(), arp_solicit(); net/core/neighbour.c
// Differs: neigh-timers (entries of the dump do not grow stale)
#include "model/path/arp.h"

#include <algorithm>
#include <cstring>

#include "model/core/bytes.h"
#include "model/packet/headers.h"
#include "model/path/path.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr std::uint16_t kRequest = 1, kReply = 2;

std::vector<std::uint8_t> arp_frame(std::uint16_t operation, const MacAddr& eth_dst,
                                    const MacAddr& sender_mac, const IpAddr& sender,
                                    const MacAddr& target_mac, const IpAddr& target) {
  std::vector<std::uint8_t> f(42);
  std::memcpy(f.data(), eth_dst.bytes.data(), 6);
  std::memcpy(f.data() + 6, sender_mac.bytes.data(), 6);
  store_be16(f.data() + 12, 0x0806);
  store_be16(f.data() + 14, 1);       // Ethernet
  store_be16(f.data() + 16, 0x0800);  // IPv4
  f[18] = 6;
  f[19] = 4;
  store_be16(f.data() + 20, operation);
  std::memcpy(f.data() + 22, sender_mac.bytes.data(), 6);
  store_be32(f.data() + 28, sender.v4());
  std::memcpy(f.data() + 32, target_mac.bytes.data(), 6);
  store_be32(f.data() + 38, target.v4());
  return f;
}

// Whether a look-up of the target ends at this host.
bool answers_for(Walk& walk, IfIndex dev, const IpAddr& target) {
  if (target.is_v4_multicast() || target.is_v4_loopback() || target.is_unspecified()) return false;
  const std::int64_t ignore =
      std::max(walk.host().sysctl_texts.get("net.ipv4.conf.all.arp_ignore", 0),
               walk.host().sysctl_texts.get(
                   "net.ipv4.conf." + std::string(walk.host().link_name(dev)) + ".arp_ignore", 0));
  if (ignore == 0) return fib::is_local(walk.host(), target);
  if (ignore == 8) return false;
  return std::any_of(walk.host().addresses.begin(), walk.host().addresses.end(),
                     [&](const IfAddr& a) { return a.dev == dev && a.net.addr == target; });
}

}  // namespace

NeighFound find_neighbour(Walk& walk, IfIndex dev, const IpAddr& addr) {
  const LocalState& local = walk.state().local;
  const auto learned = local.learned_neighbours.find({static_cast<std::uint32_t>(dev), addr});
  if (learned != local.learned_neighbours.end()) return {true, learned->second, nullptr};
  for (const Neigh& n : walk.host().neighbours) {
    if (n.dev != dev || n.proxy || !(n.addr == addr)) continue;
    if (n.mac) return {true, *n.mac, &n};
    if (n.state == "NOARP") return {true, {}, &n};
    return {false, {}, &n};
  }
  return {};
}

Next receive_arp(Walk& walk, Skb& skb) {
  const std::span<const std::uint8_t> arp = skb.l3();
  const Link* const link = walk.host().link(skb.dev);
  if (skb.pkt_type == PktType::OtherHost)
    return walk.drop(DropReason::NOT_SPECIFIED, "ARP for another host");
  if (arp.size() < 28 || load_be16(arp.data()) != 1 || load_be16(arp.data() + 2) != 0x0800 ||
      link->noarp) {
    return walk.drop(DropReason::NOT_SPECIFIED, "not an ARP message for IPv4 on Ethernet");
  }
  const std::uint16_t operation = load_be16(arp.data() + 6);
  if (operation != kRequest && operation != kReply) {
    return walk.drop(DropReason::NOT_SPECIFIED, "ARP operation is neither request nor reply");
  }
  MacAddr sender_mac;
  std::memcpy(sender_mac.bytes.data(), arp.data() + 8, 6);
  const IpAddr sender = IpAddr::v4(load_be32(arp.data() + 14));
  const IpAddr target = IpAddr::v4(load_be32(arp.data() + 24));
  LocalState& local = walk.state().local;
  const std::pair<std::uint32_t, IpAddr> key{static_cast<std::uint32_t>(skb.dev), sender};

  const bool ours = answers_for(walk, skb.dev, target);
  const bool asked = local.waiting.contains(key);
  const bool known = asked || local.learned_neighbours.contains(key) ||
                     find_neighbour(walk, skb.dev, sender).known;
  if (!sender.is_unspecified() && (known || (operation == kRequest && ours))) {
    local.learned_neighbours[key] = sender_mac;
    if (walk.recorder() != nullptr) {
      walk.recorder()->step(NeighStep{nullptr, Value::address(sender), skb.dev, sender_mac});
    }
  }
  if (operation == kRequest && ours) {
    walk.emit(skb.dev, arp_frame(kReply, sender_mac, link->mac, target, sender_mac, sender),
              Origin::Arp);
  }
  if (asked) {
    std::vector<HeldPacket> held = std::move(local.waiting.at(key).packets);
    local.waiting.erase(key);
    for (HeldPacket& packet : held) {
      if (walk.recorder() != nullptr) {
        walk.recorder()->step(NoteStep{"a packet that waited for this answer goes out now"});
      }
      stage::transmit_to(walk, packet.skb, sender_mac);
    }
  }
  return walk.deliver("arp");
}

void send_arp_request(Walk& walk, const Skb& skb, const Link& link, const IpAddr& target) {
  IpAddr sender = Ipv4View(skb.l3().data()).saddr();
  // arp_announce 0: the packet's own source when it is ours, else the address that fits the target.
  if (!fib::is_local(walk.host(), sender))
    sender = fib::select_addr(walk.host(), link.index, target, kScopeLink);
  if (sender.family() == Family::Unspec) sender = IpAddr::v4(0);
  walk.emit(link.index, arp_frame(kRequest, link.broadcast, link.mac, sender, MacAddr{}, target),
            Origin::Arp);
}

}  // namespace pktwalk

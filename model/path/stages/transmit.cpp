// SPDX-License-Identifier: MIT
// After POSTROUTING: fragmentation, the neighbour's link-layer address, and the frame on the wire.
//
// Kernel: net/ipv4/ip_output.c:ip_finish_output(), ip_do_fragment(), ip_finish_output2();
// net/core/dev.c:__dev_queue_xmit() Differs: no-qdisc (queueing disciplines are not walked yet:
// frames leave at once)
#include <algorithm>
#include <cstring>

#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/arp.h"
#include "model/path/icmp.h"
#include "model/path/ip_options.h"
#include "model/path/stage.h"
#include "model/path/timers.h"
#include "model/routing/fib.h"

namespace pktwalk::stage {
namespace {

// One piece of a packet: payload [from, from + length) behind the header.
struct Cut {
  std::uint32_t from = 0;
  std::uint32_t length = 0;
};

// How the payload is divided. A reassembled packet is divided as it came when that fits (the kernel
// still has its fragment list), else into the largest pieces of a multiple of eight bytes.
std::vector<Cut> divide(const Skb& skb, std::uint32_t payload, std::uint32_t room,
                        bool was_fragment, bool& as_received) {
  std::vector<Cut> cuts;
  as_received = !skb.frag_list.empty() && !was_fragment && skb.frag_list.front() <= room &&
                skb.frag_list.front() % 8 == 0;
  for (std::size_t i = 1; as_received && i < skb.frag_list.size(); ++i) {
    const bool last = i + 1 == skb.frag_list.size();
    if (skb.frag_list[i] > room || (!last && skb.frag_list[i] % 8 != 0)) as_received = false;
  }
  std::uint32_t total = 0;
  for (const std::uint32_t size : skb.frag_list) total += size;
  if (total != payload) as_received = false;
  std::uint32_t from = 0;
  if (as_received) {
    for (const std::uint32_t size : skb.frag_list) {
      cuts.push_back({from, size});
      from += size;
    }
    return cuts;
  }
  while (from < payload) {
    std::uint32_t length = payload - from;
    if (length > room) length = room & ~7u;
    cuts.push_back({from, length});
    from += length;
  }
  return cuts;
}

Skb piece_of(const Skb& whole, const Cut& cut, bool last, bool set_df) {
  const Ipv4View ip(whole.l3().data());
  const std::size_t header_length = ip.header_length();
  Skb piece = whole;
  piece.frag_list.clear();
  piece.data.resize(whole.network + header_length);
  const std::size_t available = whole.data.size() - whole.network - header_length;
  const std::size_t captured =
      cut.from >= available ? 0 : std::min<std::size_t>(cut.length, available - cut.from);
  const auto begin =
      whole.data.begin() + static_cast<std::ptrdiff_t>(whole.network + header_length +
                                                       std::min<std::size_t>(cut.from, available));
  piece.data.insert(piece.data.end(), begin, begin + static_cast<std::ptrdiff_t>(captured));
  piece.missing = cut.length - captured;
  std::uint8_t* const header = piece.l3().data();
  const std::uint32_t offset = ip.fragment_offset() + cut.from;
  const bool more = !last || ip.more_fragments();
  store_be16(header + 2, static_cast<std::uint16_t>(header_length + cut.length));
  store_be16(header + 6, static_cast<std::uint16_t>((offset >> 3) | (more ? 0x2000u : 0u) |
                                                    (set_df ? 0x4000u : 0u)));
  if (cut.from != 0) blank_uncopied_options(header);
  fill_ip_checksum(piece);
  if (piece.origin == Origin::Received || piece.origin == Origin::Forwarded)
    piece.origin = Origin::Fragment;
  return piece;
}

}  // namespace

Next fragment(Walk& walk, Skb& skb) {
  const Host& host = walk.host();
  std::uint32_t mtu = fib::mtu_of(host, *skb.dst);
  if (skb.len() <= mtu && skb.frag_max_size == 0) return Next::Continue;
  const Ipv4View ip(skb.l3().data());
  Recorder* const recorder = walk.recorder();
  const bool forbidden =
      ip.dont_fragment() && (!skb.ignore_df || (skb.frag_max_size != 0 && skb.frag_max_size > mtu));
  if (recorder != nullptr) {
    recorder->step(CheckStep{Check::FragmentMtu, !forbidden, Value::dec(skb.len()), Value::dec(mtu),
                             skb.dst->dev});
  }
  if (forbidden) {
    send_icmp_error(walk, skb, 3, 4, mtu);
    return walk.drop(DropReason::NOT_SPECIFIED, "longer than the MTU, and DF is set");
  }
  if (skb.frag_max_size != 0 && skb.frag_max_size < mtu) mtu = skb.frag_max_size;
  const std::uint32_t header_length = ip.header_length();
  if (mtu < header_length + 8)
    return walk.drop(DropReason::NOT_SPECIFIED, "the MTU leaves no room for a fragment");
  const std::uint32_t payload = static_cast<std::uint32_t>(skb.len()) - header_length;
  bool as_received = false;
  const std::vector<Cut> cuts =
      divide(skb, payload, mtu - header_length, ip.is_fragment(), as_received);
  const bool set_df = skb.frag_pmtu && !as_received;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    Skb piece = piece_of(skb, cuts[i], i + 1 == cuts.size(), set_df);
    if (recorder != nullptr) {
      recorder->step(NoteStep{"a fragment is made", Value::frag(cuts[i].from, i + 1 != cuts.size()),
                              Value::dec(piece.len())},
                     &piece);
    }
    if (neighbour(walk, piece) == Next::Continue && egress(walk, piece) == Next::Continue)
      transmit(walk, piece);
  }
  return Next::Done;
}

Next neighbour(Walk& walk, Skb& skb) {
  const Host& host = walk.host();
  const Link* const link = host.link(skb.dst->dev);
  if (link == nullptr) return walk.unknown("the output device is not in the dump");
  const Ipv4View ip(skb.l3().data());
  const IpAddr next_hop =
      skb.dst->gateway.family() == Family::Unspec ? ip.daddr() : skb.dst->gateway;
  if (link->loopback || link->noarp || link->point_to_point || !link->ether) return Next::Continue;
  if (skb.dst->type == RouteType::Broadcast || skb.dst->type == RouteType::Multicast ||
      next_hop.is_v4_multicast()) {
    return Next::Continue;
  }
  const NeighFound found = find_neighbour(walk, link->index, next_hop);
  if (walk.recorder() != nullptr) {
    walk.recorder()->step(
        NeighStep{found.dumped, Value::address(next_hop), link->index, found.mac});
  }
  if (found.known) return Next::Continue;
  if (!host.has_neighbours && !found.dumped) {
    // No dump of the neighbours at all: what the kernel knew cannot be told; it is taken as
    // unresolved.
    if (walk.recorder() != nullptr) {
      walk.recorder()->step(
          NoteStep{"no dump of `ip neigh` was given: the neighbour counts as not resolved"});
    }
  }
  LocalState& local = walk.state().local;
  Unresolved& neighbour = local.waiting[{static_cast<std::uint32_t>(link->index), next_hop}];
  const bool first = neighbour.packets.empty();
  HeldPacket packet{skb};
  packet.skb.ct = CtId::None;
  neighbour.packets.push_back(std::move(packet));
  if (first) {
    neighbour.timer = walk.now() + arp_retransmission(host, link->index);
    local.schedule(neighbour.timer);
    send_arp_request(walk, skb, *link, next_hop);
  }
  return walk.absorb("held until the neighbour's link-layer address is known");
}

void transmit_to(Walk& walk, Skb& skb, const MacAddr& to) {
  const Host& host = walk.host();
  const Link* link = host.link(skb.dst->dev);
  std::vector<std::uint8_t> frame;
  if (link->ether) {
    const Link* lower = link;
    std::vector<std::uint8_t> tags;
    while (lower->kind == "vlan" && host.link(lower->lower) != nullptr) {
      const std::uint8_t tag[4] = {static_cast<std::uint8_t>(lower->vlan_protocol >> 8),
                                   static_cast<std::uint8_t>(lower->vlan_protocol),
                                   static_cast<std::uint8_t>(lower->vlan_id >> 8),
                                   static_cast<std::uint8_t>(lower->vlan_id)};
      tags.insert(tags.begin(), tag, tag + 4);
      lower = host.link(lower->lower);
    }
    frame.resize(12);
    std::memcpy(frame.data(), to.bytes.data(), 6);
    std::memcpy(frame.data() + 6, link->mac.bytes.data(), 6);
    frame.insert(frame.end(), tags.begin(), tags.end());
    frame.push_back(0x08);
    frame.push_back(0x00);
    link = lower;
  }
  frame.insert(frame.end(), skb.l3().begin(), skb.l3().end());
  const Origin origin = skb.origin == Origin::Received ? Origin::Forwarded : skb.origin;
  walk.emit(link->index, std::move(frame), origin);
}

Next egress(Walk& walk, Skb& skb) {
  const Link* const link = walk.host().link(skb.dst->dev);
  if (!has_device_hook(walk.host(), Hook::Egress, *link)) return Next::Continue;
  return run_hook(walk, skb, Hook::Egress, IfIndex::None, link->index);
}

Next transmit(Walk& walk, Skb& skb) {
  const Host& host = walk.host();
  const Link* const link = host.link(skb.dst->dev);
  if (!link->up) {
    if (walk.recorder() != nullptr)
      walk.recorder()->step(CheckStep{Check::DeviceUp, false, {}, {}, link->index});
    return walk.drop(DropReason::DEV_READY, "the output device is down");
  }
  if (link->loopback) {
    Skb again = skb;
    again.dev = link->index;
    again.pkt_type = PktType::Host;
    again.has_mac = false;
    again.local = false;
    walk.loop_back(std::move(again));
    return walk.transmitted();
  }
  const Ipv4View ip(skb.l3().data());
  const IpAddr next_hop =
      skb.dst->gateway.family() == Family::Unspec ? ip.daddr() : skb.dst->gateway;
  MacAddr to;
  if (skb.dst->type == RouteType::Broadcast) {
    to = link->broadcast;
  } else if (next_hop.is_v4_multicast()) {
    to.bytes = {0x01,
                0x00,
                0x5e,
                static_cast<std::uint8_t>(next_hop.v4() >> 16 & 0x7f),
                static_cast<std::uint8_t>(next_hop.v4() >> 8),
                static_cast<std::uint8_t>(next_hop.v4())};
  } else if (!link->noarp && !link->point_to_point) {
    to = find_neighbour(walk, link->index, next_hop).mac;
  }
  transmit_to(walk, skb, to);
  return walk.transmitted();
}

}  // namespace pktwalk::stage

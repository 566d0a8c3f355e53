// SPDX-License-Identifier: MIT
#include "tracer/placer.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/core/bytes.h"
#include "model/core/printable.h"
#include "tracer/source/link_layer.h"

namespace pktwalk {
namespace {

PktType packet_type(LinkPacketType type) {
  switch (type) {
    case LinkPacketType::Host:
      return PktType::Host;
    case LinkPacketType::Broadcast:
      return PktType::Broadcast;
    case LinkPacketType::Multicast:
      return PktType::Multicast;
    case LinkPacketType::OtherHost:
      return PktType::OtherHost;
    case LinkPacketType::Outgoing:
      return PktType::Outgoing;
  }
  return PktType::Host;
}

// Without a link header only the destination address can tell.
PktType packet_type_by_address(std::span<const std::uint8_t> l3) {
  if (l3.size() < 20 || l3[0] >> 4 != 4) return PktType::Host;
  const IpAddr daddr = IpAddr::v4(load_be32(l3.data() + 16));
  if (daddr.is_v4_limited_broadcast()) return PktType::Broadcast;
  return daddr.is_v4_multicast() ? PktType::Multicast : PktType::Host;
}

}  // namespace

Placer::Placer(const Host& host, std::string in_device)
    : host_(host), in_device_(std::move(in_device)) {}

bool Placer::own_mac(const MacAddr& mac) const {
  if (mac.is_zero()) return false;
  return std::any_of(host_.links.begin(), host_.links.end(),
                     [&](const Link& l) { return l.mac == mac; });
}

const Link* Placer::device_of(const CapturedPacket& packet,
                              std::span<const CaptureInterface> interfaces, std::uint32_t ifindex,
                              const MacAddr* destination) {
  if (packet.interface_id < interfaces.size()) {
    if (by_interface_.size() < interfaces.size()) by_interface_.resize(interfaces.size());
    std::optional<const Link*>& known = by_interface_[packet.interface_id];
    if (!known) known = host_.link(interfaces[packet.interface_id].name);
    if (*known != nullptr) return *known;
  }
  if (ifindex != 0) {
    if (const Link* const link = host_.link(static_cast<IfIndex>(ifindex))) return link;
  }
  if (!in_device_.empty()) return host_.link(in_device_);
  if (destination != nullptr && !destination->is_zero()) {
    for (const Link& link : host_.links) {
      if (link.mac == *destination && link.kind != "vlan") return &link;
    }
  }
  return nullptr;
}

Result<PlacedPacket> Placer::place(const CapturedPacket& packet,
                                   std::span<const CaptureInterface> interfaces) {
  Result<LinkHeader> decoded = decode_link_layer(packet.link_type, packet.bytes);
  if (!decoded) {
    Error error = decoded.error();
    error.what = fmt::format("packet {}: {}", packet.number, error.what);
    error.where.offset = static_cast<std::int64_t>(packet.file_offset);
    return error;
  }
  const LinkHeader& header = *decoded;
  std::optional<MacAddr> destination, source;
  if (header.destination) destination = MacAddr{*header.destination};
  if (header.source) source = MacAddr{*header.source};

  PlacedPacket placed;
  Skb& skb = placed.skb;
  const Link* const link =
      device_of(packet, interfaces, header.interface_index, destination ? &*destination : nullptr);
  placed.transmitted_copy = direction_of(packet) == CaptureDirection::Outbound ||
                            header.packet_type == LinkPacketType::Outgoing ||
                            (source && own_mac(*source));
  if (link == nullptr && !placed.transmitted_copy) {
    const std::string name =
        packet.interface_id < interfaces.size() ? interfaces[packet.interface_id].name : "";
    return Error{
        .what = fmt::format(
            "packet {}: no device of the host fits{}{}", packet.number,
            name.empty() ? std::string()
                         : fmt::format(": the capture's interface is \"{}\"", printable(name)),
            destination ? fmt::format(", the frame is for {}", to_string(*destination)) : ""),
        .where = {{}, 0, 0, static_cast<std::int64_t>(packet.file_offset)},
        .hint = "name the arrival device with --in DEV"};
  }
  skb.dev = link != nullptr ? link->index : IfIndex::None;
  skb.skb_iif = skb.dev;
  skb.missing =
      packet.wire_length > packet.bytes.size() ? packet.wire_length - packet.bytes.size() : 0;
  if (packet.link_type == LinkType::Ethernet) {
    skb.data.assign(packet.bytes.begin(), packet.bytes.end());
    skb.has_mac = true;
    skb.mac = 0;
    skb.network = header.network_offset;  // the walk itself looks at the link header again
    return placed;
  }
  const std::span<const std::uint8_t> l3 = packet.bytes.subspan(header.network_offset);
  skb.network = Skb::kHeadroom;
  skb.data.resize(Skb::kHeadroom);
  skb.data.insert(skb.data.end(), l3.begin(), l3.end());
  skb.protocol = header.protocol;
  skb.pkt_type = header.packet_type ? packet_type(*header.packet_type) : packet_type_by_address(l3);
  return placed;
}

}  // namespace pktwalk

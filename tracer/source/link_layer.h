// SPDX-License-Identifier: MIT
// The link-layer header of a captured frame: where the network header begins, which protocol it is,
// and what the link knew (MAC addresses, VLAN tags, packet type, interface index).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "model/core/result.h"
#include "tracer/source/link_type.h"

namespace pktwalk {

// Values of LinkHeader::protocol that are no EtherType: the ETH_P_ numbers that eth_type_trans()
// gives to frames with an 802.3 length in place of an EtherType.
inline constexpr std::uint16_t kProtocolNovell8023 = 0x0001;  // ETH_P_802_3: raw IPX
inline constexpr std::uint16_t kProtocolLlc = 0x0004;         // ETH_P_802_2: an LLC header follows

// An 802.1Q or 802.1ad tag.
struct VlanTag {
  std::uint16_t tpid = 0;  // 0x8100 or 0x88a8
  std::uint16_t tci = 0;   // priority (bits 15-13), DEI (12), VLAN id (11-0)
  std::uint16_t vlan_id() const { return tci & 0x0fffU; }

  bool operator==(const VlanTag&) const = default;
};

// sll_pkttype of the cooked link types; the numbers are the kernel's PACKET_*.
enum class LinkPacketType : std::uint8_t {
  Host = 0,
  Broadcast = 1,
  Multicast = 2,
  OtherHost = 3,
  Outgoing = 4
};

using LinkAddress = std::array<std::uint8_t, 6>;

struct LinkHeader {
  static constexpr std::size_t kMaxVlanTags =
      4;  // a further tag stays in front of the network header

  std::uint32_t network_offset =
      0;  // where the network header (or LLC) begins; may equal the frame's length
  std::uint16_t protocol = 0;  // EtherType behind all tags, or kProtocol…; 0 unknown (see `family`)
  std::uint8_t vlan_count = 0;
  std::array<VlanTag, kMaxVlanTags> vlan_tags{};  // outermost first
  std::optional<LinkAddress> destination;
  std::optional<LinkAddress> source;
  std::optional<LinkPacketType> packet_type;  // cooked link types only
  std::uint32_t interface_index = 0;          // SLL2 only; 0 not recorded
  std::uint16_t device_type = 0;  // ARPHRD_ of the cooked link types: 1 Ethernet, 772 loopback
  std::uint32_t family = 0;       // AF_ value of Null and Loop, as written

  std::span<const VlanTag> tags() const { return {vlan_tags.data(), vlan_count}; }
};

// Decodes the link-layer header. Errors (without a place, which the caller knows): the link type is
// not supported; the bytes end within the header or a tag; a raw packet's version is neither 4
// nor 6.
Result<LinkHeader> decode_link_layer(LinkType type, std::span<const std::uint8_t> bytes);

}  // namespace pktwalk

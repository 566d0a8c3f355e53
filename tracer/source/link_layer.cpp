// SPDX-License-Identifier: MIT
#include "tracer/source/link_layer.h"

#include <fmt/format.h>

#include <algorithm>

namespace pktwalk {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86dd;
constexpr std::uint16_t kVlan = 0x8100;            // 802.1Q
constexpr std::uint16_t kServiceVlan = 0x88a8;     // 802.1ad
constexpr std::uint16_t kFirstEtherType = 0x0600;  // ETH_P_802_3_MIN

std::uint16_t be16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>((at[0] << 8U) | at[1]);
}

std::uint32_t be32(const std::uint8_t* at) {
  return (std::uint32_t{be16(at)} << 16U) | be16(at + 2);
}

Error cut_short(const char* header, std::size_t wanted, std::size_t captured) {
  return Error{.what =
                   fmt::format("the {} is cut short: {} of {} bytes", header, captured, wanted)};
}

LinkAddress address_at(const std::uint8_t* at) {
  LinkAddress address;
  std::copy_n(at, address.size(), address.begin());
  return address;
}

// Steps over VLAN tags and names what follows. `protocol` stands just before `offset`. Below 0x600
// it is an 802.3 length and the frame carries LLC, or raw IPX, which begins with a checksum of
// ones.
//
// Kernel: net/ethernet/eth.c, eth_type_trans(); net/core/skbuff.c, skb_vlan_untag()
Status read_tags(Bytes bytes, std::uint32_t offset, std::uint16_t protocol, LinkHeader& header) {
  while ((protocol == kVlan || protocol == kServiceVlan) &&
         header.vlan_count < LinkHeader::kMaxVlanTags) {
    if (bytes.size() < offset + 4) {
      return cut_short(protocol == kVlan ? "802.1Q tag" : "802.1ad tag", 4, bytes.size() - offset);
    }
    header.vlan_tags[header.vlan_count++] = {.tpid = protocol, .tci = be16(&bytes[offset])};
    protocol = be16(&bytes[offset + 2]);
    offset += 4;
  }
  header.network_offset = offset;
  if (protocol < kFirstEtherType) {
    const bool ones = bytes.size() >= offset + 2 && be16(&bytes[offset]) == 0xffff;
    protocol = ones ? kProtocolNovell8023 : kProtocolLlc;
  }
  header.protocol = protocol;
  return Ok{};
}

Result<LinkHeader> ethernet(Bytes bytes) {
  constexpr std::uint32_t kLength = 14;
  if (bytes.size() < kLength) return cut_short("Ethernet header", kLength, bytes.size());
  LinkHeader header;
  header.destination = address_at(&bytes[0]);
  header.source = address_at(&bytes[6]);
  if (Status read = read_tags(bytes, kLength, be16(&bytes[12]), header); !read) return read.error();
  return header;
}

Result<LinkHeader> raw(Bytes bytes) {
  if (bytes.empty()) return cut_short("IP header", 1, 0);
  LinkHeader header;
  const int version = bytes[0] >> 4;
  if (version != 4 && version != 6) {
    return Error{.what =
                     fmt::format("a raw IP packet has version {}, 4 or 6 was expected", version)};
  }
  header.protocol = version == 4 ? kIpv4 : kIpv6;
  return header;
}

LinkHeader always(std::uint16_t protocol) {
  LinkHeader header;
  header.protocol = protocol;
  return header;
}

// The family is an AF_ value of the capturing system: IPv4 is 2 everywhere, IPv6 is 10 on Linux, 24
// on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS.
Result<LinkHeader> loopback(Bytes bytes, bool network_order) {
  constexpr std::uint32_t kLength = 4;
  if (bytes.size() < kLength) return cut_short("loopback header", kLength, bytes.size());
  std::uint32_t family = be32(bytes.data());
  // Null is in the byte order of the capturing machine, which need not be that of the file.
  // Families are small.
  if (!network_order && family > 0xffff) family = __builtin_bswap32(family);
  LinkHeader header;
  header.network_offset = kLength;
  header.family = family;
  switch (family) {
    case 2:
      header.protocol = kIpv4;
      break;
    case 10:
    case 24:
    case 28:
    case 30:
      header.protocol = kIpv6;
      break;
    default:
      break;
  }
  return header;
}

// Fields that both versions of the cooked header have, at different places.
struct Cooked {
  std::uint32_t length;
  std::uint16_t packet_type;
  std::uint16_t device_type;
  std::uint32_t address_length;
  const std::uint8_t* address;
  std::uint16_t protocol;
};

Result<LinkHeader> cooked(Bytes bytes, const Cooked& fields) {
  LinkHeader header;
  header.device_type = fields.device_type;
  if (fields.packet_type <= static_cast<std::uint16_t>(LinkPacketType::Outgoing)) {
    header.packet_type = static_cast<LinkPacketType>(fields.packet_type);
  }
  if (fields.address_length == 6) header.source = address_at(fields.address);
  if (Status read = read_tags(bytes, fields.length, fields.protocol, header); !read) {
    return read.error();
  }
  return header;
}

Result<LinkHeader> linux_sll(Bytes bytes) {
  constexpr std::uint32_t kLength = 16;
  if (bytes.size() < kLength) return cut_short("cooked (SLL) header", kLength, bytes.size());
  return cooked(bytes, {.length = kLength,
                        .packet_type = be16(&bytes[0]),
                        .device_type = be16(&bytes[2]),
                        .address_length = be16(&bytes[4]),
                        .address = &bytes[6],
                        .protocol = be16(&bytes[14])});
}

Result<LinkHeader> linux_sll2(Bytes bytes) {
  constexpr std::uint32_t kLength = 20;
  if (bytes.size() < kLength) return cut_short("cooked (SLL2) header", kLength, bytes.size());
  Result<LinkHeader> header = cooked(bytes, {.length = kLength,
                                             .packet_type = bytes[10],
                                             .device_type = be16(&bytes[8]),
                                             .address_length = bytes[11],
                                             .address = &bytes[12],
                                             .protocol = be16(&bytes[0])});
  if (header) header->interface_index = be32(&bytes[4]);
  return header;
}

}  // namespace

Result<LinkHeader> decode_link_layer(LinkType type, std::span<const std::uint8_t> bytes) {
  switch (type) {
    case LinkType::Ethernet:
      return ethernet(bytes);
    case LinkType::Raw:
    case LinkType::RawBsd:
    case LinkType::RawOpenBsd:
      return raw(bytes);
    case LinkType::Null:
      return loopback(bytes, false);
    case LinkType::Loop:
      return loopback(bytes, true);
    case LinkType::LinuxSll:
      return linux_sll(bytes);
    case LinkType::LinuxSll2:
      return linux_sll2(bytes);
    case LinkType::Ipv4:
      return always(kIpv4);
    case LinkType::Ipv6:
      return always(kIpv6);
  }
  return Error{.what = fmt::format("link type {} is not supported", describe(type))};
}

}  // namespace pktwalk

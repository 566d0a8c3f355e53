// SPDX-License-Identifier: MIT
#include "tracer/source/link_layer.h"

#include <doctest/doctest.h>

#include "tests/tracer/source/capture_bytes.h"

using namespace pktwalk;
using namespace pktwalk::capture_test;

namespace {

// The bytes that hexadecimal digits name; blanks separate.
std::string hex(std::string_view digits) {
  std::string bytes;
  int half = -1;
  for (const char digit : digits) {
    if (digit == ' ') continue;
    const int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;
    if (half >= 0) bytes.push_back(static_cast<char>(half * 16 + value));
    half = half >= 0 ? -1 : value;
  }
  return bytes;
}

Result<LinkHeader> decode(LinkType type, std::string_view digits) {
  const std::string bytes = hex(digits);
  return decode_link_layer(type, as_bytes(bytes));
}

constexpr LinkAddress kDestination = {0x02, 0, 0, 0, 0, 0x01};
constexpr LinkAddress kSource = {0x02, 0, 0, 0, 0, 0x02};
#define MACS "020000000001 020000000002 "

}  // namespace

TEST_CASE("Ethernet: protocol, addresses and tags") {
  struct Case {
    const char* name;
    const char* bytes;
    std::uint16_t protocol;
    std::uint32_t offset;
    std::vector<VlanTag> tags;
  };
  const Case cases[] = {
      {"IPv4", MACS "0800 45", 0x0800, 14, {}},
      {"the header alone", MACS "86dd", 0x86dd, 14, {}},
      {"ARP", MACS "0806 0001", 0x0806, 14, {}},
      {"802.1Q", MACS "8100 6123 0800 45", 0x0800, 18, {{0x8100, 0x6123}}},
      {"802.1ad around 802.1Q",
       MACS "88a8 0001 8100 0002 86dd 60",
       0x86dd,
       22,
       {{0x88a8, 1}, {0x8100, 2}}},
      {"four tags",
       MACS "8100 0001 8100 0002 8100 0003 8100 0004 0800",
       0x0800,
       30,
       {{0x8100, 1}, {0x8100, 2}, {0x8100, 3}, {0x8100, 4}}},
      {"a fifth tag is left in front",
       MACS "8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 0800",
       0x8100,
       30,
       {{0x8100, 1}, {0x8100, 2}, {0x8100, 3}, {0x8100, 4}}},
      {"0x9100 is no tag to Linux", MACS "9100 0001 0800", 0x9100, 14, {}},
      {"the smallest EtherType", MACS "0600", 0x0600, 14, {}},
      {"one less is a length", MACS "05ff aaaa03", kProtocolLlc, 14, {}},
      {"802.3 with LLC", MACS "0026 4242 03", kProtocolLlc, 14, {}},
      {"802.3 with raw IPX", MACS "0022 ffff 0022", kProtocolNovell8023, 14, {}},
      {"802.3 with one byte", MACS "0001 ff", kProtocolLlc, 14, {}},
      {"802.3 within a tag", MACS "8100 0064 0026 4242 03", kProtocolLlc, 18, {{0x8100, 100}}},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const Result<LinkHeader> header = decode(LinkType::Ethernet, c.bytes);
      REQUIRE(header);
      CHECK(header.value().protocol == c.protocol);
      CHECK(header.value().network_offset == c.offset);
      CHECK(header.value().destination == kDestination);
      CHECK(header.value().source == kSource);
      CHECK_FALSE(header.value().packet_type);
      const auto tags = header.value().tags();
      CHECK(std::vector<VlanTag>(tags.begin(), tags.end()) == c.tags);
    }
  }
  CHECK(VlanTag{.tpid = 0x8100, .tci = 0x6123}.vlan_id() == 0x123);
}

TEST_CASE("link layer: headers that are cut short, and what is not supported") {
  struct Case {
    const char* name;
    LinkType type;
    const char* bytes;
    const char* error;
  };
  const Case cases[] = {
      {"Ethernet without a byte", LinkType::Ethernet, "",
       "the Ethernet header is cut short: 0 of 14 bytes"},
      {"Ethernet, one byte missing", LinkType::Ethernet, MACS "08",
       "the Ethernet header is cut short: 13 of 14 bytes"},
      {"802.1Q, one byte missing", LinkType::Ethernet, MACS "8100 0001 08",
       "the 802.1Q tag is cut short: 3 of 4 bytes"},
      {"the second tag missing", LinkType::Ethernet, MACS "88a8 0001 88a8",
       "the 802.1ad tag is cut short: 0 of 4 bytes"},
      {"raw without a byte", LinkType::Raw, "", "the IP header is cut short: 0 of 1 bytes"},
      {"raw of version 5", LinkType::RawBsd, "50",
       "a raw IP packet has version 5, 4 or 6 was expected"},
      {"loopback, one byte missing", LinkType::Null, "020000",
       "the loopback header is cut short: 3 of 4 bytes"},
      {"OpenBSD loopback, one byte missing", LinkType::Loop, "000000",
       "the loopback header is cut short: 3 of 4 bytes"},
      {"SLL, one byte missing", LinkType::LinuxSll, "0000 0001 0006 0200000000020000 08",
       "the cooked (SLL) header is cut short: 15 of 16 bytes"},
      {"SLL, tag missing", LinkType::LinuxSll, "0000 0001 0006 0200000000020000 8100 0001",
       "the 802.1Q tag is cut short: 2 of 4 bytes"},
      {"SLL2, one byte missing", LinkType::LinuxSll2,
       "0800 0000 00000002 0001 00 06 02000000000200",
       "the cooked (SLL2) header is cut short: 19 of 20 bytes"},
      {"PPP", static_cast<LinkType>(9), "ff03", "link type 9 (PPP) is not supported"},
      {"a number nobody named", static_cast<LinkType>(4711), "",
       "link type 4711 (unknown) is not supported"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const Result<LinkHeader> header = decode(c.type, c.bytes);
      REQUIRE_FALSE(header);
      CHECK(header.error().what == c.error);
    }
  }
}

TEST_CASE("raw and loopback: the protocol") {
  struct Case {
    const char* name;
    LinkType type;
    const char* bytes;
    std::uint16_t protocol;
    std::uint32_t offset, family;
  };
  const Case cases[] = {
      {"raw IPv4", LinkType::Raw, "45", 0x0800, 0, 0},
      {"raw IPv6", LinkType::RawOpenBsd, "60", 0x86dd, 0, 0},
      {"link type IPV4", LinkType::Ipv4, "", 0x0800, 0, 0},
      {"link type IPV6", LinkType::Ipv6, "", 0x86dd, 0, 0},
      {"loopback IPv4, little-endian", LinkType::Null, "02000000 45", 0x0800, 4, 2},
      {"loopback IPv4, big-endian", LinkType::Null, "00000002 45", 0x0800, 4, 2},
      {"loopback IPv6 of Linux", LinkType::Null, "0a000000", 0x86dd, 4, 10},
      {"loopback IPv6 of NetBSD", LinkType::Null, "18000000", 0x86dd, 4, 24},
      {"loopback IPv6 of FreeBSD", LinkType::Null, "1c000000", 0x86dd, 4, 28},
      {"loopback IPv6 of macOS", LinkType::Null, "1e000000", 0x86dd, 4, 30},
      {"loopback of another family", LinkType::Null, "07000000", 0, 4, 7},
      {"OpenBSD loopback IPv4", LinkType::Loop, "00000002", 0x0800, 4, 2},
      {"OpenBSD loopback IPv6", LinkType::Loop, "00000018", 0x86dd, 4, 24},
      {"OpenBSD loopback is never little-endian", LinkType::Loop, "02000000", 0, 4, 0x02000000},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const Result<LinkHeader> header = decode(c.type, c.bytes);
      REQUIRE(header);
      CHECK(header.value().protocol == c.protocol);
      CHECK(header.value().network_offset == c.offset);
      CHECK(header.value().family == c.family);
      CHECK_FALSE(header.value().source);
      CHECK_FALSE(header.value().destination);
    }
  }
}

TEST_CASE("cooked captures: packet type, address, device and protocol") {
  struct Case {
    const char* name;
    LinkType type;
    const char* bytes;
    std::uint16_t protocol;
    std::uint32_t offset;
    std::optional<LinkPacketType> packet_type;
    std::optional<LinkAddress> source;
    std::uint32_t interface_index;
    std::uint16_t device_type;
  };
  const Case cases[] = {
      {"SLL received", LinkType::LinuxSll, "0000 0001 0006 0200000000020000 0800 45", 0x0800, 16,
       LinkPacketType::Host, kSource, 0, 1},
      {"SLL sent by us", LinkType::LinuxSll, "0004 0001 0006 0200000000020000 86dd", 0x86dd, 16,
       LinkPacketType::Outgoing, kSource, 0, 1},
      {"SLL loopback", LinkType::LinuxSll, "0000 0304 0006 0000000000000000 0800", 0x0800, 16,
       LinkPacketType::Host, LinkAddress{}, 0, 772},
      {"SLL without an address", LinkType::LinuxSll, "0000 0200 0000 0000000000000000 0800", 0x0800,
       16, LinkPacketType::Host, std::nullopt, 0, 512},
      {"SLL with a packet type of the future", LinkType::LinuxSll,
       "0007 0001 0006 0200000000020000 0800", 0x0800, 16, std::nullopt, kSource, 0, 1},
      {"SLL with a tag", LinkType::LinuxSll, "0001 0001 0006 0200000000020000 8100 0064 0806",
       0x0806, 20, LinkPacketType::Broadcast, kSource, 0, 1},
      {"SLL with LLC", LinkType::LinuxSll, "0002 0001 0006 0200000000020000 0004 4242",
       kProtocolLlc, 16, LinkPacketType::Multicast, kSource, 0, 1},
      {"SLL2 received", LinkType::LinuxSll2, "0800 0000 00000003 0001 00 06 0200000000020000 45",
       0x0800, 20, LinkPacketType::Host, kSource, 3, 1},
      {"SLL2 for another host", LinkType::LinuxSll2,
       "86dd 0000 00010002 0001 03 06 0200000000020000", 0x86dd, 20, LinkPacketType::OtherHost,
       kSource, 0x10002, 1},
      {"SLL2 of a tunnel", LinkType::LinuxSll2, "0800 0000 00000009 0300 04 04 0a00000100000000",
       0x0800, 20, LinkPacketType::Outgoing, std::nullopt, 9, 768},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const Result<LinkHeader> header = decode(c.type, c.bytes);
      REQUIRE(header);
      CHECK(header.value().protocol == c.protocol);
      CHECK(header.value().network_offset == c.offset);
      CHECK(header.value().packet_type == c.packet_type);
      CHECK(header.value().source == c.source);
      CHECK(header.value().interface_index == c.interface_index);
      CHECK(header.value().device_type == c.device_type);
      CHECK_FALSE(header.value().destination);
    }
  }
}

// SPDX-License-Identifier: MIT
// Packets for tests, built byte by byte with right lengths and checksums, independent of the code
// under test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/packet/headers.h"
#include "model/packet/skb.h"

namespace pktwalk::testing {

using Bytes = std::vector<std::uint8_t>;

// The IP header of a packet. Addresses of either family; both of the same.
struct Ip {
  std::string src = "10.0.0.9";
  std::string dst = "192.0.2.80";
  std::uint8_t tos = 0;
  std::uint8_t ttl = 64;  // hop limit
  std::uint16_t id = 0x1234;
  bool dont_fragment = false;
  bool more_fragments = false;
  std::uint16_t frag_offset = 0;  // bytes, a multiple of 8
  Bytes options = {};             // IPv4 options, padded with 0 to 4 bytes
};

struct Tcp {
  Ip ip = {};
  std::uint16_t sport = 40000;
  std::uint16_t dport = 80;
  std::uint8_t flags = kTcpSyn;
  std::uint32_t seq = 1000;
  std::uint32_t ack = 0;
  std::uint16_t window = 65535;
  Bytes options = {};  // padded with 0 to 4 bytes
  Bytes payload = {};
};

struct Udp {
  Ip ip = {};
  std::uint16_t sport = 40000;
  std::uint16_t dport = 53;
  Bytes payload = {};
  bool zero_checksum = false;
};

struct Icmp {
  Ip ip = {};
  std::uint8_t type = 8;
  std::uint8_t code = 0;
  std::uint16_t id = 77;
  std::uint16_t sequence = 1;
  Bytes payload = {};  // of an error: the offending packet from its IP header on
};

// An skb with the IP header at Skb::kHeadroom and no link header. ICMP with IPv6 addresses makes
// ICMPv6.
Skb make_tcp(const Tcp& spec);
Skb make_udp(const Udp& spec);
Skb make_icmp(const Icmp& spec);
// Any protocol: `payload` stands behind the IP header as it is.
Skb make_ip(const Ip& ip, std::uint8_t protocol, Bytes payload);

// The same packet as a frame that was received: an Ethernet header in front.
Skb with_mac(Skb skb, const std::string& src, const std::string& dst);
// The capture kept only the first `bytes` of the IP packet; the rest was on the wire (snaplen).
Skb captured(Skb skb, std::size_t bytes);
// The packet itself ends after `bytes`; the IP total length and checksum say so too.
Skb shortened(Skb skb, std::size_t bytes);
// A later fragment of a packet of this protocol: no transport header.
Skb make_fragment(std::uint8_t protocol, std::uint16_t offset, Bytes payload = Bytes(16, 0xaa));

Bytes to_bytes(const std::string& text);

}  // namespace pktwalk::testing

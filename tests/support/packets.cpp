// SPDX-License-Identifier: MIT
#include "tests/support/packets.h"

#include <algorithm>

#include "model/core/assert.h"
#include "model/core/bytes.h"

namespace pktwalk::testing {
namespace {

std::uint16_t internet_checksum(const Bytes& bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void put16(Bytes& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
void put32(Bytes& out, std::uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}
void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

Bytes padded(Bytes options) {
  while (options.size() % 4 != 0) options.push_back(0);
  return options;
}

Bytes address(const std::string& text) {
  const std::optional<IpAddr> addr = IpAddr::parse(text);
  PKTWALK_ASSERT(addr.has_value());
  Bytes bytes(addr->is_v4() ? 4 : 16);
  addr->to_bytes(bytes.data());
  return bytes;
}

bool is_v6(const Ip& ip) { return ip.dst.find(':') != std::string::npos; }

// Sum of the pseudo header of TCP, UDP and ICMPv6.
std::uint32_t pseudo(const Ip& ip, std::uint8_t protocol, std::size_t length) {
  Bytes header = address(ip.src);
  append(header, address(ip.dst));
  put32(header, static_cast<std::uint32_t>(length));
  put32(header, protocol);
  return static_cast<std::uint16_t>(~internet_checksum(header));
}

Skb make_ipv6(const Ip& ip, std::uint8_t protocol, const Bytes& payload) {
  Bytes packet;
  put32(packet, 6u << 28 | std::uint32_t{ip.tos} << 20);
  put16(packet, static_cast<std::uint32_t>(payload.size()));
  packet.push_back(protocol);
  packet.push_back(ip.ttl);
  append(packet, address(ip.src));
  append(packet, address(ip.dst));
  append(packet, payload);
  Skb skb;
  skb.family = Family::Ipv6;
  skb.network = Skb::kHeadroom;
  skb.data.assign(Skb::kHeadroom, 0);
  append(skb.data, packet);
  return skb;
}

void fix_header(Skb& skb) {
  std::uint8_t* const ip = skb.data.data() + skb.network;
  const std::size_t header = (ip[0] & 15u) * 4u;
  store_be16(ip + 2, static_cast<std::uint16_t>(skb.len()));
  store_be16(ip + 10, 0);
  store_be16(ip + 10, internet_checksum(Bytes(ip, ip + header)));
}

}  // namespace

Skb make_ip(const Ip& ip, std::uint8_t protocol, Bytes payload) {
  if (is_v6(ip)) return make_ipv6(ip, protocol, payload);
  const Bytes options = padded(ip.options);
  Skb skb;
  skb.network = Skb::kHeadroom;
  Bytes& data = skb.data;
  data.assign(Skb::kHeadroom, 0);
  data.push_back(static_cast<std::uint8_t>(0x45 + options.size() / 4));
  data.push_back(ip.tos);
  put16(data, 0);
  put16(data, ip.id);
  put16(data, (ip.dont_fragment ? 0x4000u : 0u) | (ip.more_fragments ? 0x2000u : 0u) |
                  ip.frag_offset / 8u);
  data.push_back(ip.ttl);
  data.push_back(protocol);
  put16(data, 0);
  append(data, address(ip.src));
  append(data, address(ip.dst));
  append(data, options);
  append(data, payload);
  fix_header(skb);
  return skb;
}

Skb make_tcp(const Tcp& spec) {
  const Bytes options = padded(spec.options);
  Bytes segment;
  put16(segment, spec.sport);
  put16(segment, spec.dport);
  put32(segment, spec.seq);
  put32(segment, spec.ack);
  segment.push_back(static_cast<std::uint8_t>((5 + options.size() / 4) << 4));
  segment.push_back(spec.flags);
  put16(segment, spec.window);
  put32(segment, 0);
  append(segment, options);
  append(segment, spec.payload);
  store_be16(segment.data() + 16,
             internet_checksum(segment, pseudo(spec.ip, kProtoTcp, segment.size())));
  return make_ip(spec.ip, kProtoTcp, segment);
}

Skb make_udp(const Udp& spec) {
  Bytes datagram;
  put16(datagram, spec.sport);
  put16(datagram, spec.dport);
  put16(datagram, static_cast<std::uint32_t>(8 + spec.payload.size()));
  put16(datagram, 0);
  append(datagram, spec.payload);
  if (!spec.zero_checksum) {
    const std::uint16_t sum =
        internet_checksum(datagram, pseudo(spec.ip, kProtoUdp, datagram.size()));
    store_be16(datagram.data() + 6, sum == 0 ? std::uint16_t{0xffff} : sum);
  }
  return make_ip(spec.ip, kProtoUdp, datagram);
}

Skb make_icmp(const Icmp& spec) {
  const bool v6 = is_v6(spec.ip);
  Bytes message{spec.type, spec.code, 0, 0};
  put16(message, spec.id);
  put16(message, spec.sequence);
  append(message, spec.payload);
  const std::uint32_t start = v6 ? pseudo(spec.ip, kProtoIcmpv6, message.size()) : 0;
  store_be16(message.data() + 2, internet_checksum(message, start));
  return make_ip(spec.ip, v6 ? kProtoIcmpv6 : kProtoIcmp, message);
}

Skb make_fragment(std::uint8_t protocol, std::uint16_t offset, Bytes payload) {
  return make_ip({.frag_offset = offset}, protocol, std::move(payload));
}

Skb with_mac(Skb skb, const std::string& src, const std::string& dst) {
  const std::optional<MacAddr> from = MacAddr::parse(src);
  const std::optional<MacAddr> to = MacAddr::parse(dst);
  PKTWALK_ASSERT(from && to && skb.network >= 14);
  skb.mac = skb.network - 14;
  skb.has_mac = true;
  std::copy(to->bytes.begin(), to->bytes.end(), skb.data.begin() + static_cast<long>(skb.mac));
  std::copy(from->bytes.begin(), from->bytes.end(),
            skb.data.begin() + static_cast<long>(skb.mac) + 6);
  store_be16(skb.data.data() + skb.mac + 12, skb.family == Family::Ipv6 ? 0x86dd : 0x0800);
  return skb;
}

Skb captured(Skb skb, std::size_t bytes) {
  PKTWALK_ASSERT(skb.network + bytes <= skb.data.size());
  skb.missing += skb.data.size() - (skb.network + bytes);
  skb.data.resize(skb.network + bytes);
  return skb;
}

Skb shortened(Skb skb, std::size_t bytes) {
  PKTWALK_ASSERT(skb.network + bytes <= skb.data.size());
  skb.data.resize(skb.network + bytes);
  if (skb.family == Family::Ipv4) {
    fix_header(skb);
  } else {
    store_be16(skb.data.data() + skb.network + 4, static_cast<std::uint16_t>(bytes - 40));
  }
  return skb;
}

Bytes to_bytes(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace pktwalk::testing

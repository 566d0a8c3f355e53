// SPDX-License-Identifier: MIT
#include "tracer/packet_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "model/packet/headers.h"
#include "model/trace/value.h"

namespace pktwalk {
namespace {

std::string endpoint(const IpAddr& addr, std::uint16_t port) {
  return to_string(Value::endpoint(addr, port));
}

// ARP for IPv4 on Ethernet, in tcpdump's words.
std::optional<PacketColumns> arp_columns(std::span<const std::uint8_t> l3) {
  if (l3.size() < 28 || load_be16(l3.data()) != 1 || load_be16(l3.data() + 2) != 0x0800 ||
      l3[4] != 6 || l3[5] != 4)
    return std::nullopt;
  const std::string sender = to_string(IpAddr::v4(load_be32(l3.data() + 14)));
  const std::string target = to_string(IpAddr::v4(load_be32(l3.data() + 24)));
  switch (load_be16(l3.data() + 6)) {
    case 1:
      return PacketColumns{"arp", sender, target,
                           fmt::format("who-has {} tell {}", target, sender)};
    case 2: {
      MacAddr mac;
      std::copy_n(l3.data() + 8, mac.bytes.size(), mac.bytes.begin());
      return PacketColumns{"arp", sender, target,
                           fmt::format("{} is-at {}", sender, to_string(mac))};
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

PacketColumns packet_columns(std::span<const std::uint8_t> l3) {
  const std::optional<Ipv4View> ip = Ipv4View::at(l3);
  if (!ip || ip->version() != 4) {
    if (!l3.empty() && l3[0] >> 4 == 6 && l3.size() >= 40) {
      return {"ipv6", to_string(IpAddr::from_bytes(Family::Ipv6, l3.data() + 8)),
              to_string(IpAddr::from_bytes(Family::Ipv6, l3.data() + 24)),
              fmt::format("next header {}", l3[6])};
    }
    if (const std::optional<PacketColumns> arp = arp_columns(l3)) return *arp;
    return {"?", "", "", fmt::format("{} bytes that are no IPv4 header", l3.size())};
  }
  PacketColumns c{
      to_string(Value::proto(ip->protocol())), to_string(ip->saddr()), to_string(ip->daddr()), {}};
  if (ip->fragment_offset() != 0) {
    c.info = to_string(Value::frag(ip->fragment_offset(), ip->more_fragments()));
    return c;
  }
  if (ip->header_length() < 20 || l3.size() < ip->header_length()) {
    c.info = "malformed IP header";
    return c;
  }
  const std::span<const std::uint8_t> l4 = l3.subspan(ip->header_length());
  const std::uint8_t protocol = ip->protocol();
  if (protocol == kProtoTcp) {
    if (const std::optional<TcpView> tcp = TcpView::at(l4)) {
      c.source = endpoint(ip->saddr(), tcp->sport());
      c.destination = endpoint(ip->daddr(), tcp->dport());
      c.info = to_string(Value::tcp_flags(tcp->flags()));
    }
  } else if ((protocol == kProtoUdp || protocol == kProtoUdpLite || protocol == kProtoSctp ||
              protocol == kProtoDccp) &&
             l4.size() >= 4) {
    c.source = endpoint(ip->saddr(), load_be16(l4.data()));
    c.destination = endpoint(ip->daddr(), load_be16(l4.data() + 2));
  } else if (protocol == kProtoIcmp && l4.size() >= 2) {
    c.info = to_string(Value::icmp(l4[0], l4[1]));
  }
  if (ip->more_fragments()) c.info += c.info.empty() ? "first fragment" : ", first fragment";
  return c;
}

std::string packet_line(std::span<const std::uint8_t> l3) {
  const PacketColumns c = packet_columns(l3);
  std::string line = c.protocol;
  if (!c.source.empty() && c.protocol != "arp")
    line += fmt::format(" {} > {}", c.source, c.destination);
  if (!c.info.empty()) line += " " + c.info;
  return line;
}

}  // namespace pktwalk

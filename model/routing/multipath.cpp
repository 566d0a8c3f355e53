// SPDX-License-Identifier: MIT
// Routes with several nexthops: a hash of the packet, by the fields of
// net.ipv4.fib_multipath_hash_policy, falls into one nexthop's share.
//
// Kernel:  net/ipv4/route.c:fib_multipath_hash(), net/ipv4/fib_semantics.c:fib_select_multipath(),
//          fib_rebalance(); net/core/flow_dissector.c:flow_hash_from_keys_seed()
// Differs: multipath-seed (with fib_multipath_hash_seed 0 the kernel's seed is random: the choice
//          is as good as any), multipath-tunnels (only IPIP, GRE without VLANs, and IPv6 in IPv4
//          are looked into)
#include "model/routing/multipath.h"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>
#include <utility>

#include "model/core/siphash.h"
#include "model/packet/headers.h"

namespace pktwalk::fib {
namespace {

// FIB_MULTIPATH_HASH_FIELD_*
constexpr std::uint32_t kSrcIp = 1, kDstIp = 2, kIpProto = 4, kSrcPort = 0x10, kDstPort = 0x20;
constexpr unsigned kInnerShift = 6;
constexpr std::uint32_t kAnyField = kSrcIp | kDstIp | kIpProto | 8 | kSrcPort | kDstPort;
constexpr std::uint32_t kFlowLabel = 8;

// struct flow_keys, the hashed part.
struct Keys {
  IpAddr src, dst;
  std::uint8_t proto = 0;
  std::uint32_t flow_label = 0;
  std::array<std::uint8_t, 4> ports{};  // source, destination, as on the wire
  bool encapsulated = false;
};

std::uint32_t native32(const std::uint8_t* bytes) {
  return bytes[0] | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
         std::uint32_t{bytes[3]} << 24;
}

// flow_hash_from_keys_seed(): both directions of a flow hash alike.
std::uint32_t hash_keys(const Host& host, const Keys& keys) {
  std::array<std::uint8_t, 72> bytes{};
  const bool v6 = keys.src.family() == Family::Ipv6;
  const std::size_t size = v6 ? 16 : 4;
  bytes[2] = keys.proto;
  store_be32(bytes.data() + 4, keys.flow_label);
  std::array<std::uint8_t, 4> ports = keys.ports;
  if ((ports[2] | ports[3] << 8) < (ports[0] | ports[1] << 8)) {
    std::swap(ports[0], ports[2]);
    std::swap(ports[1], ports[3]);
  }
  std::copy(ports.begin(), ports.end(), bytes.begin() + 28);
  std::uint8_t* const src = bytes.data() + 36;
  std::uint8_t* const dst = src + size;
  if (keys.src.family() != Family::Unspec) keys.src.to_bytes(src);
  if (keys.dst.family() != Family::Unspec) keys.dst.to_bytes(dst);
  // IPv4 addresses are compared as numbers of this machine, IPv6 ones byte by byte.
  const bool swap = v6 ? std::lexicographical_compare(dst, dst + size, src, src + size)
                       : native32(dst) < native32(src);
  if (swap) std::swap_ranges(src, src + size, dst);
  const std::uint64_t seed = host.sysctls.fib_multipath_hash_seed;
  const std::uint64_t key = seed << 32 | seed;
  // The kernel hashes to the end of its structure, padding included.
  const std::size_t length = v6 ? 72 : 48;
  const auto hash = static_cast<std::uint32_t>(
      siphash_2_4(std::span<const std::uint8_t>(bytes).first(length), key, key));
  return hash == 0 ? 1 : hash;
}

// proto_ports_offset(): four bytes of these headers count as ports.
std::optional<std::size_t> ports_offset(std::uint8_t proto) {
  switch (proto) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoDccp:
    case kProtoEsp:
    case kProtoSctp:
    case kProtoUdpLite:
      return 0;
    case kProtoAh:
      return 4;
    default:
      return std::nullopt;
  }
}

void read_ports(std::span<const std::uint8_t> l4, Keys& keys) {
  const std::optional<std::size_t> at = ports_offset(keys.proto);
  if (at && l4.size() >= *at + 4) std::copy_n(l4.data() + *at, 4, keys.ports.begin());
}

// The payload of GRE (version 0) and its EtherType; empty: not to be looked into.
std::pair<std::uint16_t, std::span<const std::uint8_t>> gre_payload(
    std::span<const std::uint8_t> gre) {
  if (gre.size() < 4 || (gre[1] & 7) != 0 || (gre[0] & 0x40) != 0) return {};
  std::size_t size = 4;
  for (const std::uint8_t option : {std::uint8_t{0x80}, std::uint8_t{0x20}, std::uint8_t{0x10}})
    if ((gre[0] & option) != 0) size += 4;
  if (gre.size() < size) return {};
  std::uint16_t type = load_be16(gre.data() + 2);
  std::span<const std::uint8_t> payload = gre.subspan(size);
  if (type == 0x6558 && payload.size() >= 14) {  // a bridged frame
    type = load_be16(payload.data() + 12);
    payload = payload.subspan(14);
  }
  return {type, payload};
}

void dissect_ipv6(std::span<const std::uint8_t> bytes, Keys& keys) {
  if (bytes.size() < 40 || bytes[0] >> 4 != 6) return;
  keys.src = IpAddr::from_bytes(Family::Ipv6, bytes.data() + 8);
  keys.dst = IpAddr::from_bytes(Family::Ipv6, bytes.data() + 24);
  keys.flow_label = load_be32(bytes.data()) & 0xfffff;
  keys.proto = bytes[6];
  read_ports(bytes.subspan(40), keys);
}

// skb_flow_dissect_flow_keys(). `into_tunnels` false: FLOW_DISSECTOR_F_STOP_AT_ENCAP.
Keys dissect(const Skb& skb, bool into_tunnels) {
  Keys keys;
  std::span<const std::uint8_t> bytes = skb.l3();
  // Every tunnel takes at least a header of 20 bytes: this ends.
  while (bytes.size() >= 20 && bytes[0] >> 4 == 4) {
    const Ipv4View ip(bytes.data());
    keys.src = ip.saddr();
    keys.dst = ip.daddr();
    keys.proto = ip.protocol();
    if (ip.is_fragment() || bytes.size() < ip.header_length()) return keys;
    bytes = bytes.subspan(ip.header_length());
    std::uint16_t inner = 0;
    if (ip.protocol() == kProtoIpip) inner = 0x0800;
    if (ip.protocol() == kProtoIpv6) inner = 0x86dd;
    if (ip.protocol() == kProtoGre) std::tie(inner, bytes) = gre_payload(bytes);
    if (inner == 0) {
      read_ports(bytes, keys);
      return keys;
    }
    keys.encapsulated = true;
    if (!into_tunnels) return keys;
    if (inner == 0x86dd) dissect_ipv6(bytes, keys);
    if (inner != 0x0800) return keys;
  }
  return keys;
}

// ip_multipath_l3_keys(): an ICMP error goes the way of the packet it is about.
Keys addresses_of(const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  Keys keys;
  keys.src = ip.saddr();
  keys.dst = ip.daddr();
  const std::span<const std::uint8_t> l4 =
      skb.l3().subspan(std::min<std::size_t>(ip.header_length(), skb.l3().size()));
  if (ip.protocol() != kProtoIcmp || ip.fragment_offset() != 0 || l4.size() < 28) return keys;
  if (!IcmpView(l4.data()).is_error()) return keys;
  const Ipv4View quoted(l4.data() + 8);
  keys.src = quoted.saddr();
  keys.dst = quoted.daddr();
  return keys;
}

IpAddr unspecified_v6() {
  static constexpr std::array<std::uint8_t, 16> kZero{};
  return IpAddr::from_bytes(Family::Ipv6, kZero.data());
}

Keys chosen_fields(const Keys& from, std::uint32_t fields) {
  Keys keys;
  keys.src = from.src.family() == Family::Ipv6 ? unspecified_v6() : IpAddr::v4(0);
  keys.dst = keys.src;
  if ((fields & kSrcIp) != 0) keys.src = from.src;
  if ((fields & kDstIp) != 0) keys.dst = from.dst;
  if ((fields & kIpProto) != 0) keys.proto = from.proto;
  if ((fields & kFlowLabel) != 0) keys.flow_label = from.flow_label;
  if ((fields & kSrcPort) != 0) std::copy_n(from.ports.begin(), 2, keys.ports.begin());
  if ((fields & kDstPort) != 0) std::copy_n(from.ports.begin() + 2, 2, keys.ports.begin() + 2);
  return keys;
}

// include/linux/jhash.h:jhash_2words(a, b, 0)
std::uint32_t jhash_2words(std::uint32_t a, std::uint32_t b) {
  constexpr std::uint32_t kInitial = 0xdeadbeef + (2 << 2);
  std::uint32_t c = kInitial;
  a += kInitial;
  b += kInitial;
  const auto mix = [](std::uint32_t& x, std::uint32_t y, int bits) {
    x = (x ^ y) - std::rotl(y, bits);
  };
  mix(c, b, 14);
  mix(a, c, 11);
  mix(b, a, 25);
  mix(c, b, 16);
  mix(a, c, 4);
  mix(b, a, 14);
  mix(c, b, 24);
  return c;
}

// fib_multipath_custom_hash_skb()
std::uint32_t custom_hash(const Host& host, const Skb& skb) {
  const std::uint32_t fields = host.sysctls.fib_multipath_hash_fields;
  const std::uint32_t inner_fields = fields >> kInnerShift & kAnyField;
  const Keys outside = dissect(skb, false);
  const bool outer = (fields & kAnyField) != 0;
  const std::uint32_t outer_hash = outer ? hash_keys(host, chosen_fields(outside, fields)) : 0;
  // Without an outer field the kernel does not find out whether there is a tunnel, and assumes one.
  std::uint32_t inner_hash = 0;
  if (inner_fields != 0 && (outside.encapsulated || !outer)) {
    const Keys inside = dissect(skb, true);
    if (inside.encapsulated) inner_hash = hash_keys(host, chosen_fields(inside, inner_fields));
  }
  return jhash_2words(outer_hash, inner_hash);
}

std::uint32_t hash_of(const Host& host, const Skb& skb) {
  switch (host.sysctls.fib_multipath_hash_policy) {
    case 1: {
      const Keys keys = dissect(skb, false);
      return hash_keys(host, chosen_fields(keys, kSrcIp | kDstIp | kIpProto | kSrcPort | kDstPort));
    }
    case 2: {
      const Keys keys = dissect(skb, true);
      const bool v6 = keys.src.family() == Family::Ipv6;
      return hash_keys(host,
                       chosen_fields(keys, kSrcIp | kDstIp | (v6 ? kFlowLabel | kIpProto : 0)));
    }
    case 3:
      return custom_hash(host, skb);
    default:
      return hash_keys(host, addresses_of(skb));
  }
}

std::uint32_t hash_of(const Host& host, const Flow& flow) {
  Keys keys;
  keys.src = flow.saddr;
  keys.dst = flow.daddr;
  keys.proto = flow.proto;
  store_be16(keys.ports.data(), flow.sport);
  store_be16(keys.ports.data() + 2, flow.dport);
  switch (host.sysctls.fib_multipath_hash_policy) {
    case 1:
      return hash_keys(host, keys);
    case 3: {
      const std::uint32_t fields = host.sysctls.fib_multipath_hash_fields & kAnyField;
      return fields == 0 ? 0 : hash_keys(host, chosen_fields(keys, fields & ~kFlowLabel));
    }
    default:
      return hash_keys(host, chosen_fields(keys, kSrcIp | kDstIp));
  }
}

// fib_good_nh(): with fib_multipath_use_neigh a gateway known to be unreachable is passed over.
bool neighbour_is_good(const Host& host, const NextHop& hop) {
  if (!host.sysctls.fib_multipath_use_neigh || hop.gateway.family() == Family::Unspec) return true;
  return std::none_of(host.neighbours.begin(), host.neighbours.end(), [&](const Neigh& n) {
    const bool bad = n.state == "FAILED" || n.state == "INCOMPLETE" || n.state == "NONE";
    return bad && n.dev == hop.dev && n.addr == hop.gateway;
  });
}

// `saddr`: the source that output routing already knows.
const char* select(const Host& host, std::uint32_t hash, const IpAddr& saddr, Found& found) {
  hash >>= 1;
  const Route& route = *found.route;
  const auto out_of_play = [&](const NextHop& hop) {
    return hop.dead || (hop.linkdown && host.sysctls.conf(hop.dev).ignore_routes_with_linkdown);
  };
  std::uint64_t total = 0;
  for (const NextHop& hop : route.hops) total += out_of_play(hop) ? 0 : hop.weight;
  // A nexthop counts two for the wanted source address and one for the flow's share of the hash;
  // the first of the best wins.
  std::uint64_t weight = 0;
  int best = -1;
  for (const NextHop& hop : route.hops) {
    if (out_of_play(hop)) continue;
    weight += hop.weight;
    const std::uint64_t bound = ((weight << 31) + total / 2) / total;  // DIV_ROUND_CLOSEST
    if (!neighbour_is_good(host, hop)) continue;
    int score = hash < bound ? 1 : 0;
    if (!saddr.is_unspecified() && saddr.family() != Family::Unspec &&
        select_addr(host, hop.dev, hop.gateway, route.scope) == saddr) {
      score += 2;
    }
    if (score > best) {
      best = score;
      found.hop = &hop;
    }
  }
  return host.sysctls.fib_multipath_hash_seed != 0
             ? "several nexthops: the hash of the flow chose this one "
               "[net.ipv4.fib_multipath_hash_policy]"
             : "several nexthops: the kernel's hash is seeded at random, this one is a choice";
}

}  // namespace

const char* select_nexthop(const Host& host, const Skb& skb, Found& found) {
  if (found.route == nullptr || found.route->hops.size() < 2) return nullptr;
  return select(host, hash_of(host, skb), {}, found);
}

const char* select_nexthop(const Host& host, const Flow& flow, Found& found) {
  if (found.route == nullptr || found.route->hops.size() < 2) return nullptr;
  const std::uint32_t hash =
      flow.about != nullptr ? hash_of(host, *flow.about) : hash_of(host, flow);
  return select(host, hash, flow.saddr, found);
}

}  // namespace pktwalk::fib

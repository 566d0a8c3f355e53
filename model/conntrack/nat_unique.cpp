// SPDX-License-Identifier: MIT
// How NAT chooses addresses and ports: keep what there is when it fits and is free; else the same
// mapping as the source has elsewhere; else an address of the range by a fixed hash, and a port by
// search from a start that is mostly random.
//
// Kernel: net/netfilter/nf_nat_core.c (get_unique_tuple(), find_best_ips_proto(),
//         nf_nat_l4proto_unique_tuple(), find_appropriate_src(), nf_nat_used_tuple_new(),
//         nf_nat_used_tuple_harder(), nf_nat_may_kill())
// Differs: a random start is drawn from the state's own generator, and the step says so; the hash
//          that chooses an address is that of a little-endian machine.
#include "model/conntrack/nat_unique.h"

#include <array>
#include <bit>
#include <utility>

#include "model/packet/headers.h"

namespace pktwalk::ct {
namespace {

constexpr unsigned kMaxAttempts = 128;
constexpr unsigned kHarderThreshold = kMaxAttempts / 4;

bool has_ports(std::uint8_t proto) {
  return proto == kProtoTcp || proto == kProtoUdp || proto == kProtoUdpLite || proto == kProtoSctp;
}
bool is_icmp(std::uint8_t proto) { return proto == kProtoIcmp || proto == kProtoIcmpv6; }

// A 32-bit word of an address as the kernel's memory holds it.
std::uint32_t raw_word(std::uint32_t host_order) { return __builtin_bswap32(host_order); }

std::uint32_t scale(std::uint32_t value, std::uint32_t size) {
  return static_cast<std::uint32_t>(std::uint64_t{value} * size >> 32);
}

// l4proto_in_range()
bool port_in_range(const Tuple& tuple, Manip manip, const NatRange& range) {
  if (is_icmp(tuple.proto)) {
    return tuple.src_id >= range.min_port && tuple.src_id <= range.max_port;
  }
  if (!has_ports(tuple.proto) && tuple.proto != kProtoGre) return true;
  const std::uint16_t port = manip == Manip::Source ? tuple.src_id : tuple.dst_id;
  return port >= range.min_port && port <= range.max_port;
}

// nf_in_range(): whether the source of the tuple lies in the range already.
bool source_in_range(const Tuple& tuple, const NatRange& range) {
  if (range.map_ips && (tuple.src < range.min_addr || tuple.src > range.max_addr)) return false;
  return !range.proto_specified || port_in_range(tuple, Manip::Source, range);
}

// The search for a mapping of one connection.
class Search {
 public:
  Search(HookContext& ctx, CtId id, const NatRange& range, Manip manip)
      : ctx_(ctx),
        table_(ctx.walk.state().conntrack),
        now_(ctx.walk.now()),
        id_(id),
        range_(range),
        random_(range.random || range.random_fully),
        manip_(manip) {}

  UniqueTuple run(const Tuple& original);

 private:
  const Entry& own() const { return table_.at(id_); }
  bool used(const Tuple& tuple) const;
  bool used_unaltered(const Tuple& tuple) const;
  bool used_harder(const Tuple& tuple, unsigned attempts_left);
  bool source_mapping(const Tuple& original, Tuple& result) const;
  void choose_address(Tuple& tuple) const;
  bool port_space(const Tuple& tuple, unsigned& min, unsigned& size) const;
  void search_port(UniqueTuple& result);

  HookContext& ctx_;
  Table& table_;
  Time now_;
  CtId id_;
  const NatRange& range_;
  bool random_;  // NF_NAT_RANGE_PROTO_RANDOM_ALL: either of --random and --random-fully
  Manip manip_;
};

// nf_nat_used_tuple()
bool Search::used(const Tuple& tuple) const {
  Tuple reply;
  invert(tuple, reply);
  return table_.taken(reply, id_, now_);
}

// nf_nat_used_tuple_new(): as used(), for a tuple that NAT leaves as it is. Two packets of one flow
// that cross each other are no clash.
bool Search::used_unaltered(const Tuple& tuple) const {
  constexpr std::uint32_t kUsesNat = kSrcNat | kDstNat | kSeqAdjust;
  if (!used(tuple)) return false;
  const std::uint8_t proto = tuple.proto;
  const bool may_clash = proto != kProtoTcp && proto != kProtoSctp && !is_icmp(proto);
  if (!may_clash || own().has(kUsesNat)) return true;
  const Zone zone(own().zone_orig, own().zone_reply);
  std::optional<Found> found = table_.find(tuple, zone, now_);
  if (!found) {
    Tuple reply;
    invert(tuple, reply);
    found = table_.find(reply, zone, now_);
    if (!found) return false;
  }
  const Entry& other = table_.at(found->id);
  return other.has(kUsesNat) || other.tuple[0] != own().tuple[1];
}

// nf_nat_used_tuple_harder(): towards the end of the search, a TCP connection that waits in
// TIME_WAIT makes room for one with higher sequence numbers.
bool Search::used_harder(const Tuple& tuple, unsigned attempts_left) {
  Tuple reply;
  invert(tuple, reply);
  if (attempts_left > kHarderThreshold || tuple.proto != kProtoTcp ||
      own().tcp.state != kTcpSynSent) {
    return table_.taken(reply, id_, now_);
  }
  const std::optional<Found> found =
      table_.find(reply, Zone(own().zone_orig, own().zone_reply), now_);
  if (!found) return false;
  const Entry& other = table_.at(found->id);
  if (found->dir == 0 || other.tcp.state < kTcpTimeWait || other.has(kFixedTimeout | kDying) ||
      !other.has(kSrcNat)) {
    return true;
  }
  const std::uint32_t advanced = own().tcp.seen[0].end - other.tcp.seen[0].end;
  if (static_cast<std::int32_t>(advanced) <= 0) return true;
  table_.remove(found->id);
  return false;
}

// find_appropriate_src(): the mapping that the same source has towards another destination.
bool Search::source_mapping(const Tuple& original, Tuple& result) const {
  bool found = false;
  table_.for_each_source(original, [&](CtId, const Entry& entry) {
    const Tuple& known = entry.tuple[0];
    if (known.proto != original.proto || known.src != original.src ||
        known.src_id != original.src_id || entry.zone_orig != own().zone_orig) {
      return false;
    }
    if (entry.has(kConfirmed) && entry.expires <= now_) return false;
    invert(entry.tuple[1], result);
    result.dst = original.dst;
    result.dst_id = original.dst_id;
    found = source_in_range(result, range_);
    return found;
  });
  return found;
}

// find_best_ips_proto()
void Search::choose_address(Tuple& tuple) const {
  if (!range_.map_ips) return;
  IpAddr& chosen = manip_ == Manip::Source ? tuple.src : tuple.dst;
  if (range_.min_addr == range_.max_addr) {
    chosen = range_.min_addr;
    return;
  }
  const std::size_t last = tuple.src.is_v4() ? 0 : 3;
  const IpAddr dst = tuple.dst;
  std::array<std::uint32_t, 4> source{};
  for (std::size_t i = 0; i <= last; ++i) source[i] = raw_word(tuple.src.word(i));
  const std::uint32_t start = range_.persistent ? 0 : raw_word(dst.word(last)) ^ own().zone_orig;
  std::uint32_t j = jhash2(source, start);
  IpAddr result = range_.min_addr;
  bool full_range = false;
  for (std::size_t i = 0; i <= last; ++i) {
    const std::uint32_t low = full_range ? 0 : range_.min_addr.word(i);
    const std::uint32_t size = full_range ? ~0u : range_.max_addr.word(i) - low + 1;
    result.set_word(i, low + scale(j, size));
    if (result.word(i) != range_.max_addr.word(i)) full_range = true;
    // The kernel reads the destination here, which is the address being chosen when that is it.
    const std::uint32_t mixed = manip_ == Manip::Destination ? result.word(i) : dst.word(i);
    if (!range_.persistent) j ^= raw_word(mixed);
  }
  chosen = result;
}

// The ports or ids to choose from. False: this protocol has none that may change.
bool Search::port_space(const Tuple& tuple, unsigned& min, unsigned& size) const {
  const std::uint8_t proto = tuple.proto;
  unsigned low = range_.min_port;
  unsigned high = range_.max_port;
  if (is_icmp(proto)) {
    min = range_.proto_specified ? low : 0;
    size = range_.proto_specified ? high - low + 1 : 65536;
    return true;
  }
  if (!has_ports(proto)) return false;
  if (range_.proto_specified) {
    if (high < low) std::swap(low, high);
    min = low;
    size = high - low + 1;
    return true;
  }
  if (manip_ == Manip::Destination) return false;
  // Privileged ports stay privileged.
  const std::uint16_t port = tuple.src_id;
  if (port >= 1024) {
    min = 1024;
    size = 65536 - 1024;
  } else if (port < 512) {
    min = 1;
    size = 511;
  } else {
    min = 600;
    size = 1024 - 600;
  }
  return true;
}

// nf_nat_l4proto_unique_tuple()
void Search::search_port(UniqueTuple& result) {
  unsigned min = 0;
  unsigned size = 0;
  if (!port_space(result.tuple, min, size)) return;
  const bool source_side = manip_ == Manip::Source || is_icmp(result.tuple.proto);
  std::uint16_t& port = source_side ? result.tuple.src_id : result.tuple.dst_id;
  std::uint16_t offset = 0;
  if (range_.proto_offset) {
    offset = static_cast<std::uint16_t>(port - range_.base_port);
    result.why = "port shifted by the distance from the base port";
  } else if (random_ || manip_ == Manip::Source) {
    offset = static_cast<std::uint16_t>(ctx_.walk.state().choices.draw(65536));
    result.random = size > 1;
    result.why = "first free port from a random one on";
  } else {
    result.why = "first free port of the range";
  }
  for (unsigned attempts = size < kMaxAttempts ? size : kMaxAttempts;;) {
    for (unsigned i = 0; i < attempts; ++i, ++offset) {
      port = static_cast<std::uint16_t>(min + offset % size);
      if (!used_harder(result.tuple, attempts - i)) return;
    }
    if (attempts >= size || attempts < 16) break;
    attempts /= 2;
    offset = static_cast<std::uint16_t>(ctx_.walk.state().choices.draw(65536));
    result.random = true;
  }
  result.why = "no free port found: the packet will clash with another connection";
}

UniqueTuple Search::run(const Tuple& original) {
  UniqueTuple result{.tuple = original};
  if (manip_ == Manip::Source && !random_) {
    if (source_in_range(original, range_)) {
      if (!used_unaltered(original)) return result;
    } else if (source_mapping(original, result.tuple) && !used(result.tuple)) {
      result.why = "the mapping that this source has already";
      return result;
    }
  }
  result.tuple = original;
  choose_address(result.tuple);
  if (!random_) {
    if (range_.proto_specified) {
      const bool fits = !range_.proto_offset && port_in_range(result.tuple, manip_, range_);
      if (fits && (range_.min_port == range_.max_port || !used(result.tuple))) return result;
    } else if (!used(result.tuple)) {
      return result;
    }
  }
  search_port(result);
  return result;
}

}  // namespace

std::uint32_t jhash2(std::span<const std::uint32_t> words, std::uint32_t initval) {
  const auto rol = [](std::uint32_t v, int n) { return std::rotl(v, n); };
  std::uint32_t a = 0xdeadbeefu + static_cast<std::uint32_t>(words.size() << 2) + initval;
  std::uint32_t b = a;
  std::uint32_t c = a;
  std::size_t i = 0;
  for (; words.size() - i > 3; i += 3) {
    a += words[i];
    b += words[i + 1];
    c += words[i + 2];
    a -= c, a ^= rol(c, 4), c += b;
    b -= a, b ^= rol(a, 6), a += c;
    c -= b, c ^= rol(b, 8), b += a;
    a -= c, a ^= rol(c, 16), c += b;
    b -= a, b ^= rol(a, 19), a += c;
    c -= b, c ^= rol(b, 4), b += a;
  }
  const std::size_t left = words.size() - i;
  if (left == 0) return c;
  if (left > 2) c += words[i + 2];
  if (left > 1) b += words[i + 1];
  a += words[i];
  c ^= b, c -= rol(b, 14);
  a ^= c, a -= rol(c, 11);
  b ^= a, b -= rol(a, 25);
  c ^= b, c -= rol(b, 16);
  a ^= c, a -= rol(c, 4);
  b ^= a, b -= rol(a, 14);
  c ^= b, c -= rol(b, 24);
  return c;
}

UniqueTuple get_unique_tuple(HookContext& ctx, CtId id, const Tuple& original,
                             const NatRange& range, Manip manip) {
  return Search(ctx, id, range, manip).run(original);
}

}  // namespace pktwalk::ct

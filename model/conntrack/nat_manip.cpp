// SPDX-License-Identifier: MIT
// What NAT does to the bytes of a packet: addresses, ports and checksums; in an ICMP error also
// those of the packet that the error quotes.
//
// Kernel: net/netfilter/nf_nat_core.c:nf_nat_packet(), nf_nat_proto.c (nf_nat_manip_pkt(),
//         nf_nat_ipv4_manip_pkt(), l4proto_manip_pkt(), nf_nat_icmp_reply_translation())
// Differs: nothing known
#include "model/conntrack/nat_manip.h"

#include <vector>

#include "model/core/bytes.h"
#include "model/packet/checksum.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"

namespace pktwalk::ct {
namespace {

constexpr std::uint32_t kNatMask = kSrcNat | kDstNat;

Manip opposite(Manip manip) { return manip == Manip::Source ? Manip::Destination : Manip::Source; }

// Whether packets of this direction have this side changed.
bool changes(const Entry& entry, std::uint8_t dir, Manip manip) {
  std::uint32_t bit = manip == Manip::Source ? kSrcNat : kDstNat;
  if (dir == 1) bit ^= kNatMask;
  return entry.has(bit);
}

Verdict fail(HookContext& ctx, const char* why) {
  ctx.walk.unknown_why = why;
  if (Recorder* const recorder = ctx.walk.recorder()) {
    recorder->step(NatStep{.kind = NatStep::Kind::Failed,
                           .source = manip_of(ctx.hook) == Manip::Source,
                           .why = why},
                   &ctx.skb);
  }
  return Verdict::Drop;
}

// Bytes of a transport header that the kernel must be able to write to.
std::size_t needed_header(std::uint8_t proto) {
  switch (proto) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoSctp:
    case kProtoIcmp:
    case kProtoGre:
      return 8;
    default:
      return 0;
  }
}

Value shown(const IpAddr& addr, std::uint16_t port, std::uint8_t proto) {
  switch (proto) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoSctp:
      return Value::endpoint(addr, port);
    default:
      return Value::address(addr);
  }
}

void report(HookContext& ctx, NatStep::Kind kind, Manip manip, const Tuple& from, const Tuple& to) {
  Recorder* const recorder = ctx.walk.recorder();
  if (recorder == nullptr) return;
  const bool source = manip == Manip::Source;
  NatStep step{.kind = kind, .source = source};
  step.from =
      source ? shown(from.src, from.src_id, from.proto) : shown(from.dst, from.dst_id, from.proto);
  step.to = source ? shown(to.src, to.src_id, to.proto) : shown(to.dst, to.dst_id, to.proto);
  recorder->step(step, &ctx.skb);
}

// GRE of PPTP carries the key of the side it goes to; other versions than 0 and 1 cannot be
// translated.
bool gre_can_change(const Skb& skb, std::size_t transport, Manip manip) {
  return manip == Manip::Source || (skb.data[transport + 1] & 7) <= 1;
}

// nf_nat_ipv4_manip_pkt() at the packet's own header.
bool change_packet(HookContext& ctx, const Tuple& target, Manip manip) {
  Skb& skb = ctx.skb;
  Recorder* const recorder = ctx.walk.recorder();
  const std::size_t transport = skb.network + Ipv4View(skb.l3().data()).header_length();
  const std::size_t there = skb.data.size() - transport;
  if (there + skb.missing < needed_header(target.proto)) return false;
  if (target.proto == kProtoGre && there >= 4 && !gre_can_change(skb, transport, manip)) {
    return false;
  }
  const bool numbered = needed_header(target.proto) != 0 && target.proto != kProtoGre;
  if (manip == Manip::Source || target.proto == kProtoIcmp) {
    if (numbered) set_l4_source(skb, target.src_id, recorder);
  } else if (numbered) {
    set_l4_destination(skb, target.dst_id, recorder);
  }
  if (manip == Manip::Source) {
    set_saddr(skb, target.src, recorder);
  } else {
    set_daddr(skb, target.dst, recorder);
  }
  return true;
}

// The packet that an ICMP error quotes: often only its first 28 bytes.
class QuotedPacket {
 public:
  QuotedPacket(std::span<std::uint8_t> bytes, std::size_t length)
      : bytes_(bytes), length_(length), header_(Ipv4View(bytes.data()).header_length()) {}

  // Gives it the source or destination of the target; checksums only as far as they are there.
  bool change(const Tuple& target, Manip manip) {
    if (length_ < header_ + needed_header(target.proto)) return false;
    const bool source = manip == Manip::Source;
    const std::size_t at = source ? 12 : 16;
    const std::uint32_t old_addr = load_be32(bytes_.data() + at);
    const std::uint32_t new_addr = (source ? target.src : target.dst).v4();
    if (!change_transport(target, source, old_addr, new_addr)) return false;
    store_be32(bytes_.data() + at, new_addr);
    store_be16(bytes_.data() + 10,
               update_checksum32(load_be16(bytes_.data() + 10), old_addr, new_addr));
    return true;
  }

 private:
  bool change_transport(const Tuple& target, bool source, std::uint32_t old_addr,
                        std::uint32_t new_addr) {
    if (bytes_.size() < header_ + needed_header(target.proto)) return true;  // not captured
    std::uint8_t* const l4 = bytes_.data() + header_;
    const std::uint16_t port = source ? target.src_id : target.dst_id;
    std::uint8_t* const place = l4 + (source ? 0 : 2);
    switch (target.proto) {
      case kProtoTcp:
        // A checksum is changed only when a whole TCP header is quoted.
        if (length_ >= header_ + 20 && bytes_.size() >= header_ + 18) {
          update_pseudo(l4 + 16, old_addr, new_addr, load_be16(place), port, false);
        }
        store_be16(place, port);
        return true;
      case kProtoUdp:
      case kProtoUdpLite:
        if (target.proto == kProtoUdpLite || load_be16(l4 + 6) != 0) {
          update_pseudo(l4 + 6, old_addr, new_addr, load_be16(place), port, true);
        }
        store_be16(place, port);
        return true;
      case kProtoSctp:
        store_be16(place, port);  // its checksum covers bytes that are not quoted
        return true;
      case kProtoIcmp:
        change_icmp_id(l4, target.src_id);
        return true;
      case kProtoGre:
        return source || (l4[1] & 7) <= 1;
      default:
        return true;
    }
  }

  static void update_pseudo(std::uint8_t* check, std::uint32_t old_addr, std::uint32_t new_addr,
                            std::uint16_t old_port, std::uint16_t new_port, bool never_zero) {
    std::uint16_t sum = update_checksum32(load_be16(check), old_addr, new_addr);
    sum = update_checksum(sum, old_port, new_port);
    store_be16(check, never_zero && sum == 0 ? 0xffff : sum);
  }

  static void change_icmp_id(std::uint8_t* l4, std::uint16_t id) {
    const unsigned type = l4[0];
    if (type != 0 && type != 8 && (type < 13 || type > 18)) return;
    store_be16(l4 + 2, update_checksum(load_be16(l4 + 2), load_be16(l4 + 4), id));
    store_be16(l4 + 4, id);
  }

  std::span<std::uint8_t> bytes_;
  std::size_t length_;  // on the wire
  std::size_t header_;
};

// The ICMP checksum after its payload changed: anew, or by the difference when bytes are missing.
void refresh_icmp_checksum(Skb& skb, std::size_t transport,
                           const std::vector<std::uint8_t>& before) {
  if (skb.missing == 0) {
    fill_transport_checksum(skb);
    return;
  }
  std::uint8_t* const icmp = skb.data.data() + transport;
  std::uint16_t sum = load_be16(icmp + 2);
  for (std::size_t i = 0; i + 1 < before.size(); i += 2) {
    sum = update_checksum(sum, load_be16(before.data() + i), load_be16(icmp + i));
  }
  store_be16(icmp + 2, sum);
}

Tuple tuple_here(const Skb& skb) {
  Tuple tuple;
  const std::span<const std::uint8_t> l3 = skb.l3();
  if (!tuple_of(l3.data(), l3.size(), tuple)) {
    const Ipv4View ip(l3.data());
    tuple.src = ip.saddr();
    tuple.dst = ip.daddr();
    tuple.proto = ip.protocol();
  }
  return tuple;
}

}  // namespace

Verdict translate(HookContext& ctx, const Entry& entry) {
  const Manip manip = manip_of(ctx.hook);
  const std::uint8_t dir = direction(ctx.skb);
  if (!changes(entry, dir, manip)) return Verdict::Accept;
  Tuple target;
  invert(entry.tuple[1 - dir], target);
  const Tuple before = ctx.walk.recorder() != nullptr ? tuple_here(ctx.skb) : Tuple{};
  if (!change_packet(ctx, target, manip)) return fail(ctx, "packet is too short to be translated");
  report(ctx, NatStep::Kind::Apply, manip, before, target);
  return Verdict::Accept;
}

Verdict translate_icmp_error(HookContext& ctx, const Entry& entry) {
  Skb& skb = ctx.skb;
  const std::size_t transport = skb.network + Ipv4View(skb.l3().data()).header_length();
  constexpr std::size_t kIcmpHeader = 8;
  if (skb.data.size() + skb.missing < transport + kIcmpHeader + 20) {
    return fail(ctx, "ICMP error is too short to be translated");
  }
  if (skb.data.size() < transport + kIcmpHeader + 20) {
    ctx.walk.unknown_why = "the capture ends within the packet that the ICMP error quotes";
    return Verdict::Unknown;
  }
  if (verify_transport_checksum(skb) == ChecksumState::Wrong) {
    return fail(ctx, "ICMP checksum is wrong");
  }
  // Redirects make no sense across NAT.
  if (skb.data[transport] == 5) {
    constexpr std::uint32_t kDone = kSrcNatDone | kDstNatDone;
    if ((entry.status & kDone) != kDone) return fail(ctx, "ICMP redirect before NAT was set up");
    if (entry.has(kNatMask)) return fail(ctx, "ICMP redirect of a translated connection");
  }
  const Manip manip = manip_of(ctx.hook);
  const std::uint8_t dir = direction(skb);
  if (!changes(entry, dir, manip)) return Verdict::Accept;

  // Inside, what the error quotes looked like before: the other side, in the other direction.
  const std::vector<std::uint8_t> before(skb.data.begin() + static_cast<std::ptrdiff_t>(transport),
                                         skb.data.end());
  const Tuple& inside = entry.tuple[1 - dir];
  const std::size_t inner = transport + kIcmpHeader;
  Tuple quoted_before;
  tuple_of(skb.data.data() + inner, skb.data.size() - inner, quoted_before);
  QuotedPacket quoted(std::span(skb.data).subspan(inner), skb.data.size() - inner + skb.missing);
  if (!quoted.change(inside, opposite(manip))) {
    return fail(ctx, "the packet that the ICMP error quotes is too short to be translated");
  }
  refresh_icmp_checksum(skb, transport, before);
  report(ctx, NatStep::Kind::IcmpInner, opposite(manip), quoted_before, inside);

  Tuple target;
  invert(inside, target);
  const Tuple outer_before = tuple_here(skb);
  Recorder* const recorder = ctx.walk.recorder();
  if (manip == Manip::Source) {
    set_saddr(skb, target.src, recorder);
  } else {
    set_daddr(skb, target.dst, recorder);
  }
  target.proto = kProtoIcmp;
  report(ctx, NatStep::Kind::Apply, manip, outer_before, target);
  return Verdict::Accept;
}

}  // namespace pktwalk::ct

// SPDX-License-Identifier: MIT
// Address translation at its hooks.
//
// The rules of the nat table are asked once for each side of a connection, by its first packet. All
// later packets, and the answers, follow what was set up then. A connection that no rule maps gets
// a null binding: it keeps its addresses, but its source port may change when another connection
// has it.
//
// Kernel: net/netfilter/nf_nat_core.c (nf_nat_inet_fn(), nf_nat_setup_info(),
//         nf_nat_alloc_null_binding()), nf_nat_proto.c (nf_nat_ipv4_fn(),
//         nf_nat_ipv4_pre_routing(), nf_nat_ipv4_local_fn(), nf_nat_ipv4_local_in()),
//         nf_nat_masquerade.c
// Differs: nothing known
#include "model/conntrack/nat.h"

#include "model/conntrack/nat_manip.h"
#include "model/conntrack/nat_unique.h"
#include "model/netfilter/hooks.h"
#include "model/packet/headers.h"
#include "model/routing/fib.h"

namespace pktwalk::ct {
namespace {

std::uint32_t done_bit(Manip manip) { return manip == Manip::Source ? kSrcNatDone : kDstNatDone; }

Value shown(const Tuple& tuple, Manip manip) {
  const IpAddr& addr = manip == Manip::Source ? tuple.src : tuple.dst;
  std::uint16_t port = manip == Manip::Source ? tuple.src_id : tuple.dst_id;
  switch (tuple.proto) {
    case kProtoIcmp:
    case kProtoIcmpv6:
      if (manip == Manip::Destination) return Value::address(addr);
      break;
    case kProtoTcp:
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoSctp:
      break;
    default:
      return Value::address(addr);
  }
  return Value::endpoint(addr, port);
}

void report(HookContext& ctx, NatStep step) {
  if (Recorder* const recorder = ctx.walk.recorder()) recorder->step(std::move(step), &ctx.skb);
}

// nf_nat_setup_info()
void set_up(HookContext& ctx, const NatRange& range, Manip manip, bool null_binding) {
  Table& table = ctx.walk.state().conntrack;
  const CtId id = ctx.skb.ct;
  Entry& entry = table.at(id);
  if (entry.has(kConfirmed)) return;
  // What the packet looks like now: the inverse of the reply that is expected.
  Tuple current;
  invert(entry.tuple[1], current);
  const UniqueTuple chosen = get_unique_tuple(ctx, id, current, range, manip);
  if (chosen.tuple != current) {
    invert(chosen.tuple, entry.tuple[1]);
    entry.status |= manip == Manip::Source ? kSrcNat : kDstNat;
  }
  if (manip == Manip::Source) table.add_source(id);
  entry.status |= done_bit(manip);
  const bool changed = chosen.tuple != current;
  report(ctx, {.kind = null_binding ? NatStep::Kind::NullBinding : NatStep::Kind::Setup,
               .source = manip == Manip::Source,
               .from = shown(current, manip),
               .to = shown(chosen.tuple, manip),
               .random = chosen.random,
               .why = null_binding && changed ? "another connection has this port" : chosen.why});
}

void set_null_binding(HookContext& ctx, Manip manip) {
  const Entry& entry = ctx.walk.state().conntrack.at(ctx.skb.ct);
  NatRange range;
  range.map_ips = true;
  range.min_addr = range.max_addr =
      manip == Manip::Source ? entry.tuple[1].dst : entry.tuple[1].src;
  set_up(ctx, range, manip, true);
}

// The nat table's rules and the nat chains at this hook, until one makes a mapping. Accept when NAT
// goes on.
Verdict ask_rules(HookContext& ctx, Manip manip) {
  for (const HookEntry& rules : ctx.walk.host().hooks->nat[static_cast<std::size_t>(ctx.hook)]) {
    const Verdict verdict = rules.run(ctx, rules);
    if (verdict != Verdict::Accept) return verdict;
    const Entry* const asked = entry_of(ctx.skb, ctx.walk.state());
    if (asked == nullptr || asked->has(done_bit(manip))) break;
  }
  const Entry* const entry = entry_of(ctx.skb, ctx.walk.state());
  if (entry != nullptr && !entry->has(done_bit(manip))) set_null_binding(ctx, manip);
  return Verdict::Accept;
}

// nf_nat_oif_changed(): a masqueraded connection that leaves by another device now.
bool device_changed(const HookContext& ctx, const Entry& entry) {
  return entry.masq_dev != IfIndex::None && ctx.hook == Hook::Postrouting &&
         direction(ctx.skb) == 0 && ctx.out != nullptr && entry.masq_dev != ctx.out->index;
}

Verdict drop_for_device(HookContext& ctx) {
  static constexpr const char* kWhy =
      "the masqueraded connection leaves by another device than it began with: its entry goes, and "
      "with it this packet";
  Table& table = ctx.walk.state().conntrack;
  report(ctx, {.kind = NatStep::Kind::Failed, .source = true, .why = kWhy});
  ctx.walk.unknown_why = kWhy;
  if (ctx.walk.host().sysctls.ct_acct) {
    Entry& entry = table.at(ctx.skb.ct);
    ++entry.packets[0];
    entry.bytes[0] += ctx.skb.len();
  }
  table.kill(ctx.skb.ct);
  return Verdict::Drop;
}

// nf_nat_ipv4_fn() and nf_nat_inet_fn()
Verdict run_nat(HookContext& ctx) {
  const Entry* entry = entry_of(ctx.skb, ctx.walk.state());
  if (entry == nullptr) return Verdict::Accept;
  const CtInfo info = ctx.skb.ctinfo;
  const bool related = info == CtInfo::Related || info == CtInfo::RelatedReply;
  if (related && Ipv4View(ctx.skb.l3().data()).protocol() == kProtoIcmp) {
    return translate_icmp_error(ctx, *entry);
  }
  const Manip manip = manip_of(ctx.hook);
  if ((related || info == CtInfo::New) && !entry->has(done_bit(manip))) {
    const Verdict verdict = ask_rules(ctx, manip);
    if (verdict != Verdict::Accept) return verdict;
    entry = entry_of(ctx.skb, ctx.walk.state());  // the rules may have made other entries
    if (entry == nullptr) return Verdict::Accept;
  } else if (device_changed(ctx, *entry)) {
    return drop_for_device(ctx);
  }
  return translate(ctx, *entry);
}

// nf_nat_ipv4_local_fn(): a packet of ours whose destination address changed is routed again.
Verdict reroute_if_translated(HookContext& ctx) {
  const Entry* const entry = entry_of(ctx.skb, ctx.walk.state());
  if (entry == nullptr) return Verdict::Accept;
  const std::uint8_t dir = direction(ctx.skb);
  if (entry->tuple[dir].dst == entry->tuple[1 - dir].src) return Verdict::Accept;
  if (fib::reroute(ctx.walk, ctx.skb) == RouteError::None) return Verdict::Accept;
  ctx.walk.unknown_why = "no route to the translated destination";
  return Verdict::Drop;
}

}  // namespace

Verdict setup(HookContext& ctx, const NatRange& range, Manip manip) {
  const Entry* const entry = entry_of(ctx.skb, ctx.walk.state());
  if (entry == nullptr) return Verdict::Accept;
  if (!entry->has(kConfirmed) && entry->has(done_bit(manip))) {
    ctx.walk.unknown_why = "this side of the connection has a mapping already";
    return Verdict::Drop;
  }
  set_up(ctx, range, manip, false);
  return Verdict::Accept;
}

Verdict nat_hook(HookContext& ctx) {
  const IpAddr daddr = Ipv4View(ctx.skb.l3().data()).daddr();
  const Verdict verdict = run_nat(ctx);
  if (verdict != Verdict::Accept) return verdict;
  if (ctx.hook == Hook::Prerouting) {
    // A route that came along with the packet (loopback) is not its route any more.
    if (Ipv4View(ctx.skb.l3().data()).daddr() != daddr) ctx.skb.dst.reset();
  } else if (ctx.hook == Hook::Output) {
    return reroute_if_translated(ctx);
  }
  return Verdict::Accept;
}

IpAddr masquerade_address(const Host& host, const Skb& skb, const Link& out) {
  IpAddr next_hop = Ipv4View(skb.l3().data()).daddr();
  if (skb.dst && skb.dst->gateway.family() != Family::Unspec) next_hop = skb.dst->gateway;
  return fib::select_addr(host, out.index, next_hop, kScopeUniverse);
}

}  // namespace pktwalk::ct

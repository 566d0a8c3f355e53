// SPDX-License-Identifier: MIT
// The functions at the five IPv4 hooks and their priorities: the place where a packet meets tables
// and conntrack.
//
// Kernel: net/netfilter/core.c:nf_hook_slow(), include/uapi/linux/netfilter_ipv4.h (priorities),
//         net/ipv4/netfilter/iptable_{raw,mangle,nat,filter,security}.c, nf_defrag_ipv4.c,
//         nf_conntrack_proto.c
// Differs: nothing known
#include "model/netfilter/hooks.h"

#include <algorithm>

#include "model/conntrack/conntrack.h"
#include "model/conntrack/nat.h"
#include "model/netfilter/xtables/table.h"
#include "model/packet/headers.h"
#include "model/path/defrag.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr int kPriDefrag = -400, kPriRaw = -300, kPriConntrack = -200, kPriMangle = -150,
              kPriNatDst = -100, kPriFilter = 0, kPriSecurity = 50, kPriNatSrc = 100,
              kPriConfirm = 0x7fffffff;

Verdict run_table(HookContext& ctx, const HookEntry& entry) {
  return xt::traverse(*entry.table, ctx.walk, ctx.skb, ctx.hook, ctx.in, ctx.out);
}

// iptable_mangle at LOCAL_OUT: a packet whose addresses, mark or TOS changed is routed again.
// Kernel: net/ipv4/netfilter/iptable_mangle.c:ipt_mangle_out()
Verdict run_mangle_output(HookContext& ctx, const HookEntry& entry) {
  const Ipv4View before(ctx.skb.l3().data());
  const IpAddr saddr = before.saddr();
  const IpAddr daddr = before.daddr();
  const std::uint8_t tos = before.tos();
  const std::uint32_t mark = ctx.skb.mark;
  const Verdict verdict = run_table(ctx, entry);
  if (verdict != Verdict::Accept && verdict != Verdict::Queue) return verdict;
  const Ipv4View after(ctx.skb.l3().data());
  if (after.saddr() == saddr && after.daddr() == daddr && after.tos() == tos &&
      ctx.skb.mark == mark) {
    return verdict;
  }
  if (fib::reroute(ctx.walk, ctx.skb) != RouteError::None) return Verdict::Drop;
  return verdict;
}

Verdict run_defrag(HookContext& ctx, const HookEntry&) { return defrag_hook(ctx); }
Verdict run_conntrack(HookContext& ctx, const HookEntry&) { return ct::track(ctx); }
Verdict run_nat(HookContext& ctx, const HookEntry&) { return ct::nat_hook(ctx); }
Verdict run_confirm(HookContext& ctx, const HookEntry&) { return ct::confirm(ctx); }

void add(HookTable& hooks, Hook hook, HookEntry entry) {
  hooks.at[static_cast<std::size_t>(hook)].push_back(entry);
}

void add_table(HookTable& hooks, const Host& host, const char* name, int priority,
               std::initializer_list<Hook> at) {
  const xt::Table* const table = host.iptables->table(name);
  if (table == nullptr) return;
  for (const Hook hook : at) {
    const bool rerouting = hook == Hook::Output && priority == kPriMangle;
    add(hooks, hook,
        {priority, table->name.c_str(), rerouting ? run_mangle_output : run_table, table});
  }
}

}  // namespace

HookTable build_hook_table(const Host& host) {
  HookTable hooks;
  using enum Hook;
  if (host.iptables->uses_defrag) {
    for (const Hook hook : {Prerouting, Output})
      add(hooks, hook, {kPriDefrag, "defrag", run_defrag, nullptr});
  }
  if (ct::in_use(host)) {
    for (const Hook hook : {Prerouting, Output}) {
      add(hooks, hook, {kPriConntrack, "conntrack", run_conntrack, nullptr});
    }
    for (const Hook hook : {Input, Postrouting})
      add(hooks, hook, {kPriConfirm, "confirm", run_confirm, nullptr});
  }
  add_table(hooks, host, "raw", kPriRaw, {Prerouting, Output});
  add_table(hooks, host, "mangle", kPriMangle, {Prerouting, Input, Forward, Output, Postrouting});
  add_table(hooks, host, "filter", kPriFilter, {Input, Forward, Output});
  add_table(hooks, host, "security", kPriSecurity, {Input, Forward, Output});
  if (const xt::Table* const nat = host.iptables->table("nat"); nat != nullptr) {
    for (const Hook hook : {Prerouting, Output})
      add(hooks, hook, {kPriNatDst, "nat", run_nat, nat});
    for (const Hook hook : {Input, Postrouting})
      add(hooks, hook, {kPriNatSrc, "nat", run_nat, nat});
  }
  for (std::vector<HookEntry>& entries : hooks.at) {
    std::stable_sort(entries.begin(), entries.end(), [](const HookEntry& a, const HookEntry& b) {
      return a.priority < b.priority;
    });
  }
  return hooks;
}

Next run_hook(Walk& walk, Skb& skb, Hook hook, IfIndex in, IfIndex out) {
  const Host& host = walk.host();
  PKTWALK_ASSERT(host.hooks != nullptr);
  HookContext ctx{walk, skb, hook, host.link(in), host.link(out)};
  Recorder* const recorder = walk.recorder();
  for (const HookEntry& entry : host.hooks->at[static_cast<std::size_t>(hook)]) {
    if (recorder != nullptr) recorder->begin_hop(entry.name, hook, skb, in, out);
    walk.enter(entry.name, hook);
    const Verdict verdict = entry.run(ctx, entry);
    Next next = Next::Continue;
    switch (verdict) {
      case Verdict::Accept:
      case Verdict::Continue:
      case Verdict::Return:
      case Verdict::Jump:
      case Verdict::Goto:
        break;
      case Verdict::Drop:
        next = walk.drop_in_hook();
        break;
      case Verdict::Queue:
        next = walk.absorb("queued to userspace");
        break;
      case Verdict::Stolen:
        next = walk.stolen();
        break;
      case Verdict::Unknown:
        next = walk.unknown(walk.unknown_why);
        break;
    }
    if (recorder != nullptr) recorder->end_hop(walk.hop_verdict(next));
    if (next != Next::Continue) return next;
  }
  return Next::Continue;
}

}  // namespace pktwalk

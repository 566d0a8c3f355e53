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
#include "model/netfilter/nft/ruleset.h"
#include "model/netfilter/nft/traverse.h"
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

// Runs rules at LOCAL_OUT: a packet whose addresses, mark or TOS they changed is routed again.
template <typename Rules>
Verdict rerouting(HookContext& ctx, Rules&& rules) {
  const Ipv4View before(ctx.skb.l3().data());
  const IpAddr saddr = before.saddr();
  const IpAddr daddr = before.daddr();
  const std::uint8_t tos = before.tos();
  const std::uint32_t mark = ctx.skb.mark;
  const Verdict verdict = rules();
  if (verdict != Verdict::Accept && verdict != Verdict::Queue) return verdict;
  const Ipv4View after(ctx.skb.l3().data());
  if (after.saddr() == saddr && after.daddr() == daddr && after.tos() == tos &&
      ctx.skb.mark == mark) {
    return verdict;
  }
  if (fib::reroute(ctx.walk, ctx.skb) != RouteError::None) return Verdict::Drop;
  return verdict;
}

// Kernel: net/ipv4/netfilter/iptable_mangle.c:ipt_mangle_out()
Verdict run_mangle_output(HookContext& ctx, const HookEntry& entry) {
  return rerouting(ctx, [&] { return run_table(ctx, entry); });
}

Verdict run_chain(HookContext& ctx, const HookEntry& entry) {
  return nft::traverse(*entry.chain, ctx);
}

// A chain of type route at LOCAL_OUT does what iptable_mangle does there.
// Kernel: net/netfilter/nft_chain_route.c:nf_route_table_hook4()
Verdict run_route_chain(HookContext& ctx, const HookEntry& entry) {
  return rerouting(ctx, [&] { return run_chain(ctx, entry); });
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
        {priority, table->name.c_str(), rerouting ? run_mangle_output : run_table, table, nullptr});
  }
}

void add_nat_rules(HookTable& hooks, Hook hook, HookEntry entry) {
  hooks.nat[static_cast<std::size_t>(hook)].push_back(entry);
}
constexpr int nat_priority(Hook hook) {
  return hook == Hook::Prerouting || hook == Hook::Output ? kPriNatDst : kPriNatSrc;
}

// Of equal priority the one that was registered last runs first, so the chains of a dump go in from
// its end. Kernel: net/netfilter/core.c:nf_hook_entries_grow()
void add_chains(HookTable& hooks, const Host& host) {
  const auto& tables = host.nftables->tables;
  for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
    if ((*table)->dormant) continue;
    const nft::TableFamily family = (*table)->family;
    const bool device = family == nft::TableFamily::Netdev;
    if (!device && family != nft::TableFamily::Ip && family != nft::TableFamily::Inet) continue;
    const auto& chains = (*table)->chains;
    for (auto chain = chains.rbegin(); chain != chains.rend(); ++chain) {
      const nft::Chain& c = **chain;
      if (!c.base) continue;
      HookEntry entry{static_cast<int>(c.priority), c.stage.c_str(), run_chain, nullptr, &c};
      if (c.type == nft::ChainType::Nat) {
        add_nat_rules(hooks, c.hook, entry);
        continue;
      }
      if (c.type == nft::ChainType::Route && c.hook == Hook::Output) entry.run = run_route_chain;
      add(hooks, c.hook, entry);
    }
  }
}

}  // namespace

HookTable build_hook_table(const Host& host) {
  HookTable hooks;
  using enum Hook;
  if (host.iptables->uses_defrag || host.nftables->uses_defrag) {
    for (const Hook hook : {Prerouting, Output})
      add(hooks, hook, {kPriDefrag, "defrag", run_defrag, nullptr, nullptr});
  }
  if (ct::in_use(host)) {
    for (const Hook hook : {Prerouting, Output}) {
      add(hooks, hook, {kPriConntrack, "conntrack", run_conntrack, nullptr, nullptr});
    }
    for (const Hook hook : {Input, Postrouting})
      add(hooks, hook, {kPriConfirm, "confirm", run_confirm, nullptr, nullptr});
  }
  add_table(hooks, host, "raw", kPriRaw, {Prerouting, Output});
  add_table(hooks, host, "mangle", kPriMangle, {Prerouting, Input, Forward, Output, Postrouting});
  add_table(hooks, host, "filter", kPriFilter, {Input, Forward, Output});
  add_table(hooks, host, "security", kPriSecurity, {Input, Forward, Output});
  if (const xt::Table* const nat = host.iptables->table("nat"); nat != nullptr) {
    for (const Hook hook : {Prerouting, Input, Output, Postrouting})
      add_nat_rules(hooks, hook, {nat_priority(hook), "nat", run_table, nat, nullptr});
  }
  add_chains(hooks, host);
  // The four functions of NAT come with whoever needs it first.
  if (host.iptables->uses_nat || host.nftables->uses_nat) {
    for (const Hook hook : {Prerouting, Input, Output, Postrouting})
      add(hooks, hook, {nat_priority(hook), "nat", run_nat, nullptr, nullptr});
  }
  for (auto* const lists : {&hooks.at, &hooks.nat}) {
    for (std::vector<HookEntry>& entries : *lists) {
      std::stable_sort(entries.begin(), entries.end(), [](const HookEntry& a, const HookEntry& b) {
        return a.priority < b.priority;
      });
    }
  }
  return hooks;
}

namespace {

// The chains of a device's hooks are for the devices that they name.
bool is_for(const HookEntry& entry, const Link* link, Hook hook) {
  if (hook != Hook::Ingress && hook != Hook::Egress) return true;
  const std::vector<std::string>& devices = entry.chain->devices;
  return link != nullptr && std::any_of(devices.begin(), devices.end(), [&](const std::string& d) {
           return d.ends_with('*') ? link->name.starts_with(d.substr(0, d.size() - 1))
                                   : link->name == d;
         });
}

}  // namespace

bool has_device_hook(const Host& host, Hook hook, const Link& link) {
  const std::vector<HookEntry>& entries = host.hooks->at[static_cast<std::size_t>(hook)];
  return std::any_of(entries.begin(), entries.end(),
                     [&](const HookEntry& entry) { return is_for(entry, &link, hook); });
}

Next run_hook(Walk& walk, Skb& skb, Hook hook, IfIndex in, IfIndex out) {
  const Host& host = walk.host();
  PKTWALK_ASSERT(host.hooks != nullptr);
  HookContext ctx{walk, skb, hook, host.link(in), host.link(out)};
  Recorder* const recorder = walk.recorder();
  for (const HookEntry& entry : host.hooks->at[static_cast<std::size_t>(hook)]) {
    if (!is_for(entry, hook == Hook::Egress ? ctx.out : ctx.in, hook)) continue;
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

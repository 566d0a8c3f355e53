// SPDX-License-Identifier: MIT
// Look-ups in rulesets, and which base chains a table has.
//
// Kernel: net/ipv4/netfilter/iptable_filter.c and its siblings (valid_hooks)
// Differs: nothing known.
#include "model/netfilter/xtables/table.h"

#include "model/netfilter/xtables/base_chains.h"

namespace pktwalk::xt {
namespace {

template <typename Things>
auto* find_by_name(const Things& things, std::string_view name) {
  for (const auto& thing : things) {
    if (thing->name == name) return thing.get();
  }
  return static_cast<decltype(things.front().get())>(nullptr);
}

}  // namespace

const Chain* Table::chain(std::string_view chain_name) const {
  return find_by_name(chains, chain_name);
}
Chain* Table::chain(std::string_view chain_name) { return find_by_name(chains, chain_name); }
const Table* Ruleset::table(std::string_view table_name) const {
  return find_by_name(tables, table_name);
}

std::optional<HookMask> table_hooks(std::string_view table) {
  constexpr HookMask in = hook_bit(Hook::Input);
  constexpr HookMask out = hook_bit(Hook::Output);
  constexpr HookMask pre = hook_bit(Hook::Prerouting);
  constexpr HookMask post = hook_bit(Hook::Postrouting);
  constexpr HookMask forward = hook_bit(Hook::Forward);
  if (table == "filter" || table == "security") return HookMask{in | forward | out};
  if (table == "nat") return HookMask{pre | in | out | post};
  if (table == "mangle") return HookMask{pre | in | forward | out | post};
  if (table == "raw") return HookMask{pre | out};
  return std::nullopt;
}

std::optional<Hook> base_chain_hook(std::string_view table, std::string_view chain) {
  const HookMask hooks = table_hooks(table).value_or(HookMask{0});
  for (std::size_t i = 0; i < kHookCount; ++i) {
    const Hook hook = static_cast<Hook>(i);
    if ((hooks & hook_bit(hook)) != 0 && chain == to_string(hook)) return hook;
  }
  return std::nullopt;
}

}  // namespace pktwalk::xt

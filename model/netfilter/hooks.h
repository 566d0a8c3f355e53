// SPDX-License-Identifier: MIT
// Which functions sit at which netfilter hook of this host, in the kernel's order. They register
// only when something needs them: an iptables table that was dumped, a rule that asks for
// connection tracking.
#pragma once

#include <array>
#include <vector>

#include "model/core/hook.h"
#include "model/path/stage.h"

namespace pktwalk {

namespace xt {
struct Table;  // model/netfilter/xtables/table.h
}
namespace nft {
struct Chain;  // model/netfilter/nft/ruleset.h
}

// A function at a hook, and the table or base chain that it walks.
struct HookEntry {
  int priority = 0;       // NF_IP_PRI_*
  const char* name = "";  // as hops show it: "raw", "conntrack", "inet fw/input"
  Verdict (*run)(HookContext& ctx, const HookEntry& entry) = nullptr;
  const xt::Table* table = nullptr;
  const nft::Chain* chain = nullptr;
};

struct HookTable {
  std::array<std::vector<HookEntry>, kHookCount> at;  // ascending priority
  // Who is asked for the mapping of a new connection, at each hook: the iptables table nat and the
  // base chains of type nat. Kernel: nf_nat_core.c:nf_nat_register_fn()
  std::array<std::vector<HookEntry>, kHookCount> nat;
};

// For finish_host().
HookTable build_hook_table(const Host& host);

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Routing tables sorted for look-ups.
//
// The prefixes stand in one array in order of address, shorter ones first, each with a link to the
// next shorter prefix around it. The last prefix that is not greater than an address either
// contains it, or one of those around it does: one binary search and a few steps up, with no
// difference between 10 and 100,000 routes but the depth of the search.
//
// Kernel:  net/ipv4/fib_trie.c (order of aliases: fib_find_alias(), fib_insert_alias(), merging:
//          fib_trie_unmerge()), net/ipv4/fib_frontend.c:fib_unmerge()
// Differs: a rule that was added and deleted again leaves no trace in the dump, but keeps local and
//          main apart in the kernel
#include "model/routing/index.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace pktwalk::fib {
namespace {

bool before(const Route* a, const Route* b) {
  if (a->to.addr != b->to.addr) return a->to.addr < b->to.addr;
  if (a->to.length != b->to.length) return a->to.length < b->to.length;
  // Within a prefix: local before main, higher TOS, lower metric; equal ones as they were dumped.
  if (a->table != b->table) return a->table > b->table;
  if (a->tos != b->tos) return a->tos > b->tos;
  return a->metric < b->metric;
}

bool is_default_rule(const FibRule& rule) {
  FibRule plain;
  plain.family = rule.family;
  plain.priority = rule.priority;
  plain.table = rule.table;
  plain.from = rule.from;
  plain.to = rule.to;
  const bool selects = rule.invert || rule.from.length != 0 || rule.to.length != 0 ||
                       !rule.iif.empty() || !rule.oif.empty() || rule.fwmask != 0 ||
                       rule.tos != 0 || rule.dscp || rule.ip_proto != 0 || rule.sport ||
                       rule.dport || rule.uid_range || rule.tun_id != 0 || rule.l3mdev;
  const bool plain_action = rule.action == FibRule::Action::Lookup &&
                            rule.suppress_prefix_length < 0 && rule.suppress_ifgroup.empty();
  const bool known = (rule.priority == 0 && rule.table == kTableLocal) ||
                     (rule.priority == 32766 && rule.table == kTableMain) ||
                     (rule.priority == 32767 && rule.table == kTableDefault);
  return !selects && plain_action && known;
}

bool are_custom(std::span<const FibRule* const> rules, std::size_t defaults) {
  return rules.size() != defaults || !std::all_of(rules.begin(), rules.end(), [](const FibRule* r) {
           return is_default_rule(*r);
         });
}

}  // namespace

Trie::Trie(std::vector<const Route*> routes) : routes_(std::move(routes)) {
  std::stable_sort(routes_.begin(), routes_.end(), before);
  std::uint32_t around = kNone;  // innermost prefix that may contain the next one
  for (std::uint32_t i = 0; i < routes_.size(); ++i) {
    const Prefix& to = routes_[i]->to;
    if (!nodes_.empty() && nodes_.back().to == to) {
      ++nodes_.back().count;
      continue;
    }
    while (around != kNone && !nodes_[around].to.contains(to.addr)) around = nodes_[around].parent;
    nodes_.push_back({.to = to, .parent = around, .first = i, .count = 1});
    starts_.push_back(to.addr.word(0));
    around = static_cast<std::uint32_t>(nodes_.size() - 1);
  }
}

const Trie::Node* Trie::longest(const IpAddr& addr) const {
  auto last = std::upper_bound(starts_.begin(), starts_.end(), addr.word(0));
  auto at = static_cast<std::size_t>(last - starts_.begin());
  if (!addr.is_v4()) {
    while (at > 0 && nodes_[at - 1].to.addr > addr) --at;
  }
  if (at == 0) return nullptr;
  const Node* node = &nodes_[at - 1];
  while (node != nullptr && !node->to.contains(addr)) node = shorter(*node);
  return node;
}

Index::Index(const Host& host) {
  for (const FibRule& rule : host.rules) {
    (rule.family == Family::Ipv6 ? rules6_ : rules4_).push_back(&rule);
  }
  custom4_ = are_custom(rules4_, 3);
  custom6_ = are_custom(rules6_, 2);

  std::map<std::pair<Family, std::uint32_t>, std::vector<const Route*>> by_table;
  for (const Route& route : host.routes) {
    const Family family = route.to.addr.family();
    const bool merged = family == Family::Ipv4 && !custom4_ && route.table == kTableLocal;
    by_table[{family, merged ? kTableMain : route.table}].push_back(&route);
  }
  for (auto& [key, routes] : by_table) {
    tables_.push_back({key.first, key.second, std::make_shared<const Trie>(std::move(routes))});
  }
  if (!custom4_) {
    if (const auto main = by_table.find({Family::Ipv4, kTableMain}); main != by_table.end()) {
      const auto entry = std::find_if(tables_.begin(), tables_.end(), [](const Entry& e) {
        return e.family == Family::Ipv4 && e.id == kTableMain;
      });
      tables_.push_back({Family::Ipv4, kTableLocal, entry->trie});
    }
  }
  std::sort(tables_.begin(), tables_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.family, a.id) < std::tie(b.family, b.id);
  });
}

const Trie* Index::table(Family family, std::uint32_t id) const {
  for (const Entry& entry : tables_) {
    if (entry.id == id && entry.family == family) return entry.trie.get();
  }
  return nullptr;
}

}  // namespace pktwalk::fib

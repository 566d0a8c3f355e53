// SPDX-License-Identifier: MIT
// What can be said of a table only when all its lines are read: where jumps lead, and whether they
// run in circles.
//
// Kernel: net/ipv4/netfilter/ip_tables.c, mark_source_chains() refuses loops
// Differs: nothing known.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/netfilter/xtables/table_loader.h"

namespace pktwalk::xt {
namespace {

void make_unreadable(LoadContext& load, Rule& rule, std::string what, std::string hint) {
  load.report(Severity::Error, rule.at.line, 0, what, std::move(hint));
  rule.unreadable = true;
  rule.unmodelled = "unreadable rule: " + std::move(what);
  rule.verdict = Verdict::Continue;
  rule.jump = nullptr;
}

// Extensions that exist, in the kernel or beside it, and that are not modelled.
bool is_known_target(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "ACCOUNT",       "BALANCE", "CHAOS",  "CLUSTERIP",   "DELUDE", "DNETMAP",
      "DNPT",          "ECHO",    "FTOS",   "HMARK",       "IMQ",    "IPMARK",
      "IPV4OPTSSTRIP", "LOGMARK", "MIRROR", "NETFLOW",     "NFACCT", "NFQA",
      "RAWDNAT",       "RAWSNAT", "ROUTE",  "SAME",        "SNPT",   "STEAL",
      "SYNPROXY",      "SYSRQ",   "TARPIT", "TCPOPTSTRIP", "XOR"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

void resolve(LoadContext& load, Rule& rule,
             const std::unordered_map<std::string, Chain*>& by_name) {
  const auto found = by_name.find(rule.action);
  if (found == by_name.end()) {
    if (rule.verdict == Verdict::Goto) {
      make_unreadable(load, rule, fmt::format("-g {}: there is no such chain", rule.action),
                      "declare it with a line \":" + rule.action + " - [0:0]\"");
      return;
    }
    rule.verdict = Verdict::Continue;
    if (rule.unmodelled.empty()) rule.unmodelled = "target " + rule.action;
    if (!is_known_target(rule.action)) {
      load.report(
          Severity::Warning, rule.at.line, 0,
          fmt::format("{} is no chain of this table and no target that is known here", rule.action),
          "a packet that this rule matches is unknown from here on");
    }
    return;
  }
  if (found->second->base) {
    make_unreadable(load, rule,
                    fmt::format("{} is a base chain: no rule can jump to it", rule.action), {});
    return;
  }
  if (!rule.target_raw.empty()) {
    make_unreadable(load, rule,
                    fmt::format("chain {} takes no options: \"{}\"", rule.action, rule.target_raw),
                    {});
    return;
  }
  rule.jump = found->second;
}

// A walk over chains, depth first. Chains are met as the kernel meets them: from the base chains.
class LoopFinder {
 public:
  LoopFinder(LoadContext& load, const std::unordered_map<std::string, Chain*>& by_name)
      : load_(load), by_name_(by_name) {}

  void visit(Chain* base) {
    enter(base);
    while (!open_.empty()) {
      Frame& frame = open_.back();
      if (frame.next == frame.chain->rules.size()) {
        state_[frame.chain] = State::Done;
        open_.pop_back();
        continue;
      }
      follow(frame.chain->rules[frame.next++]);
    }
  }

 private:
  enum class State : std::uint8_t { New, Open, Done };
  struct Frame {
    Chain* chain;
    std::size_t next = 0;
  };

  void enter(Chain* chain) {
    if (state_[chain] != State::New) return;
    state_[chain] = State::Open;
    open_.push_back({chain});
  }

  void follow(Rule& rule) {
    if (rule.jump == nullptr) return;
    Chain* const next = by_name_.at(rule.action);
    if (state_[next] == State::Open) {
      make_unreadable(load_, rule, fmt::format("the jump to {} closes a loop", rule.action),
                      "the kernel refuses a table with loops");
      return;
    }
    enter(next);
  }

  LoadContext& load_;
  const std::unordered_map<std::string, Chain*>& by_name_;
  std::unordered_map<const Chain*, State> state_;
  std::vector<Frame> open_;
};

}  // namespace

void resolve_jumps(LoadContext& load, Table& table,
                   const std::unordered_map<std::string, Chain*>& by_name) {
  for (const std::unique_ptr<Chain>& chain : table.chains) {
    for (Rule& rule : chain->rules) {
      const bool jumps = rule.verdict == Verdict::Jump || rule.verdict == Verdict::Goto;
      if (jumps && rule.jump == nullptr) resolve(load, rule, by_name);
    }
  }
  LoopFinder loops(load, by_name);
  for (const std::unique_ptr<Chain>& chain : table.chains) {
    if (chain->base) loops.visit(chain.get());
  }
}

}  // namespace pktwalk::xt

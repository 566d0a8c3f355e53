// SPDX-License-Identifier: MIT
// What the rules of every packet filter have in common: what a step of a trace, a screen and a
// report need to know of them. iptables (xtables/table.h) and nftables (nft/ruleset.h) add what
// makes them decide.
#pragma once

#include <cstdint>
#include <string>

#include "model/core/hook.h"
#include "model/core/verdict.h"
#include "model/host/source.h"

namespace pktwalk {

// Whose words a ruleset is written in.
enum class Tool : std::uint8_t { Iptables, Nftables };

struct Rule {
  std::uint32_t number = 0;  // in its chain, from 1
  SourceLine at;
  std::string text;    // "-A FORWARD -p udp -j DROP", as the user wrote it, without counters
  std::string action;  // what it does when it matches, in the user's word: "DROP", "jump web";
                       // empty: it counts
  Verdict verdict = Verdict::Continue;  // of a rule that says it itself: Accept, Drop, Return,
                                        // Queue, Jump, Goto
  std::string unmodelled;   // empty: fully modelled; else what is not: "match osf", "target ULOG"
  bool unreadable = false;  // an error was reported; what the rest of it says is not known
};

struct Chain {
  std::string name;
  Tool tool = Tool::Iptables;
  bool base = false;
  Hook hook = Hook::Prerouting;  // of a base chain
  Verdict policy = Verdict::Accept;
  SourceLine at;  // of its declaration

  virtual ~Chain() = default;
  virtual std::size_t rule_count() const = 0;
  // "DROP" in iptables, "drop" in nftables.
  const char* policy_word() const {
    const bool drop = policy == Verdict::Drop;
    if (tool == Tool::Nftables) return drop ? "drop" : "accept";
    return drop ? "DROP" : "ACCEPT";
  }
};

struct RuleTable {
  std::string name;   // "filter"
  std::string title;  // as places name it: "filter", "inet fw"
  SourceLine at;
};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// An iptables ruleset as the kernel holds it: tables of chains of rules.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/netfilter/match.h"
#include "model/netfilter/rule.h"
#include "model/netfilter/target.h"

namespace pktwalk::xt {

// -i/-o: a name, or a beginning of names when it ends in '+'.
struct IfaceMatch {
  std::string name;  // without '+'; empty and !prefix: any
  bool prefix = false;
  bool invert = false;
  bool any() const { return name.empty() && !invert; }  // "+" alone matches everything too
  bool matches(std::string_view device) const {
    return prefix ? device.substr(0, name.size()) == name : device == name;
  }
};

// The fixed part of a rule (struct ipt_ip), tested before the match extensions and in this order:
// source, destination, input, output, protocol, fragment.
struct BasicMatch {
  AddrMask src, dst;  // mask 0: any
  bool src_any = true, dst_any = true;
  bool src_invert = false, dst_invert = false;
  IfaceMatch in, out;
  std::uint8_t protocol = 0;  // 0: any
  bool protocol_invert = false;
  bool fragment = false;  // -f given
  bool fragment_invert = false;
  // Terms of the parts that were given; -1 where not.
  std::vector<Term> terms;
  std::int8_t src_term = -1, dst_term = -1, in_term = -1, out_term = -1, proto_term = -1,
              frag_term = -1;
};

struct Chain;

// Its action is the target's name: as written after -j/-g; empty: no target.
struct Rule : pktwalk::Rule {
  std::uint32_t counter = 0;  // index into State::counters
  BasicMatch basic;
  struct NamedMatch {
    const MatchDef* def = nullptr;  // null: unmodelled
    std::string name;
    MatchPtr match;   // null: unmodelled
    std::string raw;  // unmodelled: its options as written, for printing
  };
  std::vector<NamedMatch> matches;

  const Chain* jump = nullptr;  // where the verdict is Jump or Goto
  const TargetDef* target_def = nullptr;
  TargetPtr target;        // null with an action that is no chain or standard verdict: unmodelled
  std::string target_raw;  // unmodelled: its options as written
};

struct Chain : pktwalk::Chain {
  std::uint32_t policy_counter = 0;
  std::vector<Rule> rules;
  std::size_t rule_count() const override { return rules.size(); }
};

struct Table : RuleTable {
  Family family = Family::Ipv4;
  std::vector<std::unique_ptr<Chain>> chains;   // in the dump's order
  std::array<const Chain*, kHookCount> base{};  // null: the table has no chain there
  const Chain* chain(std::string_view name) const;
  Chain* chain(std::string_view name);
};

struct Ruleset {
  Family family = Family::Ipv4;
  std::vector<std::unique_ptr<Table>> tables;  // in the dump's order
  bool loaded = false;                         // a dump was given, even an empty one
  bool uses_conntrack = false;                 // some rule needs it
  bool uses_nat = false;                       // a nat table exists
  bool uses_defrag = false;                    // some rule needs whole packets, tracked or not
  const Table* table(std::string_view name) const;
};

// The rule without counters, as iptables-save prints it: "-A FORWARD -p udp -j DROP".
std::string print_rule(const Chain& chain, const Rule& rule);
// All tables as iptables-save prints them: comment lines left out. With `counters`, as
// iptables-save -c.
std::string print_ruleset(const Ruleset& ruleset, const std::vector<Counter>* counters);

// ipt_do_table(): walks a table's base chain at this hook. Accept, Drop, Queue, Stolen or Unknown.
Verdict traverse(const Table& table, Walk& walk, Skb& skb, Hook hook, const Link* in,
                 const Link* out);

}  // namespace pktwalk::xt

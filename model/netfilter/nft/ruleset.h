// SPDX-License-Identifier: MIT
// An nftables ruleset as the kernel holds it: tables of chains of rules, sets, objects.
//
// It is built from the syntax tree (ast.h), which it keeps for printing: see print.h.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/netfilter/nft/ast.h"
#include "model/netfilter/nft/expression.h"
#include "model/netfilter/rule.h"

namespace pktwalk::nft {

struct Set;  // set.h

// Kernel: NFPROTO_*
enum class TableFamily : std::uint8_t {
  Inet = 1,
  Ip = 2,
  Arp = 3,
  Netdev = 5,
  Bridge = 7,
  Ip6 = 10
};
const char* to_string(TableFamily family);  // "inet"

// What a base chain is for: "type filter", "type nat", "type route".
enum class ChainType : std::uint8_t { Filter, Nat, Route };

struct Rule : pktwalk::Rule {
  std::uint64_t handle = 0;
  std::vector<StatementPtr> statements;  // in order; what is behind an unmodelled one is there too
};

struct Table;

struct Chain : pktwalk::Chain {
  const Table* table = nullptr;
  ChainType type = ChainType::Filter;
  std::int64_t priority = 0;
  std::vector<std::string> devices;  // of an ingress or egress chain
  std::string stage;                 // "inet fw/input": what hops show
  std::vector<Rule> rules;
  std::size_t rule_count() const override { return rules.size(); }
};

// A counter, quota, limit ... with a name, shared by the rules that refer to it.
struct Object {
  std::string kind;  // "counter", "quota", "limit", "ct helper" ...
  std::string name;
  StatementPtr statement;  // what a reference runs; null: kind is not modelled
};

struct Flowtable {
  std::string name;
  std::vector<std::string> devices;
  std::int64_t priority = 0;
};

struct Table : RuleTable {
  TableFamily family = TableFamily::Ip;
  const ast::Table* source = nullptr;  // what it was built from
  bool dormant = false;
  bool iptables_nft = false;
  std::vector<std::unique_ptr<Chain>> chains;  // in the dump's order
  std::vector<std::unique_ptr<Set>> sets;      // named and anonymous ones
  std::vector<std::unique_ptr<Object>> objects;
  std::vector<Flowtable> flowtables;

  Chain* chain(std::string_view name) const;
  Set* set(std::string_view name) const;
  Object* object(std::string_view kind, std::string_view name) const;

  std::map<std::string, Chain*, std::less<>> chains_by_name;
  std::map<std::string, Set*, std::less<>> sets_by_name;

  Table();
  ~Table();
};

struct Ruleset {
  std::vector<std::unique_ptr<Table>> tables;  // in the dump's order
  std::vector<ast::Ruleset> sources;           // what it was built from, one a file
  bool loaded = false;                         // a dump was given, even an empty one
  bool uses_conntrack = false;                 // some expression makes the kernel track connections
  bool uses_nat = false;                       // a base chain of type nat exists
  bool uses_defrag = false;  // some expression needs whole packets (tproxy, socket)
  std::unordered_map<const ast::Stmt*, std::uint32_t> states;  // memory: index in State::statements
  std::deque<std::string> words;                               // texts that explanations point at

  Table* table(TableFamily family, std::string_view name) const;

  Ruleset();
  ~Ruleset();
};

// Whether ARP packets meet base chains.
bool has_arp_chains(const Ruleset& ruleset);

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// From the syntax tree to a Ruleset: gives words their types, resolves names, makes statements.
//
// What cannot be read is an error with its place, and its rule is unreadable. What can be read but
// is not modelled becomes a statement or load that answers "unknown".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/core/result.h"
#include "model/netfilter/nft/ast.h"
#include "model/netfilter/nft/ruleset.h"
#include "model/netfilter/nft/set.h"
#include "model/netfilter/nft/stateful.h"

namespace pktwalk {
struct Host;
struct State;
}  // namespace pktwalk

namespace pktwalk::nft {

// Values from `first` to `last`, both included.
struct Interval {
  Data first, last;
  bool single() const { return first == last; }
};

// Makes the rules of one table.
class Builder {
 public:
  Builder(Host& host, Ruleset& ruleset, Table& table, std::uint32_t file)
      : host_(host), ruleset_(ruleset), table_(table), file_(file) {}

  Host& host() { return host_; }
  State& initial_state();
  Table& table() { return table_; }
  TableFamily family() const { return table_.family; }
  // The chain whose rule is being built; null for objects and sets of the table.
  const Chain* chain() const { return chain_; }
  void begin_chain(const Chain* chain) { chain_ = chain; }
  void begin_rule(Rule* rule) { rule_ = rule; }

  // The statement of a node, whichever file knows it.
  Result<StatementPtr> statement(const ast::Stmt& stmt);
  // The load of a node: what is looked at, calculated or looked up in a map. A constant has no type
  // of its own: see value().
  Result<LoadPtr> load(const ast::Expr& expr);
  // An operand of this type: a constant of the type, or a load.
  Result<LoadPtr> value(const ast::Expr& expr, const Datatype& type, unsigned bits);

  // Constants. Bits joined with "," or "|" are one number.
  bool is_constant(const ast::Expr& expr) const;
  Result<Data> constant(const ast::Expr& expr, const Datatype& type, unsigned bits);
  // A single value, a prefix, a range or a beginning of a name ("eth*").
  Result<Interval> interval(const ast::Expr& expr, const Datatype& type, unsigned bits);
  // Field by field of a concatenation, padded as in registers.
  Result<Interval> interval(const ast::Expr& expr, const std::vector<SetField>& fields);

  // The fields that a load gives: one, or those of a concatenation.
  static std::vector<SetField> fields_of(const Load& load);

  // "@name": the table's set. Error: there is none.
  Result<Set*> named_set(std::string_view name, ast::At at);
  // A set in braces as it is used for a key of these fields; `data` for a map, empty for a set;
  // `verdicts`: a verdict map.
  Result<Set*> anonymous_set(const ast::Expr& expr, const std::vector<SetField>& key,
                             const std::vector<SetField>& data, bool verdicts);
  // The same for a map to objects of this kind ("counter").
  Result<Set*> anonymous_map(const ast::Expr& expr, const std::vector<SetField>& key,
                             std::string_view object_kind);
  // The set of a meter: "meter flood { ip saddr limit rate 5/second }".
  Result<Set*> meter(const ast::Stmt& stmt, const std::vector<SetField>& key);
  // A packet may change it: it lives in the State.
  void make_dynamic(Set& set);
  // Fills a set with elements, and makes it ready for look-ups.
  Status fill(Set& set, const std::vector<ast::ExprPtr>& elements);

  // A verdict: the code and the chain that it names.
  Result<std::pair<Verdict, const Chain*>> verdict(const ast::Expr& expr);
  // The object that a statement refers to ("counter name web").
  Result<const Statement*> object(std::string_view kind, std::string_view name, ast::At at);

  // "counter name tcp dport map { 22 : ssh }": the object that the map names.
  Result<StatementPtr> object_map(std::string_view kind, const ast::Stmt& stmt);

  // A statement's memory.
  std::uint32_t add_state(StatementState initial);
  // Where the memory of a node is: printing asks for it.
  void remember_state(const ast::Stmt& stmt, std::uint32_t state) {
    ruleset_.states[&stmt] = state;
  }

  // The kernel tracks connections, or reassembles, for a family when an expression of that family
  // asks for it (nf_ct_netns_get()).
  void needs_conntrack() { ruleset_.uses_conntrack = ruleset_.uses_conntrack || sees_ipv4(); }
  void needs_defrag() { ruleset_.uses_defrag = ruleset_.uses_defrag || sees_ipv4(); }

  Error error(ast::At at, std::string what, std::string hint = {}) const;
  // A load or statement that answers "unknown". `what` names it: "osf name".
  LoadPtr unmodelled_load(std::string what, const Datatype& type, unsigned bits);
  StatementPtr unmodelled(std::string what);
  std::string_view remember(std::string text);  // text that outlives the walk

 private:
  Result<Data> device_index(const ast::Expr& expr);
  bool sees_ipv4() const {
    return table_.family == TableFamily::Ip || table_.family == TableFamily::Inet;
  }
  Result<Set*> keep(std::unique_ptr<Set> set, const ast::Expr& expr);
  Status add_element(Set& set, const ast::Expr& element);

  Host& host_;
  Ruleset& ruleset_;
  Table& table_;
  std::uint32_t file_;
  const Chain* chain_ = nullptr;
  Rule* rule_ = nullptr;
  std::size_t anonymous_ = 0;
};

// Builds what a file says into host.nftables. Errors become diagnostics of the host.
void build(Host& host, ast::Ruleset source, std::uint32_t file);

}  // namespace pktwalk::nft

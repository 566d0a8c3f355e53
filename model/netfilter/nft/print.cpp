// SPDX-License-Identifier: MIT
// A copy of what was read gets the figures of the State, and is printed.
#include "model/netfilter/nft/print.h"

#include "model/netfilter/nft/ast_copy.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/set.h"

namespace pktwalk::nft {
namespace {

using ast::StmtKind;
using ast::StmtPtr;

class Updater {
 public:
  Updater(const Ruleset& ruleset, const State& state) : ruleset_(ruleset), state_(state) {}

  ast::Table table(const Table& table) {
    const ast::Table& from = *table.source;
    ast::Table made = ast::copy(from);
    for (std::size_t c = 0; c < from.chains.size(); ++c) {
      for (std::size_t r = 0; r < from.chains[c].rules.size(); ++r)
        update(from.chains[c].rules[r].statements, made.chains[c].rules[r].statements);
    }
    for (std::size_t o = 0; o < from.objects.size(); ++o) {
      if (from.objects[o].body != nullptr) update(*from.objects[o].body, *made.objects[o].body);
    }
    for (std::size_t s = 0; s < from.sets.size(); ++s) {
      const Set* const set = table.set(from.sets[s].name);
      if (set != nullptr && set->dynamic) {
        made.sets[s].elements = live_elements(*set, from.sets[s]);
        continue;
      }
      for (std::size_t e = 0; e < from.sets[s].elements.size(); ++e)
        update(from.sets[s].elements[e]->stateful, made.sets[s].elements[e]->stateful);
    }
    return made;
  }

 private:
  void update(const ast::Stmt& from, ast::Stmt& to) {
    const auto found = ruleset_.states.find(&from);
    if (found == ruleset_.states.end()) return;
    fill(to, state_.statements[found->second]);
  }
  static void fill(ast::Stmt& to, const StatementState& state) {
    if (to.kind == StmtKind::Counter) {
      to.number = state.packets;
      to.number2 = state.bytes;
      to.flag = true;
    } else if (to.kind == StmtKind::Quota) {
      to.number2 = state.bytes;
      to.text2 = "bytes";
    }
  }
  void update(const std::vector<StmtPtr>& from, const std::vector<StmtPtr>& to) {
    for (std::size_t i = 0; i < from.size(); ++i) update(*from[i], *to[i]);
  }

  // The elements that a dynamic set has now, by their keys, as nft sorts them.
  std::vector<ast::ExprPtr> live_elements(const Set& set, const ast::Set& from) {
    std::vector<ast::ExprPtr> list;
    for (const auto& [key, live] : state_.nft_sets[set.contents].elements) {
      ast::ExprPtr element;
      if (live.from_dump != ~0u && live.from_dump < from.elements.size()) {
        element = ast::copy(*from.elements[live.from_dump]);
      } else {
        element = ast::make(ast::ExprKind::Element, {});
        element->args.push_back(key_expr(set.key, key));
        element->args.push_back(set.data.empty() ? nullptr : key_expr(set.data, live.mapped.value));
        for (const StmtPtr& stmt : from.stateful) element->stateful.push_back(ast::copy(*stmt));
      }
      if (live.has_states) {
        for (std::uint32_t i = 0; i < element->stateful.size(); ++i)
          fill(*element->stateful[i], state_.statements[live.states + i]);
      }
      list.push_back(std::move(element));
    }
    return list;
  }
  static ast::ExprPtr key_expr(const std::vector<SetField>& fields, const Data& key) {
    std::vector<ast::ExprPtr> parts;
    std::size_t at = 0;
    for (const SetField& field : fields) {
      const Data value =
          Data::from(key.bytes().subspan(at, std::min(field.bytes(), key.size() - at)));
      parts.push_back(ast::make(ast::ExprKind::Symbol, {}, print_data(*field.type, value)));
      at += field.padded();
    }
    if (parts.size() == 1) return std::move(parts[0]);
    ast::ExprPtr all = ast::make(ast::ExprKind::Concat, {});
    all->args = std::move(parts);
    return all;
  }

  const Ruleset& ruleset_;
  const State& state_;
};

}  // namespace

std::string print(const Ruleset& ruleset) {
  std::string text;
  for (const std::unique_ptr<Table>& table : ruleset.tables) text += ast::print(*table->source);
  return text;
}

std::string print(const Ruleset& ruleset, const State& state) {
  Updater updater(ruleset, state);
  ast::Ruleset made;
  for (const std::unique_ptr<Table>& table : ruleset.tables)
    made.tables.push_back(updater.table(*table));
  return ast::print(made);
}

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// Sets with their elements, ready for look-ups.
#include <fmt/format.h>

#include <algorithm>

#include "model/host/host.h"
#include "model/host/state.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"

namespace pktwalk::nft {
namespace {

using ast::Expr;
using ast::ExprKind;

bool holds_range(const Expr& key) {
  if (key.kind == ExprKind::Range || key.kind == ExprKind::Prefix) return true;
  if (key.kind == ExprKind::Symbol || key.kind == ExprKind::String)
    return key.text.ends_with('*') && !key.text.ends_with("\\*");
  return std::any_of(key.args.begin(), key.args.end(),
                     [](const ast::ExprPtr& arg) { return arg != nullptr && holds_range(*arg); });
}

const Expr& key_of(const Expr& element) {
  return element.kind == ExprKind::Element ? *element.args[0] : element;
}

}  // namespace

Status Builder::add_element(Set& set, const Expr& element) {
  const Expr& key = key_of(element);
  Element made;
  made.at = {.file = file_, .line = key.at.line};
  made.text = ast::print(element);
  const bool catch_all = key.kind == ExprKind::Wildcard;
  if (!catch_all) {
    Result<Interval> range = interval(key, set.key);
    if (!range) return range.error();
    made.first = range->first;
    made.last = range->last;
    made.first.pad();
    made.last.pad();
  }
  if (element.kind == ExprKind::Element) {
    if (element.timeout_ms)
      made.timeout = static_cast<std::int64_t>(*element.timeout_ms) * 1'000'000;
    if (element.expires_ms) {
      made.expires = static_cast<std::int64_t>(*element.expires_ms) * 1'000'000;
    } else if (made.timeout.value_or(set.timeout) != 0) {
      made.expires = made.timeout.value_or(set.timeout);
    }
    if (set.map && element.args.size() > 1 && element.args[1] != nullptr) {
      const Expr& data = *element.args[1];
      if (set.verdict_map) {
        const Result<std::pair<Verdict, const Chain*>> code = verdict(data);
        if (!code) return code.error();
        made.mapped.verdict = code->first;
        made.mapped.target = code->second;
      } else if (set.object_map) {
        made.mapped.object = table_.object(set.object_kind, data.text);
        if (made.mapped.object == nullptr)
          return error(data.at, fmt::format("there is no {} \"{}\"", set.object_kind, data.text));
      } else {
        const Result<Interval> value = interval(data, set.data);
        if (!value) return value.error();
        made.mapped.value = value->first;
        made.mapped.last = value->last;
      }
    }
    for (const ast::StmtPtr& stmt : element.stateful) {
      Result<StatementPtr> own = statement(*stmt);
      if (!own) return own.error();
      auto* const stateful = dynamic_cast<Stateful*>(own->get());
      if (stateful == nullptr) continue;
      static_cast<void>(own->release());
      if (!made.has_states) made.states = stateful->own;
      made.has_states = true;
      made.statements.emplace_back(stateful);
    }
  }
  if (!made.has_states && !set.statements.empty()) {
    made.has_states = true;
    for (std::size_t i = 0; i < set.statements.size(); ++i) {
      const std::uint32_t state = add_state(set.statements[i]->begin());
      if (i == 0) made.states = state;
    }
  }
  if (catch_all) set.catch_all = static_cast<std::uint32_t>(set.elements.size());
  set.elements.push_back(std::move(made));
  return Ok{};
}

Status Builder::fill(Set& set, const std::vector<ast::ExprPtr>& elements) {
  for (const ast::ExprPtr& element : elements) {
    if (holds_range(key_of(*element))) set.interval = true;
    if (const Status added = add_element(set, *element); !added) return added;
  }
  if (set.dynamic) {
    set.dynamic = false;
    make_dynamic(set);
    return Ok{};
  }
  SetShape shape{.fields = {},
                 .interval = set.interval,
                 .merge = (set.anonymous || set.auto_merge) && !set.map};
  for (const SetField& field : set.key) shape.fields.push_back(field.padded());
  std::vector<SetRange> ranges;
  ranges.reserve(set.elements.size());
  for (std::uint32_t i = 0; i < set.elements.size(); ++i) {
    if (set.catch_all != i) ranges.push_back({set.elements[i].first, set.elements[i].last, i});
  }
  std::variant<SetIndex, SetConflict> built = SetIndex::build(shape, std::move(ranges));
  if (const auto* conflict = std::get_if<SetConflict>(&built)) {
    const Element& second = set.elements[conflict->second];
    return error({second.at.line, 0},
                 fmt::format("the elements {} and {} of {} overlap",
                             set.elements[conflict->first].text, second.text, set.text),
                 "the kernel refuses such a set; auto-merge joins them");
  }
  set.index = std::move(*std::get_if<SetIndex>(&built));
  return Ok{};
}

void Builder::make_dynamic(Set& set) {
  if (set.dynamic) return;
  set.dynamic = true;
  std::vector<SetContents>& all = initial_state().nft_sets;
  set.contents = static_cast<std::uint32_t>(all.size());
  SetContents& contents = all.emplace_back();
  for (std::uint32_t i = 0; i < set.elements.size(); ++i) {
    const Element& e = set.elements[i];
    contents.elements[e.first] = {.mapped = e.mapped,
                                  .timeout = e.expires ? e.timeout.value_or(set.timeout) : 0,
                                  .expires = Time{e.expires.value_or(0)},
                                  .states = e.states,
                                  .has_states = e.has_states,
                                  .from_dump = i,
                                  .order = contents.next_order++};
  }
  contents.used = static_cast<std::uint32_t>(contents.elements.size());
}

Result<Set*> Builder::meter(const ast::Stmt& stmt, const std::vector<SetField>& key) {
  if (Set* const known = table_.set(stmt.text2)) return known;
  auto set = std::make_unique<Set>();
  set->name = stmt.text2.empty() ? fmt::format("__meter{}", anonymous_++) : stmt.text2;
  set->text = "@" + set->name;
  set->table = &table_;
  set->key = key;
  set->size = static_cast<std::uint32_t>(stmt.number);
  set->at = {.file = file_, .line = stmt.at.line};
  table_.sets_by_name[set->name] = set.get();
  table_.sets.push_back(std::move(set));
  return table_.sets.back().get();
}

Result<Set*> Builder::keep(std::unique_ptr<Set> set, const Expr& expr) {
  set->name = fmt::format("__set{}", anonymous_++);
  set->table = &table_;
  set->anonymous = true;
  set->text = ast::print(expr);
  set->at = {.file = file_, .line = expr.at.line};
  if (const Status filled = fill(*set, expr.args); !filled) return filled.error();
  table_.sets.push_back(std::move(set));
  return table_.sets.back().get();
}

Result<Set*> Builder::anonymous_set(const Expr& expr, const std::vector<SetField>& key,
                                    const std::vector<SetField>& data, bool verdicts) {
  auto set = std::make_unique<Set>();
  set->map = verdicts || !data.empty();
  set->verdict_map = verdicts;
  set->key = key;
  set->data = data;
  return keep(std::move(set), expr);
}

Result<Set*> Builder::anonymous_map(const Expr& expr, const std::vector<SetField>& key,
                                    std::string_view object_kind) {
  auto set = std::make_unique<Set>();
  set->map = set->object_map = true;
  set->object_kind = object_kind;
  set->key = key;
  return keep(std::move(set), expr);
}

}  // namespace pktwalk::nft

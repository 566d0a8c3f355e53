// SPDX-License-Identifier: MIT
// Maps and verdicts: "tcp dport vmap { 22 : accept }", "dnat to ip saddr map @servers", "jump web".
//
// Kernel: net/netfilter/nft_lookup.c, nft_lookup_eval(); nft_immediate.c
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/netfilter/nft/map_load.h"
#include "model/netfilter/nft/question.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

class VerdictStatement final : public Statement {
 public:
  Verdict code = Verdict::Continue;
  const Chain* target = nullptr;
  Flow run(EvalContext& ctx) const override {
    if (code == Verdict::Continue) return Flow::Next;
    ctx.verdict = code;
    ctx.target = target;
    return Flow::Decide;
  }
};

class VerdictMap final : public Question {
 public:
  LoadPtr key;
  const Set* set = nullptr;

  Flow run(EvalContext& ctx) const override {
    Data value;
    Flow flow = Flow::Next;
    if (!load(ctx, *key, value, flow)) return flow;
    if (set->unmodelled != nullptr) {
      ctx.unknown = set->unmodelled;
      return Flow::Unknown;
    }
    const Hit hit = find(*set, value, ctx);
    answer(ctx, *key, value, hit.found);
    report_lookup(ctx, *set, hit);
    if (!hit.found) return Flow::Break;
    if (ctx.probe) return Flow::Next;
    if (const Flow ran = run_element(ctx, *set, hit); ran != Flow::Next) return ran;
    if (hit.mapped->verdict == Verdict::Continue) return Flow::Next;
    ctx.verdict = hit.mapped->verdict;
    ctx.target = hit.mapped->target;
    return Flow::Decide;
  }
  bool harmless() const override { return false; }
};

Result<StatementPtr> verdict_map(Builder& builder, const ast::Stmt& stmt) {
  Result<LoadPtr> key = builder.load(*stmt.args[0]);
  if (!key) return key.error();
  const ast::Expr& map = *stmt.args[1];
  const Result<Set*> set = map.kind == ExprKind::SetRef
                               ? builder.named_set(map.text, map.at)
                               : builder.anonymous_set(map, Builder::fields_of(**key), {}, true);
  if (!set) return set.error();
  if (!(*set)->verdict_map)
    return builder.error(map.at, fmt::format("{} holds no verdicts", ast::print(map)));
  auto statement = std::make_unique<VerdictMap>();
  Term term;
  term.option = (*key)->text;
  term.wanted = "vmap " + ast::print(map);
  term.column = stmt.at.column;
  statement->terms = {std::move(term)};
  statement->key = std::move(*key);
  statement->set = *set;
  return StatementPtr(std::move(statement));
}

Result<StatementPtr> statement(Builder& builder, const ast::Stmt& stmt) {
  if (stmt.kind == ast::StmtKind::Vmap) return verdict_map(builder, stmt);
  const Result<std::pair<Verdict, const Chain*>> code = builder.verdict(*stmt.args[0]);
  if (!code) return code.error();
  auto statement = std::make_unique<VerdictStatement>();
  statement->code = code->first;
  statement->target = code->second;
  return StatementPtr(std::move(statement));
}

Result<LoadPtr> load(Builder& builder, const ast::Expr& expr) {
  return builder.error(expr.at, "a map stands only where its data's type is known",
                       "for example: dnat to ip saddr map { ... }, meta mark set tcp dport map @m");
}

constexpr ast::StmtKind kStatements[] = {ast::StmtKind::Vmap, ast::StmtKind::Verdict};
constexpr ExprKind kLoads[] = {ExprKind::Map};

}  // namespace

Loaded MapLoad::load(EvalContext& ctx, Data& value) const {
  Data last;
  return load_range(ctx, value, last);
}

Loaded MapLoad::load_range(EvalContext& ctx, Data& first, Data& last) const {
  Data k;
  if (const Loaded loaded = key->load(ctx, k); loaded != Loaded::Value) return loaded;
  if (set->unmodelled != nullptr) return ctx.cannot_know(set->unmodelled);
  const Hit hit = find(*set, k, ctx);
  report_lookup(ctx, *set, hit);
  if (!hit.found) return Loaded::Break;
  if (!ctx.probe && run_element(ctx, *set, hit) != Flow::Next) return Loaded::Break;
  first = hit.mapped->value;
  last = hit.mapped->last;
  return Loaded::Value;
}

Result<std::unique_ptr<MapLoad>> make_map_load(Builder& builder, const ast::Expr& expr,
                                               const std::vector<SetField>& data) {
  Result<LoadPtr> key = builder.load(*expr.args[0]);
  if (!key) return key.error();
  const ast::Expr& map = *expr.args[1];
  const Result<Set*> set = map.kind == ExprKind::SetRef
                               ? builder.named_set(map.text, map.at)
                               : builder.anonymous_set(map, Builder::fields_of(**key), data, false);
  if (!set) return set.error();
  auto load = std::make_unique<MapLoad>();
  load->key = std::move(*key);
  load->set = *set;
  load->type = (*set)->data.empty() ? &types::kInteger : (*set)->data[0].type;
  load->bits = 0;
  for (const SetField& field : (*set)->data)
    load->bits += static_cast<unsigned>((*set)->data.size() == 1 ? field.bits : field.padded() * 8);
  load->text = ast::print(expr);
  return load;
}

}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_lookup;
const nft::ExpressionDef nft_lookup{.kernel_ref = "net/netfilter/nft_lookup.c:nft_lookup_eval",
                                    .loads = nft::kLoads,
                                    .load = nft::load,
                                    .statements = nft::kStatements,
                                    .statement = nft::statement};
}  // namespace pktwalk

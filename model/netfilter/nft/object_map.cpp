// SPDX-License-Identifier: MIT
// "counter name tcp dport map { 22 : ssh, 80 : web }": which of the table's objects is meant is
// looked up.
//
// Kernel: net/netfilter/nft_objref.c, nft_objref_map_eval()
#include <fmt/format.h>

#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/netfilter/nft/question.h"

namespace pktwalk::nft {
namespace {

class ObjectMap final : public Question {
 public:
  LoadPtr key;
  const Set* set = nullptr;

  Flow run(EvalContext& ctx) const override {
    Data value;
    Flow flow = Flow::Next;
    if (!load(ctx, *key, value, flow)) return flow;
    const Hit hit = find(*set, value, ctx);
    answer(ctx, *key, value, hit.found);
    report_lookup(ctx, *set, hit);
    if (!hit.found) return Flow::Break;
    const Object* const object = hit.mapped->object;
    if (object == nullptr || object->statement == nullptr) {
      ctx.unknown = "the object that this map names is not modelled";
      return Flow::Unknown;
    }
    return ctx.probe ? Flow::Next : object->statement->run(ctx);
  }
  bool harmless() const override { return false; }
};

}  // namespace

Result<StatementPtr> Builder::object_map(std::string_view kind, const ast::Stmt& stmt) {
  const ast::Expr& expr = *stmt.args[0];
  if (expr.kind != ast::ExprKind::Map) return unmodelled(ast::print(stmt));
  Result<LoadPtr> key = load(*expr.args[0]);
  if (!key) return key.error();
  const ast::Expr& map = *expr.args[1];
  auto statement = std::make_unique<ObjectMap>();
  if (map.kind == ast::ExprKind::SetRef) {
    const Result<Set*> set = named_set(map.text, map.at);
    if (!set) return set.error();
    statement->set = *set;
  } else {
    const Result<Set*> set = anonymous_map(map, fields_of(**key), kind);
    if (!set) return set.error();
    statement->set = *set;
  }
  Term term;
  term.option = (*key)->text;
  term.wanted = "map " + ast::print(map);
  statement->terms = {std::move(term)};
  statement->key = std::move(*key);
  return StatementPtr(std::move(statement));
}

}  // namespace pktwalk::nft

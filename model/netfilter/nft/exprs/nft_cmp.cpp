// SPDX-License-Identifier: MIT
// Comparisons: "tcp dport 22", "ip ttl < 5", "tcp flags syn", "ct state established,related".
//
// A word of a bit mask without an operator asks whether one of the bits is set; with "==" and "!="
// the whole value is compared. Ranges and prefixes are compared as numbers.
//
// Kernel: net/netfilter/nft_cmp.c, nft_range.c, nft_bitwise.c, nft_lookup.c
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/nft/ast_copy.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/netfilter/nft/question.h"
#include "model/netfilter/nft/simple_loads.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

enum class Op : std::uint8_t { Equal, NotEqual, Less, Greater, AtMost, AtLeast, AnyBit, NoBit };

// Against values that are known: a single one, or from first to last.
class Compare final : public Question {
 public:
  LoadPtr left;
  Op op = Op::Equal;
  Interval right;

  Flow run(EvalContext& ctx) const override {
    Data value;
    Flow flow = Flow::Next;
    if (!load(ctx, *left, value, flow)) return flow;
    return answer(ctx, *left, value, holds(value));
  }

 private:
  bool holds(const Data& value) const {
    switch (op) {
      case Op::Equal:
        return value >= right.first && value <= right.last;
      case Op::NotEqual:
        return value < right.first || value > right.last;
      case Op::Less:
        return value < right.first;
      case Op::Greater:
        return value > right.last;
      case Op::AtMost:
        return value <= right.last;
      case Op::AtLeast:
        return value >= right.first;
      case Op::AnyBit:
        return common_bits(value);
      case Op::NoBit:
        return !common_bits(value);
    }
    return false;
  }
  bool common_bits(const Data& value) const {
    const auto a = value.bytes(), b = right.first.bytes();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if ((a[i] & b[i]) != 0) return true;
    }
    return false;
  }
};

// Against another value of the packet.
class CompareLoads final : public Question {
 public:
  LoadPtr left, right;
  Op op = Op::Equal;

  Flow run(EvalContext& ctx) const override {
    Data a, b;
    Flow flow = Flow::Next;
    if (!load(ctx, *left, a, flow) || !load(ctx, *right, b, flow)) return flow;
    const bool hit = op == Op::Equal      ? a == b
                     : op == Op::NotEqual ? !(a == b)
                     : op == Op::Less     ? a < b
                     : op == Op::Greater  ? a > b
                     : op == Op::AtMost   ? a <= b
                                          : a >= b;
    return answer(ctx, *left, a, hit);
  }
};

// "ip saddr @blocked", "tcp dport { 22, 80 }".
class Lookup final : public Question {
 public:
  LoadPtr left;
  const Set* set = nullptr;
  bool inverted = false;

  Flow run(EvalContext& ctx) const override {
    Data value;
    Flow flow = Flow::Next;
    if (!load(ctx, *left, value, flow)) return flow;
    if (set->unmodelled != nullptr) {
      ctx.unknown = set->unmodelled;
      report(ctx, left->field, Outcome::Unknown, [] { return Value::none(); });
      return Flow::Unknown;
    }
    const Hit hit = find(*set, value, ctx);
    const Flow answered = answer(ctx, *left, value, hit.found != inverted);
    report_lookup(ctx, *set, hit);
    // The statements of the element run when it is found (nft_set_elem_update_expr()).
    if (hit.found && !inverted && !ctx.probe) return run_element(ctx, *set, hit);
    return answered;
  }
};

std::optional<Op> operator_of(std::string_view text) {
  if (text.empty() || text == "==") return Op::Equal;
  if (text == "!=") return Op::NotEqual;
  if (text == "<") return Op::Less;
  if (text == ">") return Op::Greater;
  if (text == "<=") return Op::AtMost;
  if (text == ">=") return Op::AtLeast;
  if (text == "!") return Op::NoBit;
  return std::nullopt;
}

Term term_of(const ast::Stmt& stmt, const Load& left) {
  Term term;
  term.option = left.text;
  if (!stmt.op.empty()) term.wanted = stmt.op + " ";
  if (stmt.args.size() > 1 && stmt.args[1] != nullptr) term.wanted += ast::print(*stmt.args[1]);
  term.column = stmt.at.column;
  return term;
}

Result<StatementPtr> lookup(Builder& builder, LoadPtr left, const ast::Stmt& stmt, Term term) {
  const ast::Expr& right = *stmt.args[1];
  const Result<Set*> set = right.kind == ExprKind::SetRef
                               ? builder.named_set(right.text, right.at)
                               : builder.anonymous_set(right, Builder::fields_of(*left), {}, false);
  if (!set) return set.error();
  auto lookup = std::make_unique<Lookup>();
  lookup->left = std::move(left);
  lookup->set = *set;
  lookup->inverted = stmt.op == "!=";
  lookup->terms = {std::move(term)};
  return StatementPtr(std::move(lookup));
}

// "fib saddr . iif oif missing" asks whether there is such a route, not which.
bool asks_presence(const ast::Stmt& stmt) {
  const ast::Expr& right = *stmt.args[1];
  return stmt.args[0]->kind == ExprKind::Fib && right.kind == ExprKind::Symbol &&
         (right.text == "exists" || right.text == "missing");
}

Result<StatementPtr> statement(Builder& builder, const ast::Stmt& stmt) {
  ast::ExprPtr presence;
  if (asks_presence(stmt)) {
    presence = ast::copy(*stmt.args[0]);
    presence->text2 = "check";
  }
  Result<LoadPtr> loaded = builder.load(presence != nullptr ? *presence : *stmt.args[0]);
  if (!loaded) return loaded.error();
  LoadPtr left = std::move(*loaded);
  Term term = term_of(stmt, *left);
  const ast::Expr& right = *stmt.args[1];
  if (right.kind == ExprKind::SetRef || right.kind == ExprKind::Set)
    return lookup(builder, std::move(left), stmt, std::move(term));
  const std::optional<Op> op = operator_of(stmt.op);
  if (!op) return builder.error(stmt.at, fmt::format("\"{}\" is no comparison", stmt.op));
  if (!builder.is_constant(right)) {
    Result<LoadPtr> other = builder.load(right);
    if (!other) return other.error();
    auto compare = std::make_unique<CompareLoads>();
    compare->left = std::move(left);
    compare->right = std::move(*other);
    compare->op = *op;
    compare->terms = {std::move(term)};
    return StatementPtr(std::move(compare));
  }
  const Result<Interval> wanted = builder.interval(right, Builder::fields_of(*left));
  if (!wanted && (left->type == &types::kUid || left->type == &types::kGid)) {
    // Names of users are in no dump.
    return builder.unmodelled(fmt::format("the number of {}", ast::print(right)));
  }
  if (!wanted) return wanted.error();
  auto compare = std::make_unique<Compare>();
  compare->op = *op;
  const bool single_bits = right.kind != ExprKind::Prefix && right.kind != ExprKind::Range;
  const bool number = right.kind == ExprKind::Symbol && !right.text.empty() &&
                      right.text[0] >= '0' && right.text[0] <= '9';
  // "tcp flags syn" asks for the bit; "tcp flags & syn == 0" and numbers compare.
  if (stmt.op.empty() && left->type->bitmask && single_bits && !number &&
      stmt.args[0]->kind != ExprKind::Binary) {
    compare->op = Op::AnyBit;
  }
  compare->right = *wanted;
  compare->left = std::move(left);
  compare->terms = {std::move(term)};
  return StatementPtr(std::move(compare));
}

constexpr ast::StmtKind kStatements[] = {ast::StmtKind::Match};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_cmp;
const nft::ExpressionDef nft_cmp{.kernel_ref = "net/netfilter/nft_cmp.c:nft_cmp_eval",
                                 .statements = nft::kStatements,
                                 .statement = nft::statement};
}  // namespace pktwalk

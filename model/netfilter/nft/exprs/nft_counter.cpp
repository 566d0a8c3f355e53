// SPDX-License-Identifier: MIT
// Statements that remember: counter, limit, quota, last.
//
// Kernel:  net/netfilter/nft_counter.c, nft_limit.c (nft_limit_eval()), nft_quota.c
// (nft_overquota()),
//          nft_last.c
// Differs: limit-start (the bucket is full when the capture begins)
#include <fmt/format.h>

#include "model/host/state.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"

namespace pktwalk::nft {
namespace {

using ast::StmtKind;

StatementState& memory(EvalContext& ctx, std::uint32_t state) {
  return ctx.state().statements[state];
}

class CounterStatement final : public Stateful {
 public:
  Flow evaluate(EvalContext& ctx, std::uint32_t state) const override {
    if (ctx.probe) return Flow::Next;
    StatementState& s = memory(ctx, state);
    s.packets += 1;
    s.bytes += ctx.skb.len();
    return Flow::Next;
  }
  StatementState begin() const override { return {}; }
  bool harmless() const override { return true; }
};

class LastStatement final : public Stateful {
 public:
  Flow evaluate(EvalContext& ctx, std::uint32_t state) const override {
    if (!ctx.probe) {
      memory(ctx, state).last = ctx.now().ns;
      memory(ctx, state).started = true;
    }
    return Flow::Next;
  }
  StatementState begin() const override { return {}; }
  bool harmless() const override { return true; }
};

// A token bucket of nanoseconds.
class LimitStatement final : public Stateful {
 public:
  std::int64_t unit = kNsPerSecond;  // ns
  std::uint64_t rate = 0;            // packets or bytes a unit
  bool bytes = false, over = false;
  std::int64_t most = 0;

  Flow evaluate(EvalContext& ctx, std::uint32_t state) const override {
    StatementState& s = memory(ctx, state);
    const std::int64_t now = ctx.now().ns;
    std::int64_t tokens = s.tokens + (s.started && now > s.last ? now - s.last : 0);
    tokens = std::min(tokens, most);
    const std::int64_t cost =
        bytes ? static_cast<std::int64_t>(static_cast<std::uint64_t>(unit) * ctx.skb.len() / rate)
              : unit / static_cast<std::int64_t>(rate);
    const bool enough = tokens >= cost;
    const bool hit = enough != over;
    if (ctx.recorder != nullptr && !terms.empty()) {
      ctx.recorder->term({&terms[0], Field::Credit, Value::duration(tokens),
                          hit ? Outcome::Match : Outcome::NoMatch, ctx.probe});
    }
    if (!ctx.probe) {
      s.started = true;
      s.last = now;
      s.tokens = enough ? tokens - cost : tokens;
    }
    return hit ? Flow::Next : Flow::Break;
  }
  StatementState begin() const override { return {.tokens = most}; }
  void explain(EvalContext& ctx) const override { evaluate(ctx, own); }
};

class QuotaStatement final : public Stateful {
 public:
  std::uint64_t bytes = 0, used = 0;
  bool over = false;

  Flow evaluate(EvalContext& ctx, std::uint32_t state) const override {
    StatementState& s = memory(ctx, state);
    const std::uint64_t consumed = s.bytes + ctx.skb.len();
    if (!ctx.probe) s.bytes = consumed;
    const bool hit = (consumed > bytes) == over;
    if (ctx.recorder != nullptr && !terms.empty()) {
      ctx.recorder->term({&terms[0], Field::Quota, Value::dec(consumed),
                          hit ? Outcome::Match : Outcome::NoMatch, ctx.probe});
    }
    return hit ? Flow::Next : Flow::Break;
  }
  StatementState begin() const override { return {.bytes = used}; }
  void explain(EvalContext& ctx) const override { evaluate(ctx, own); }
};

// A statement of the table that has a name: all that refer to it share its memory.
class Reference final : public Statement {
 public:
  explicit Reference(const Statement* object) : object_(object) { terms = object->terms; }
  Flow run(EvalContext& ctx) const override { return object_->run(ctx); }
  void explain(EvalContext& ctx) const override { object_->explain(ctx); }
  bool harmless() const override { return object_->harmless(); }

 private:
  const Statement* object_;
};

std::uint64_t unit_bytes(std::string_view unit) {
  if (unit == "kbytes") return 1024;
  if (unit == "mbytes") return 1024 * 1024;
  return 1;
}

Result<std::int64_t> time_unit(Builder& builder, const ast::Stmt& stmt) {
  if (stmt.text == "second") return kNsPerSecond;
  if (stmt.text == "minute") return 60 * kNsPerSecond;
  if (stmt.text == "hour") return 3600 * kNsPerSecond;
  if (stmt.text == "day") return 86'400 * kNsPerSecond;
  if (stmt.text == "week") return 604'800 * kNsPerSecond;
  return builder.error(stmt.at, fmt::format("\"{}\" is no unit of a rate", stmt.text),
                       "expected second, minute, hour, day or week");
}

// nft_limit_init()
Result<std::unique_ptr<Stateful>> limit(Builder& builder, const ast::Stmt& stmt) {
  const Result<std::int64_t> unit = time_unit(builder, stmt);
  if (!unit) return unit.error();
  auto limit = std::make_unique<LimitStatement>();
  limit->unit = *unit;
  limit->bytes = stmt.text2.ends_with("bytes");
  limit->over = stmt.over;
  limit->rate = stmt.number * (limit->bytes ? unit_bytes(stmt.text2) : 1);
  if (limit->rate == 0) return builder.error(stmt.at, "a rate of zero is no limit");
  const std::uint64_t nanoseconds = static_cast<std::uint64_t>(*unit);
  if (limit->bytes) {
    const std::uint64_t burst = stmt.burst.value_or(0) * unit_bytes(stmt.text3);
    limit->most = static_cast<std::int64_t>(nanoseconds * (limit->rate + burst) / limit->rate);
  } else {
    const std::uint64_t burst = stmt.burst.value_or(0) == 0 ? 5 : *stmt.burst;
    limit->most = static_cast<std::int64_t>(nanoseconds / limit->rate * burst);
  }
  return std::unique_ptr<Stateful>(std::move(limit));
}

Result<std::unique_ptr<Stateful>> make(Builder& builder, const ast::Stmt& stmt,
                                       StatementState& initial) {
  if (stmt.kind == StmtKind::Counter) {
    initial.packets = stmt.number;
    initial.bytes = stmt.number2;
    return std::unique_ptr<Stateful>(std::make_unique<CounterStatement>());
  }
  if (stmt.kind == StmtKind::Last)
    return std::unique_ptr<Stateful>(std::make_unique<LastStatement>());
  if (stmt.kind == StmtKind::Limit) {
    Result<std::unique_ptr<Stateful>> made = limit(builder, stmt);
    if (made) initial = (*made)->begin();
    return made;
  }
  auto quota = std::make_unique<QuotaStatement>();
  quota->bytes = stmt.number * unit_bytes(stmt.text);
  quota->used = stmt.number2 * unit_bytes(stmt.text2);
  quota->over = stmt.over;
  initial = quota->begin();
  return std::unique_ptr<Stateful>(std::move(quota));
}

std::string_view kind_name(StmtKind kind) {
  return kind == StmtKind::Counter ? "counter" : kind == StmtKind::Limit ? "limit" : "quota";
}

Result<StatementPtr> statement(Builder& builder, const ast::Stmt& stmt) {
  if (!stmt.args.empty() && stmt.args[0] != nullptr) {
    const ast::Expr& name = *stmt.args[0];
    if (name.kind != ast::ExprKind::Symbol && name.kind != ast::ExprKind::String)
      return builder.object_map(kind_name(stmt.kind), stmt);
    const Result<const Statement*> object =
        builder.object(kind_name(stmt.kind), name.text, name.at);
    if (!object) return object.error();
    if (*object == nullptr) return builder.unmodelled(ast::print(stmt));
    return StatementPtr(std::make_unique<Reference>(*object));
  }
  StatementState initial;
  Result<std::unique_ptr<Stateful>> made = make(builder, stmt, initial);
  if (!made) return made.error();
  (*made)->own = builder.add_state(initial);
  builder.remember_state(stmt, (*made)->own);
  if (stmt.kind == StmtKind::Limit || stmt.kind == StmtKind::Quota) {
    Term term;
    term.option = ast::print(stmt);
    term.column = stmt.at.column;
    (*made)->terms = {std::move(term)};
  }
  return StatementPtr(std::move(*made));
}

constexpr StmtKind kStatements[] = {StmtKind::Counter, StmtKind::Limit, StmtKind::Quota,
                                    StmtKind::Last};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_counter;
const nft::ExpressionDef nft_counter{
    .kernel_ref = "net/netfilter/nft_counter.c:nft_counter_do_eval",
    .statements = nft::kStatements,
    .statement = nft::statement};
}  // namespace pktwalk

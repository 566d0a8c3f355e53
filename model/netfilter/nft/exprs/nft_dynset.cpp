// SPDX-License-Identifier: MIT
// Packets that change sets: "add @seen { ip saddr }", "update @flood { ip saddr limit rate 5/second
// }", and meters.
//
// Kernel:  net/netfilter/nft_dynset.c, nft_dynset_eval(), nft_dynset_new(); nft_set_hash.c
// Differs: nothing known
#include "model/host/state.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/netfilter/nft/question.h"
#include "model/netfilter/nft/stateful.h"

namespace pktwalk::nft {
namespace {

using ast::StmtKind;

class SetUpdate final : public Question {
 public:
  enum class Kind : std::uint8_t { Add, Update, Delete };
  Kind kind = Kind::Add;
  LoadPtr key, data;
  Set* set = nullptr;
  std::int64_t timeout = 0;                    // ns; 0: the set's
  std::vector<std::unique_ptr<Stateful>> own;  // of the elements that it makes

  Flow run(EvalContext& ctx) const override {
    Data k, d;
    Flow flow = Flow::Next;
    if (!load(ctx, *key, k, flow)) return flow;
    if (data != nullptr && !load(ctx, *data, d, flow)) return flow;
    k.pad();
    if (ctx.probe) return Flow::Next;
    SetContents& contents = ctx.state().nft_sets[set->contents];
    if (kind == Kind::Delete) {
      contents.elements.erase(k);
      return Flow::Next;
    }
    bool fresh = false;
    LiveElement* const element = find_or_make(ctx, contents, k, d, fresh);
    if (element == nullptr) {
      report(ctx, key->field, Outcome::NoMatch, [] { return Value::literal("the set is full"); });
      return Flow::Break;
    }
    if (!fresh && kind == Kind::Update && element->timeout != 0) {
      element->timeout = timeout != 0 ? timeout : set->timeout;
      element->expires = ctx.now() + element->timeout;
    }
    report(ctx, key->field, Outcome::Match, [&] { return key->shown(k); });
    if (ctx.recorder != nullptr) {
      ctx.recorder->step(SetStep{.set = set->text,
                                 .element = {},
                                 .outcome = Outcome::Match,
                                 .what = fresh ? "added" : "it is there already"});
    }
    if (!element->has_states) return Flow::Next;
    const auto& statements = own.empty() ? set->statements : own;
    const std::uint32_t first = element->states;
    for (std::uint32_t i = 0; i < statements.size(); ++i) {
      const Flow went = statements[i]->evaluate(ctx, first + i);
      if (went != Flow::Next) return went;
    }
    return Flow::Next;
  }
  bool harmless() const override { return false; }

 private:
  LiveElement* find_or_make(EvalContext& ctx, SetContents& contents, const Data& k, const Data& d,
                            bool& fresh) const {
    const auto found = contents.elements.find(k);
    if (found != contents.elements.end()) {
      LiveElement& live = found->second;
      if (live.timeout == 0 || live.expires > ctx.now()) return &live;
      contents.elements.erase(found);
      --contents.used;
    }
    const std::size_t most = set->size != 0 ? set->size : 0xffff;
    if (contents.used >= most) {
      // What has expired makes room.
      contents.used -=
          static_cast<std::uint32_t>(std::erase_if(contents.elements, [&](const auto& e) {
            return e.second.timeout != 0 && e.second.expires <= ctx.now();
          }));
      if (contents.used >= most) return nullptr;
    }
    ++contents.used;
    fresh = true;
    LiveElement made;
    made.mapped.value = made.mapped.last = d;
    made.timeout = timeout != 0 ? timeout : set->timeout;
    made.expires = ctx.now() + made.timeout;
    made.order = contents.next_order++;
    const auto& statements = own.empty() ? set->statements : own;
    if (!statements.empty()) {
      std::vector<StatementState>& states = ctx.state().statements;
      made.has_states = true;
      made.states = static_cast<std::uint32_t>(states.size());
      for (const std::unique_ptr<Stateful>& s : statements) states.push_back(s->begin());
    }
    return &contents.elements.emplace(k, made).first->second;
  }
};

Result<StatementPtr> statement(Builder& builder, const ast::Stmt& stmt) {
  const ast::Expr& element = *stmt.args[0];
  const bool wrapped = element.kind == ast::ExprKind::Element;
  Result<LoadPtr> key = builder.load(wrapped ? *element.args[0] : element);
  if (!key) return key.error();
  auto update = std::make_unique<SetUpdate>();
  if (stmt.kind == StmtKind::Meter) {
    const Result<Set*> set = builder.meter(stmt, Builder::fields_of(**key));
    if (!set) return set.error();
    update->set = *set;
    update->kind = SetUpdate::Kind::Update;
  } else {
    const Result<Set*> set = builder.named_set(stmt.text2, stmt.at);
    if (!set) return set.error();
    update->set = *set;
    update->kind = stmt.text == "add"      ? SetUpdate::Kind::Add
                   : stmt.text == "update" ? SetUpdate::Kind::Update
                                           : SetUpdate::Kind::Delete;
  }
  builder.make_dynamic(*update->set);
  if (wrapped && element.timeout_ms)
    update->timeout = static_cast<std::int64_t>(*element.timeout_ms) * 1'000'000;
  if (stmt.args.size() > 1 && stmt.args[1] != nullptr) {
    const std::vector<SetField>& data = update->set->data;
    if (data.empty()) return builder.error(stmt.at, "only a map takes data");
    Result<LoadPtr> value = builder.value(*stmt.args[1], *data[0].type, data[0].bits);
    if (!value) return value.error();
    update->data = std::move(*value);
  }
  bool unmodelled = false;
  const auto take = [&](const std::vector<ast::StmtPtr>& list) -> Status {
    for (const ast::StmtPtr& s : list) {
      Result<StatementPtr> made = builder.statement(*s);
      if (!made) return made.error();
      auto* const stateful = dynamic_cast<Stateful*>(made->get());
      if (stateful == nullptr) {
        unmodelled = true;
        continue;
      }
      static_cast<void>(made->release());
      update->own.emplace_back(stateful);
    }
    return Ok{};
  };
  if (const Status taken = take(stmt.stateful); !taken) return taken.error();
  if (wrapped) {
    if (const Status taken = take(element.stateful); !taken) return taken.error();
  }
  if (unmodelled) return builder.unmodelled(ast::print(stmt));
  Term term;
  term.option = ast::print(stmt);
  term.column = stmt.at.column;
  update->terms = {std::move(term)};
  update->key = std::move(*key);
  return StatementPtr(std::move(update));
}

constexpr StmtKind kStatements[] = {StmtKind::SetUpdate, StmtKind::Meter};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_dynset;
const nft::ExpressionDef nft_dynset{.kernel_ref = "net/netfilter/nft_dynset.c:nft_dynset_eval",
                                    .statements = nft::kStatements,
                                    .statement = nft::statement};
}  // namespace pktwalk

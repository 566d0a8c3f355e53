// SPDX-License-Identifier: MIT
// Finding the file that knows a node, and what statements have in common.
#include "model/netfilter/nft/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/host/host.h"
#include "model/host/state.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/map_load.h"
#include "model/netfilter/nft/simple_loads.h"

namespace pktwalk::nft {
namespace {

const ExpressionDef* load_def(ast::ExprKind kind) {
  for (const ExpressionDef* def : registered<ExpressionDef>()) {
    if (std::find(def->loads.begin(), def->loads.end(), kind) != def->loads.end()) return def;
  }
  return nullptr;
}

const ExpressionDef* statement_def(ast::StmtKind kind) {
  for (const ExpressionDef* def : registered<ExpressionDef>()) {
    if (std::find(def->statements.begin(), def->statements.end(), kind) != def->statements.end())
      return def;
  }
  return nullptr;
}

// Answers "unknown" and says why.
class UnmodelledLoad final : public Load {
 public:
  explicit UnmodelledLoad(std::string_view why) : why_(why) {}
  Loaded load(EvalContext& ctx, Data&) const override {
    ctx.unknown = why_.data();
    return Loaded::Unknown;
  }

 private:
  std::string_view why_;
};

class UnmodelledStatement final : public Statement {
 public:
  explicit UnmodelledStatement(std::string_view why) : why_(why) {}
  Flow run(EvalContext& ctx) const override {
    ctx.unknown = why_.data();
    return Flow::Unknown;
  }

 private:
  std::string_view why_;
};

}  // namespace

State& Builder::initial_state() {
  if (host_.initial == nullptr) host_.initial = std::make_unique<State>();
  return *host_.initial;
}

std::uint32_t Builder::add_state(StatementState initial) {
  std::vector<StatementState>& states = initial_state().statements;
  states.push_back(initial);
  return static_cast<std::uint32_t>(states.size() - 1);
}

Error Builder::error(ast::At at, std::string what, std::string hint) const {
  return {.what = std::move(what),
          .where = {.file = host_.sources.file(file_).name, .line = at.line, .column = at.column},
          .hint = std::move(hint)};
}

std::string_view Builder::remember(std::string text) {
  return ruleset_.words.emplace_back(std::move(text));
}

LoadPtr Builder::unmodelled_load(std::string what, const Datatype& type, unsigned bits) {
  if (rule_ != nullptr && rule_->unmodelled.empty()) rule_->unmodelled = what;
  auto load = std::make_unique<UnmodelledLoad>(remember(what + " is not modelled"));
  load->type = &type;
  load->bits = bits;
  load->text = std::move(what);
  return load;
}

StatementPtr Builder::unmodelled(std::string what) {
  if (rule_ != nullptr && rule_->unmodelled.empty()) rule_->unmodelled = what;
  return std::make_unique<UnmodelledStatement>(remember(what + " is not modelled"));
}

Result<LoadPtr> Builder::load(const ast::Expr& expr) {
  const ExpressionDef* const def = load_def(expr.kind);
  if (def == nullptr) {
    if (expr.kind == ast::ExprKind::Symbol || expr.kind == ast::ExprKind::String) {
      return error(expr.at, fmt::format("\"{}\" is no thing that can be looked at", expr.text),
                   "expected for example: tcp dport, ip saddr, meta mark, ct state");
    }
    return unmodelled_load(ast::print(expr), types::kInteger, 32);
  }
  Result<LoadPtr> load = def->load(*this, expr);
  if (load && (*load)->text.empty()) (*load)->text = ast::print(expr);
  return load;
}

Result<LoadPtr> Builder::value(const ast::Expr& expr, const Datatype& type, unsigned bits) {
  if (is_constant(expr)) {
    const Result<Data> data = constant(expr, type, bits);
    if (!data) return data.error();
    LoadPtr load = std::make_unique<ConstantLoad>(*data);
    load->type = &type;
    load->bits = bits;
    load->text = ast::print(expr);
    return load;
  }
  if (expr.kind == ast::ExprKind::Map) {
    Result<std::unique_ptr<MapLoad>> map = make_map_load(*this, expr, {{&type, bits}});
    if (!map) return map.error();
    return LoadPtr(std::move(*map));
  }
  return load(expr);
}

Result<StatementPtr> Builder::statement(const ast::Stmt& stmt) {
  if (stmt.kind == ast::StmtKind::Set) {
    const ast::Expr& what = *stmt.args[0];
    const ExpressionDef* const def = load_def(what.kind);
    if (def != nullptr && def->set != nullptr) return def->set(*this, what, stmt);
    return unmodelled(fmt::format("{} set", ast::print(what)));
  }
  const ExpressionDef* const def = statement_def(stmt.kind);
  if (def == nullptr) return unmodelled(ast::print(stmt));
  return def->statement(*this, stmt);
}

std::vector<SetField> Builder::fields_of(const Load& load) {
  if (const auto* concat = dynamic_cast<const ConcatLoad*>(&load)) {
    std::vector<SetField> fields;
    for (const LoadPtr& part : concat->parts) fields.push_back({part->type, part->bits});
    return fields;
  }
  return {{load.type, load.bits}};
}

Result<Set*> Builder::named_set(std::string_view name, ast::At at) {
  if (Set* const set = table_.set(name)) return set;
  return error(at, fmt::format("there is no set or map \"{}\" in table {}", name, table_.title),
               "sets belong to their table; another table's cannot be used");
}

Result<std::pair<Verdict, const Chain*>> Builder::verdict(const ast::Expr& expr) {
  const std::string& word = expr.text;
  if (word == "accept") return std::pair<Verdict, const Chain*>{Verdict::Accept, nullptr};
  if (word == "drop") return std::pair<Verdict, const Chain*>{Verdict::Drop, nullptr};
  if (word == "continue") return std::pair<Verdict, const Chain*>{Verdict::Continue, nullptr};
  if (word == "return") return std::pair<Verdict, const Chain*>{Verdict::Return, nullptr};
  if (word == "queue") return std::pair<Verdict, const Chain*>{Verdict::Queue, nullptr};
  const bool jump = word == "jump";
  if (!jump && word != "goto")
    return error(expr.at, fmt::format("\"{}\" is no verdict", word),
                 "expected accept, drop, return, continue, jump CHAIN or goto CHAIN");
  const Chain* const target = table_.chain(expr.text2);
  if (target == nullptr)
    return error(expr.at,
                 fmt::format("there is no chain \"{}\" in table {}", expr.text2, table_.title));
  if (target->base)
    return error(expr.at,
                 fmt::format("{} is a base chain: no rule can {} to it", expr.text2, word));
  return std::pair<Verdict, const Chain*>{jump ? Verdict::Jump : Verdict::Goto, target};
}

Result<const Statement*> Builder::object(std::string_view kind, std::string_view name, ast::At at) {
  const Object* const object = table_.object(kind, name);
  if (object == nullptr)
    return error(at, fmt::format("there is no {} \"{}\" in table {}", kind, name, table_.title));
  return object->statement.get();
}

const std::uint8_t* EvalContext::bytes(std::size_t offset, std::size_t length) {
  if (offset + length <= skb.data.size()) return skb.data.data() + offset;
  if (offset + length <= skb.data.size() + skb.missing)
    unknown = "the bytes lie beyond the captured length";
  return nullptr;
}

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// Deep copies of expressions and statements.
#include "model/netfilter/nft/ast_copy.h"

#include <utility>

namespace pktwalk::nft::ast {

ExprPtr make(ExprKind kind, At at, std::string text) {
  ExprPtr made = std::make_unique<Expr>();
  made->kind = kind;
  made->at = at;
  made->text = std::move(text);
  return made;
}

StmtPtr make(StmtKind kind, At at, std::string text) {
  StmtPtr made = std::make_unique<Stmt>();
  made->kind = kind;
  made->at = at;
  made->text = std::move(text);
  return made;
}

void move_to(Expr& expr, At at) {
  expr.at = at;
  expr.length = 0;
  for (const ExprPtr& arg : expr.args) {
    if (arg != nullptr) move_to(*arg, at);
  }
  for (const StmtPtr& one : expr.stateful) move_to(*one, at);
}

ExprPtr copy(const Expr& from) {
  ExprPtr made = make(from.kind, from.at, from.text);
  made->text2 = from.text2;
  made->text3 = from.text3;
  for (const ExprPtr& arg : from.args) made->args.push_back(arg ? copy(*arg) : nullptr);
  made->number = from.number;
  made->number2 = from.number2;
  made->number3 = from.number3;
  made->seed = from.seed;
  made->timeout_ms = from.timeout_ms;
  made->expires_ms = from.expires_ms;
  made->comment = from.comment;
  for (const StmtPtr& stmt : from.stateful) made->stateful.push_back(copy(*stmt));
  made->length = from.length;
  return made;
}

StmtPtr copy(const Stmt& from) {
  StmtPtr made = make(from.kind, from.at, from.text);
  made->end_column = from.end_column;
  made->text2 = from.text2;
  made->text3 = from.text3;
  made->op = from.op;
  for (const ExprPtr& arg : from.args) made->args.push_back(arg ? copy(*arg) : nullptr);
  made->number = from.number;
  made->number2 = from.number2;
  made->over = from.over;
  made->flag = from.flag;
  made->burst = from.burst;
  made->options = from.options;
  for (const StmtPtr& stmt : from.stateful) made->stateful.push_back(copy(*stmt));
  return made;
}

void move_to(Stmt& stmt, At at) {
  stmt.at = at;
  stmt.end_column = 0;
  for (const ExprPtr& arg : stmt.args) {
    if (arg != nullptr) move_to(*arg, at);
  }
  for (const StmtPtr& one : stmt.stateful) move_to(*one, at);
}

ExprPtr copy_at(const Expr& from, At at) {
  ExprPtr made = copy(from);
  move_to(*made, at);
  return made;
}

ExprPtr joined_bits(ExprPtr value) {
  if (value == nullptr || value->kind != ExprKind::List) return value;
  ExprPtr all;
  for (ExprPtr& one : value->args) {
    if (all == nullptr) {
      all = std::move(one);
      continue;
    }
    ExprPtr both = make(ExprKind::Binary, all->at, "|");
    both->args.push_back(std::move(all));
    both->args.push_back(std::move(one));
    all = std::move(both);
  }
  return all;
}

namespace {

std::vector<StmtPtr> copy(const std::vector<StmtPtr>& from) {
  std::vector<StmtPtr> made;
  for (const StmtPtr& stmt : from) made.push_back(copy(*stmt));
  return made;
}

Chain copy(const Chain& from) {
  Chain made{.at = from.at,
             .name = from.name,
             .hidden = from.hidden,
             .handle = from.handle,
             .base = from.base,
             .type = from.type,
             .hook = from.hook,
             .devices = from.devices,
             .priority_name = from.priority_name,
             .priority = from.priority,
             .policy = from.policy,
             .comment = from.comment,
             .flags = from.flags,
             .rules = {},
             .broken = from.broken};
  for (const Rule& rule : from.rules) {
    made.rules.push_back(
        {rule.at, copy(rule.statements), rule.comment, rule.handle, rule.text, rule.broken});
  }
  return made;
}

Set copy(const Set& from) {
  Set made{.at = from.at,
           .name = from.name,
           .handle = from.handle,
           .map = from.map,
           .key_types = from.key_types,
           .key_typeof = from.key_typeof ? copy(*from.key_typeof) : nullptr,
           .data_types = from.data_types,
           .data_typeof = from.data_typeof ? copy(*from.data_typeof) : nullptr,
           .data_interval = from.data_interval,
           .flags = from.flags,
           .timeout_ms = from.timeout_ms,
           .gc_interval_ms = from.gc_interval_ms,
           .size = from.size,
           .policy = from.policy,
           .auto_merge = from.auto_merge,
           .comment = from.comment,
           .stateful = copy(from.stateful),
           .elements = {},
           .broken = from.broken};
  for (const ExprPtr& element : from.elements) made.elements.push_back(copy(*element));
  return made;
}

}  // namespace

Table copy(const Table& from) {
  Table made{.at = from.at,
             .family = from.family,
             .name = from.name,
             .handle = from.handle,
             .flags = from.flags,
             .comment = from.comment,
             .iptables_nft = from.iptables_nft,
             .chains = {},
             .sets = {},
             .objects = {},
             .flowtables = from.flowtables};
  for (const Chain& chain : from.chains) made.chains.push_back(copy(chain));
  for (const Set& set : from.sets) made.sets.push_back(copy(set));
  for (const Object& object : from.objects) {
    made.objects.push_back({object.at, object.kind, object.name, object.handle,
                            object.body ? copy(*object.body) : nullptr, object.properties,
                            object.comment});
  }
  return made;
}

}  // namespace pktwalk::nft::ast

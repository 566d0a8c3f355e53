// SPDX-License-Identifier: MIT
// Making and copying expressions: a variable's value stands wherever the variable is named.
#pragma once

#include "model/netfilter/nft/ast.h"

namespace pktwalk::nft::ast {

ExprPtr make(ExprKind kind, At at, std::string text = {});
StmtPtr make(StmtKind kind, At at, std::string text = {});

ExprPtr copy(const Expr& from);
StmtPtr copy(const Stmt& from);
Table copy(const Table& from);
// The same with every place replaced by `at`.
ExprPtr copy_at(const Expr& from, At at);
void move_to(Expr& expr, At at);
void move_to(Stmt& stmt, At at);

// The list "syn,ack" as the bits of a mask, or of a value under a mask: syn | ack. Anything else
// stays as it is.
ExprPtr joined_bits(ExprPtr value);

}  // namespace pktwalk::nft::ast

// SPDX-License-Identifier: MIT
// Prints what was read in nft's own language, one form for whatever way it was written: rules that
// came as JSON get their text here, and tests compare with it.
#pragma once

#include <string>

#include "model/netfilter/nft/ast.h"

namespace pktwalk::nft::ast {

std::string print(const Expr& expr);
std::string print(const Stmt& stmt);
// Its statements and comment in one line; not the text as written, which is Rule::text.
std::string print(const Rule& rule);
std::string print(const Set& set);
std::string print(const Object& object);
std::string print(const Chain& chain);
std::string print(const Table& table);
// As `nft list ruleset` shows it.
std::string print(const Ruleset& ruleset);

// "filter + 10", "-150"
std::string priority_text(const std::string& name, std::int64_t number);

}  // namespace pktwalk::nft::ast

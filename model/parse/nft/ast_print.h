// SPDX-License-Identifier: MIT
// Prints what was read in nft's own language, one form for whatever way it was written: rules that
// came as JSON get their text here, and tests compare with it.
#pragma once

#include <string>

#include "model/netfilter/nft/ast.h"

namespace pktwalk::nft {

std::string print(const ast::Expr& expr);
std::string print(const ast::Stmt& stmt);
// Its statements and comment in one line; not the text as written, which is Rule::text.
std::string print(const ast::Rule& rule);
std::string print(const ast::Set& set);
std::string print(const ast::Object& object);
std::string print(const ast::Chain& chain);
std::string print(const ast::Table& table);
// As `nft list ruleset` shows it.
std::string print(const ast::Ruleset& ruleset);

// "filter + 10", "-150"
std::string priority_text(const std::string& name, std::int64_t number);

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// Finding and making the parts of a ruleset that commands name.
#pragma once

#include <string_view>

#include "model/netfilter/nft/ast.h"

namespace pktwalk::nft::edit {

// The part of this name, or null.
ast::Table* find_table(ast::Ruleset& ruleset, std::string_view family, std::string_view name);
ast::Chain* find_chain(ast::Table& table, std::string_view name);
ast::Set* find_set(ast::Table& table, std::string_view name);

// The part of this name; a new one, when there is none.
ast::Table& table(ast::Ruleset& ruleset, std::string_view family, std::string_view name,
                  ast::At at);
ast::Chain& chain(ast::Table& table, std::string_view name, ast::At at);
ast::Set& set(ast::Table& table, std::string_view name, ast::At at);
ast::Object& object(ast::Table& table, std::string_view kind, std::string_view name, ast::At at);
ast::Flowtable& flowtable(ast::Table& table, std::string_view name, ast::At at);

}  // namespace pktwalk::nft::edit

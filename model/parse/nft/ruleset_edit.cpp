// SPDX-License-Identifier: MIT
// Finding and making the parts of a ruleset.
#include "model/parse/nft/ruleset_edit.h"

#include <string>

namespace pktwalk::nft::edit {
namespace {

template <typename Part>
Part* find_named(std::vector<Part>& parts, std::string_view name) {
  for (Part& part : parts) {
    if (part.name == name) return &part;
  }
  return nullptr;
}

template <typename Part>
Part& named(std::vector<Part>& parts, std::string_view name, ast::At at) {
  if (Part* found = find_named(parts, name)) return *found;
  Part& made = parts.emplace_back();
  made.name = name;
  made.at = at;
  return made;
}

}  // namespace

ast::Table* find_table(ast::Ruleset& ruleset, std::string_view family, std::string_view name) {
  for (ast::Table& one : ruleset.tables) {
    if (one.family == family && one.name == name) return &one;
  }
  return nullptr;
}

ast::Chain* find_chain(ast::Table& table, std::string_view name) {
  return find_named(table.chains, name);
}

ast::Set* find_set(ast::Table& table, std::string_view name) {
  return find_named(table.sets, name);
}

ast::Table& table(ast::Ruleset& ruleset, std::string_view family, std::string_view name,
                  ast::At at) {
  if (ast::Table* found = find_table(ruleset, family, name)) return *found;
  ast::Table& made = ruleset.tables.emplace_back();
  made.family = family;
  made.name = name;
  made.at = at;
  return made;
}

ast::Chain& chain(ast::Table& table, std::string_view name, ast::At at) {
  return named(table.chains, name, at);
}

ast::Set& set(ast::Table& table, std::string_view name, ast::At at) {
  return named(table.sets, name, at);
}

ast::Object& object(ast::Table& table, std::string_view kind, std::string_view name, ast::At at) {
  for (ast::Object& one : table.objects) {
    if (one.kind == kind && one.name == name) return one;
  }
  ast::Object& made = table.objects.emplace_back();
  made.kind = kind;
  made.name = name;
  made.at = at;
  return made;
}

ast::Flowtable& flowtable(ast::Table& table, std::string_view name, ast::At at) {
  return named(table.flowtables, name, at);
}

}  // namespace pktwalk::nft::edit

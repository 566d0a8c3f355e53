// SPDX-License-Identifier: MIT
// The commands of a file, carried out in their order: add, insert, replace, delete, flush, rename.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/netfilter/nft/ast_print.h"
#include "model/parse/nft/parser.h"
#include "model/parse/nft/ruleset_edit.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {
namespace {

// Where a rule goes: none, or beside the rule with this handle or index.
struct Position {
  bool by_index = false;
  bool by_handle = false;
  std::uint64_t value = 0;
};

std::vector<ast::Rule>::iterator find_rule(std::vector<ast::Rule>& rules,
                                           const Position& position) {
  if (position.by_index) {
    return position.value < rules.size()
               ? rules.begin() + static_cast<std::ptrdiff_t>(position.value)
               : rules.end();
  }
  return std::find_if(rules.begin(), rules.end(),
                      [&position](const ast::Rule& one) { return one.handle == position.value; });
}

template <typename Part>
bool erase_part(std::vector<Part>& parts, std::string_view name, std::uint64_t handle) {
  return std::erase_if(parts, [&](const Part& part) {
           return handle != 0 ? part.handle == handle : part.name == name;
         }) != 0;
}

}  // namespace

void Parser::command() {
  const Token& first = peek();
  if (first.is("add") || first.is("create")) {
    take();
    add_command(false);
  } else if (first.is("insert")) {
    take();
    add_command(true);
  } else if (take_word("replace")) {
    replace_rule();
  } else if (first.is("delete") || first.is("destroy")) {
    take();
    delete_command(first.is("delete"));
  } else if (take_word("flush")) {
    flush_command();
  } else if (take_word("rename")) {
    rename_command();
  } else if (first.is("list") || first.is("reset") || first.is("monitor") || first.is("get") ||
             first.is("export") || first.is("import") || first.is("describe")) {
    skip_command();
  } else {
    add_command(false);
  }
}

// They show something and change nothing.
void Parser::skip_command() {
  while (!failed_ && !at_separator() && peek().kind != TokenKind::End) take();
}

Parser::Path Parser::table_path() {
  Path path;
  path.at = peek().at;
  if (words::contains(words::families(), peek().text) && peek().kind == TokenKind::Word &&
      peek(1).kind != TokenKind::Newline && !peek(1).punct("{"))
    path.family = take().text;
  if (take_word("handle")) {
    path.handle = number("a handle");
  } else {
    path.table = name("the name of a table");
  }
  return path;
}

Parser::Path Parser::path(std::string_view wanted) {
  Path path = table_path();
  if (take_word("handle")) {
    path.handle = number("a handle");
  } else {
    path.name = name(wanted);
  }
  return path;
}

// The table of a command; one that no command made before is made with a warning, so that the rest
// is still read.
ast::Table& Parser::table_of(const Path& path, bool strict) {
  ast::Table* found = edit::find_table(ruleset_, path.family, path.table);
  if (found != nullptr) return *found;
  if (strict && !failed_)
    report(previous(), Severity::Warning,
           fmt::format("there is no table {} {} up to here", path.family, path.table));
  return edit::table(ruleset_, path.family, path.table, path.at);
}

ast::Chain& Parser::chain_of(const Path& path, const Token& where) {
  ast::Table& table = table_of(path, true);
  if (ast::Chain* found = edit::find_chain(table, path.name)) return *found;
  if (!failed_)
    report(where, Severity::Warning,
           fmt::format("there is no chain {} in table {} {} up to here", path.name, path.family,
                       path.table));
  return edit::chain(table, path.name, path.at);
}

void Parser::add_command(bool insert) {
  const Token& what = peek();
  if (take_word("table")) {
    const bool iptables_nft = banner_above(what.at.line);
    Path path = table_path();
    if (failed_) return;
    path.at = what.at;
    ast::Table& table = table_of(path, false);
    table.iptables_nft = table.iptables_nft || iptables_nft;
    if (peek().punct("{")) {
      if (table.handle == 0) table.handle = handle_on_line(peek().at.line);
      table_block(table);
    }
    return expect_end("the table");
  }
  if (take_word("chain")) {
    Path path = this->path("the name of a chain");
    if (failed_) return;
    path.at = what.at;
    ast::Table& table = table_of(path, true);
    ast::Chain& chain = edit::chain(table, path.name, path.at);
    if (peek().punct("{")) chain_block(chain);
    place_hidden_chains(table);
  } else if (what.is("set") || what.is("map")) {
    take();
    Path path = this->path("the name of a set");
    if (failed_) return;
    path.at = what.at;
    ast::Set& set = edit::set(table_of(path, true), path.name, path.at);
    set.map = what.is("map");
    set_block(set);
  } else if (take_word("element")) {
    const Path path = this->path("the name of a set");
    if (failed_) return;
    ast::Table& table = table_of(path, true);
    if (edit::find_set(table, path.name) == nullptr)
      report(previous(), Severity::Warning,
             fmt::format("there is no set {} in table {} {} up to here", path.name, path.family,
                         path.table));
    set_elements(edit::set(table, path.name, path.at));
  } else if (take_word("flowtable")) {
    const Path path = this->path("the name of a flowtable");
    if (failed_) return;
    flowtable_block(edit::flowtable(table_of(path, true), path.name, path.at));
  } else if (const std::string kind = object_kind(); !kind.empty()) {
    const Path path = this->path("the name of the object");
    if (failed_) return;
    object(table_of(path, true), kind, path);
  } else if (what.kind == TokenKind::Word &&
             (take_word("rule") || peek(1).kind == TokenKind::Word)) {
    return add_rule(insert);
  } else {
    fail(what, "a command or a table");
  }
  expect_end("the command");
}

void Parser::add_rule(bool insert) {
  const Token& where = peek();
  const Path path = this->path("the name of a chain");
  Position position;
  if (peek().is("handle") || peek().is("position")) {
    take();
    position = {.by_handle = true, .value = number("the handle of a rule")};
  } else if (take_word("index")) {
    position = {.by_index = true, .value = number("the index of a rule")};
  }
  if (at_statement_end()) fail(peek(), "a rule");
  if (failed_) return;
  ast::Rule made = rule();
  if (made.handle == 0) made.handle = handle_on_line(where.at.line);
  ast::Chain& chain = chain_of(path, where);
  std::vector<ast::Rule>& rules = chain.rules;
  auto place = insert ? rules.begin() : rules.end();
  if (position.by_index || position.by_handle) {
    const auto beside = find_rule(rules, position);
    if (beside != rules.end()) {
      place = beside + (insert ? 0 : 1);
    } else {
      report(where, Severity::Warning,
             fmt::format("chain {} has no rule with {} {}", path.name,
                         position.by_index ? "index" : "handle", position.value));
    }
  }
  rules.insert(place, std::move(made));
  place_hidden_chains(table_of(path, false));
  expect_end("the rule");
}

void Parser::replace_rule() {
  expect_word("rule");
  const Token& where = peek();
  const Path path = this->path("the name of a chain");
  expect_word("handle");
  const std::uint64_t handle = number("the handle of a rule");
  if (failed_) return;
  ast::Rule made = rule();
  made.handle = handle;
  for (ast::Rule& one : chain_of(path, where).rules) {
    if (one.handle != handle) continue;
    one = std::move(made);
    place_hidden_chains(table_of(path, false));
    return expect_end("the rule");
  }
  hidden_.clear();
  report(where, Severity::Warning,
         fmt::format("chain {} has no rule with handle {} to replace", path.name, handle));
  expect_end("the rule");
}

void Parser::delete_command(bool strict) {
  const Token& what = peek();
  if (take_word("table")) {
    // Not to find it is no error: it often removes what an earlier run of the file has made.
    const Path path = table_path();
    std::erase_if(ruleset_.tables, [&path](const ast::Table& table) {
      return path.handle != 0 ? table.handle == path.handle
                              : table.family == path.family && table.name == path.table;
    });
    return expect_end("the command");
  }
  std::string kind = object_kind();
  if (kind.empty()) kind = name("table, chain, rule, set, map, element, flowtable or an object");
  const Path path = this->path("the name of what is deleted");
  if (failed_) return;
  ast::Table* table = edit::find_table(ruleset_, path.family, path.table);
  bool found = false;
  if (kind == "element") {
    delete_element(path);
    return expect_end("the command");
  }
  if (kind == "rule") {
    expect_word("handle");
    const std::uint64_t handle = number("the handle of a rule");
    ast::Chain* chain = table == nullptr ? nullptr : edit::find_chain(*table, path.name);
    found = chain != nullptr && std::erase_if(chain->rules, [handle](const ast::Rule& one) {
                                  return one.handle == handle;
                                }) != 0;
  } else if (table != nullptr && kind == "chain") {
    found = erase_part(table->chains, path.name, path.handle);
    if (peek().punct("{")) {  // devices that a chain loses
      ast::Chain lost;
      chain_block(lost);
      hidden_.clear();
    }
  } else if (table != nullptr && (kind == "set" || kind == "map")) {
    found = erase_part(table->sets, path.name, path.handle);
  } else if (table != nullptr && kind == "flowtable") {
    found = erase_part(table->flowtables, path.name, path.handle);
  } else if (table != nullptr) {
    found = std::erase_if(table->objects, [&](const ast::Object& one) {
              return one.kind == kind &&
                     (path.handle != 0 ? one.handle == path.handle : one.name == path.name);
            }) != 0;
  }
  if (!found && strict && !failed_)
    report(what, Severity::Warning, fmt::format("there is no such {} up to here to delete", kind));
  expect_end("the command");
}

void Parser::delete_element(const Path& path) {
  ast::Table* table = edit::find_table(ruleset_, path.family, path.table);
  ast::Set* set = table == nullptr ? nullptr : edit::find_set(*table, path.name);
  ast::Set gone;
  set_elements(gone);
  if (set == nullptr || failed_) return;
  for (const ExprPtr& element : gone.elements) {
    const std::string key = print(*element->args[0]);
    std::erase_if(set->elements,
                  [&key](const ExprPtr& one) { return print(*one->args[0]) == key; });
  }
}

void Parser::flush_command() {
  if (take_word("ruleset")) {
    if (words::contains(words::families(), peek().text) && !peek().text.empty()) {
      const std::string family(take().text);
      std::erase_if(ruleset_.tables,
                    [&family](const ast::Table& table) { return table.family == family; });
    } else {
      ruleset_.tables.clear();
    }
    return expect_end("the command");
  }
  if (take_word("table")) {
    const Path path = table_path();
    if (ast::Table* table = edit::find_table(ruleset_, path.family, path.table)) {
      for (ast::Chain& chain : table->chains) chain.rules.clear();
    }
    return expect_end("the command");
  }
  const Token& what = peek();
  const bool chain = what.is("chain");
  if (!chain && !what.is("set") && !what.is("map") && !what.is("meter") && !what.is("flow"))
    fail(what, "ruleset, table, chain, set, map or meter");
  take();
  if (what.is("flow")) expect_word("table");
  const Path path = this->path("a name");
  if (failed_) return;
  if (ast::Table* table = edit::find_table(ruleset_, path.family, path.table)) {
    ast::Chain* found = chain ? edit::find_chain(*table, path.name) : nullptr;
    ast::Set* set = chain ? nullptr : edit::find_set(*table, path.name);
    if (found != nullptr) found->rules.clear();
    if (set != nullptr) set->elements.clear();
  }
  expect_end("the command");
}

void Parser::rename_command() {
  expect_word("chain");
  const Token& where = peek();
  const Path path = this->path("the name of a chain");
  const std::string new_name = name("the new name of the chain");
  if (failed_) return;
  ast::Table* table = edit::find_table(ruleset_, path.family, path.table);
  ast::Chain* chain = table == nullptr ? nullptr : edit::find_chain(*table, path.name);
  if (chain == nullptr || edit::find_chain(*table, new_name) != nullptr) {
    report(where, Severity::Warning,
           fmt::format("there is {} chain {} in table {} {} up to here",
                       chain == nullptr ? "no" : "already a",
                       chain == nullptr ? path.name : new_name, path.family, path.table));
  } else {
    chain->name = new_name;
  }
  expect_end("the command");
}

}  // namespace pktwalk::nft

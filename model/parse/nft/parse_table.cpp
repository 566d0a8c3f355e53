// SPDX-License-Identifier: MIT
// What stands between the braces of a table: chains with their rules, flowtables. Sets and objects
// stand in parse_set.cpp.
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "model/netfilter/nft/number.h"
#include "model/parse/nft/parser.h"
#include "model/parse/nft/ruleset_edit.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {

void Parser::table_block(ast::Table& table) {
  block("the table", [this, &table] {
    table_item(table);
    place_hidden_chains(table);
  });
}

void Parser::place_hidden_chains(ast::Table& table) {
  for (ast::Chain& chain : hidden_) table.chains.push_back(std::move(chain));
  hidden_.clear();
}

void Parser::table_item(ast::Table& table) {
  const Token& first = peek();
  if (take_word("flags")) {
    table.flags = word_list("a flag of a table");
    return expect_end("the flags");
  }
  if (take_word("comment")) {
    table.comment = name("a string");
    return expect_end("the comment");
  }
  Path path;
  path.at = first.at;
  path.family = table.family;
  path.table = table.name;
  if (take_word("chain")) {
    path.name = name("the name of a chain");
    if (failed_) return;
    ast::Chain& chain = edit::chain(table, path.name, path.at);
    if (peek().punct("{")) {
      if (chain.handle == 0) chain.handle = handle_on_line(peek().at.line);
      chain_block(chain);
    }
  } else if (first.is("set") || first.is("map")) {
    take();
    path.name = name("the name of a set");
    if (failed_) return;
    ast::Set& set = edit::set(table, path.name, path.at);
    set.map = first.is("map");
    set.handle = handle_on_line(peek().at.line);
    set_block(set);
  } else if (take_word("flowtable")) {
    path.name = name("the name of a flowtable");
    if (failed_) return;
    ast::Flowtable& flowtable = edit::flowtable(table, path.name, path.at);
    flowtable.handle = handle_on_line(peek().at.line);
    flowtable_block(flowtable);
  } else if (const std::string kind = object_kind(); !kind.empty()) {
    path.name = name("the name of the object");
    if (!failed_) object(table, kind, path);
  } else {
    fail(first, "a chain, set, map, object or flowtable of the table");
  }
  if (!failed_ && at_separator()) take();
}

void Parser::chain_block(ast::Chain& chain) {
  block("the chain", [this, &chain] { chain_item(chain); });
}

// A rule says itself whether it could be read.
void Parser::chain_item(ast::Chain& chain) {
  const Token& first = peek();
  if (first.is("type")) {
    hook_line(chain);
  } else if (take_word("policy")) {
    chain.policy = name("accept or drop");
    if (chain.policy != "accept" && chain.policy != "drop") fail(previous(), "accept or drop");
    expect_end("the policy");
  } else if (take_word("flags")) {
    chain.flags = word_list("a flag of a chain");
    expect_end("the flags");
  } else if (first.is("devices") && peek(1).punct("=")) {
    take();
    for (std::string& device : devices()) chain.devices.push_back(std::move(device));
    expect_end("the devices");
  } else if (take_word("comment")) {
    chain.comment = name("a string");
    expect_end("the comment");
  } else {
    chain.rules.push_back(rule());
    if (at_separator()) take();
  }
  if (failed_) chain.broken = true;
}

// "type filter hook ingress device eth0 priority filter + 10;"
void Parser::hook_line(ast::Chain& chain) {
  take();
  chain.base = true;
  chain.type = name("filter, nat or route");
  expect_word("hook");
  chain.hook = name("the name of a hook");
  if (take_word("device")) {
    chain.devices.push_back(name("a device"));
  } else if (take_word("devices")) {
    chain.devices = devices();
  }
  if (expect_word("priority")) priority(chain.priority_name, chain.priority);
  if (!peek().is("policy")) expect_end("the hook");
}

void Parser::priority(std::string& name_out, std::int64_t& number_out) {
  const auto signed_number = [this](bool negative) {
    const auto value = static_cast<std::int64_t>(
        std::min<std::uint64_t>(number("a number"), std::numeric_limits<std::int32_t>::max()));
    return negative ? -value : value;
  };
  name_out.clear();
  number_out = 0;
  const Token& first = peek();
  if (take_punct("-")) {
    number_out = signed_number(true);
    return;
  }
  if (first.kind == TokenKind::Number) {
    number_out = signed_number(false);
    return;
  }
  const std::string text = name("a priority: a number or a name like filter");
  const std::size_t sign = text.find_first_of("+-");
  const std::string_view digits =
      sign == std::string::npos ? std::string_view(text) : std::string_view(text).substr(sign + 1);
  const auto offset =
      parse_number(digits.substr(std::min(digits.find_first_not_of(' '), digits.size())));
  if (offset && (sign != std::string::npos || *offset != 0 || digits == "0")) {
    const auto value = static_cast<std::int64_t>(*offset & 0x7fffffff);
    number_out = sign != std::string::npos && text[sign] == '-' ? -value : value;
    if (sign != std::string::npos) name_out = text.substr(0, text.find_first_of(" +-"));
    return;
  }
  name_out = text;
  if (take_punct("+")) {
    number_out = signed_number(false);
  } else if (take_punct("-")) {
    number_out = signed_number(true);
  }
}

// "= { eth0, $wan }"
std::vector<std::string> Parser::devices() {
  std::vector<std::string> list;
  const auto add = [this, &list] {
    const Token& token = peek();
    if (token.kind != TokenKind::Variable) {
      list.push_back(name("a device"));
      return;
    }
    const ast::Expr* value = variable(take());
    if (value == nullptr) return;
    const auto add_one = [&list](const ast::Expr& one) {
      const ast::Expr& inner =
          one.kind == ast::ExprKind::Element && one.args[0] ? *one.args[0] : one;
      list.push_back(inner.text);
    };
    if (value->kind != ast::ExprKind::Set && value->kind != ast::ExprKind::List) {
      return add_one(*value);
    }
    for (const ExprPtr& one : value->args) add_one(*one);
  };
  expect_punct("=");
  if (!take_punct("{")) {
    add();
    return list;
  }
  while (!failed_) {
    skip_newlines();
    if (take_punct("}")) break;
    add();
    skip_newlines();
    if (!peek().punct("}")) expect_punct(",");
  }
  return list;
}

std::vector<std::string> Parser::word_list(std::string_view wanted) {
  std::vector<std::string> list;
  do {
    list.push_back(name(wanted));
  } while (take_punct(","));
  return list;
}

// One rule, to the end of its line or to a ";". What follows an error is left out of it, but stays
// in its text.
ast::Rule Parser::rule() {
  ast::Rule made;
  const std::size_t from = at_;
  made.at = peek().at;
  while (!at_statement_end()) {
    if (take_word("comment")) {
      made.comment = name("a string");
      continue;
    }
    StmtPtr stmt = statement();
    if (stmt != nullptr) made.statements.push_back(std::move(stmt));
    if (failed_) break;
  }
  made.broken = !recover(from);
  made.text = source_text(from, at_);
  if (at_ > from) made.handle = handle_on_line(tokens_[at_ - 1].at.line);
  return made;
}

void Parser::flowtable_block(ast::Flowtable& flowtable) {
  block("the flowtable", [this, &flowtable] {
    const Token& first = peek();
    if (take_word("hook")) {
      flowtable.hook = name("the name of a hook");
      if (expect_word("priority")) priority(flowtable.priority_name, flowtable.priority);
    } else if (take_word("devices")) {
      flowtable.devices = devices();
    } else if (take_word("counter")) {
      flowtable.counter = true;
    } else if (take_word("flags")) {
      flowtable.flags = word_list("a flag of a flowtable");
    } else {
      fail(first, "hook, devices, counter or flags");
    }
    expect_end("this line");
  });
}

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// Sets and maps, and the named objects: counters, quotas, limits, helpers.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "model/netfilter/nft/number.h"
#include "model/parse/nft/parser.h"
#include "model/parse/nft/ruleset_edit.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {

using ast::ExprKind;
using ast::make;
using ast::StmtKind;

namespace {

// What a map can give besides data: an object of this kind.
constexpr std::array<std::string_view, 6> kObjectTypes = {"counter", "quota",    "limit",
                                                          "secmark", "synproxy", "tunnel"};

}  // namespace

void Parser::set_block(ast::Set& set) {
  block("the set", [this, &set] {
    set_item(set);
    if (failed_) set.broken = true;
  });
}

void Parser::set_item(ast::Set& set) {
  const Token& first = peek();
  if (take_word("type")) {
    set_type(set);
  } else if (take_word("typeof")) {
    set_typeof(set);
  } else if (take_word("flags")) {
    set.flags = word_list("a flag of a set");
  } else if (take_word("timeout")) {
    set.timeout_ms = time_ms("a time like 1h30m");
  } else if (take_word("gc-interval")) {
    set.gc_interval_ms = time_ms("a time like 1h30m");
  } else if (take_word("size")) {
    set.size = number("a number of elements");
  } else if (take_word("policy")) {
    set.policy = name("performance or memory");
  } else if (take_word("auto-merge")) {
    set.auto_merge = true;
  } else if (take_word("comment")) {
    set.comment = name("a string");
  } else if (take_word("elements")) {
    expect_punct("=");
    set_elements(set);
  } else {
    StmtPtr stmt = stateful();
    if (stmt == nullptr) return fail(first, "a property of a set");
    while (stmt != nullptr && !failed_) {
      set.stateful.push_back(std::move(stmt));
      stmt = stateful();
    }
  }
  expect_end("this property");
}

std::vector<std::string> Parser::data_types() {
  std::vector<std::string> types;
  do {
    types.push_back(name("a type"));
  } while (take_punct("."));
  return types;
}

void Parser::set_type(ast::Set& set) {
  set.key_types = data_types();
  if (!take_punct(":")) return;
  set.data_interval = take_word("interval");
  set.data_types = data_types();
}

void Parser::set_typeof(ast::Set& set) {
  set.key_typeof = concat(Side::Left);
  if (!take_punct(":")) return;
  set.data_interval = take_word("interval");
  const Token& data = peek();
  const bool object =
      words::contains(kObjectTypes, data.text) && !peek(1).is("id") && !peek(1).is("path");
  if (object || data.is("verdict") || data.is("queue")) {
    set.data_types = {std::string(take().text)};
  } else if (data.is("ct") && (peek(1).is("timeout") || peek(1).is("expectation"))) {
    take();
    set.data_types = {"ct " + std::string(take().text)};
  } else {
    set.data_typeof = concat(Side::Left);
  }
}

void Parser::set_elements(ast::Set& set) {
  if (peek().punct("{")) {
    const ExprPtr list = make(ExprKind::Set, take().at);
    set_members(*list);
    for (ExprPtr& element : list->args) set.elements.push_back(std::move(element));
    if (failed_) set.broken = true;
    return;
  }
  ExprPtr elements = primary(Side::Right);
  if (elements == nullptr) {
    set.broken = true;
    return;
  }
  if (elements->kind != ExprKind::Set) {
    ExprPtr one = make(ExprKind::Element, elements->at);
    one->args.push_back(std::move(elements));
    set.elements.push_back(std::move(one));
    return;
  }
  for (ExprPtr& element : elements->args) set.elements.push_back(std::move(element));
}

// The kind of object whose name follows; nothing is taken when none does.
std::string Parser::object_kind() {
  const Token& first = peek();
  if (first.is("ct") &&
      (peek(1).is("helper") || peek(1).is("timeout") || peek(1).is("expectation"))) {
    take();
    return "ct " + std::string(take().text);
  }
  if (first.kind != TokenKind::Word || !words::contains(kObjectTypes, first.text)) return {};
  return std::string(take().text);
}

// "counter c { packets 0 bytes 0 }", as a command also "counter inet t c packets 0 bytes 0".
void Parser::object(ast::Table& table, const std::string& kind, const Path& path) {
  ast::Object& made = edit::object(table, kind, path.name, path.at);
  if (made.handle == 0) made.handle = handle_on_line(peek().at.line);
  const StmtKind body = kind == "counter"    ? StmtKind::Counter
                        : kind == "quota"    ? StmtKind::Quota
                        : kind == "limit"    ? StmtKind::Limit
                        : kind == "synproxy" ? StmtKind::Synproxy
                                             : StmtKind::Unknown;
  if (body != StmtKind::Unknown && made.body == nullptr) made.body = make(body, path.at);
  if (peek().punct("{")) {
    block("the " + kind, [this, &made] {
      object_item(made);
      // nft wants no separator between the comment and what the object is.
      if (made.body == nullptr || failed_) expect_end("this property");
    });
  } else if (!at_statement_end()) {
    object_item(made);
  }
}

void Parser::object_item(ast::Object& object) {
  const auto property = [this, &object](std::string key, std::string value) {
    if (!failed_) object.properties.emplace_back(std::move(key), std::move(value));
  };
  if (take_word("comment")) {
    object.comment = name("a string");
  } else if (object.kind == "counter") {
    if (!peek().is("packets") && !peek().is("bytes")) fail(peek(), "packets or bytes");
    while (peek().is("packets") || peek().is("bytes")) {
      const bool packets = take().is("packets");
      (packets ? object.body->number : object.body->number2) = number("a number");
      object.body->flag = true;
    }
  } else if (object.kind == "quota") {
    quota_size(*object.body);
  } else if (object.kind == "limit") {
    expect_word("rate");
    limit_rate(*object.body);
  } else if (object.kind == "synproxy") {
    const std::size_t before = object.body->options.size();
    synproxy_options(*object.body);
    if (object.body->options.size() == before) fail(peek(), "mss, wscale, timestamp or sack-perm");
  } else if (object.kind == "secmark") {
    property("context", name("a string"));
  } else if (object.kind == "ct helper" && take_word("type")) {
    property("type", name("the name of a helper"));
    if (take_word("protocol")) property("protocol", name("tcp or udp"));
  } else if (object.kind == "ct timeout" && take_word("policy")) {
    expect_punct("=");
    expect_punct("{");
    while (!failed_) {
      skip_newlines();
      if (take_punct("}")) break;
      const std::string state = name("a state of a connection");
      expect_punct(":");
      property("policy " + state, std::to_string(time_ms("a number of seconds") / 1000));
      skip_newlines();
      if (!peek().punct("}")) expect_punct(",");
    }
  } else if (object.kind == "ct expectation" && take_word("timeout")) {
    property("timeout", std::to_string(time_ms("a time like 1h30m")));
  } else {
    // "l3proto ip", "id 10", "ip saddr 192.0.2.1", "erspan { version 1 }"
    std::string key = name("a property");
    while (peek().kind == TokenKind::Word && peek(1).kind != TokenKind::Newline &&
           peek(1).kind != TokenKind::Semicolon && !peek(1).punct("}"))
      key += " " + std::string(take().text);
    if (peek().punct("{")) {
      block("the " + key, [this, &object] {
        object_item(object);
        expect_end("this property");
      });
    } else {
      property(key, name("a value"));
    }
  }
}

}  // namespace pktwalk::nft

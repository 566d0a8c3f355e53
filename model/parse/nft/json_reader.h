// SPDX-License-Identifier: MIT
// The reader of nft's JSON: from_json (tables and what is in them), json_stmt, json_expr.
//
// JSON says less than nft's language in some places: whether a value stands in quotes, is in
// hexadecimal digits, or a comparison was written with "==". There the form is taken that `nft list
// ruleset` would print.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/host/host.h"
#include "model/netfilter/nft/ast.h"
#include "model/netfilter/nft/ast_copy.h"
#include "model/parse/json.h"

namespace pktwalk::nft {

class JsonReader {
 public:
  JsonReader(Host& host, std::uint32_t file) : host_(host), file_(file) {}
  ast::Ruleset read(const json::Value& list);

 private:
  using ExprPtr = ast::ExprPtr;
  using StmtPtr = ast::StmtPtr;

  // How nft prints the values of a type.
  enum class Form : std::uint8_t { Plain, Quoted, Mark };
  using Forms = std::vector<Form>;  // of a concatenation's parts; empty: all Plain

  // --- from_json.cpp
  void item(std::string_view kind, const json::Value& value, bool insert);
  ast::Table& table_of(const json::Value& value);
  void chain(const json::Value& value);
  void rule(const json::Value& value, bool insert);
  void set(const json::Value& value, bool map);
  void element(const json::Value& value);
  void flowtable(const json::Value& value);
  void object(std::string_view kind, const json::Value& value);
  void set_types(ast::Set& set, const json::Value& value);
  static Forms forms_of(const ast::Set& set);
  static Forms data_forms_of(const ast::Set& set);
  void elements(ast::Set& set, const json::Value& value);
  void fail(const json::Value& value, std::string what);
  void table_flags(ast::Table& table, const json::Value& value);
  ast::At at(const json::Value& value) const { return {.line = value.line, .column = 0}; }

  // --- json_stmt.cpp
  StmtPtr statement(const json::Value& value);
  StmtPtr statement_of(std::string_view kind, const json::Value& value);
  void text_statements(const json::Value& value, ast::Rule& rule);
  StmtPtr match(const json::Value& value);
  StmtPtr log(const json::Value& value);
  StmtPtr reject(const json::Value& value);
  StmtPtr nat(std::string_view kind, const json::Value& value);
  StmtPtr queue(const json::Value& value);
  StmtPtr synproxy(const json::Value& value);
  StmtPtr set_update(const json::Value& value, bool map);
  StmtPtr meter(const json::Value& value);
  StmtPtr copied(std::string_view kind, const json::Value& value);
  StmtPtr stateful(std::string_view kind, const json::Value& value);
  StmtPtr limit(const json::Value& value);
  StmtPtr quota(const json::Value& value);
  StmtPtr named(ast::StmtKind kind, const json::Value& value);
  void stateful_list(std::vector<StmtPtr>& into, const json::Value* list);

  // --- json_expr.cpp
  ExprPtr expr(const json::Value& value, const Forms& forms = {});
  ExprPtr expr_of(std::string_view kind, const json::Value& value, const Forms& forms);
  ExprPtr optional(const json::Value* value, const Forms& forms = {});
  ExprPtr immediate(const json::Value& value, Form form);
  ExprPtr set_expr(const json::Value& value, const Forms& forms, const Forms& data_forms = {});
  ExprPtr set_element(const json::Value& value, const Forms& forms, const Forms& data_forms);
  ExprPtr element_data(const json::Value& value, const Forms& forms);
  ExprPtr payload(const json::Value& value);
  ExprPtr header_option(std::string_view kind, const json::Value& value);
  ExprPtr hash(std::string_view kind, const json::Value& value);
  ExprPtr binary(std::string_view op, const json::Value& value, const Forms& forms);
  ExprPtr verdict(std::string_view kind, const json::Value& value);
  static Form form_of(const ast::Expr& expr);
  static Form form_of(std::string_view type);
  static Forms forms_of(const ast::Expr& expr);

  Host& host_;
  std::uint32_t file_;
  ast::Ruleset ruleset_;
  std::string family_, table_;  // of the rule that is being read
  std::uint64_t hidden_chains_ = 0;
};

// The words of a list of words, or the one word.
std::vector<std::string> json_words(const json::Value* value);

}  // namespace pktwalk::nft

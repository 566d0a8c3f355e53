// SPDX-License-Identifier: MIT
// The parser of the nft language: recursive descent over tokens, one file a part of the grammar
// (parse_command, parse_table, parse_set, parse_stmt, parse_nat, parse_expr, parse_selector).
//
// After an error nothing more is read: peek() answers End, so that every loop ends and every
// function returns. The reader of the rule, statement or block that was being read then calls
// recover() and goes on behind it. Hence functions may return null, and their callers need no tests
// beyond not using it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/host/host.h"
#include "model/netfilter/nft/ast.h"
#include "model/netfilter/nft/ast_copy.h"
#include "model/parse/nft/lexer.h"

namespace pktwalk::nft {

class Parser {
 public:
  // Chains in braces are numbered from `hidden_chains` on.
  Parser(Host& host, std::uint32_t file, const Text& text, std::uint64_t hidden_chains = 0);
  ast::Ruleset parse();

 private:
  friend class Depth;
  using At = ast::At;
  using ExprPtr = ast::ExprPtr;
  using StmtPtr = ast::StmtPtr;

  // Where a symbol stands: left of a comparison, right of it, or behind "to" and "set".
  enum class Side : std::uint8_t { Left, Right, Statement };

  // Where a table, chain, set or object is: "inet filter input".
  struct Path {
    At at;
    std::string family = "ip";
    std::string table;
    std::string name;
    std::uint64_t handle = 0;
  };

  // --- parser.cpp: tokens, errors, variables
  const Token& peek(std::size_t ahead = 0) const;
  const Token& previous() const { return tokens_[at_ == 0 ? 0 : at_ - 1]; }
  const Token& take();
  bool take_word(std::string_view word);
  bool take_punct(std::string_view sign);
  bool expect_word(std::string_view word);
  bool expect_punct(std::string_view sign);
  bool at_separator() const;
  bool at_statement_end() const;
  void skip_newlines();
  void skip_separators();
  // The end of a statement: a separator is taken, a brace that closes the block is left.
  void expect_end(std::string_view what);
  void fail(const Token& found, std::string_view wanted, std::string hint = {});
  void report(const Token& where, Severity severity, std::string what, std::string hint = {});
  // Behind the statement that began at token `from`; false when it was read without error.
  bool recover(std::size_t from);
  bool looks_like_block(std::size_t at) const;
  bool looks_like_rule(std::size_t at) const;
  bool block_was_left_open(std::string_view what);
  std::string name(std::string_view wanted);
  std::string word_or_string(std::string_view wanted);
  std::uint64_t number(std::string_view wanted);
  std::uint64_t time_ms(std::string_view wanted);
  std::uint64_t handle_on_line(std::uint32_t line) const;
  bool banner_above(std::uint32_t line) const;  // of iptables-nft
  std::string source_text(std::size_t from, std::size_t to) const;
  const ast::Expr* variable(const Token& token);
  std::string variable_text(const Token& token);
  std::string with_variables(const Token& token);
  void open_scope() { scopes_.emplace_back(); }
  void close_scope() { scopes_.pop_back(); }
  bool common_line();  // include, define, redefine, undefine
  void define(bool again);

  // --- parse_command.cpp
  void command();
  void add_command(bool insert);
  void add_rule(bool insert);
  void replace_rule();
  void delete_command(bool strict);
  void delete_element(const Path& path);
  void flush_command();
  void rename_command();
  void skip_command();
  Path table_path();
  Path path(std::string_view wanted);
  ast::Table& table_of(const Path& path, bool strict);
  ast::Chain& chain_of(const Path& path, const Token& where);

  // --- parse_table.cpp
  void table_block(ast::Table& table);
  void place_hidden_chains(ast::Table& table);
  void table_item(ast::Table& table);
  void chain_block(ast::Chain& chain);
  void chain_item(ast::Chain& chain);
  void hook_line(ast::Chain& chain);
  void priority(std::string& name, std::int64_t& number);
  std::vector<std::string> devices();
  ast::Rule rule();
  void flowtable_block(ast::Flowtable& flowtable);
  // "{ item; item }": an item that cannot be read is skipped.
  template <typename Item>
  void block(std::string_view what, Item item);
  std::vector<std::string> word_list(std::string_view wanted);

  // --- parse_set.cpp
  void set_block(ast::Set& set);
  void set_item(ast::Set& set);
  void set_type(ast::Set& set);
  void set_typeof(ast::Set& set);
  std::vector<std::string> data_types();
  void set_elements(ast::Set& set);
  void object(ast::Table& table, const std::string& kind, const Path& path);
  void object_item(ast::Object& object);
  std::string object_kind();  // "ct helper" and the like; "" when none follows

  // --- parse_stmt.cpp
  StmtPtr statement();
  StmtPtr statement_of(const Token& first);
  StmtPtr match_statement();
  StmtPtr verdict_statement();
  ExprPtr verdict(bool braces);  // whether a chain in braces may follow
  StmtPtr stateful();            // null without error: no such statement here
  StmtPtr counter();
  StmtPtr limit();
  void limit_rate(ast::Stmt& limit);
  StmtPtr quota();
  void quota_size(ast::Stmt& quota);
  StmtPtr last();
  StmtPtr ct_statement();
  StmtPtr meta_statement();
  StmtPtr set_update(const std::string& op);
  StmtPtr old_set_update();
  StmtPtr meter();
  StmtPtr flow();
  StmtPtr named(StmtPtr stmt);

  // --- parse_nat.cpp
  StmtPtr log();
  void log_flags(ast::Stmt& log);
  StmtPtr reject();
  StmtPtr nat();
  StmtPtr tproxy();
  StmtPtr dup();
  StmtPtr fwd();
  StmtPtr queue();
  StmtPtr synproxy();
  void synproxy_options(ast::Stmt& synproxy);
  bool flag_list(ast::Stmt& stmt, std::initializer_list<std::string_view> flags);

  // --- parse_expr.cpp
  ExprPtr concat(Side side);
  ExprPtr arithmetic(Side side, int level = 0);
  ExprPtr primary(Side side);
  ExprPtr symbol(Side side);
  ExprPtr right_side();
  ExprPtr range_or_prefix(Side side);
  ExprPtr statement_expr();
  ExprPtr map_data();
  ExprPtr set_expr();
  void set_members(ast::Expr& set);
  ExprPtr element(bool with_data);
  void element_options(ast::Expr& element);
  ExprPtr element_data();
  ExprPtr set_reference();
  ExprPtr initializer();

  // --- parse_selector.cpp
  ExprPtr selector();  // null without error: no selector here
  ExprPtr payload(const Token& first);
  ExprPtr raw_payload();
  ExprPtr tcp_option(const Token& first);
  ExprPtr meta();
  ExprPtr ct();
  ExprPtr fib();
  ExprPtr hash(const Token& first);
  ExprPtr xfrm(const Token& first);
  ExprPtr exthdr(const Token& first);
  ExprPtr tunnel(const Token& first);
  bool begins_selector(std::size_t ahead) const;

  Host& host_;
  std::uint32_t file_;
  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<Comment> comments_;
  Token stop_;  // what peek() answers after an error
  std::size_t at_ = 0;
  bool failed_ = false;
  bool left_open_ = false;  // a block ended without its brace, before another one
  int errors_ = 0;
  int depth_ = 0;
  std::uint64_t hidden_chains_ = 0;
  std::vector<ast::Chain> hidden_;  // of "jump { ... }", until their table gets them
  ast::Ruleset ruleset_;
  std::vector<std::map<std::string, ExprPtr, std::less<>>> scopes_;
};

// Counts nesting, so that a file of a million brackets is an error and no crash.
class Depth {
 public:
  explicit Depth(Parser& parser);
  ~Depth() { --parser_.depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  Parser& parser_;
};

template <typename Item>
void Parser::block(std::string_view what, Item item) {
  const Depth depth(*this);
  if (!expect_punct("{")) return;
  left_open_ = false;
  open_scope();
  while (true) {
    skip_separators();
    if (take_punct("}") || failed_ || block_was_left_open(what)) break;
    const std::size_t from = at_;
    if (!common_line()) item();
    recover(from);
  }
  close_scope();
}

}  // namespace pktwalk::nft

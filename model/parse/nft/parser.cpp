// SPDX-License-Identifier: MIT
// What all parts of the parser use: tokens, messages, going on after an error, variables.
#include "model/parse/nft/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "model/netfilter/nft/number.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {
namespace {

constexpr int kMaxErrors = 20;
constexpr int kMaxDepth = 64;

std::string shown(const Token& token) {
  switch (token.kind) {
    case TokenKind::Newline:
      return "the end of the line";
    case TokenKind::Semicolon:
      return "\";\"";
    case TokenKind::End:
      return "the end of the file";
    case TokenKind::Variable:
      return fmt::format("\"${}\"", token.text);
    case TokenKind::Quoted:
      return fmt::format("the string \"{}\"", token.text);
    case TokenKind::XtName:
      return fmt::format("the match xt_{}", token.text);
    case TokenKind::Junk:
      if (token.text.starts_with("\"")) return "a string without closing quote";
      break;
    case TokenKind::Word:
    case TokenKind::Number:
    case TokenKind::Punct:
      break;
  }
  return fmt::format("\"{}\"", token.text);
}

std::uint32_t length_of(const Token& token) {
  return token.end_column > token.at.column ? token.end_column - token.at.column : 1;
}

}  // namespace

Depth::Depth(Parser& parser) : parser_(parser) {
  if (++parser_.depth_ > kMaxDepth) parser_.fail(parser_.peek(), "fewer nested brackets");
}

Parser::Parser(Host& host, std::uint32_t file, const Text& text, std::uint64_t hidden_chains)
    : host_(host), file_(file), text_(text.text), hidden_chains_(hidden_chains) {
  Tokens read = tokenize(text);
  tokens_ = std::move(read.tokens);
  comments_ = std::move(read.comments);
  if (read.continued_with_blanks)
    report(tokens_.front(), Severity::Note, "blanks behind a \\ at the end of a line");
  if (read.crlf) report(tokens_.front(), Severity::Note, "lines end with CR LF");
  if (!text_.empty() && text_.back() != '\n')
    report(tokens_.back(), Severity::Note, "the last line does not end: is the file complete?");
  stop_ = tokens_.back();
}

ast::Ruleset Parser::parse() {
  open_scope();
  while (true) {
    skip_separators();
    if (peek().kind == TokenKind::End) break;
    const std::size_t from = at_;
    if (!common_line()) command();
    recover(from);
    if (at_ == from) ++at_;
  }
  close_scope();
  return std::move(ruleset_);
}

const Token& Parser::peek(std::size_t ahead) const {
  if (failed_ || at_ + ahead >= tokens_.size()) return stop_;
  return tokens_[at_ + ahead];
}

const Token& Parser::take() {
  const Token& token = peek();
  if (!failed_ && token.kind != TokenKind::End) ++at_;
  return token;
}

bool Parser::take_word(std::string_view word) {
  if (!peek().is(word)) return false;
  take();
  return true;
}

bool Parser::take_punct(std::string_view sign) {
  if (!peek().punct(sign)) return false;
  take();
  return true;
}

bool Parser::expect_word(std::string_view word) {
  if (take_word(word)) return true;
  fail(peek(), fmt::format("\"{}\"", word));
  return false;
}

bool Parser::expect_punct(std::string_view sign) {
  if (take_punct(sign)) return true;
  fail(peek(), fmt::format("\"{}\"", sign));
  return false;
}

bool Parser::at_separator() const {
  const TokenKind kind = peek().kind;
  return kind == TokenKind::Newline || kind == TokenKind::Semicolon;
}

bool Parser::at_statement_end() const {
  return at_separator() || peek().kind == TokenKind::End || peek().punct("}");
}

void Parser::skip_newlines() {
  while (peek().kind == TokenKind::Newline) take();
}

void Parser::skip_separators() {
  while (at_separator()) take();
}

void Parser::expect_end(std::string_view what) {
  if (left_open_) {  // that has been said
    left_open_ = false;
  } else if (at_separator()) {
    take();
  } else if (!at_statement_end()) {
    fail(peek(), fmt::format("the end of {}", what));
  }
}

void Parser::report(const Token& where, Severity severity, std::string what, std::string hint) {
  host_.diagnostics.push_back({.severity = severity,
                               .at = {file_, where.at.line},
                               .column = where.at.column,
                               .length = length_of(where),
                               .what = std::move(what),
                               .hint = std::move(hint)});
}

void Parser::fail(const Token& found, std::string_view wanted, std::string hint) {
  if (failed_) return;
  if (++errors_ <= kMaxErrors) {
    report(found, Severity::Error, fmt::format("{} found, {} expected", shown(found), wanted),
           std::move(hint));
  } else if (errors_ == kMaxErrors + 1) {
    report(found, Severity::Error, "more errors follow in this file; they are not shown");
  }
  failed_ = true;
}

bool Parser::recover(std::size_t from) {
  if (!failed_) return true;
  failed_ = false;
  const std::size_t broken = at_;
  int open = 0;
  for (at_ = from; at_ + 1 < tokens_.size(); ++at_) {
    const Token& token = tokens_[at_];
    if (token.punct("{")) {
      ++open;
    } else if (token.punct("}")) {
      if (open == 0) return false;
      --open;
    } else if (at_ >= broken &&
               (token.kind == TokenKind::Newline || token.kind == TokenKind::Semicolon)) {
      const bool next_begins = token.kind == TokenKind::Newline &&
                               (looks_like_block(at_ + 1) || looks_like_rule(at_ + 1));
      if (open == 0 || next_begins) break;
    }
  }
  return false;
}

// "chain input {", where a statement should stand: the block before was not closed.
bool Parser::looks_like_block(std::size_t at) const {
  constexpr std::array<std::string_view, 5> kBlocks = {"table", "chain", "set", "map", "flowtable"};
  while (at < tokens_.size() && tokens_[at].kind == TokenKind::Newline) ++at;
  if (at + 2 >= tokens_.size() || tokens_[at].kind != TokenKind::Word) return false;
  if (std::find(kBlocks.begin(), kBlocks.end(), tokens_[at].text) == kBlocks.end()) return false;
  const auto is_name = [this](std::size_t i) { return tokens_[i].kind == TokenKind::Word; };
  if (!is_name(at + 1)) return false;
  return tokens_[at + 2].punct("{") ||
         (at + 3 < tokens_.size() && is_name(at + 2) && tokens_[at + 3].punct("{"));
}

// "tcp dport 22 accept" behind the end of a line, where elements of a set should stand: the set was
// not closed.
bool Parser::looks_like_rule(std::size_t at) const {
  constexpr std::array<std::string_view, 9> kStatements = {
      "counter", "log", "limit", "reject", "masquerade", "snat", "dnat", "redirect", "notrack"};
  if (at >= 2 && (tokens_[at - 2].punct(",") || tokens_[at - 2].punct(":"))) return false;
  while (at < tokens_.size() && tokens_[at].kind == TokenKind::Newline) ++at;
  if (at >= tokens_.size() || tokens_[at].kind != TokenKind::Word) return false;
  const std::string_view word = tokens_[at].text;
  return words::contains(words::verdicts(), word) || words::contains(kStatements, word) ||
         begins_selector(at - at_);
}

bool Parser::block_was_left_open(std::string_view what) {
  if (peek().kind == TokenKind::End) {
    fail(peek(), fmt::format("\"}}\" behind {}", what));
    return true;
  }
  const bool inside_table = what == "the table";
  if (!looks_like_block(at_) || (inside_table && !peek().is("table"))) return false;
  if (++errors_ <= kMaxErrors)
    report(peek(), Severity::Error,
           fmt::format("\"{}\" found, \"}}\" behind {} expected", peek().text, what));
  left_open_ = true;
  return true;
}

std::string Parser::name(std::string_view wanted) {
  const Token& token = peek();
  if (token.kind == TokenKind::Word || token.kind == TokenKind::Quoted) {
    take();
    return std::string(token.text);
  }
  if (token.kind == TokenKind::Number) {
    take();
    return std::string(token.text);
  }
  if (token.kind == TokenKind::Variable) return variable_text(take());
  fail(token, wanted);
  return {};
}

std::string Parser::word_or_string(std::string_view wanted) { return name(wanted); }

std::uint64_t Parser::number(std::string_view wanted) {
  const Token& token = peek();
  if (token.kind == TokenKind::Number) {
    take();
    return token.value;
  }
  if (token.kind == TokenKind::Variable) {
    const std::string text = variable_text(take());
    if (const auto value = parse_number(text)) return *value;
  }
  fail(token, wanted);
  return 0;
}

std::uint64_t Parser::time_ms(std::string_view wanted) {
  const Token& token = peek();
  const std::string text =
      token.kind == TokenKind::Variable ? variable_text(take()) : std::string(take().text);
  if (const auto seconds = parse_number(text)) {
    return *seconds > std::numeric_limits<std::uint64_t>::max() / 1000
               ? std::numeric_limits<std::uint64_t>::max()
               : *seconds * 1000;
  }
  if (const auto time = parse_time_ms(text)) return *time;
  fail(token, wanted);
  return 0;
}

std::uint64_t Parser::handle_on_line(std::uint32_t line) const {
  constexpr std::string_view kHandle = "handle ";
  auto comment =
      std::lower_bound(comments_.begin(), comments_.end(), line,
                       [](const Comment& one, std::uint32_t wanted) { return one.line < wanted; });
  for (; comment != comments_.end() && comment->line == line; ++comment) {
    const std::size_t at = comment->text.rfind(kHandle);
    if (at == std::string_view::npos || (at > 0 && comment->text[at - 1] != ' ')) continue;
    if (const auto value = parse_number(comment->text.substr(at + kHandle.size()))) return *value;
  }
  return 0;
}

bool Parser::banner_above(std::uint32_t line) const {
  for (const Comment& comment : comments_) {
    if (comment.line + 1 == line &&
        comment.text.find("managed by iptables-nft") != std::string_view::npos)
      return true;
  }
  return false;
}

// The tokens from..to as they were written, in one line: without comments and continuations.
std::string Parser::source_text(std::size_t from, std::size_t to) const {
  std::string text;
  for (std::size_t i = from; i < to; ++i) {
    const Token& token = tokens_[i];
    if (token.kind == TokenKind::Newline) continue;
    if (i > from && token.begin > tokens_[i - 1].end) {
      // Blanks between words stay as they are; a comment or a line's end becomes one blank.
      const std::string_view between =
          text_.substr(tokens_[i - 1].end, token.begin - tokens_[i - 1].end);
      const bool blanks = between.find_first_not_of(" \t") == std::string_view::npos;
      if (blanks && tokens_[i - 1].kind != TokenKind::Newline) {
        text += between;
      } else if (!text.empty() && text.back() != ' ') {
        text += ' ';
      }
    } else if (i > from && tokens_[i - 1].kind == TokenKind::Newline && !text.empty() &&
               text.back() != ' ') {
      text += ' ';
    }
    text += text_.substr(token.begin, token.end - token.begin);
  }
  return text;
}

const ast::Expr* Parser::variable(const Token& token) {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->find(token.text);
    if (found != scope->end()) return found->second.get();
  }
  if (!failed_) {
    if (++errors_ <= kMaxErrors)
      report(token, Severity::Error, fmt::format("the variable ${} is not defined", token.text));
    failed_ = true;
  }
  return nullptr;
}

std::string Parser::variable_text(const Token& token) {
  const ast::Expr* value = variable(token);
  if (value == nullptr) return {};
  const ast::Expr* inner = value;
  // "define wan = { eth0 }" is one device, too.
  while (inner->kind == ast::ExprKind::Set || inner->kind == ast::ExprKind::Element ||
         inner->kind == ast::ExprKind::List) {
    if (inner->args.size() != 1 && inner->kind != ast::ExprKind::Element) break;
    inner = inner->args.front().get();
  }
  if (inner->kind != ast::ExprKind::Symbol && inner->kind != ast::ExprKind::String) {
    fail(token, "a variable with one plain value");
    return {};
  }
  return inner->text;
}

// A string in which "$name" stands for a variable's value, as in the prefix of log.
std::string Parser::with_variables(const Token& token) {
  std::string text;
  std::string_view rest = token.text;
  while (!rest.empty()) {
    const std::size_t dollar = std::min(rest.find('$'), rest.size());
    text += rest.substr(0, dollar);
    rest.remove_prefix(dollar);
    if (rest.empty()) break;
    std::size_t length = 1;
    while (length < rest.size() &&
           (std::isalnum(static_cast<unsigned char>(rest[length])) != 0 || rest[length] == '_'))
      ++length;
    Token name = token;
    name.text = rest.substr(1, length - 1);
    text += length == 1 ? "$" : variable_text(name);
    rest.remove_prefix(length);
  }
  return text;
}

bool Parser::common_line() {
  const Token& first = peek();
  if (first.is("include")) {
    take();
    const Token& file = peek();
    const std::string path = name("the name of a file");
    // A pattern that no file fits is no error to nft, and rarely does one fit.
    const bool pattern = path.find_first_of("*?[") != std::string::npos;
    if (!failed_)
      report(file, pattern ? Severity::Warning : Severity::Error,
             fmt::format("the file \"{}\" is not included", path),
             "put its text in the place of the include, or give the output of: nft list ruleset");
    expect_end("include");
  } else if (first.is("define") || first.is("redefine")) {
    take();
    define(first.is("redefine"));
  } else if (first.is("undefine")) {
    take();
    const std::string variable_name = name("the name of a variable");
    if (!failed_ && scopes_.back().erase(variable_name) == 0)
      report(previous(), Severity::Warning,
             fmt::format("the variable {} is not defined", variable_name));
    expect_end("undefine");
  } else {
    return false;
  }
  return true;
}

void Parser::define(bool again) {
  const Token& where = peek();
  const std::string variable_name = name("the name of a variable");
  expect_punct("=");
  ExprPtr value = initializer();
  expect_end("define");
  if (failed_ || value == nullptr) return;
  if (!again && scopes_.back().contains(variable_name))
    report(
        where, Severity::Warning,
        fmt::format("the variable {} is defined twice; the later value is taken", variable_name));
  scopes_.back()[variable_name] = std::move(value);
}

}  // namespace pktwalk::nft

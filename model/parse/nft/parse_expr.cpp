// SPDX-License-Identifier: MIT
// Expressions: calculations, concatenations, ranges, sets and their elements, maps.
#include <array>
#include <utility>

#include "model/netfilter/nft/number.h"
#include "model/parse/nft/parser.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {

using ast::ExprKind;
using ast::ExprPtr;
using ast::make;

namespace {

constexpr int kMaxOperators = 256;

struct Operator {
  std::string_view sign, word;
  int level;
};

// In the order of nft's grammar: what stands later binds tighter.
constexpr std::array<Operator, 5> kOperators = {
    {{"|", "or", 0}, {"^", "xor", 1}, {"&", "and", 2}, {"<<", "lshift", 3}, {">>", "rshift", 3}}};
constexpr int kPrimaryLevel = 4;

const Operator* operator_at(const Token& token, int level) {
  for (const Operator& one : kOperators) {
    if (one.level == level && (token.punct(one.sign) || token.is(one.word))) return &one;
  }
  return nullptr;
}

ExprPtr joined(ExprKind kind, std::vector<ExprPtr> args) {
  ExprPtr whole = make(kind, args.front() ? args.front()->at : ast::At{});
  whole->args = std::move(args);
  return whole;
}

template <typename... Args>
std::vector<ExprPtr> list_of(Args... args) {
  std::vector<ExprPtr> list;
  (list.push_back(std::move(args)), ...);
  return list;
}

}  // namespace

ExprPtr Parser::arithmetic(Side side, int level) {
  if (level == kPrimaryLevel) return primary(side);
  ExprPtr left = arithmetic(side, level + 1);
  const Side right = side == Side::Left ? Side::Right : side;
  for (int count = 0; left != nullptr; ++count) {
    const Operator* found = operator_at(peek(), level);
    if (found == nullptr) break;
    if (count == kMaxOperators) fail(peek(), "fewer operators");
    take();
    ExprPtr operand = arithmetic(right, level + 1);
    if (operand == nullptr) return nullptr;
    left = joined(ExprKind::Binary, list_of(std::move(left), std::move(operand)));
    left->text = found->sign;
  }
  return left;
}

ExprPtr Parser::primary(Side side) {
  const Depth depth(*this);
  const Token& token = peek();
  if (take_punct("(")) {
    ExprPtr inner = arithmetic(side);
    expect_punct(")");
    return inner;
  }
  if (token.kind == TokenKind::Variable) {
    const ast::Expr* value = variable(take());
    return value == nullptr ? nullptr : copy_at(*value, token.at);
  }
  if (side == Side::Left || (side == Side::Statement && begins_selector(0))) {
    ExprPtr found = selector();
    if (found != nullptr || failed_) return found;
  }
  return symbol(side);
}

ExprPtr Parser::symbol(Side side) {
  const Token& token = peek();
  const bool word = token.kind == TokenKind::Word && !words::is_reserved(token.text);
  if (token.kind == TokenKind::Quoted) {
    take();
    return make(ExprKind::String, token.at, std::string(token.text));
  }
  if (token.kind == TokenKind::Number || (word && side != Side::Left)) {
    take();
    return make(ExprKind::Symbol, token.at, std::string(token.text));
  }
  fail(token, side == Side::Left ? "a statement or an expression" : "a value");
  return nullptr;
}

// "1-5", "10.0.0.0/8" or a plain value.
ExprPtr Parser::range_or_prefix(Side side) {
  ExprPtr first = arithmetic(side);
  if (first == nullptr) return nullptr;
  if (peek().punct("/") && peek(1).kind == TokenKind::Number) {
    take();
    ExprPtr prefix = joined(ExprKind::Prefix, list_of(std::move(first)));
    prefix->number = number("the length of a prefix");
    return prefix;
  }
  if (take_punct("-")) {
    ExprPtr last = arithmetic(side);
    if (last == nullptr) return nullptr;
    return joined(ExprKind::Range, list_of(std::move(first), std::move(last)));
  }
  return first;
}

ExprPtr Parser::concat(Side side) {
  const auto part = [this, side] {
    return side == Side::Left ? arithmetic(side) : range_or_prefix(side);
  };
  ExprPtr first = part();
  if (!peek().punct(".")) return first;
  std::vector<ExprPtr> parts = list_of(std::move(first));
  while (take_punct(".")) {
    skip_newlines();
    parts.push_back(part());
  }
  if (failed_) return nullptr;
  return joined(ExprKind::Concat, std::move(parts));
}

// What is compared with, without the mask of "syn / syn,ack".
ExprPtr Parser::right_side() {
  if (peek().punct("{")) return set_expr();
  if (peek().punct("@")) return set_reference();
  ExprPtr first = concat(Side::Right);
  if (!peek().punct(",")) return first;
  std::vector<ExprPtr> items = list_of(std::move(first));
  while (take_punct(",")) {
    skip_newlines();
    items.push_back(arithmetic(Side::Right));
  }
  if (failed_) return nullptr;
  return joined(ExprKind::List, std::move(items));
}

// What stands behind "to" and "set".
ExprPtr Parser::statement_expr() {
  ExprPtr value = concat(Side::Statement);
  if (take_word("map")) {
    ExprPtr data = map_data();
    if (data == nullptr || value == nullptr) return nullptr;
    return joined(ExprKind::Map, list_of(std::move(value), std::move(data)));
  }
  if (!peek().punct(",")) return value;
  std::vector<ExprPtr> items = list_of(std::move(value));
  while (take_punct(",")) items.push_back(primary(Side::Statement));
  if (failed_) return nullptr;
  return joined(ExprKind::List, std::move(items));
}

ExprPtr Parser::map_data() {
  if (peek().punct("{")) return set_expr();
  if (peek().kind == TokenKind::Variable) return primary(Side::Right);
  return set_reference();
}

ExprPtr Parser::set_reference() {
  const Token& token = peek();
  if (token.kind == TokenKind::Variable) {
    const ast::Expr* value = variable(take());
    return value == nullptr ? nullptr : copy_at(*value, token.at);
  }
  if (!take_punct("@")) {
    fail(token, "a set: \"{ ... }\" or \"@name\"");
    return nullptr;
  }
  std::string set = name("the name of a set");
  if (failed_) return nullptr;
  return make(ExprKind::SetRef, token.at, std::move(set));
}

ExprPtr Parser::set_expr() {
  const Depth depth(*this);
  ExprPtr set = make(ExprKind::Set, peek().at);
  if (!expect_punct("{")) return nullptr;
  set_members(*set);
  if (failed_) return nullptr;
  return set;
}

// A set in a set gives its elements, as nft does: "{ $servers, 10.0.0.1 }".
void Parser::set_members(ast::Expr& set) {
  while (true) {
    skip_newlines();
    if (take_punct("}")) return;
    ExprPtr member;
    if (peek().punct("{")) {
      member = set_expr();
    } else {
      member = element(true);
    }
    if (member == nullptr) return;
    ast::Expr* inner = member.get();
    if (inner->kind == ExprKind::Element && inner->args.size() == 1) inner = inner->args[0].get();
    if (inner->kind == ExprKind::Set || inner->kind == ExprKind::List) {
      for (ExprPtr& one : inner->args) {
        if (one->kind != ExprKind::Element)
          one = joined(ExprKind::Element, list_of(std::move(one)));
        set.args.push_back(std::move(one));
      }
    } else {
      set.args.push_back(std::move(member));
    }
    skip_newlines();
    if (take_punct("}")) return;
    if (!peek().punct(",")) return fail(peek(), "\",\" or \"}\"");
    take();
  }
}

ExprPtr Parser::element(bool with_data) {
  const Token& first = peek();
  ExprPtr key;
  if (take_punct("*")) {
    key = make(ExprKind::Wildcard, first.at, "*");
  } else {
    key = concat(with_data ? Side::Right : Side::Statement);
  }
  if (key == nullptr) return nullptr;
  ExprPtr whole = make(ExprKind::Element, first.at);
  whole->args.push_back(std::move(key));
  element_options(*whole);
  if (with_data && take_punct(":")) {
    skip_newlines();
    whole->args.push_back(element_data());
    element_options(*whole);
  }
  if (failed_) return nullptr;
  const Token& last = previous();
  if (last.at.line == first.at.line && last.end_column > first.at.column)
    whole->length = last.end_column - first.at.column;
  return whole;
}

void Parser::element_options(ast::Expr& element) {
  while (!failed_) {
    if (take_word("timeout")) {
      // 0 is what the kernel takes as "no timeout".
      element.timeout_ms = take_word("never") ? 0 : time_ms("a time like 1h30m");
    } else if (take_word("expires")) {
      element.expires_ms = time_ms("a time like 1h30m");
    } else if (take_word("comment")) {
      element.comment = name("a string");
    } else {
      StmtPtr stmt = stateful();
      if (stmt == nullptr) return;
      element.stateful.push_back(std::move(stmt));
    }
  }
}

ExprPtr Parser::element_data() {
  const Token& token = peek();
  if (token.kind == TokenKind::Word &&
      (words::contains(words::verdicts(), token.text) || token.text == "queue"))
    return verdict(false);
  return concat(Side::Right);
}

// The value of a variable.
ExprPtr Parser::initializer() {
  const Token& token = peek();
  if (token.punct("-") && peek(1).kind == TokenKind::Number) {
    take();
    return make(ExprKind::Symbol, token.at, "-" + std::string(take().text));
  }
  if (token.kind == TokenKind::Word && words::contains(words::verdicts(), token.text) &&
      token.text != "jump" && token.text != "goto") {
    take();
    return make(ExprKind::Symbol, token.at, std::string(token.text));
  }
  return right_side();
}

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// Expressions in nft's language.
#include <fmt/format.h>

#include <array>

#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/number.h"

namespace pktwalk::nft::ast {

namespace {

// How tight an operator binds; what is no calculation binds tightest.
int strength(const Expr& expr) {
  if (expr.kind != ExprKind::Binary) return 4;
  if (expr.text == "|") return 0;
  if (expr.text == "^") return 1;
  return expr.text == "&" ? 2 : 3;
}

std::string arg(const Expr& expr, std::size_t index) {
  return index < expr.args.size() && expr.args[index] ? print(*expr.args[index]) : std::string();
}

std::string operand(const Expr& whole, std::size_t index) {
  if (index >= whole.args.size() || !whole.args[index]) return {};
  const Expr& part = *whole.args[index];
  const bool tighter =
      index == 0 ? strength(part) >= strength(whole) : strength(part) > strength(whole);
  return tighter ? print(part) : "(" + print(part) + ")";
}

std::string list(const Expr& expr, std::string_view between) {
  std::string text;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    if (i > 0) text += between;
    text += arg(expr, i);
  }
  return text;
}

// Words with one blank between, without the empty ones.
template <typename... Words>
std::string words(const Words&... all) {
  std::string text;
  const auto add = [&text](std::string_view word) {
    if (word.empty()) return;
    if (!text.empty()) text += ' ';
    text += word;
  };
  (add(all), ...);
  return text;
}

std::string with_number(std::string_view word, std::uint64_t number) {
  return number == 0 ? std::string() : fmt::format("{} {}", word, number);
}

std::string element(const Expr& expr) {
  std::string text = arg(expr, 0);
  for (const StmtPtr& stmt : expr.stateful) text += " " + print(*stmt);
  if (expr.timeout_ms)
    text += " timeout " + (*expr.timeout_ms == 0 ? "never" : time_text(*expr.timeout_ms));
  if (expr.expires_ms) text += " expires " + time_text(*expr.expires_ms);
  if (!expr.comment.empty()) text += " comment \"" + expr.comment + "\"";
  if (expr.args.size() > 1 && expr.args[1]) text += " : " + arg(expr, 1);
  return text;
}

std::string meta(const Expr& expr) {
  static constexpr std::array<std::string_view, 6> kBare = {"iif", "iifname", "iifgroup",
                                                            "oif", "oifname", "oifgroup"};
  for (const std::string_view key : kBare) {
    if (expr.text == key) return expr.text;
  }
  return "meta " + expr.text;
}

std::string exthdr(const Expr& expr) {
  if (expr.text2.empty()) return "exthdr " + expr.text;
  const std::string index = expr.number == 0 ? "" : fmt::format("[{}]", expr.number);
  return expr.text + " " + expr.text2 + index;
}

std::string tcp_option(const Expr& expr) {
  if (expr.text == "@")
    return fmt::format("tcp option @{},{},{}", expr.number, expr.number2, expr.number3);
  return words("tcp option", expr.text, expr.text2);
}

std::string hash(const Expr& expr) {
  std::string text = "symhash";
  if (expr.kind == ExprKind::Numgen) text = "numgen " + expr.text;
  if (expr.kind == ExprKind::Jhash) text = "jhash " + arg(expr, 0);
  text += fmt::format(" mod {}", expr.number);
  if (expr.seed) text += fmt::format(" seed 0x{:x}", *expr.seed);
  return words(text, with_number("offset", expr.number2));
}

}  // namespace

std::string print(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Symbol:
    case ExprKind::Unknown:
      return expr.text;
    case ExprKind::String:
      return "\"" + expr.text + "\"";
    case ExprKind::Wildcard:
      return "*";
    case ExprKind::Prefix:
      return fmt::format("{}/{}", arg(expr, 0), expr.number);
    case ExprKind::Range:
      return arg(expr, 0) + "-" + arg(expr, 1);
    case ExprKind::List:
      return list(expr, ",");
    case ExprKind::Set:
      return expr.args.empty() ? "{ }" : "{ " + list(expr, ", ") + " }";
    case ExprKind::Element:
      return element(expr);
    case ExprKind::SetRef:
      return "@" + expr.text;
    case ExprKind::Concat:
      return list(expr, " . ");
    case ExprKind::Payload:
      return expr.text + " " + expr.text2;
    case ExprKind::RawPayload:
      return fmt::format("@{},{},{}", expr.text, expr.number, expr.number2);
    case ExprKind::Exthdr:
      return exthdr(expr);
    case ExprKind::IpOption:
      return words("ip option", expr.text, expr.text2);
    case ExprKind::TcpOption:
      return tcp_option(expr);
    case ExprKind::SctpChunk:
      return words("sctp chunk", expr.text, expr.text2);
    case ExprKind::DccpOption:
      return fmt::format("dccp option {}", expr.number);
    case ExprKind::Meta:
      return meta(expr);
    case ExprKind::Ct:
      return words("ct", expr.text2, expr.text3, expr.text);
    case ExprKind::CtCount:
      return fmt::format("ct count {}", expr.number);
    case ExprKind::Rt:
      return words("rt", expr.text3, expr.text);
    case ExprKind::Socket:
      return words("socket", expr.text, with_number("level", expr.number));
    case ExprKind::Fib:
      return words("fib", expr.text, expr.text2);
    case ExprKind::Osf:
      return words("osf", expr.text2.empty() ? "" : "ttl " + expr.text2, expr.text);
    case ExprKind::Numgen:
    case ExprKind::Jhash:
    case ExprKind::Symhash:
      return hash(expr);
    case ExprKind::Xfrm:
      return words("ipsec", expr.text2, with_number("spnum", expr.number), expr.text3, expr.text);
    case ExprKind::Tunnel:
      return words(expr.text, expr.text2, arg(expr, 0));
    case ExprKind::Binary:
      return words(operand(expr, 0), expr.text, operand(expr, 1));
    case ExprKind::Map:
      return arg(expr, 0) + " map " + arg(expr, 1);
    case ExprKind::Verdict:
      return words(expr.text, expr.text2);
  }
  return {};
}

}  // namespace pktwalk::nft::ast

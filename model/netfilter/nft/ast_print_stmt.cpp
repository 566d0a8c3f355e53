// SPDX-License-Identifier: MIT
// Statements in nft's language.
#include <fmt/format.h>

#include <array>
#include <cctype>

#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/number.h"

namespace pktwalk::nft::ast {

namespace {

constexpr std::uint64_t kDefaultBurst = 5;  // packets

std::string arg(const Stmt& stmt, std::size_t index) {
  return index < stmt.args.size() && stmt.args[index] ? print(*stmt.args[index]) : std::string();
}

bool has(const Stmt& stmt, std::string_view option) {
  for (const auto& one : stmt.options) {
    if (one.first == option) return true;
  }
  return false;
}

struct Bytes {
  std::string_view name;
  std::uint64_t size;
};

// The largest unit that divides it: 25 mbytes, however it was written.
std::string bytes_text(std::uint64_t count, std::string_view unit) {
  static constexpr std::array<Bytes, 3> kUnits = {
      {{"mbytes", 1024 * 1024}, {"kbytes", 1024}, {"bytes", 1}}};
  for (const Bytes& one : kUnits) {
    if (one.name == unit) count *= one.size;
  }
  for (const Bytes& one : kUnits) {
    if (count % one.size == 0 && count != 0)
      return fmt::format("{} {}", count / one.size, one.name);
  }
  return "0 bytes";
}

std::string limit(const Stmt& stmt) {
  std::string text = stmt.over ? "rate over " : "rate ";
  text += stmt.text2 == "packets" || stmt.text2.empty() ? fmt::format("{}", stmt.number)
                                                        : bytes_text(stmt.number, stmt.text2);
  text += "/" + stmt.text;
  // nft 1.1 writes the burst that others leave out.
  if (!stmt.burst || (*stmt.burst == kDefaultBurst && stmt.text3 == "packets")) return text;
  return text + " burst " +
         (stmt.text3 == "packets" ? fmt::format("{} packets", *stmt.burst)
                                  : bytes_text(*stmt.burst, stmt.text3));
}

std::string quota(const Stmt& stmt) {
  std::string text = stmt.over ? "over " : "";
  text += bytes_text(stmt.number, stmt.text);
  if (stmt.number2 != 0) text += " used " + bytes_text(stmt.number2, stmt.text2);
  return text;
}

std::string options_text(const Stmt& stmt) {
  static constexpr std::string_view kTcp = "tcp ";
  std::string text;
  bool after_tcp = false;
  for (const auto& [key, value] : stmt.options) {
    const bool tcp = key == "flags" && value.starts_with(kTcp);
    if (tcp && after_tcp) {  // "flags tcp sequence,options"
      text += "," + value.substr(kTcp.size());
      continue;
    }
    after_tcp = tcp;
    text += " " + key;
    if (!value.empty()) text += key == "prefix" ? " \"" + value + "\"" : " " + value;
  }
  return text;
}

std::string flags_text(const Stmt& stmt, std::initializer_list<std::string_view> flags) {
  std::string text;
  for (const std::string_view flag : flags) {
    if (!has(stmt, flag)) continue;
    if (!text.empty()) text += ',';
    text += flag;
  }
  return text;
}

// An IPv6 address before a port stands in brackets.
std::string address(const Stmt& stmt, std::size_t index, bool port_follows) {
  const Expr* expr = index < stmt.args.size() ? stmt.args[index].get() : nullptr;
  if (expr == nullptr) return {};
  const auto one = [port_follows](const Expr& part) {
    const bool ipv6 = part.kind == ExprKind::Symbol && part.text.find(':') != std::string::npos;
    return ipv6 && port_follows ? "[" + part.text + "]" : print(part);
  };
  if (expr->kind == ExprKind::Range && expr->args.size() == 2)
    return one(*expr->args[0]) + "-" + one(*expr->args[1]);
  return one(*expr);
}

std::string nat(const Stmt& stmt) {
  std::string text = stmt.text;
  if (!stmt.text2.empty()) text += " " + stmt.text2;
  // "addr . port" and "interval" only say what the map's data show anyway.
  if (has(stmt, "prefix")) text += " prefix";
  const std::string port = arg(stmt, 1);
  const std::string to = address(stmt, 0, !port.empty());
  if (!to.empty() || !port.empty()) text += " to " + to + (port.empty() ? "" : ":" + port);
  const std::string flags = flags_text(stmt, {"random", "fully-random", "persistent"});
  return flags.empty() ? text : text + " " + flags;
}

std::string tproxy(const Stmt& stmt) {
  const std::string port = arg(stmt, 1);
  std::string text = "tproxy";
  if (!stmt.text2.empty()) text += " " + stmt.text2;
  return text + " to " + address(stmt, 0, true) + (port.empty() ? "" : ":" + port);
}

std::string copied(std::string_view word, const Stmt& stmt) {
  std::string text(word);
  if (!stmt.text2.empty()) text += " " + stmt.text2;
  text += " to " + arg(stmt, 0);
  const std::string device = arg(stmt, 1);
  return device.empty() ? text : text + " device " + device;
}

std::string reject(const Stmt& stmt) {
  if (stmt.options.empty()) return "reject";
  const std::string code = arg(stmt, 0);
  return "reject with " + stmt.options[0].second + (code.empty() ? "" : " " + code);
}

std::string set_update(const Stmt& stmt) {
  std::string text = stmt.text + " @" + stmt.text2;
  if (stmt.kind == StmtKind::Meter) {
    text = stmt.text2.empty() ? "meter" : "meter " + stmt.text2;
    if (stmt.number != 0) text += fmt::format(" size {}", stmt.number);
  }
  text += " { " + arg(stmt, 0);
  for (const StmtPtr& one : stmt.stateful) text += " " + print(*one);
  const std::string data = arg(stmt, 1);
  return text + (data.empty() ? "" : " : " + data) + " }";
}

// "syn,ack": names joined with "|"; "" for what else it may be.
std::string flag_names(const Expr* expr) {
  if (expr == nullptr) return {};
  if (expr->kind == ExprKind::Symbol && std::isalpha(static_cast<unsigned char>(expr->text[0])))
    return expr->text;
  if (expr->kind != ExprKind::Binary || expr->text != "|" || expr->args.size() != 2) return {};
  const std::string left = flag_names(expr->args[0].get());
  const std::string right = flag_names(expr->args[1].get());
  return left.empty() || right.empty() ? std::string() : left + "," + right;
}

// "tcp flags syn / syn,ack", which is tcp flags & (syn | ack) == syn; "" for other comparisons.
std::string masked_flags(const Stmt& stmt) {
  const Expr* left = stmt.args.empty() ? nullptr : stmt.args[0].get();
  if (left == nullptr || left->kind != ExprKind::Binary || left->text != "&" ||
      left->args.size() != 2 || stmt.args.size() != 2 || (stmt.op != "==" && stmt.op != "!="))
    return {};
  const std::string mask = flag_names(left->args[1].get());
  const std::string value = flag_names(stmt.args[1].get());
  if (mask.find(',') == std::string::npos || value.empty()) return {};
  return print(*left->args[0]) + (stmt.op == "==" ? " " : " != ") + value + " / " + mask;
}

std::string match(const Stmt& stmt) {
  if (const std::string flags = masked_flags(stmt); !flags.empty()) return flags;
  std::string op = stmt.op.empty() ? "" : " " + stmt.op;
  const bool calculated =
      !stmt.args.empty() && stmt.args[0] && stmt.args[0]->kind == ExprKind::Binary;
  const bool set = stmt.args.size() > 1 && stmt.args[1] && stmt.args[1]->kind == ExprKind::Set;
  if (calculated && set && op.empty()) op = " ==";
  return arg(stmt, 0) + op + " " + arg(stmt, 1);
}

// "counter name x" when an object is named, else what is given.
std::string named_or(const Stmt& stmt, std::string_view word, const std::string& own) {
  if (!stmt.args.empty()) return fmt::format("{} name {}", word, arg(stmt, 0));
  return own.empty() ? std::string(word) : fmt::format("{} {}", word, own);
}

std::string counter(const Stmt& stmt) {
  return stmt.flag ? fmt::format("packets {} bytes {}", stmt.number, stmt.number2) : "";
}

std::string queue(const Stmt& stmt) {
  std::string text = "queue";
  if (const std::string flags = flags_text(stmt, {"bypass", "fanout"}); !flags.empty())
    text += " flags " + flags;
  return stmt.args.empty() ? text : text + " to " + arg(stmt, 0);
}

}  // namespace

std::string print(const Stmt& stmt) {
  switch (stmt.kind) {
    case StmtKind::Match:
      return match(stmt);
    case StmtKind::Vmap:
      return arg(stmt, 0) + " vmap " + arg(stmt, 1);
    case StmtKind::Verdict:
      return arg(stmt, 0);
    case StmtKind::Set:
      return arg(stmt, 0) + " set " + arg(stmt, 1);
    case StmtKind::Counter:
      return named_or(stmt, "counter", counter(stmt));
    case StmtKind::Limit:
      return named_or(stmt, "limit", stmt.args.empty() ? limit(stmt) : "");
    case StmtKind::Quota:
      return named_or(stmt, "quota", stmt.args.empty() ? quota(stmt) : "");
    case StmtKind::CtCount:
      return fmt::format("ct count {}{}", stmt.over ? "over " : "", stmt.number);
    case StmtKind::Last:
      return stmt.flag ? "last" : "last used " + time_text(stmt.number);
    case StmtKind::Log:
      return "log" + options_text(stmt);
    case StmtKind::Reject:
      return reject(stmt);
    case StmtKind::Nat:
      return nat(stmt);
    case StmtKind::Tproxy:
      return tproxy(stmt);
    case StmtKind::Notrack:
      return "notrack";
    case StmtKind::Dup:
      return copied("dup", stmt);
    case StmtKind::Fwd:
      return copied("fwd", stmt);
    case StmtKind::Queue:
      return queue(stmt);
    case StmtKind::SetUpdate:
    case StmtKind::Meter:
      return set_update(stmt);
    case StmtKind::Synproxy:
      return stmt.args.empty() ? "synproxy" + options_text(stmt) : "synproxy name " + arg(stmt, 0);
    case StmtKind::Flow:
      return "flow add @" + stmt.text2;
    case StmtKind::CtObject:
      return "ct " + stmt.text + " set " + arg(stmt, 0);
    case StmtKind::Secmark:
      return "meta secmark set " + arg(stmt, 0);
    case StmtKind::ResetTcpOption:
      return "reset tcp option " + stmt.text;
    case StmtKind::Xt:
      return "xt " + stmt.text + " \"" + stmt.text2 + "\"";
    case StmtKind::Unknown:
      return stmt.text;
  }
  return {};
}

std::string print(const Rule& rule) {
  std::string text;
  for (const StmtPtr& stmt : rule.statements) {
    if (!text.empty()) text += ' ';
    text += print(*stmt);
  }
  if (!rule.comment.empty())
    text += (text.empty() ? "" : " ") + ("comment \"" + rule.comment + "\"");
  return text;
}

}  // namespace pktwalk::nft::ast

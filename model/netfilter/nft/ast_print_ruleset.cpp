// SPDX-License-Identifier: MIT
// Tables, chains, sets and objects in nft's language, laid out as `nft list ruleset` of nft 1.0.6
// does.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/number.h"

namespace pktwalk::nft::ast {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

void line(std::string& text, const std::string& content) {
  text += content;
  text += '\n';
}

// Every line of `inner` one tab further in, but for the empty ones.
std::string indented(const std::string& inner) {
  std::string text;
  for (std::size_t at = 0; at < inner.size();) {
    const std::size_t end = std::min(inner.find('\n', at), inner.size());
    if (end > at) text += "\t" + inner.substr(at, end - at);
    text += '\n';
    at = end + 1;
  }
  return text;
}

std::string block(const std::string& head, const std::string& body) {
  return head + " {\n" + indented(body) + "}\n";
}

std::string set_types(const Set& set) {
  std::string text =
      set.key_typeof ? "typeof " + print(*set.key_typeof) : "type " + joined(set.key_types, " . ");
  const std::string interval = set.data_interval ? "interval " : "";
  if (set.data_typeof) {
    text += " : " + interval + print(*set.data_typeof);
  } else if (!set.data_types.empty()) {
    text += " : " + interval + joined(set.data_types, " . ");
  }
  return text;
}

// The type of the commonest keys of "typeof"; "" for others.
std::string_view type_of(const Expr& expr) {
  const bool address = expr.text2 == "saddr" || expr.text2 == "daddr";
  const bool port = expr.text2 == "sport" || expr.text2 == "dport";
  if (expr.kind == ExprKind::Payload && expr.text == "ip" && address) return "ipv4_addr";
  if (expr.kind == ExprKind::Payload && port) return "inet_service";
  if (expr.kind == ExprKind::Payload && expr.text2 == "protocol") return "inet_proto";
  if (expr.kind == ExprKind::Meta && expr.text == "l4proto") return "inet_proto";
  if (expr.kind == ExprKind::Numgen) return "integer";
  const bool has_mark = expr.kind == ExprKind::Meta || expr.kind == ExprKind::Ct;
  return has_mark && expr.text == "mark" ? "mark" : "";
}

// nft puts as many elements in a line as their type lets it expect room for.
std::size_t elements_in_line(const Set& set) {
  static constexpr std::array<std::string_view, 13> kFive = {
      "nf_proto", "integer",      "arp_op", "inet_proto",  "inet_service",
      "tcp_flag", "dccp_pkttype", "mark",   "iface_index", "classid",
      "uid",      "gid",          "ct_dir"};
  static constexpr std::array<std::string_view, 4> kTwo = {"ipv4_addr", "ct_state", "ct_status",
                                                           "pkt_type"};
  std::string_view type;
  if (set.key_typeof) {
    type = type_of(*set.key_typeof);
  } else if (set.key_types.size() == 1) {
    type = set.key_types.front();
  }
  if (std::find(kFive.begin(), kFive.end(), type) != kFive.end()) return 5;
  return std::find(kTwo.begin(), kTwo.end(), type) != kTwo.end() ? 2 : 1;
}

std::string elements(const Set& set) {
  const std::size_t most = elements_in_line(set);
  std::string text = "elements = { ";
  std::size_t count = 0;
  for (const ExprPtr& element : set.elements) {
    if (count == most) {
      text += ",\n\t     ";
      count = 0;
    } else if (count > 0) {
      text += ", ";
    }
    text += print(*element);
    ++count;
  }
  return text + " }";
}

std::string flowtable(const Flowtable& flowtable) {
  std::string body;
  line(body, "hook " + flowtable.hook + " priority " +
                 priority_text(flowtable.priority_name, flowtable.priority));
  if (!flowtable.devices.empty())
    line(body, "devices = { " + joined(flowtable.devices, ", ") + " }");
  if (!flowtable.flags.empty()) line(body, "flags " + joined(flowtable.flags, ","));
  if (flowtable.counter) line(body, "counter");
  return block("flowtable " + flowtable.name, body);
}

std::string hook(const Chain& chain) {
  std::string text = "type " + chain.type + " hook " + chain.hook;
  if (chain.devices.size() == 1) text += " device \"" + chain.devices[0] + "\"";
  if (chain.devices.size() > 1) text += " devices = { " + joined(chain.devices, ", ") + " }";
  text += " priority " + priority_text(chain.priority_name, chain.priority) + ";";
  text += " policy " + (chain.policy.empty() ? "accept" : chain.policy) + ";";
  if (!chain.flags.empty()) text += " flags " + joined(chain.flags, ",") + ";";
  return text;
}

// The chain in braces that the statement leads to, or null.
const Chain* chain_in_braces(const Stmt& stmt, const Table* table) {
  if (table == nullptr || stmt.kind != StmtKind::Verdict || stmt.args.empty()) return nullptr;
  const Expr* verdict = stmt.args[0].get();
  if (verdict == nullptr || verdict->number == 0) return nullptr;
  for (const Chain& chain : table->chains) {
    if (chain.hidden && chain.name == verdict->text2) return &chain;
  }
  return nullptr;
}

std::string chain_body(const Chain& chain, const Table* table);

// A rule of a listing: what could not be read stays as it was written.
std::string rule_line(const Rule& rule, const Table* table) {
  if (rule.broken && !rule.text.empty()) return rule.text;
  const Chain* inner =
      rule.statements.empty() ? nullptr : chain_in_braces(*rule.statements.back(), table);
  if (inner == nullptr) return print(rule);
  std::string text;
  for (std::size_t i = 0; i + 1 < rule.statements.size(); ++i)
    text += print(*rule.statements[i]) + " ";
  text +=
      rule.statements.back()->args[0]->text + " {\n" + indented(chain_body(*inner, table)) + "}";
  return rule.comment.empty() ? text : text + " comment \"" + rule.comment + "\"";
}

std::string chain_body(const Chain& chain, const Table* table) {
  std::string body;
  if (!chain.comment.empty()) line(body, "comment \"" + chain.comment + "\"");
  if (chain.base) line(body, hook(chain));
  for (const Rule& rule : chain.rules) line(body, rule_line(rule, table));
  return body;
}

// "counter", "quota", "limit": the statement without its own name, as "rate 10/second".
void object_body(std::string& body, const Object& object) {
  if (object.kind == "counter" && !object.body->flag) return line(body, "packets 0 bytes 0");
  const std::string stmt = print(*object.body);
  const std::size_t blank = stmt.find(' ');
  if (blank != std::string::npos) line(body, stmt.substr(blank + 1));
}

void synproxy_body(std::string& body, const Stmt& synproxy) {
  std::string flags;
  for (const auto& [key, value] : synproxy.options) {
    if (value.empty()) {
      flags += (flags.empty() ? "" : " ") + key;
    } else {
      line(body, key + " " + value);
    }
  }
  if (!flags.empty()) line(body, flags);
}

void properties(std::string& body, const Object& object) {
  static constexpr std::string_view kPolicy = "policy ";
  std::string policy;
  std::string type;
  for (const auto& [key, value] : object.properties) {
    if (object.kind == "secmark") {
      line(body, "\"" + value + "\"");
    } else if (object.kind == "ct timeout" && key.starts_with(kPolicy)) {
      policy += (policy.empty() ? "" : ", ") + key.substr(kPolicy.size()) + " : " + value;
    } else if (object.kind == "ct expectation" && key == "timeout") {
      line(body, "timeout " + time_text(parse_number(value).value_or(0)));
    } else if (object.kind == "ct helper" && key == "type") {
      type = "type \"" + value + "\"";
    } else if (object.kind == "ct helper" && key == "protocol" && !type.empty()) {
      line(body, type + " protocol " + value);
      type.clear();
    } else {
      line(body, key + " " + value);
    }
  }
  if (!type.empty()) line(body, type);
  if (!policy.empty()) line(body, "policy = { " + policy + " }");
}

}  // namespace

std::string priority_text(const std::string& name, std::int64_t number) {
  if (name.empty()) return fmt::format("{}", number);
  if (number == 0) return name;
  return fmt::format("{} {} {}", name, number < 0 ? '-' : '+', number < 0 ? -number : number);
}

std::string print(const Set& set) {
  std::string body;
  line(body, set_types(set));
  if (!set.policy.empty()) line(body, "policy " + set.policy);
  if (set.size != 0) line(body, fmt::format("size {}", set.size));
  std::vector<std::string> flags = set.flags;
  std::sort(flags.begin(), flags.end());  // nft's own order
  const bool implied = set.timeout_ms && flags == std::vector<std::string>{"timeout"};
  if (!flags.empty() && !implied) line(body, "flags " + joined(flags, ","));
  if (set.auto_merge) line(body, "auto-merge");
  for (const StmtPtr& stmt : set.stateful) line(body, print(*stmt));
  if (set.timeout_ms) line(body, "timeout " + time_text(*set.timeout_ms));
  if (set.gc_interval_ms) line(body, "gc-interval " + time_text(*set.gc_interval_ms));
  if (!set.comment.empty()) line(body, "comment \"" + set.comment + "\"");
  if (!set.elements.empty()) line(body, elements(set));
  return block((set.map ? "map " : "set ") + set.name, body);
}

std::string print(const Object& object) {
  std::string body;
  if (!object.comment.empty()) line(body, "comment \"" + object.comment + "\"");
  if (object.body && object.kind == "synproxy") {
    synproxy_body(body, *object.body);
  } else if (object.body) {
    object_body(body, object);
  }
  properties(body, object);
  return block(object.kind + " " + object.name, body);
}

std::string print(const Chain& chain) {
  return block("chain " + chain.name, chain_body(chain, nullptr));
}

std::string print(const Table& table) {
  std::string body;
  if (!table.flags.empty()) line(body, "flags " + joined(table.flags, ","));
  if (!table.comment.empty()) line(body, "comment \"" + table.comment + "\"");
  bool first = table.flags.empty();
  const auto part = [&body, &first](const std::string& text) {
    if (!first) body += '\n';
    first = false;
    body += text;
  };
  for (const Object& object : table.objects) part(print(object));
  for (const Set& set : table.sets) part(print(set));
  for (const Flowtable& one : table.flowtables) part(flowtable(one));
  for (const Chain& chain : table.chains) {
    if (!chain.hidden) part(block("chain " + chain.name, chain_body(chain, &table)));
  }
  return block("table " + table.family + " " + table.name, body);
}

std::string print(const Ruleset& ruleset) {
  std::string text;
  for (const Table& table : ruleset.tables) text += print(table);
  return text;
}

}  // namespace pktwalk::nft::ast

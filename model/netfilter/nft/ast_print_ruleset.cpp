// SPDX-License-Identifier: MIT
// Tables, chains, sets and objects in nft's language.
#include <fmt/format.h>

#include <algorithm>

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

std::string quoted_list(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += ", ";
    text += "\"" + part + "\"";
  }
  return text;
}

void line(std::string& text, const std::string& content) {
  text += content;
  text += '\n';
}

// Every line of `inner` one tab further in.
std::string indented(const std::string& inner) {
  std::string text;
  for (std::size_t at = 0; at < inner.size();) {
    const std::size_t end = std::min(inner.find('\n', at), inner.size());
    text += "\t" + inner.substr(at, end - at) + "\n";
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
  if (set.data_typeof) {
    text += std::string(" : ") + (set.data_interval ? "interval " : "") + print(*set.data_typeof);
  } else if (!set.data_types.empty()) {
    text +=
        std::string(" : ") + (set.data_interval ? "interval " : "") + joined(set.data_types, " . ");
  }
  return text;
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
  if (!flags.empty()) line(body, "flags " + joined(flags, ","));
  for (const StmtPtr& stmt : set.stateful) line(body, print(*stmt));
  if (set.timeout_ms) line(body, "timeout " + time_text(*set.timeout_ms));
  if (set.gc_interval_ms) line(body, "gc-interval " + time_text(*set.gc_interval_ms));
  if (set.auto_merge) line(body, "auto-merge");
  if (!set.comment.empty()) line(body, "comment \"" + set.comment + "\"");
  std::string elements;
  for (const ExprPtr& element : set.elements) {
    if (!elements.empty()) elements += ", ";
    elements += print(*element);
  }
  if (!elements.empty()) line(body, "elements = { " + elements + " }");
  return block((set.map ? "map " : "set ") + set.name, body);
}

std::string print(const Object& object) {
  std::string body;
  if (!object.comment.empty()) line(body, "comment \"" + object.comment + "\"");
  if (object.body) {
    // The statement without its own name: "rate 10/second".
    const std::string stmt = print(*object.body);
    const std::size_t blank = stmt.find(' ');
    if (blank != std::string::npos) line(body, stmt.substr(blank + 1));
  }
  for (const auto& [key, value] : object.properties)
    line(body, object.kind == "secmark" ? "\"" + value + "\"" : key + " " + value);
  return block(object.kind + " " + object.name, body);
}

std::string print(const Chain& chain) {
  std::string body;
  if (!chain.comment.empty()) line(body, "comment \"" + chain.comment + "\"");
  if (chain.base) {
    std::string head = "type " + chain.type + " hook " + chain.hook;
    if (chain.devices.size() == 1) head += " device \"" + chain.devices[0] + "\"";
    if (chain.devices.size() > 1) head += " devices = { " + quoted_list(chain.devices) + " }";
    head += " priority " + priority_text(chain.priority_name, chain.priority) + ";";
    if (!chain.policy.empty()) head += " policy " + chain.policy + ";";
    line(body, head);
  }
  if (!chain.flags.empty()) line(body, "flags " + joined(chain.flags, ","));
  for (const Rule& rule : chain.rules) line(body, print(rule));
  return block("chain " + chain.name, body);
}

std::string print(const Table& table) {
  std::string body;
  if (!table.flags.empty()) line(body, "flags " + joined(table.flags, ","));
  if (!table.comment.empty()) line(body, "comment \"" + table.comment + "\"");
  for (const Object& object : table.objects) body += print(object);
  for (const Set& set : table.sets) body += print(set);
  for (const Flowtable& one : table.flowtables) body += flowtable(one);
  for (const Chain& chain : table.chains) body += print(chain);
  return block("table " + table.family + " " + table.name, body);
}

std::string print(const Ruleset& ruleset) {
  std::string text;
  for (const Table& table : ruleset.tables) text += print(table);
  return text;
}

}  // namespace pktwalk::nft::ast

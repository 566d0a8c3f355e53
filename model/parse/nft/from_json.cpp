// SPDX-License-Identifier: MIT
// Tables, chains, rules, sets and objects of nft's JSON.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "model/netfilter/nft/ast_print.h"
#include "model/parse/nft/json_reader.h"
#include "model/parse/nft/read.h"
#include "model/parse/nft/ruleset_edit.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {

using ast::make;
using json::Kind;
using json::Value;

namespace {

std::uint64_t unsigned_of(const Value& value, std::string_view key) {
  return static_cast<std::uint64_t>(value.number_of(key).value_or(0));
}

struct PriorityName {
  std::string_view name;
  std::int64_t number;
};

// JSON has numbers, the language names: those that nft would print.
// Differs: nft knows some names for some hooks only, and not the same ones in every version.
template <typename Hooked>
void name_priority(Hooked& hooked, std::string_view family) {
  static constexpr std::array<PriorityName, 6> kInet = {{{"raw", -300},
                                                         {"mangle", -150},
                                                         {"dstnat", -100},
                                                         {"filter", 0},
                                                         {"security", 50},
                                                         {"srcnat", 100}}};
  static constexpr std::array<PriorityName, 4> kBridge = {
      {{"dstnat", -300}, {"filter", -200}, {"out", 100}, {"srcnat", 300}}};
  static constexpr std::int64_t kReach = 10;
  const auto try_name = [&hooked](const PriorityName& one) {
    const std::int64_t offset = hooked.priority - one.number;
    if (offset < -kReach || offset > kReach || !hooked.priority_name.empty()) return;
    if (one.name == "dstnat" && hooked.hook != "prerouting") return;
    if (one.name == "srcnat" && hooked.hook != "postrouting") return;
    hooked.priority_name = one.name;
    hooked.priority = offset;
  };
  if (family == "bridge") {
    for (const PriorityName& one : kBridge) try_name(one);
  } else if (family == "arp" || family == "netdev") {
    try_name(kInet[3]);
  } else {
    for (const PriorityName& one : kInet) try_name(one);
  }
}

}  // namespace

ast::Ruleset from_json(Host& host, std::uint32_t file) {
  const SourceFile& source = host.sources.file(file);
  json::Problem problem;
  const std::optional<Value> root = json::parse(source.text, problem);
  const Value* list = root ? root->find("nftables") : nullptr;
  if (!root || list == nullptr) {
    host.diagnostics.push_back(
        {.severity = Severity::Error,
         .at = {file, root ? root->line : problem.line},
         .column = root ? 1 : problem.column,
         .what = root ? "there is no list \"nftables\" in this JSON" : problem.what,
         .hint = "expected the output of: nft -j list ruleset"});
    return {};
  }
  return JsonReader(host, file).read(*list);
}

ast::Ruleset JsonReader::read(const Value& list) {
  for (const Value& one : list.items) {
    if (one.kind != Kind::Object || one.keys.size() != 1) {
      fail(one, "an object with one member expected");
      continue;
    }
    // Input of `nft -j -f` wraps what is added.
    const bool insert = one.keys[0] == "insert";
    const bool wrapped = insert || one.keys[0] == "add" || one.keys[0] == "create";
    const Value& inner = wrapped ? one.values[0] : one;
    if (inner.kind != Kind::Object || inner.keys.empty()) {
      fail(one, "an object with one member expected");
      continue;
    }
    item(inner.keys[0], inner.values[0], insert);
  }
  return std::move(ruleset_);
}

void JsonReader::fail(const Value& value, std::string what) {
  host_.diagnostics.push_back({.severity = Severity::Error,
                               .at = {file_, value.line},
                               .column = 0,
                               .what = std::move(what),
                               .hint = "expected the output of: nft -j list ruleset"});
}

void JsonReader::item(std::string_view kind, const Value& value, bool insert) {
  static constexpr std::array<std::string_view, 9> kObjects = {
      "counter", "quota",          "limit",    "ct helper", "ct timeout",
      "secmark", "ct expectation", "synproxy", "tunnel"};
  if (kind == "metainfo") return;
  if (kind == "flush" && value.has("ruleset")) {
    ruleset_.tables.clear();
  } else if (kind == "table") {
    ast::Table& table =
        edit::table(ruleset_, value.text_of("family"), value.text_of("name"), at(value));
    table.handle = unsigned_of(value, "handle");
    table_flags(table, value);
    table.comment = value.text_of("comment");
  } else if (kind == "chain") {
    chain(value);
  } else if (kind == "rule") {
    rule(value, insert);
  } else if (kind == "set" || kind == "map") {
    set(value, kind == "map");
  } else if (kind == "meter") {  // a set that a rule of the old form made
    set(value, false);
  } else if (kind == "element") {
    element(value);
  } else if (kind == "flowtable") {
    flowtable(value);
  } else if (words::contains(kObjects, kind)) {
    object(kind, value);
  } else {
    fail(value, fmt::format("\"{}\" is not known", kind));
  }
}

// nft 1.0 has the name of a single flag from memory that it freed before; "inet" and the like turn
// up there.
void JsonReader::table_flags(ast::Table& table, const Value& value) {
  static constexpr std::array<std::string_view, 3> kFlags = {"dormant", "owner", "persist"};
  for (std::string& flag : json_words(value.find("flags"))) {
    if (words::contains(kFlags, flag)) {
      table.flags.push_back(std::move(flag));
      continue;
    }
    host_.diagnostics.push_back(
        {.severity = Severity::Warning,
         .at = {file_, value.line},
         .what = fmt::format("\"{}\" is no flag of a table: taken as \"dormant\"", flag),
         .hint =
             "nft 1.0 writes wrong words here; the text of nft list ruleset has the right one"});
    table.flags.push_back("dormant");
  }
}

ast::Table& JsonReader::table_of(const Value& value) {
  return edit::table(ruleset_, value.text_of("family"), value.text_of("table"), at(value));
}

void JsonReader::chain(const Value& value) {
  ast::Chain& made = edit::chain(table_of(value), value.text_of("name"), at(value));
  made.handle = unsigned_of(value, "handle");
  made.comment = value.text_of("comment");
  made.flags = json_words(value.find("flags"));
  made.hook = value.text_of("hook");
  made.base = !made.hook.empty();
  if (!made.base) return;
  made.type = value.text_of("type");
  made.policy = value.text_of("policy");
  made.devices = json_words(value.find("dev"));
  made.priority = value.number_of("prio").value_or(0);
  name_priority(made, value.text_of("family"));
}

void JsonReader::rule(const Value& value, bool insert) {
  ast::Rule made;
  made.at = at(value);
  made.handle = unsigned_of(value, "handle");
  made.comment = value.text_of("comment");
  family_ = value.text_of("family");
  table_ = value.text_of("table");
  edit::chain(table_of(value), value.text_of("chain"), at(value));  // before those in braces
  if (const Value* statements = value.find("expr")) {
    for (const Value& one : statements->items) {
      if (one.kind == Kind::Text) {
        text_statements(one, made);
        if (made.broken) break;
        continue;
      }
      StmtPtr stmt = statement(one);
      if (stmt == nullptr) {
        made.broken = true;
        break;
      }
      made.statements.push_back(std::move(stmt));
    }
  }
  made.text = print(made);
  std::vector<ast::Rule>& rules =
      edit::chain(table_of(value), value.text_of("chain"), at(value)).rules;
  rules.insert(insert ? rules.begin() : rules.end(), std::move(made));
}

void JsonReader::set(const Value& value, bool map) {
  ast::Set& made = edit::set(table_of(value), value.text_of("name"), at(value));
  made.map = map;
  made.handle = unsigned_of(value, "handle");
  set_types(made, value);
  made.flags = json_words(value.find("flags"));
  if (const auto seconds = value.number_of("timeout"))
    made.timeout_ms = static_cast<std::uint64_t>(*seconds) * 1000;
  if (const auto seconds = value.number_of("gc-interval"))
    made.gc_interval_ms = static_cast<std::uint64_t>(*seconds) * 1000;
  made.size = unsigned_of(value, "size");
  made.policy = value.text_of("policy");
  const Value* merge = value.find("auto-merge");
  made.auto_merge = merge != nullptr && merge->boolean;
  made.comment = value.text_of("comment");
  stateful_list(made.stateful, value.find("stmt"));
  if (const Value* list = value.find("elem")) elements(made, *list);
}

void JsonReader::set_types(ast::Set& set, const Value& value) {
  const Value* type = value.find("type");
  if (type != nullptr && type->has("typeof")) {
    set.key_typeof = expr(*type->find("typeof"));
  } else {
    set.key_types = json_words(type);
  }
  const Value* data = value.find("map");
  if (data != nullptr && data->has("typeof")) {
    set.data_typeof = expr(*data->find("typeof"));
  } else {
    set.data_types = json_words(data);
  }
}

JsonReader::Forms JsonReader::forms_of(const ast::Set& set) {
  if (set.key_typeof) return forms_of(*set.key_typeof);
  Forms forms;
  for (const std::string& type : set.key_types) forms.push_back(form_of(std::string_view(type)));
  return forms;
}

JsonReader::Forms JsonReader::data_forms_of(const ast::Set& set) {
  static constexpr std::array<std::string_view, 6> kObjects = {"counter", "quota",    "limit",
                                                               "secmark", "synproxy", "tunnel"};
  if (set.data_typeof) return forms_of(*set.data_typeof);
  Forms forms;
  for (const std::string& type : set.data_types) {
    forms.push_back(words::contains(kObjects, type) ? Form::Quoted
                                                    : form_of(std::string_view(type)));
  }
  return forms;
}

void JsonReader::elements(ast::Set& set, const Value& value) {
  ExprPtr list = set_expr(value, forms_of(set), data_forms_of(set));
  for (ExprPtr& one : list->args) set.elements.push_back(std::move(one));
}

void JsonReader::element(const Value& value) {
  ast::Set& set = edit::set(table_of(value), value.text_of("name"), at(value));
  if (const Value* list = value.find("elem")) elements(set, *list);
}

void JsonReader::flowtable(const Value& value) {
  ast::Flowtable& made = edit::flowtable(table_of(value), value.text_of("name"), at(value));
  made.handle = unsigned_of(value, "handle");
  made.hook = value.text_of("hook");
  made.priority = value.number_of("prio").value_or(0);
  name_priority(made, "netdev");
  made.devices = json_words(value.find("dev"));
  made.flags = json_words(value.find("flags"));
}

void JsonReader::object(std::string_view kind, const Value& value) {
  ast::Object& made = edit::object(table_of(value), kind, value.text_of("name"), at(value));
  made.handle = unsigned_of(value, "handle");
  made.comment = value.text_of("comment");
  if (kind == "synproxy") {
    made.body = synproxy(value);
  } else if (!kind.starts_with("ct ") && kind != "secmark") {
    made.body = stateful(kind, value);
  }
  if (made.body != nullptr) return;
  for (std::size_t i = 0; i < value.keys.size(); ++i) {
    const std::string& key = value.keys[i];
    const Value& one = value.values[i];
    static constexpr std::array<std::string_view, 5> kOwn = {"family", "table", "name", "handle",
                                                             "comment"};
    if (words::contains(kOwn, key)) continue;
    if (one.kind == Kind::Object) {
      for (std::size_t k = 0; k < one.keys.size(); ++k)
        made.properties.emplace_back(key + " " + one.keys[k],
                                     fmt::format("{}", one.values[k].number));
    } else {
      made.properties.emplace_back(
          key, one.kind == Kind::Number ? fmt::format("{}", one.number) : one.text);
    }
  }
}

}  // namespace pktwalk::nft

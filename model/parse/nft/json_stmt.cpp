// SPDX-License-Identifier: MIT
// Statements of nft's JSON.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "model/parse/nft/json_reader.h"
#include "model/parse/nft/parser.h"
#include "model/parse/nft/ruleset_edit.h"
#include "model/parse/nft/words.h"

namespace pktwalk::nft {

using ast::ExprKind;
using ast::make;
using ast::StmtKind;
using ast::StmtPtr;
using json::Kind;
using json::Value;

namespace {

constexpr std::uint64_t kDefaultBurst = 5;  // packets; JSON has it also when it was not written

std::uint64_t unsigned_of(const Value& value, std::string_view key) {
  return static_cast<std::uint64_t>(value.number_of(key).value_or(0));
}

bool is_true(const Value& value, std::string_view key) {
  const Value* found = value.find(key);
  return found != nullptr && found->kind == Kind::Bool && found->boolean;
}

// Types whose values are sets of bits: there a comparison without "==" asks for any of them.
bool is_bits(const ast::Expr& expr) {
  if (expr.kind == ExprKind::Payload) return expr.text == "tcp" && expr.text2 == "flags";
  if (expr.kind != ExprKind::Ct) return false;
  return expr.text == "state" || expr.text == "status" || expr.text == "event" ||
         expr.text == "label";
}

// Whether an option without a name is there comes as a look at the byte of its kind.
void name_option(ast::Expr* expr) {
  if (expr == nullptr || expr->kind != ExprKind::TcpOption || expr->text != "@") return;
  if (expr->number2 != 0 || expr->number3 != 8) return;
  expr->text = words::canonical_tcp_option(fmt::format("{}", expr->number));
  expr->number = expr->number3 = 0;
}

}  // namespace

StmtPtr JsonReader::statement(const Value& value) {
  if (value.kind != Kind::Object || value.keys.size() != 1) {
    fail(value, "a statement is not understood");
    return nullptr;
  }
  StmtPtr made = statement_of(value.keys[0], value.values[0]);
  if (made == nullptr) fail(value, fmt::format("the statement \"{}\" is not known", value.keys[0]));
  return made;
}

// What has no form in JSON stands there as nft would list it: "jump {\n accept\n}".
void JsonReader::text_statements(const Value& value, ast::Rule& rule) {
  Host host;
  const std::uint32_t file = host.sources.add(
      "statement", fmt::format("table {} t {{\nchain c {{\n{}\n}}\n}}\n", family_, value.text));
  const SourceFile& source = host.sources.file(file);
  const Text text{.text = source.text, .places = {}, .line_starts = &source.starts};
  ast::Ruleset read = Parser(host, file, text, hidden_chains_).parse();
  const bool whole = host.diagnostics.empty() && read.tables.size() == 1 &&
                     !read.tables[0].chains.empty() && read.tables[0].chains[0].rules.size() == 1;
  if (!whole) {
    rule.broken = true;
    return fail(value, fmt::format("the statement \"{}\" is not understood", value.text));
  }
  for (StmtPtr& stmt : read.tables[0].chains[0].rules[0].statements) {
    ast::move_to(*stmt, at(value));
    rule.statements.push_back(std::move(stmt));
  }
  ast::Table& table = edit::table(ruleset_, family_, table_, at(value));
  for (ast::Chain& chain : read.tables[0].chains) {
    if (!chain.hidden) continue;
    chain.at = at(value);
    for (ast::Rule& inner : chain.rules) {
      inner.at = at(value);
      for (const StmtPtr& stmt : inner.statements) ast::move_to(*stmt, at(value));
    }
    table.chains.push_back(std::move(chain));
    ++hidden_chains_;
  }
}

StmtPtr JsonReader::statement_of(std::string_view kind, const Value& value) {
  if (kind == "match") return match(value);
  if (kind == "log") return log(value);
  if (kind == "reject") return reject(value);
  if (kind == "snat" || kind == "dnat" || kind == "masquerade" || kind == "redirect" ||
      kind == "tproxy")
    return nat(kind, value);
  if (kind == "queue") return queue(value);
  if (kind == "synproxy") return synproxy(value);
  if (kind == "set" || kind == "map") return set_update(value, kind == "map");
  if (kind == "meter") return meter(value);
  if (kind == "dup" || kind == "fwd") return copied(kind, value);
  if (kind == "notrack") return make(StmtKind::Notrack, at(value));
  if (kind == "vmap") {
    StmtPtr made = make(StmtKind::Vmap, at(value));
    made->args.push_back(optional(value.find("key")));
    const Forms forms = made->args[0] ? forms_of(*made->args[0]) : Forms{};
    made->args.push_back(optional(value.find("data"), forms));
    return made;
  }
  if (kind == "mangle") {
    StmtPtr made = make(StmtKind::Set, at(value));
    made->args.push_back(optional(value.find("key")));
    const Forms forms = made->args[0] ? forms_of(*made->args[0]) : Forms{};
    made->args.push_back(optional(value.find("value"), forms));
    return made;
  }
  if (kind == "ct helper" || kind == "ct timeout" || kind == "ct expectation") {
    StmtPtr made = make(StmtKind::CtObject, at(value), std::string(kind.substr(3)));
    made->args.push_back(expr(value, {Form::Quoted}));
    return made;
  }
  if (kind == "secmark") return named(StmtKind::Secmark, value);
  if (kind == "flow") {
    StmtPtr made = make(StmtKind::Flow, at(value));
    const std::string_view name = value.text_of("flowtable");
    made->text2 = name.starts_with("@") ? name.substr(1) : name;
    return made;
  }
  if (kind == "reset") {
    StmtPtr made = make(StmtKind::ResetTcpOption, at(value));
    if (const Value* option = value.find("tcp option")) {
      const std::string number = fmt::format("{}", unsigned_of(*option, "base"));
      made->text =
          words::canonical_tcp_option(option->has("name") ? option->text_of("name") : number);
    }
    return made;
  }
  if (kind == "xt") {
    StmtPtr made = make(StmtKind::Xt, at(value), std::string(value.text_of("type")));
    made->text2 = value.text_of("name");
    return made;
  }
  if (words::contains(words::verdicts(), kind)) {
    StmtPtr made = make(StmtKind::Verdict, at(value));
    made->args.push_back(verdict(kind, value));
    return made;
  }
  return stateful(kind, value);
}

StmtPtr JsonReader::match(const Value& value) {
  StmtPtr made = make(StmtKind::Match, at(value));
  made->args.push_back(optional(value.find("left")));
  const Forms forms = made->args[0] ? forms_of(*made->args[0]) : Forms{};
  made->args.push_back(optional(value.find("right"), forms));
  const Value* right = value.find("right");
  if (right != nullptr && right->kind == Kind::Bool) name_option(made->args[0].get());
  const std::string_view op = value.text_of("op");
  if (op == "in" || made->args[0] == nullptr) return made;
  // nft prints "==" only where leaving it out would mean something else.
  const ast::Expr& left = *made->args[0];
  const bool shown = left.kind == ExprKind::Binary || is_bits(left);
  const bool set = made->args[1] != nullptr && (made->args[1]->kind == ExprKind::Set ||
                                                made->args[1]->kind == ExprKind::SetRef);
  if (op != "==" || (shown && !set)) made->op = op;
  if (left.kind == ExprKind::Binary) made->args[1] = ast::joined_bits(std::move(made->args[1]));
  return made;
}

StmtPtr JsonReader::log(const Value& value) {
  StmtPtr made = make(StmtKind::Log, at(value));
  for (std::size_t i = 0; i < value.keys.size(); ++i) {
    const Value& one = value.values[i];
    if (value.keys[i] == "flags") {
      for (std::string& flag : json_words(&one))
        made->options.emplace_back("flags", std::move(flag));
    } else {
      made->options.emplace_back(
          value.keys[i], one.kind == Kind::Number ? fmt::format("{}", one.number) : one.text);
    }
  }
  return made;
}

StmtPtr JsonReader::reject(const Value& value) {
  StmtPtr made = make(StmtKind::Reject, at(value));
  const std::string_view type = value.text_of("type");
  if (type.empty()) return made;
  // What "reject" alone means in this family.
  const bool usual = type == "icmpx" || (type == "icmp" && family_ == "ip") ||
                     (type == "icmpv6" && family_ == "ip6");
  if (usual && value.text_of("expr") == "port-unreachable") return made;
  made->options.emplace_back("type", type);
  if (const Value* code = value.find("expr")) made->args.push_back(expr(*code));
  return made;
}

StmtPtr JsonReader::nat(std::string_view kind, const Value& value) {
  StmtPtr made = make(StmtKind::Nat, at(value), std::string(kind));
  if (kind == "tproxy") {
    made->kind = StmtKind::Tproxy;
    made->text.clear();
  }
  made->text2 = value.text_of("family");
  made->args.push_back(optional(value.find("addr")));
  made->args.push_back(optional(value.find("port")));
  for (std::string& flag : json_words(value.find("type_flags"))) {
    if (flag != "concat" || made->args[0] != nullptr)
      made->options.emplace_back(std::move(flag), "");
  }
  for (std::string& flag : json_words(value.find("flags"))) {
    if (flag != "netmap") made->options.emplace_back(std::move(flag), "");
  }
  return made;
}

StmtPtr JsonReader::queue(const Value& value) {
  StmtPtr made = make(StmtKind::Queue, at(value));
  if (const Value* number = value.find("num")) made->args.push_back(expr(*number));
  for (std::string& flag : json_words(value.find("flags")))
    made->options.emplace_back(std::move(flag), "");
  return made;
}

StmtPtr JsonReader::synproxy(const Value& value) {
  if (value.kind == Kind::Text || value.has("map")) return named(StmtKind::Synproxy, value);
  StmtPtr made = make(StmtKind::Synproxy, at(value));
  for (const std::string_view key : {"mss", "wscale"}) {
    if (const auto number = value.number_of(key))
      made->options.emplace_back(key, fmt::format("{}", *number));
  }
  for (std::string& flag : json_words(value.find("flags")))
    made->options.emplace_back(std::move(flag), "");
  return made;
}

StmtPtr JsonReader::set_update(const Value& value, bool map) {
  StmtPtr made = make(StmtKind::SetUpdate, at(value), std::string(value.text_of("op")));
  const std::string_view name = value.text_of(map ? "map" : "set");
  made->text2 = name.starts_with("@") ? name.substr(1) : name;
  const Value* key = value.find("elem");
  made->args.push_back(key != nullptr ? set_element(*key, {}, {})
                                      : make(ExprKind::Unknown, at(value)));
  if (const Value* data = value.find("data")) {
    ast::Table* table = edit::find_table(ruleset_, family_, table_);
    const ast::Set* set = table == nullptr ? nullptr : edit::find_set(*table, made->text2);
    made->args.push_back(expr(*data, set == nullptr ? Forms{} : data_forms_of(*set)));
  }
  stateful_list(made->stateful, value.find("stmt"));
  return made;
}

StmtPtr JsonReader::meter(const Value& value) {
  StmtPtr made = make(StmtKind::Meter, at(value));
  made->text2 = value.text_of("name");
  made->number = unsigned_of(value, "size");
  const Value* key = value.find("key");
  made->args.push_back(key != nullptr ? set_element(*key, {}, {})
                                      : make(ExprKind::Unknown, at(value)));
  if (const Value* stmt = value.find("stmt")) {
    StmtPtr one = statement(*stmt);
    if (one != nullptr) made->stateful.push_back(std::move(one));
  }
  return made;
}

StmtPtr JsonReader::copied(std::string_view kind, const Value& value) {
  StmtPtr made = make(kind == "dup" ? StmtKind::Dup : StmtKind::Fwd, at(value));
  made->text2 = value.text_of("family");
  const Value* address = value.find("addr");
  const Value* device = value.find("dev");
  // "fwd to eth0" has a device alone.
  if (address == nullptr) std::swap(address, device);
  const bool names_device = value.find("addr") == nullptr;
  made->args.push_back(optional(address, names_device ? Forms{Form::Quoted} : Forms{}));
  made->args.push_back(optional(device, {Form::Quoted}));
  return made;
}

StmtPtr JsonReader::named(StmtKind kind, const Value& value) {
  StmtPtr made = make(kind, at(value));
  made->args.push_back(expr(value, {Form::Quoted}));
  return made;
}

StmtPtr JsonReader::stateful(std::string_view kind, const Value& value) {
  const bool name = value.kind == Kind::Text || value.has("map");
  if (kind == "counter") {
    if (name) return named(StmtKind::Counter, value);
    StmtPtr made = make(StmtKind::Counter, at(value));
    made->flag = value.has("packets");
    made->number = unsigned_of(value, "packets");
    made->number2 = unsigned_of(value, "bytes");
    return made;
  }
  if (kind == "limit") return name ? named(StmtKind::Limit, value) : limit(value);
  if (kind == "quota") return name ? named(StmtKind::Quota, value) : quota(value);
  if (kind == "ct count") {
    StmtPtr made = make(StmtKind::CtCount, at(value));
    made->number = unsigned_of(value, "val");
    made->over = is_true(value, "inv");
    return made;
  }
  if (kind == "last") {
    StmtPtr made = make(StmtKind::Last, at(value));
    made->flag = !value.has("used");
    made->number = unsigned_of(value, "used");
    return made;
  }
  return nullptr;
}

StmtPtr JsonReader::limit(const Value& value) {
  StmtPtr made = make(StmtKind::Limit, at(value), std::string(value.text_of("per")));
  if (made->text.empty()) made->text = "second";
  made->number = unsigned_of(value, "rate");
  made->text2 = value.text_of(value.has("unit") ? "unit" : "rate_unit");
  if (made->text2.empty()) made->text2 = "packets";
  made->over = is_true(value, "inv");
  const std::uint64_t burst = unsigned_of(value, "burst");
  if (burst == 0 || (burst == kDefaultBurst && made->text2 == "packets")) return made;
  made->burst = burst;
  made->text3 = made->text2 == "packets" ? "packets" : value.text_of("burst_unit");
  if (made->text3.empty()) made->text3 = "bytes";
  return made;
}

// A statement has units, a named quota is in bytes.
StmtPtr JsonReader::quota(const Value& value) {
  StmtPtr made = make(StmtKind::Quota, at(value), std::string(value.text_of("val_unit")));
  made->number = unsigned_of(value, value.has("val") ? "val" : "bytes");
  if (made->text.empty()) made->text = "bytes";
  made->number2 = unsigned_of(value, "used");
  made->text2 = value.text_of("used_unit");
  if (made->text2.empty() && made->number2 != 0) made->text2 = "bytes";
  made->over = is_true(value, "inv");
  return made;
}

void JsonReader::stateful_list(std::vector<StmtPtr>& into, const Value* list) {
  if (list == nullptr) return;
  const auto add = [this, &into](const Value& one) {
    StmtPtr stmt = statement(one);
    if (stmt != nullptr) into.push_back(std::move(stmt));
  };
  if (list->kind != Kind::Array) return add(*list);
  for (const Value& one : list->items) add(one);
}

}  // namespace pktwalk::nft

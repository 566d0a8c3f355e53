// SPDX-License-Identifier: MIT
// A file's tables become the host's ruleset: declarations first, so that rules may name what stands
// behind them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "model/host/host.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/netfilter/xtables/table.h"

namespace pktwalk::nft {
namespace {

std::optional<TableFamily> family_of(std::string_view word) {
  for (const TableFamily family : {TableFamily::Inet, TableFamily::Ip, TableFamily::Arp,
                                   TableFamily::Netdev, TableFamily::Bridge, TableFamily::Ip6}) {
    if (word == to_string(family)) return family;
  }
  return std::nullopt;
}

std::optional<Hook> hook_of(std::string_view word) {
  if (word == "prerouting") return Hook::Prerouting;
  if (word == "input") return Hook::Input;
  if (word == "forward") return Hook::Forward;
  if (word == "output") return Hook::Output;
  if (word == "postrouting") return Hook::Postrouting;
  if (word == "ingress") return Hook::Ingress;
  if (word == "egress") return Hook::Egress;
  return std::nullopt;
}

// The numbers behind the names of priorities (nft(8), "standard priority names").
std::optional<std::int64_t> priority_of(std::string_view name, TableFamily family, Hook hook) {
  if (name.empty()) return 0;
  if (family == TableFamily::Bridge) {
    if (name == "dstnat") return -300;
    if (name == "filter") return -200;
    if (name == "out") return 100;
    if (name == "srcnat") return 300;
    return std::nullopt;
  }
  if (name == "filter") return 0;
  if (family == TableFamily::Netdev || family == TableFamily::Arp) return std::nullopt;
  if (name == "raw") return -300;
  if (name == "mangle") return -150;
  if (name == "dstnat" && hook == Hook::Prerouting) return -100;
  if (name == "dstnat" && hook == Hook::Output) return -100;
  if (name == "security") return 50;
  if (name == "srcnat") return 100;
  return std::nullopt;
}

class FileBuilder {
 public:
  FileBuilder(Host& host, Ruleset& ruleset, std::uint32_t file)
      : host_(host), ruleset_(ruleset), file_(file) {}

  void table(const ast::Table& source) {
    const std::optional<TableFamily> family = family_of(source.family);
    if (!family) return report(source.at, fmt::format("there is no family \"{}\"", source.family));
    if (const Table* const known = ruleset_.table(*family, source.name); known != nullptr) {
      // Usually `nft list ruleset` and `nft -j list ruleset` of one host.
      host_.diagnostics.push_back(
          {.severity = Severity::Note,
           .at = {file_, source.at.line},
           .what =
               fmt::format("table {} {} was read from {} already: this copy is left out",
                           source.family, source.name, host_.sources.file(known->at.file).name)});
      return;
    }
    if (is_in_iptables(*family, source)) {
      host_.diagnostics.push_back(
          {.severity = Severity::Note,
           .at = {file_, source.at.line},
           .what = fmt::format("table {} {} belongs to iptables-nft and is walked as its dump "
                               "tells, which holds more",
                               source.family, source.name)});
      return;
    }
    auto made = std::make_unique<Table>();
    made->family = *family;
    made->name = source.name;
    made->source = &source;
    made->title = fmt::format("{} {}", source.family, source.name);
    made->at = {file_, source.at.line};
    made->iptables_nft = source.iptables_nft;
    made->dormant =
        std::find(source.flags.begin(), source.flags.end(), "dormant") != source.flags.end();
    table_ = made.get();
    ruleset_.tables.push_back(std::move(made));
    Builder builder(host_, ruleset_, *table_, file_);
    for (const ast::Chain& chain : source.chains) declare(chain);
    for (const ast::Object& object : source.objects) this->object(builder, object);
    for (const ast::Flowtable& flowtable : source.flowtables)
      table_->flowtables.push_back({flowtable.name, flowtable.devices, flowtable.priority});
    for (const ast::Set& set : source.sets) declare(builder, set);
    for (const ast::Set& set : source.sets) elements(builder, set);
    for (const ast::Chain& chain : source.chains) rules(builder, chain);
  }

 private:
  // What iptables-nft-save and nft print of one table is loaded once: from iptables, whose text has
  // the parameters of its matches.
  bool is_in_iptables(TableFamily family, const ast::Table& source) const {
    const xt::Ruleset* const ruleset = family == TableFamily::Ip    ? host_.iptables.get()
                                       : family == TableFamily::Ip6 ? host_.ip6tables.get()
                                                                    : nullptr;
    return ruleset != nullptr && ruleset->table(source.name) != nullptr &&
           (host_.iptables_nft || source.iptables_nft);
  }
  void report(ast::At at, std::string what, std::string hint = {}) {
    host_.diagnostics.push_back({.severity = Severity::Error,
                                 .at = {file_, at.line},
                                 .column = at.column,
                                 .what = std::move(what),
                                 .hint = std::move(hint)});
  }
  void report(const Error& error) {
    report({error.where.line, error.where.column}, error.what, error.hint);
  }

  void declare(const ast::Chain& source) {
    auto made = std::make_unique<Chain>();
    made->name = source.name;
    made->tool = Tool::Nftables;
    made->table = table_;
    made->at = {file_, source.at.line};
    made->stage = fmt::format("{}/{}", table_->title, source.name);
    made->devices = source.devices;
    if (source.base) base_chain(source, *made);
    table_->chains_by_name[source.name] = made.get();
    table_->chains.push_back(std::move(made));
  }

  void base_chain(const ast::Chain& source, Chain& chain) {
    const std::optional<Hook> hook = hook_of(source.hook);
    if (!hook) return report(source.at, fmt::format("there is no hook \"{}\"", source.hook));
    const std::optional<std::int64_t> named =
        priority_of(source.priority_name, table_->family, *hook);
    if (!named) {
      return report(source.at, fmt::format("priority \"{}\" has no meaning at {} of family {}",
                                           source.priority_name, source.hook, table_->title));
    }
    chain.base = true;
    chain.hook = *hook;
    chain.priority = *named + source.priority;
    chain.policy = source.policy == "drop" ? Verdict::Drop : Verdict::Accept;
    chain.type = source.type == "nat"     ? ChainType::Nat
                 : source.type == "route" ? ChainType::Route
                                          : ChainType::Filter;
    // The chain alone does not make the kernel track connections: its rules do.
    if (chain.type == ChainType::Nat) ruleset_.uses_nat = true;
  }

  void object(Builder& builder, const ast::Object& source) {
    auto made = std::make_unique<Object>();
    made->kind = source.kind;
    made->name = source.name;
    if (source.body != nullptr) {
      Result<StatementPtr> body = builder.statement(*source.body);
      if (!body) return report(body.error());
      made->statement = std::move(*body);
    } else if (source.kind.starts_with("ct ")) {
      builder.needs_conntrack();
    }
    table_->objects.push_back(std::move(made));
  }

  // "ipv4_addr . inet_service", or what "typeof" names.
  std::optional<std::vector<SetField>> fields(Builder& builder, const ast::Set& source,
                                              const std::vector<std::string>& names,
                                              const ast::ExprPtr& type_of) {
    if (type_of != nullptr) {
      const Result<LoadPtr> load = builder.load(*type_of);
      if (!load) {
        report(load.error());
        return std::nullopt;
      }
      return Builder::fields_of(**load);
    }
    std::vector<SetField> found;
    for (const std::string& name : names) {
      const Datatype* const type = find_datatype(name);
      if (type == nullptr) {
        report(source.at, fmt::format("nftables has no type \"{}\"", name));
        return std::nullopt;
      }
      found.push_back({type, type->bits != 0 ? type->bits : 32u});
    }
    return found;
  }

  void declare(Builder& builder, const ast::Set& source) {
    auto made = std::make_unique<Set>();
    Set& set = *made;
    set.name = source.name;
    set.text = "@" + source.name;
    set.table = table_;
    set.at = {file_, source.at.line};
    set.map = source.map;
    const auto has = [&](std::string_view flag) {
      return std::find(source.flags.begin(), source.flags.end(), flag) != source.flags.end();
    };
    set.interval = has("interval");
    set.dynamic = has("dynamic");
    set.has_timeout = has("timeout") || source.timeout_ms;
    set.timeout = static_cast<std::int64_t>(source.timeout_ms.value_or(0)) * 1'000'000;
    set.size = static_cast<std::uint32_t>(std::min<std::uint64_t>(source.size, 0xffffffffu));
    set.auto_merge = source.auto_merge;
    const std::optional<std::vector<SetField>> key =
        fields(builder, source, source.key_types, source.key_typeof);
    if (!key) {
      set.unmodelled = "the type of this set's keys is not known";
    } else {
      set.key = *key;
    }
    if (source.map) data(builder, source, set);
    for (const ast::StmtPtr& stmt : source.stateful) {
      Result<StatementPtr> statement = builder.statement(*stmt);
      if (!statement) {
        report(statement.error());
        continue;
      }
      if (auto* const stateful = dynamic_cast<Stateful*>(statement->get())) {
        static_cast<void>(statement->release());
        set.statements.emplace_back(stateful);
      }
    }
    table_->sets_by_name[source.name] = made.get();
    table_->sets.push_back(std::move(made));
  }

  void data(Builder& builder, const ast::Set& source, Set& set) {
    if (source.data_types.size() == 1) {
      const std::string& kind = source.data_types[0];
      if (kind == "verdict") {
        set.verdict_map = true;
        return;
      }
      if (kind == "counter" || kind == "quota" || kind == "limit" || kind == "synproxy" ||
          kind == "secmark" || kind.starts_with("ct ")) {
        set.object_map = true;
        set.object_kind = kind;
        return;
      }
    }
    if (source.data_typeof != nullptr && source.data_typeof->kind == ast::ExprKind::Symbol &&
        source.data_typeof->text == "verdict") {
      set.verdict_map = true;
      return;
    }
    if (const auto found = fields(builder, source, source.data_types, source.data_typeof)) {
      set.data = *found;
    } else {
      set.unmodelled = "the type of this map's data is not known";
    }
  }

  void elements(Builder& builder, const ast::Set& source) {
    Set* const set = table_->set(source.name);
    if (source.broken && set != nullptr) set->unmodelled = "a part of this set could not be read";
    if (set == nullptr || set->unmodelled != nullptr) return;
    if (const Status filled = builder.fill(*set, source.elements); !filled) {
      report(filled.error());
      set->unmodelled = "an element of this set could not be read";
    }
  }

  void rules(Builder& builder, const ast::Chain& source) {
    Chain& chain = *table_->chain(source.name);
    builder.begin_chain(&chain);
    chain.rules.reserve(source.rules.size());
    for (const ast::Rule& rule : source.rules) this->rule(builder, chain, rule);
  }

  void rule(Builder& builder, Chain& chain, const ast::Rule& source) {
    Rule& rule = chain.rules.emplace_back();
    rule.number = static_cast<std::uint32_t>(chain.rules.size());
    rule.at = {file_, source.at.line};
    rule.text = source.text;
    rule.handle = source.handle;
    builder.begin_rule(&rule);
    for (const ast::StmtPtr& stmt : source.statements) {
      Result<StatementPtr> made = builder.statement(*stmt);
      if (!made) {
        report(made.error());
        rule.unreadable = true;
        rule.unmodelled = "unreadable rule: " + made.error().what;
        break;
      }
      act(rule, *stmt);
      rule.statements.push_back(std::move(*made));
    }
    if (source.broken && !rule.unreadable) {
      rule.unreadable = true;
      rule.unmodelled = "unreadable rule";
    }
    builder.begin_rule(nullptr);
  }

  // What the rule does in the end, for people.
  static void act(Rule& rule, const ast::Stmt& stmt) {
    using ast::StmtKind;
    if (stmt.kind == StmtKind::Match || stmt.kind == StmtKind::Counter ||
        stmt.kind == StmtKind::Limit) {
      return;
    }
    if (stmt.kind != StmtKind::Verdict) {
      rule.action = ast::print(stmt);
      return;
    }
    const ast::Expr& verdict = *stmt.args[0];
    rule.action = ast::print(verdict);
    rule.verdict = verdict.text == "accept"   ? Verdict::Accept
                   : verdict.text == "drop"   ? Verdict::Drop
                   : verdict.text == "return" ? Verdict::Return
                   : verdict.text == "jump"   ? Verdict::Jump
                   : verdict.text == "goto"   ? Verdict::Goto
                                              : Verdict::Continue;
  }

  Host& host_;
  Ruleset& ruleset_;
  std::uint32_t file_;
  Table* table_ = nullptr;
};

}  // namespace

void build(Host& host, ast::Ruleset source, std::uint32_t file) {
  if (host.nftables == nullptr) host.nftables = std::make_unique<Ruleset>();
  Ruleset& ruleset = *host.nftables;
  ruleset.loaded = true;
  ast::Ruleset& kept = ruleset.sources.emplace_back(std::move(source));
  FileBuilder builder(host, ruleset, file);
  for (const ast::Table& table : kept.tables) builder.table(table);
}

}  // namespace pktwalk::nft

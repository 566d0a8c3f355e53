// SPDX-License-Identifier: MIT
// One table from the lines of its dump, or from the commands of a script.
//
// Kernel: none; the lines have the effect that iptables-restore 1.8.9 gives them.
// Differs: chains that are not declared are made, with a warning.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/netfilter/option_reader.h"
#include "model/netfilter/xtables/base_chains.h"
#include "model/netfilter/xtables/rule_parser.h"
#include "model/netfilter/xtables/table_loader.h"

namespace pktwalk::xt {
namespace {

constexpr std::size_t kChainNameMax = 28;  // XT_EXTENSION_MAXNAMELEN - 1

// "[12:3456]"
std::optional<Counter> read_bracket_counter(std::string_view text) {
  if (text.size() < 5 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto packets = read_number(text.substr(0, colon), ~std::uint64_t{0});
  const auto bytes = read_number(text.substr(colon + 1), ~std::uint64_t{0});
  if (!packets || !bytes) return std::nullopt;
  return Counter{*packets, *bytes};
}

// The text from a word on, without what ends the line.
std::string_view text_from(std::string_view line, const Word& word) {
  std::string_view text = line.substr(word.column - 1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

void renumber(Chain& chain) {
  std::uint32_t number = 0;
  for (Rule& rule : chain.rules) rule.number = ++number;
}

}  // namespace

void LoadContext::report(Severity severity, std::uint32_t line, std::uint32_t column,
                         std::string what, std::string hint) {
  host.diagnostics.push_back({.severity = severity,
                              .at = {.file = file, .line = line},
                              .column = column,
                              .what = std::move(what),
                              .hint = std::move(hint)});
}

void LoadContext::report(const Error& error, std::uint32_t line) {
  report(Severity::Error, line, error.where.column, error.what, error.hint);
}

std::uint32_t LoadContext::add_counter(Counter value) {
  std::vector<Counter>& counters = host.initial->counters;
  counters.push_back(value);
  return static_cast<std::uint32_t>(counters.size() - 1);
}

TableBuilder::TableBuilder(LoadContext& load, std::string name, Family family, std::uint32_t line)
    : load_(load), table_(std::make_unique<Table>()) {
  table_->name = std::move(name);
  table_->title = table_->name;
  table_->family = family;
  table_->at = {.file = load.file, .line = line};
  if (!table_hooks(table_->name)) {
    load.report(Severity::Error, line, 1, fmt::format("there is no table \"{}\"", table_->name),
                "iptables has filter, nat, mangle, raw and security");
  }
}

Chain* TableBuilder::find(std::string_view name) {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? nullptr : found->second;
}

Chain& TableBuilder::chain(std::string_view name, std::uint32_t line, bool declared,
                           std::uint32_t column) {
  if (Chain* const known = find(name)) return *known;
  const std::optional<Hook> hook = base_chain_hook(table_->name, name);
  if (!declared && !hook) {
    load_.report(Severity::Warning, line, column,
                 fmt::format("chain {} was not declared: taken as a new user chain", name),
                 fmt::format("iptables-save writes \":{} - [0:0]\" before its rules", name));
  }
  if (name.size() > kChainNameMax) {
    load_.report(Severity::Warning, line, column,
                 fmt::format("chain name \"{}\" is longer than {} characters", name, kChainNameMax),
                 "iptables refuses it");
  }
  if (standard_verdict(name) || find_target(name, table_->family) != nullptr) {
    load_.report(Severity::Error, line, column,
                 fmt::format("a chain cannot be called {}: that is a target", name));
  }
  auto made = std::make_unique<Chain>();
  made->name = name;
  made->base = hook.has_value();
  made->hook = hook.value_or(Hook::Prerouting);
  made->at = {.file = load_.file, .line = line};
  if (made->base) made->policy_counter = load_.add_counter({});
  Chain& chain = *made;
  by_name_[chain.name] = &chain;
  table_->chains.push_back(std::move(made));
  return chain;
}

void TableBuilder::set_policy(Chain& chain, std::string_view policy, std::uint32_t line,
                              std::uint32_t column) {
  if (policy == "-" && !chain.base) return;
  if (!chain.base) {
    load_.report(Severity::Warning, line, column,
                 fmt::format("{} is no base chain of table {}: its policy {} is ignored",
                             chain.name, table_->name, policy),
                 "user chains have the policy \"-\"");
  } else if (policy == "ACCEPT" || policy == "DROP") {
    chain.policy = policy == "DROP" ? Verdict::Drop : Verdict::Accept;
  } else if (policy != "-") {
    load_.report(Severity::Error, line, column,
                 fmt::format("a chain's policy is ACCEPT or DROP, not \"{}\"", policy));
  }
}

void TableBuilder::chain_line(std::uint32_t line, std::string_view text) {
  Result<std::vector<Word>> words = split_words(text, {}, line);
  if (!words) return load_.report(words.error(), line);
  const std::string name = words->front().text.substr(1);
  if (name.empty()) {
    return load_.report(Severity::Error, line, 1, "the chain's name is missing behind the colon");
  }
  if (const Chain* const known = find(name)) {
    load_.report(Severity::Warning, line, 1,
                 fmt::format("chain {} is declared again, first in line {}", name, known->at.line));
  }
  Chain& declared = chain(name, line, true, 2);
  if (words->size() > 1) set_policy(declared, (*words)[1].text, line, (*words)[1].column);
  if (words->size() > 2) {
    const std::optional<Counter> counter = read_bracket_counter((*words)[2].text);
    if (!counter) {
      load_.report(Severity::Warning, line, (*words)[2].column,
                   fmt::format("\"{}\" is no counter [packets:bytes]", (*words)[2].text));
    } else if (declared.base) {
      load_.host.initial->counters[declared.policy_counter] = *counter;
    }
  }
}

void TableBuilder::add_rules(Chain& chain, std::size_t position, std::uint32_t line,
                             std::string_view text, const std::vector<Word>& words,
                             std::size_t first, std::optional<Counter> counter) {
  const std::size_t command = first - 2;
  for (std::size_t variant = 0, variants = 1; variant < variants; ++variant) {
    ParseContext context;
    context.family = table_->family;
    context.table = table_->name;
    context.chain = chain.name;
    context.hooks = chain.base ? hook_bit(chain.hook) : HookMask{0};
    context.at = {.file = load_.file, .line = line};
    context.host = &load_.host;
    context.shared = &load_.shared_slots;
    ParsedRule parsed = parse_rule({std::span(words).subspan(first), text}, context, variant);
    if (parsed.other_family) return;
    if (parsed.error) {
      load_.report(*parsed.error, line);
    } else {
      variants = parsed.variants;
    }
    Rule& rule = parsed.rule;
    rule.at = context.at;
    rule.text = text_from(text, words[command]);
    rule.counter =
        load_.add_counter(parsed.counter ? *parsed.counter : counter.value_or(Counter{}));
    chain.rules.insert(chain.rules.begin() + static_cast<std::ptrdiff_t>(position),
                       std::move(rule));
    ++position;
  }
  if (position != chain.rules.size()) return renumber(chain);
  chain.rules.back().number = static_cast<std::uint32_t>(chain.rules.size());
}

void TableBuilder::insert(std::uint32_t line, std::string_view text, const std::vector<Word>& words,
                          std::size_t at, std::optional<Counter> counter) {
  Chain& into = chain(words[at + 1].text, line, false, words[at + 1].column);
  std::size_t position = 1;
  std::size_t first = at + 2;
  if (first < words.size() && !words[first].text.empty() && words[first].text[0] != '-' &&
      words[first].text != "!") {
    const auto number = read_number(words[first].text, 0xffffffff);
    if (!number || *number == 0 || *number > into.rules.size() + 1) {
      return load_.report(Severity::Error, line, words[first].column,
                          fmt::format("\"{}\" is no place in chain {}, which has {} rules",
                                      words[first].text, into.name, into.rules.size()));
    }
    position = *number;
    // The number is no part of the rule: what stands before the rule is taken out.
    std::vector<Word> rest(words);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(first));
    return add_rules(into, position - 1, line, text, rest, first, counter);
  }
  add_rules(into, position - 1, line, text, words, first, counter);
}

void TableBuilder::remove(std::uint32_t line, std::string_view text, const std::vector<Word>& words,
                          std::size_t at) {
  Chain* const from = find(words[at + 1].text);
  std::size_t index = 0;
  if (from != nullptr && words.size() == at + 3) {
    index = static_cast<std::size_t>(read_number(words[at + 2].text, 0xffffffff).value_or(0));
  } else if (from != nullptr) {
    // By its words: read it as a rule of a chain that is thrown away, and find one that prints
    // alike.
    Chain scratch;
    scratch.name = from->name;
    scratch.base = from->base;
    scratch.hook = from->hook;
    add_rules(scratch, 0, line, text, words, at + 2, std::nullopt);
    const auto same = [&](const Rule& rule) {
      return !scratch.rules.empty() &&
             print_rule(*from, rule) == print_rule(scratch, scratch.rules.front());
    };
    const auto found = std::find_if(from->rules.begin(), from->rules.end(), same);
    index =
        found == from->rules.end() ? 0 : static_cast<std::size_t>(found - from->rules.begin()) + 1;
  }
  if (from == nullptr || index == 0 || index > from->rules.size()) {
    return load_.report(Severity::Error, line, words[at].column, "there is no such rule to delete");
  }
  from->rules.erase(from->rules.begin() + static_cast<std::ptrdiff_t>(index - 1));
  renumber(*from);
}

void TableBuilder::drop_chain(std::string_view name) {
  Chain* const gone = find(name);
  if (gone == nullptr || gone->base) return;
  by_name_.erase(gone->name);
  std::erase_if(table_->chains, [&](const std::unique_ptr<Chain>& c) { return c.get() == gone; });
}

void TableBuilder::command(std::uint32_t line, std::string_view text,
                           const std::vector<Word>& words, std::size_t program_words,
                           std::optional<Counter> counter) {
  const std::size_t at = program_words;
  const Word& verb = words[at];
  const std::string_view name = verb.text;
  const bool has_chain = at + 1 < words.size();
  const auto is = [&](std::string_view brief, std::string_view full) {
    return name == brief || name == full;
  };
  const bool all = !has_chain || words[at + 1].text[0] == '-';
  if (is("-F", "--flush") || is("-X", "--delete-chain") || is("-Z", "--zero")) {
    const std::string only = all ? "" : words[at + 1].text;
    std::vector<std::string> names;
    for (const auto& c : table_->chains) {
      if (only.empty() || c->name == only) names.push_back(c->name);
      if (is("-F", "--flush") && names.size() > 0 && names.back() == c->name) c->rules.clear();
    }
    if (is("-X", "--delete-chain")) {
      for (const std::string& gone : names) drop_chain(gone);
    }
    return;
  }
  if (!has_chain) {
    return load_.report(Severity::Error, line, verb.column, fmt::format("{} needs a chain", name));
  }
  const Word& target = words[at + 1];
  if (is("-A", "--append")) {
    Chain& into = chain(target.text, line, false, target.column);
    add_rules(into, into.rules.size(), line, text, words, at + 2, counter);
  } else if (is("-I", "--insert")) {
    insert(line, text, words, at, counter);
  } else if (is("-N", "--new-chain") || is("--new", "--new-chain")) {
    chain(target.text, line, true, target.column);
  } else if (is("-P", "--policy") && at + 2 < words.size()) {
    set_policy(chain(target.text, line, false, target.column), words[at + 2].text, line,
               words[at + 2].column);
  } else if (is("-D", "--delete")) {
    remove(line, text, words, at);
  } else {
    load_.report(Severity::Error, line, verb.column,
                 fmt::format("\"{}\" is not understood here", name),
                 "a rule line begins with -A CHAIN");
  }
}

std::unique_ptr<Table> TableBuilder::finish() {
  resolve_jumps(load_, *table_, by_name_);
  for (const std::unique_ptr<Chain>& chain : table_->chains) {
    if (chain->base) table_->base[static_cast<std::size_t>(chain->hook)] = chain.get();
  }
  return std::move(table_);
}

}  // namespace pktwalk::xt

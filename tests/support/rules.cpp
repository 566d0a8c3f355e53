// SPDX-License-Identifier: MIT
#include "tests/support/rules.h"

#include <fmt/format.h>

#include <variant>

#include "model/netfilter/xtables/table.h"
#include "model/netfilter/xtables/table_loader.h"
#include "model/path/walk.h"
#include "model/trace/recorder.h"

namespace pktwalk::testing {
namespace {

std::string describe(const Step& step) {
  if (const auto* const rule = std::get_if<RuleStep>(&step.detail)) {
    std::string text =
        fmt::format("{}:{} {}", rule->chain->name, rule->rule->number, to_string(rule->outcome));
    if (rule->outcome == Outcome::Match) text += fmt::format(", {}", to_string(rule->verdict));
    return text;
  }
  if (const auto* const back = std::get_if<ReturnStep>(&step.detail)) {
    return fmt::format("return {} to {}", back->from->name, back->to->name);
  }
  if (const auto* const policy = std::get_if<PolicyStep>(&step.detail)) {
    return fmt::format("policy {} {}", policy->chain->name, to_string(policy->verdict));
  }
  if (const auto* const note = std::get_if<NoteStep>(&step.detail)) {
    return fmt::format("note: {}", note->text);
  }
  if (const auto* const change = std::get_if<ChangeStep>(&step.detail)) {
    return fmt::format("change {}", to_string(change->field));
  }
  return "another step";
}

}  // namespace

std::vector<std::string> TableWalk::terms(std::size_t rule_step) const {
  std::vector<std::string> out;
  for (const Step& step : trace.steps) {
    const auto* const rule = std::get_if<RuleStep>(&step.detail);
    if (rule == nullptr || rule_step-- != 0) continue;
    for (std::uint32_t i = 0; i < rule->term_count; ++i) {
      const TermStep& term = trace.terms[rule->first_term + i];
      out.push_back(fmt::format("{}: {}, {}{}", term.term->text(), to_string(term.outcome),
                                to_string(term.seen), term.probed ? " (probed)" : ""));
    }
    break;
  }
  return out;
}

RulesFixture::RulesFixture(const std::string& dump) {
  const std::uint32_t file = router.host.sources.add("iptables-save.txt", dump);
  xt::load_dump(router.host, file);
  router.state = *router.host.initial;
}

TableWalk RulesFixture::walk(const std::string& table, Hook hook, Skb skb, bool record) {
  TableWalk out;
  Recorder recorder(out.trace);
  recorder.begin_hop("table", hook, skb, IfIndex::None, IfIndex::None);
  Walk walk(router.host, router.state, router.now, record ? &recorder : nullptr);
  const xt::Table* const wanted = router.host.iptables->table(table);
  REQUIRE(wanted != nullptr);
  const bool has_in = hook != Hook::Output && hook != Hook::Postrouting;
  const bool has_out = hook != Hook::Prerouting && hook != Hook::Input;
  out.verdict = xt::traverse(*wanted, walk, skb, hook, has_in ? router.link(router.in) : nullptr,
                             has_out ? router.link(router.out) : nullptr);
  if (walk.deciding_rule != nullptr) out.decided_by = walk.deciding_rule->text;
  if (walk.deciding_policy != nullptr) out.decided_by = "policy";
  if (walk.unknown_why != nullptr) out.unknown = walk.unknown_why;
  for (const Step& step : out.trace.steps) out.steps.push_back(describe(step));
  out.skb = std::move(skb);
  return out;
}

std::string RulesFixture::counter(const std::string& table, const std::string& chain,
                                  std::size_t number) const {
  const xt::Chain* const in = router.host.iptables->table(table)->chain(chain);
  REQUIRE(in != nullptr);
  const std::uint32_t index = number == 0 ? in->policy_counter : in->rules[number - 1].counter;
  const Counter& counter = router.state.counters[index];
  return fmt::format("[{}:{}]", counter.packets, counter.bytes);
}

}  // namespace pktwalk::testing

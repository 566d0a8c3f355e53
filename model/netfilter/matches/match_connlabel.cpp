// SPDX-License-Identifier: MIT
// -m connlabel: has the connection this label? With --set the connection gets it.
//
// Kernel:  net/netfilter/xt_connlabel.c, connlabel_mt()
// Differs: labels are numbers; their names stand in /etc/xtables/connlabel.conf, which no dump has
#include "model/conntrack/conntrack.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

struct ConnlabelMatch final : Match {
  std::uint32_t label = 0;
  bool invert = false, set = false;

  Outcome evaluate(MatchContext& ctx) const override {
    ct::Entry* const entry = ct::entry_of(ctx.skb, ctx.state);
    const std::size_t word = label / 64;
    const std::uint64_t bit = std::uint64_t{1} << (label % 64);
    const bool there = entry != nullptr && ((entry->labels[word] & bit) != 0);
    const bool gets = !there && set && entry != nullptr;
    if (gets && !ctx.probe) entry->labels[word] |= bit;
    return ctx.answer(terms[0], Field::CtLabels, (there || gets) != invert, [&] {
      return Value::literal(entry == nullptr ? "no connection"
                            : there          ? "set"
                            : gets           ? "set now"
                                             : "not set");
    });
  }
  void print(OptionPrinter& out) const override {
    out.option("--label", "\"" + std::to_string(label) + "\"", invert);
    if (set) out.option("--set");
  }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--label");
  if (!option) return option.error();
  const std::optional<std::uint64_t> label = read_number((*option)->arg(), 127);
  if (!label) {
    return in.error(**option, "\"" + (*option)->arg() + "\" is no number of a label",
                    "0 to 127; names are known to the host alone");
  }
  auto match = std::make_unique<ConnlabelMatch>();
  match->label = static_cast<std::uint32_t>(*label);
  match->invert = (*option)->negated;
  match->set = in.has("--set");
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--label", .invertible = true},
                                   {.name = "--set", .args = OptionSpec::Args::None}};

}  // namespace

extern const MatchDef match_connlabel;
const MatchDef match_connlabel{.name = "connlabel",
                               .options = kOptions,
                               .syntax = "[!] --label NUMBER [--set]",
                               .kernel_ref = "net/netfilter/xt_connlabel.c:connlabel_mt",
                               .parse = parse,
                               .needs_conntrack = true};

}  // namespace pktwalk

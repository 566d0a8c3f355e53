// SPDX-License-Identifier: MIT
// -m state: is the packet new, part of a known connection, related to one, or none of these?
//
// Kernel:  net/netfilter/xt_conntrack.c, conntrack_mt(): iptables 1.8 hands -m state over as a
//          conntrack match with the state alone.
// Differs: nothing known
#include "model/conntrack/conntrack.h"
#include "model/netfilter/ct_words.h"
#include "model/netfilter/match.h"

namespace pktwalk {
namespace {

struct StateMatch final : Match {
  std::uint32_t wanted = 0;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const std::uint32_t seen = ct::state_bits(ctx.skb, ctx.state);
    return ctx.answer(terms[0], Field::CtState, ((seen & wanted) != 0) != invert,
                      [&] { return Value::ct_state(seen); });
  }
  void print(OptionPrinter& out) const override {
    out.option("--state", ct_states_text(wanted), invert);
  }
};

Result<MatchPtr> parse(Options& options) {
  const GivenOption* given = options.find("--state");
  if (given == nullptr) return options.error("-m state needs --state");
  const std::optional<std::uint32_t> bits = read_ct_states(given->arg(), false);
  if (!bits) {
    return options.error(*given, "bad state \"" + given->arg() + "\"",
                         "a comma list of INVALID, NEW, RELATED, ESTABLISHED, UNTRACKED");
  }
  auto match = std::make_unique<StateMatch>();
  match->wanted = *bits;
  match->invert = given->negated;
  match->terms.push_back(Options::term(*given));
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--state", .invertible = true}};

}  // namespace

extern const MatchDef match_state;
const MatchDef match_state{.name = "state",
                           .options = kOptions,
                           .syntax = "[!] --state STATE[,STATE...]",
                           .kernel_ref = "net/netfilter/xt_conntrack.c:conntrack_mt",
                           .parse = parse,
                           .needs_conntrack = true};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -m helper: does the packet belong to a connection that a conntrack helper expected?
//
// Kernel:  net/netfilter/xt_helper.c, helper_mt()
// Differs: ct-helpers (no connection is expected, and one that a dump says was expected is unknown)
#include "model/conntrack/conntrack.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

struct HelperMatch final : Match {
  std::string name;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const ct::Entry* const entry = ct::entry_of(ctx.skb, std::as_const(ctx.state));
    if (entry != nullptr && (entry->master != CtId::None || entry->has(ct::kExpected))) {
      return ctx.unknown_term(terms[0], Field::CtHelper, "conntrack helpers are not modelled");
    }
    return ctx.answer(terms[0], Field::CtHelper, invert,
                      [] { return Value::literal("not expected by a helper"); });
  }
  void print(OptionPrinter& out) const override { out.quoted("--helper", name, invert); }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--helper");
  if (!option) return option.error();
  auto match = std::make_unique<HelperMatch>();
  match->name = (*option)->arg();
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--helper", .invertible = true}};

}  // namespace

extern const MatchDef match_helper;
const MatchDef match_helper{.name = "helper",
                            .options = kOptions,
                            .syntax = "[!] --helper NAME",
                            .kernel_ref = "net/netfilter/xt_helper.c:helper_mt",
                            .parse = parse,
                            .needs_conntrack = true};

}  // namespace pktwalk

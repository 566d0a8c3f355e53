// SPDX-License-Identifier: MIT
// -m connmark: compares the connection's mark with a value under a mask.
//
// Kernel: net/netfilter/xt_connmark.c:connmark_mt()
// Differs: nothing known
#include <fmt/format.h>

#include "model/conntrack/conntrack.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--mark", .invertible = true}};

struct ConnmarkMatch final : Match {
  MaskedValue want;
  bool invert = false;
  Outcome evaluate(MatchContext& ctx) const override {
    const ct::Entry* const entry = ct::entry_of(ctx.skb, ctx.state);
    // Without a connection the answer is no, inverted or not.
    if (entry == nullptr)
      return ctx.answer(terms[0], Field::CtMark, false, [] { return Value::none(); });
    const bool hit = ((entry->mark & want.mask) == want.value) != invert;
    return ctx.answer(terms[0], Field::CtMark, hit, [&] { return Value::hex(entry->mark); });
  }
  void print(OptionPrinter& out) const override { out.option("--mark", masked_text(want), invert); }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--mark");
  if (!option) return option.error();
  const Result<MaskedValue> value = masked_value(in, **option);
  if (!value) return value.error();
  auto match = std::make_unique<ConnmarkMatch>();
  match->want = *value;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_connmark;
const MatchDef match_connmark{.name = "connmark",
                              .options = kOptions,
                              .syntax = "[!] --mark value[/mask]",
                              .kernel_ref = "net/netfilter/xt_connmark.c:connmark_mt",
                              .parse = parse,
                              .needs_conntrack = true};

}  // namespace pktwalk

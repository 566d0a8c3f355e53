// SPDX-License-Identifier: MIT
// -m mark: compares the skb mark with a value under a mask.
//
// Kernel:  net/netfilter/xt_mark.c, mark_mt()
// Differs: nothing known
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--mark", .invertible = true}};

struct MarkMatch final : Match {
  MaskedValue want;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const std::uint32_t mark = ctx.skb.mark;
    const bool hit = ((mark & want.mask) == want.value) != invert;
    return ctx.answer(terms[0], Field::SkbMark, hit, [mark] { return Value::hex(mark); });
  }
  void print(OptionPrinter& out) const override { out.option("--mark", masked_text(want), invert); }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--mark");
  if (!option) return option.error();
  const Result<MaskedValue> want = masked_value(in, **option);
  if (!want) return want.error();
  auto match = std::make_unique<MarkMatch>();
  match->want = *want;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_mark;
const MatchDef match_mark{.name = "mark",
                          .options = kOptions,
                          .syntax = "[!] --mark VALUE[/MASK]",
                          .kernel_ref = "net/netfilter/xt_mark.c:mark_mt",
                          .parse = parse};

}  // namespace pktwalk

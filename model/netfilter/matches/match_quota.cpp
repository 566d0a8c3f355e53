// SPDX-License-Identifier: MIT
// -m quota: matches until a number of bytes has passed.
//
// Kernel:  net/netfilter/xt_quota.c, quota_mt()
// Differs: limit-start (the whole quota is there when the capture begins: iptables-save does not
//          print what is left)
#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

struct Left {
  std::uint64_t bytes = 0;
  bool operator==(const Left&) const = default;
};

struct QuotaMatch final : Match {
  std::uint64_t quota = 0;
  bool invert = false;
  SlotRef<Left> slot;

  Outcome evaluate(MatchContext& ctx) const override {
    const std::uint64_t left = ctx.state.slots.get(slot).bytes;
    const std::uint64_t length = ctx.skb.len();
    const bool enough = left >= length;
    // A packet that is too long uses up the rest: shorter ones do not match any more either.
    if (!ctx.probe) ctx.state.slots.get(slot).bytes = enough ? left - length : 0;
    return ctx.answer(terms[0], Field::Quota, enough != invert, [&] { return Value::dec(left); });
  }
  void print(OptionPrinter& out) const override {
    out.option("--quota", std::to_string(quota), invert);
  }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--quota");
  if (!option) return option.error();
  const std::optional<std::uint64_t> quota = read_number((*option)->arg(), ~std::uint64_t{0});
  if (!quota) {
    return in.error(**option, "bad value \"" + (*option)->arg() + "\" for --quota", "bytes");
  }
  auto match = std::make_unique<QuotaMatch>();
  match->quota = *quota;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  match->slot = in.context().slot(Left{*quota});
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--quota", .invertible = true}};

}  // namespace

extern const MatchDef match_quota;
const MatchDef match_quota{.name = "quota",
                           .options = kOptions,
                           .syntax = "[!] --quota BYTES",
                           .kernel_ref = "net/netfilter/xt_quota.c:quota_mt",
                           .parse = parse};

}  // namespace pktwalk

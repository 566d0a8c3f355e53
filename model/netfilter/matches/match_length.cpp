// SPDX-License-Identifier: MIT
// -m length: the length of the packet from the IP header on, as the header states it.
//
// Kernel:  net/netfilter/xt_length.c, length_mt(), length_mt6()
// Differs: nothing known
#include "model/core/bytes.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--length", .invertible = true}};

struct LengthMatch final : Match {
  NumberRange want;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const std::uint8_t* const ip = ctx.ip();
    const std::uint32_t length =
        ctx.skb.family == Family::Ipv6 ? load_be16(ip + 4) + 40u : load_be16(ip + 2);
    const bool hit = (length >= want.low && length <= want.high) != invert;
    return ctx.answer(terms[0], Field::IpLength, hit, [length] { return Value::dec(length); });
  }
  void print(OptionPrinter& out) const override {
    out.option("--length", range_text(want), invert);
  }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--length");
  if (!option) return option.error();
  const Result<NumberRange> want = range_value(in, **option, 65535);
  if (!want) return want.error();
  auto match = std::make_unique<LengthMatch>();
  match->want = *want;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_length;
const MatchDef match_length{.name = "length",
                            .options = kOptions,
                            .syntax = "[!] --length LENGTH[:LENGTH]",
                            .kernel_ref = "net/netfilter/xt_length.c:length_mt",
                            .parse = parse};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -m tos: the TOS byte (traffic class) of the IP header under a mask.
//
// Kernel:  net/netfilter/xt_dscp.c, tos_mt()
// Differs: nothing known
#include "model/netfilter/dsfield.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--tos", .invertible = true}};
constexpr std::uint8_t kNameMask = 0x3f;  // names leave the two highest precedence bits open

struct TosMatch final : Match {
  TosValue want;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const std::uint8_t tos = traffic_class(ctx);
    return ctx.answer(terms[0], Field::IpTos, ((tos & want.mask) == want.value) != invert,
                      [tos] { return Value::tos(tos); });
  }
  void print(OptionPrinter& out) const override { out.option("--tos", tos_text(want), invert); }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--tos");
  if (!option) return option.error();
  const std::optional<TosValue> want = read_tos((*option)->arg(), kNameMask);
  if (!want) {
    return in.error(**option,
                    "--tos wants VALUE, VALUE/MASK or a name, not \"" + (*option)->arg() + "\"",
                    "the names are Minimize-Delay, Maximize-Throughput, Maximize-Reliability, "
                    "Minimize-Cost and Normal-Service");
  }
  auto match = std::make_unique<TosMatch>();
  match->want = *want;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_tos;
const MatchDef match_tos{.name = "tos",
                         .options = kOptions,
                         .syntax = "[!] --tos VALUE[/MASK]|NAME",
                         .kernel_ref = "net/netfilter/xt_dscp.c:tos_mt",
                         .parse = parse};

}  // namespace pktwalk

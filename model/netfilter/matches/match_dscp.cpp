// SPDX-License-Identifier: MIT
// -m dscp: the six DSCP bits of the IP header.
//
// Kernel:  net/netfilter/xt_dscp.c, dscp_mt(), dscp_mt6()
// Differs: nothing known
#include "model/netfilter/dsfield.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--dscp", .invertible = true},
                                   {.name = "--dscp-class", .invertible = true}};

struct DscpMatch final : Match {
  std::uint8_t want = 0;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const auto dscp = static_cast<std::uint8_t>(traffic_class(ctx) >> 2);
    return ctx.answer(terms[0], Field::IpDscp, (dscp == want) != invert,
                      [dscp] { return Value::hex(dscp); });
  }
  void print(OptionPrinter& out) const override { out.option("--dscp", dscp_text(want), invert); }
};

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = exactly_one(in, {"--dscp", "--dscp-class"}); !ok) return ok.error();
  const GivenOption& option = in.all().front();
  auto match = std::make_unique<DscpMatch>();
  if (option.name() == "--dscp") {
    const Result<std::uint32_t> number = number_value(in, option, 0, 63);
    if (!number) return number.error();
    match->want = static_cast<std::uint8_t>(*number);
  } else {
    const std::optional<std::uint8_t> number = read_dscp_class(option.arg());
    if (!number) {
      return in.error(option, "unknown DSCP class \"" + option.arg() + "\"",
                      "the classes are CS0 to CS7, AF11 to AF43, BE and EF");
    }
    match->want = *number;
  }
  match->invert = option.negated;
  add_term(*match, &option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_dscp;
const MatchDef match_dscp{.name = "dscp",
                          .options = kOptions,
                          .syntax = "[!] --dscp VALUE | [!] --dscp-class CLASS",
                          .kernel_ref = "net/netfilter/xt_dscp.c:dscp_mt",
                          .parse = parse};

}  // namespace pktwalk

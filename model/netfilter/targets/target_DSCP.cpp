// SPDX-License-Identifier: MIT
// -j DSCP: sets the six DSCP bits, the ECN bits stay.
//
// Kernel: net/netfilter/xt_DSCP.c:dscp_tg()
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/dsfield.h"
#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--set-dscp"}, {.name = "--set-dscp-class"}};

struct DscpTarget final : Target {
  std::uint8_t dscp = 0;
  Verdict act(TargetContext& ctx) const override {
    const std::uint8_t tos = Ipv4View(ctx.skb.l3().data()).tos();
    set_tos(ctx.skb, static_cast<std::uint8_t>((tos & 3) | dscp << 2), ctx.walk.recorder());
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override {
    out.option("--set-dscp", fmt::format("{:#04x}", dscp));
  }
};

Result<TargetPtr> parse(Options& in) {
  if (const Status one = exactly_one(in, {"--set-dscp", "--set-dscp-class"}); !one)
    return one.error();
  const GivenOption& option = in.all().front();
  auto target = std::make_unique<DscpTarget>();
  if (option.name() == "--set-dscp") {
    const Result<std::uint32_t> n = number_value(in, option, 0, 63);
    if (!n) return n.error();
    target->dscp = static_cast<std::uint8_t>(*n);
  } else {
    const std::optional<std::uint8_t> c = read_dscp_class(option.arg());
    if (!c) return in.error(option, "\"" + option.arg() + "\" is no DSCP class");
    target->dscp = *c;
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_DSCP;
const TargetDef target_DSCP{.name = "DSCP",
                            .options = kOptions,
                            .syntax = "--set-dscp value | --set-dscp-class class",
                            .kernel_ref = "net/netfilter/xt_DSCP.c:dscp_tg",
                            .parse = parse,
                            .tables = "mangle"};

}  // namespace pktwalk

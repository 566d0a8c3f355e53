// SPDX-License-Identifier: MIT
// -j TOS: sets bits of the TOS byte.
//
// Kernel: net/netfilter/xt_DSCP.c:tos_tg()
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

constexpr OptionSpec kOptions[] = {
    {.name = "--set-tos"}, {.name = "--and-tos"}, {.name = "--or-tos"}, {.name = "--xor-tos"}};

struct TosTarget final : Target {
  std::uint8_t value = 0, mask = 0xff;
  Verdict act(TargetContext& ctx) const override {
    const std::uint8_t tos = Ipv4View(ctx.skb.l3().data()).tos();
    set_tos(ctx.skb, static_cast<std::uint8_t>((tos & ~mask) ^ value), ctx.walk.recorder());
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override {
    out.option("--set-tos", fmt::format("{:#04x}/{:#04x}", value, mask));
  }
};

Result<TargetPtr> parse(Options& in) {
  if (const Status one = exactly_one(in, {"--set-tos", "--and-tos", "--or-tos", "--xor-tos"}); !one)
    return one.error();
  const GivenOption& option = in.all().front();
  const std::optional<TosValue> tos = read_tos(option.arg(), 0x3f);
  if (!tos) return in.error(option, "\"" + option.arg() + "\" is no TOS value");
  auto target = std::make_unique<TosTarget>();
  target->value = tos->value;
  target->mask = tos->mask;
  if (option.name() == "--and-tos") {
    target->value = 0;
    target->mask = static_cast<std::uint8_t>(~tos->value);
  }
  if (option.name() == "--or-tos") target->mask = tos->value;
  if (option.name() == "--xor-tos") target->mask = 0;
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_TOS;
const TargetDef target_TOS{.name = "TOS",
                           .options = kOptions,
                           .syntax = "--set-tos value[/mask] | --and-tos | --or-tos | --xor-tos",
                           .kernel_ref = "net/netfilter/xt_DSCP.c:tos_tg",
                           .parse = parse,
                           .tables = "mangle"};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -j LED: makes a light blink. It has no influence on the path.
//
// Kernel: net/netfilter/xt_LED.c:led_tg()
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--led-trigger-id"},
                                   {.name = "--led-delay"},
                                   {.name = "--led-always-blink", .args = OptionSpec::Args::None}};
constexpr std::size_t kMaxId = 16;  // sizeof(xt_led_info::id) - sizeof("netfilter-")

struct LedTarget final : Target {
  std::string id;
  std::uint32_t delay = 0;
  bool forever = false, always_blink = false;
  Verdict act(TargetContext&) const override { return Verdict::Continue; }
  void print(OptionPrinter& out) const override {
    // The name is quoted whether it needs it or not.
    out.raw(fmt::format("--led-trigger-id \"{}\"", id));
    if (forever) {
      out.option("--led-delay", "inf");
    } else if (delay != 0) {
      out.option("--led-delay", fmt::format("{}", delay));
    }
    if (always_blink) out.option("--led-always-blink");
  }
};

Result<TargetPtr> parse(Options& in) {
  const Result<const GivenOption*> id = required(in, "--led-trigger-id");
  if (!id) return id.error();
  if ((*id)->arg().empty() || (*id)->arg().size() > kMaxId) {
    return in.error(**id, "a LED trigger's name has 1 to 16 characters");
  }
  auto target = std::make_unique<LedTarget>();
  target->id = (*id)->arg();
  if (const GivenOption* const delay = in.find("--led-delay")) {
    target->forever = delay->arg() == "inf";
    if (!target->forever) {
      const Result<std::uint32_t> n = number_value(in, *delay, 0, 0xffffffff);
      if (!n) return n.error();
      target->delay = *n;
    }
  }
  target->always_blink = in.has("--led-always-blink");
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_LED;
const TargetDef target_LED{
    .name = "LED",
    .options = kOptions,
    .syntax = "--led-trigger-id name [--led-delay ms|inf] [--led-always-blink]",
    .kernel_ref = "net/netfilter/xt_LED.c:led_tg",
    .parse = parse};

}  // namespace pktwalk

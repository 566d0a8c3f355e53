// SPDX-License-Identifier: MIT
// -j IDLETIMER: tells a program when no packet has come for a while. It has no influence on the
// path.
//
// Kernel: net/netfilter/xt_IDLETIMER.c:idletimer_tg_target()
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--timeout"},
                                   {.name = "--label"},
                                   {.name = "--alarm", .args = OptionSpec::Args::None}};
constexpr std::size_t kMaxLabel = 27;  // MAX_IDLETIMER_LABEL_SIZE - 1

struct IdletimerTarget final : Target {
  std::uint32_t timeout = 0;
  std::string label;
  bool alarm = false;
  Verdict act(TargetContext&) const override { return Verdict::Continue; }
  void print(OptionPrinter& out) const override {
    out.option("--timeout", fmt::format("{}", timeout));
    out.option("--label", label);
    if (alarm) out.option("--alarm");
  }
};

Result<TargetPtr> parse(Options& in) {
  const Result<const GivenOption*> timeout = required(in, "--timeout");
  if (!timeout) return timeout.error();
  const Result<const GivenOption*> label = required(in, "--label");
  if (!label) return label.error();
  const Result<std::uint32_t> seconds = number_value(in, **timeout, 1, 0x7fffffff / 1000);
  if (!seconds) return seconds.error();
  if ((*label)->arg().empty() || (*label)->arg().size() > kMaxLabel) {
    return in.error(**label, "a label has 1 to 27 characters");
  }
  auto target = std::make_unique<IdletimerTarget>();
  target->timeout = *seconds;
  target->label = (*label)->arg();
  target->alarm = in.has("--alarm");
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_IDLETIMER;
const TargetDef target_IDLETIMER{.name = "IDLETIMER",
                                 .options = kOptions,
                                 .syntax = "--timeout seconds --label text [--alarm]",
                                 .kernel_ref = "net/netfilter/xt_IDLETIMER.c:idletimer_tg_target",
                                 .parse = parse};

}  // namespace pktwalk

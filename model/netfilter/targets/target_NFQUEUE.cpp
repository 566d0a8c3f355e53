// SPDX-License-Identifier: MIT
// -j NFQUEUE: hands the packet to a program, which decides; here it counts as taken.
//
// Kernel: net/netfilter/xt_NFQUEUE.c:nfqueue_tg()
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {{.name = "--queue-num"},
                                   {.name = "--queue-balance"},
                                   {.name = "--queue-bypass", .args = Args::None},
                                   {.name = "--queue-cpu-fanout", .args = Args::None}};

struct NfqueueTarget final : Target {
  std::uint32_t first = 0, last = 0;
  bool bypass = false, fanout = false;
  Verdict act(TargetContext&) const override { return Verdict::Queue; }
  void print(OptionPrinter& out) const override {
    if (last != first)
      out.option("--queue-balance", fmt::format("{}:{}", first, last));
    else
      out.option("--queue-num", fmt::format("{}", first));
    if (bypass) out.option("--queue-bypass");
    if (fanout) out.option("--queue-cpu-fanout");
  }
  bool terminal() const override { return true; }
};

Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<NfqueueTarget>();
  if (const GivenOption* const o = in.find("--queue-num")) {
    const Result<std::uint32_t> n = number_value(in, *o, 0, 65535);
    if (!n) return n.error();
    target->first = target->last = *n;
  }
  if (const GivenOption* const o = in.find("--queue-balance")) {
    const Result<NumberRange> r = range_value(in, *o, 65535);
    if (!r) return r.error();
    if (r->low >= r->high) return in.error(*o, "the first queue must be smaller than the last");
    if (r->high - r->low >= 65535) return in.error(*o, "at most 65535 queues can share the load");
    target->first = r->low;
    target->last = r->high;
  }
  target->bypass = in.has("--queue-bypass");
  target->fanout = in.has("--queue-cpu-fanout");
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_NFQUEUE;
const TargetDef target_NFQUEUE{
    .name = "NFQUEUE",
    .options = kOptions,
    .syntax = "[--queue-num n] [--queue-balance a:b] [--queue-bypass] [--queue-cpu-fanout]",
    .kernel_ref = "net/netfilter/xt_NFQUEUE.c:nfqueue_tg",
    .parse = parse};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -m cpu: the processor that works on the packet.
//
// Kernel:  net/netfilter/xt_cpu.c, cpu_mt()
// Differs: a capture does not tell which one it was: the answer is unknown
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--cpu", .invertible = true}};

struct CpuMatch final : Match {
  std::uint32_t want = 0;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    return ctx.unknown_term(terms[0], Field::SkbCpu, "a capture does not tell the processor");
  }
  void print(OptionPrinter& out) const override {
    out.option("--cpu", std::to_string(want), invert);
  }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--cpu");
  if (!option) return option.error();
  const Result<std::uint32_t> want = number_value(in, **option, 0, 0xffffffff);
  if (!want) return want.error();
  auto match = std::make_unique<CpuMatch>();
  match->want = *want;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_cpu;
const MatchDef match_cpu{.name = "cpu",
                         .options = kOptions,
                         .syntax = "[!] --cpu NUMBER",
                         .kernel_ref = "net/netfilter/xt_cpu.c:cpu_mt",
                         .parse = parse};

}  // namespace pktwalk

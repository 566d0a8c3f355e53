// SPDX-License-Identifier: MIT
// -j SNAT: gives a connection another source address or port.
//
// Kernel: net/netfilter/xt_nat.c:xt_snat_target_v2()
// Differs: nothing known
#include "model/netfilter/nat_options.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--to-source", .repeatable = true},
    {.name = "--random", .args = OptionSpec::Args::None},
    {.name = "--random-fully", .args = OptionSpec::Args::None},
    {.name = "--persistent", .args = OptionSpec::Args::None},
};

struct SnatTarget final : Target {
  NatTargetOptions options;

  Verdict act(TargetContext& ctx) const override {
    if (const char* const why = options.unmodelled()) return unmodelled_target(ctx, why);
    HookContext hook = hook_context(ctx);
    return ct::setup(hook, options.range, ct::Manip::Source);
  }
  void print(OptionPrinter& out) const override { options.print(out, "--to-source"); }
  bool terminal() const override { return true; }
};

Result<TargetPtr> parse(Options& in) {
  if (!in.has("--to-source")) return in.error("SNAT needs --to-source");
  auto target = std::make_unique<SnatTarget>();
  const Status status = target->options.read(in, "--to-source", NatValue::AddressesAndPorts);
  if (!status) return status.error();
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_SNAT;
const TargetDef target_SNAT{
    .name = "SNAT",
    .options = kOptions,
    .syntax = "--to-source [addr[-addr]][:port[-port]] [--random] [--random-fully] [--persistent]",
    .kernel_ref = "net/netfilter/xt_nat.c:xt_snat_target_v2",
    .parse = parse,
    .needs_conntrack = true,
    .tables = "nat"};

}  // namespace pktwalk

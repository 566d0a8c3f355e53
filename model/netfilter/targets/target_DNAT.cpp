// SPDX-License-Identifier: MIT
// -j DNAT: sends a connection to another destination address or port.
//
// Kernel: net/netfilter/xt_nat.c:xt_dnat_target_v2()
// Differs: nothing known
#include "model/netfilter/nat_options.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--to-destination", .repeatable = true},
    {.name = "--random", .args = OptionSpec::Args::None},
    {.name = "--persistent", .args = OptionSpec::Args::None},
};

struct DnatTarget final : Target {
  NatTargetOptions options;

  Verdict act(TargetContext& ctx) const override {
    if (const char* const why = options.unmodelled()) return unmodelled_target(ctx, why);
    HookContext hook = hook_context(ctx);
    return ct::setup(hook, options.range, ct::Manip::Destination);
  }
  void print(OptionPrinter& out) const override { options.print(out, "--to-destination"); }
  bool terminal() const override { return true; }
};

Result<TargetPtr> parse(Options& in) {
  if (!in.has("--to-destination")) return in.error("DNAT needs --to-destination");
  auto target = std::make_unique<DnatTarget>();
  const Status status =
      target->options.read(in, "--to-destination", NatValue::AddressesAndShiftedPorts);
  if (!status) return status.error();
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_DNAT;
const TargetDef target_DNAT{
    .name = "DNAT",
    .options = kOptions,
    .syntax = "--to-destination [addr[-addr]][:port[-port[/port]]] [--random] [--persistent]",
    .kernel_ref = "net/netfilter/xt_nat.c:xt_dnat_target_v2",
    .parse = parse,
    .needs_conntrack = true,
    .tables = "nat"};

}  // namespace pktwalk

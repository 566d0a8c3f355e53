// SPDX-License-Identifier: MIT
// -j MASQUERADE: gives a connection the address of the device by which it leaves.
//
// Kernel: net/netfilter/xt_MASQUERADE.c:masquerade_tg(),
//         net/netfilter/nf_nat_masquerade.c:nf_nat_masquerade_ipv4()
// Differs: nothing known
#include "model/netfilter/nat_options.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--to-ports"},
    {.name = "--random", .args = OptionSpec::Args::None},
    {.name = "--random-fully", .args = OptionSpec::Args::None},
};

struct MasqueradeTarget final : Target {
  NatTargetOptions options;

  Verdict act(TargetContext& ctx) const override {
    if (const char* const why = options.unmodelled()) return unmodelled_target(ctx, why);
    ct::Entry* const entry = ct::entry_of(ctx.skb, ctx.walk.state());
    if (entry == nullptr || ctx.out == nullptr) return Verdict::Accept;
    // DHCP clients send from 0.0.0.0: not for us to change.
    if (entry->tuple[0].src.is_unspecified()) return Verdict::Accept;
    const IpAddr addr = ct::masquerade_address(ctx.walk.host(), ctx.skb, *ctx.out);
    if (addr.family() == Family::Unspec) {
      ctx.walk.unknown_why = "MASQUERADE: the output device has no address";
      return Verdict::Drop;
    }
    entry->masq_dev = ctx.out->index;
    ct::NatRange range = options.range;
    range.map_ips = true;
    range.min_addr = range.max_addr = addr;
    HookContext hook = hook_context(ctx);
    return ct::setup(hook, range, ct::Manip::Source);
  }
  void print(OptionPrinter& out) const override { options.print(out, "--to-ports"); }
  bool terminal() const override { return true; }
};

Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<MasqueradeTarget>();
  const Status status = target->options.read(in, "--to-ports", NatValue::Ports);
  if (!status) return status.error();
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_MASQUERADE;
const TargetDef target_MASQUERADE{.name = "MASQUERADE",
                                  .options = kOptions,
                                  .syntax = "[--to-ports port[-port]] [--random] [--random-fully]",
                                  .kernel_ref =
                                      "net/netfilter/nf_nat_masquerade.c:"
                                      "nf_nat_masquerade_ipv4",
                                  .parse = parse,
                                  .needs_conntrack = true,
                                  .tables = "nat"};

}  // namespace pktwalk

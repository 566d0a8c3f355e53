// SPDX-License-Identifier: MIT
// -j REDIRECT: sends a connection to this host itself: to the first address of the device it came
// in on, or to 127.0.0.1 when a local process sent it.
//
// Kernel: net/netfilter/xt_REDIRECT.c:redirect_tg4(),
//         net/netfilter/nf_nat_redirect.c:nf_nat_redirect_ipv4()
// Differs: nothing known
#include "model/netfilter/nat_options.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--to-ports"},
    {.name = "--random", .args = OptionSpec::Args::None},
};

IpAddr first_address(const Host& host, IfIndex dev) {
  for (const IfAddr& address : host.addresses) {
    if (address.dev == dev && address.net.addr.is_v4()) return address.net.addr;
  }
  return {};
}

struct RedirectTarget final : Target {
  NatTargetOptions options;

  Verdict act(TargetContext& ctx) const override {
    if (const char* const why = options.unmodelled()) return unmodelled_target(ctx, why);
    IpAddr addr = IpAddr::v4(0x7f000001);
    if (ctx.hook != Hook::Output) addr = first_address(ctx.walk.host(), ctx.skb.dev);
    if (addr.is_unspecified()) {
      ctx.walk.unknown_why = "REDIRECT: the input device has no address";
      return Verdict::Drop;
    }
    ct::NatRange range = options.range;
    range.map_ips = true;
    range.min_addr = range.max_addr = addr;
    HookContext hook = hook_context(ctx);
    return ct::setup(hook, range, ct::Manip::Destination);
  }
  void print(OptionPrinter& out) const override { options.print(out, "--to-ports"); }
  bool terminal() const override { return true; }
};

Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<RedirectTarget>();
  const Status status = target->options.read(in, "--to-ports", NatValue::Ports);
  if (!status) return status.error();
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_REDIRECT;
const TargetDef target_REDIRECT{
    .name = "REDIRECT",
    .options = kOptions,
    .syntax = "[--to-ports port[-port]] [--random]",
    .kernel_ref = "net/netfilter/nf_nat_redirect.c:nf_nat_redirect_ipv4",
    .parse = parse,
    .needs_conntrack = true,
    .tables = "nat"};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -j NETMAP: replaces the network part of an address and keeps the host part: of the destination at
// PREROUTING and OUTPUT, of the source at INPUT and POSTROUTING.
//
// Kernel: net/netfilter/xt_NETMAP.c:netmap_tg4()
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/nat_options.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--to"}};

struct NetmapTarget final : Target {
  AddrMask to;

  Verdict act(TargetContext& ctx) const override {
    if (!to.addr.is_v4()) return unmodelled_target(ctx, "IPv6 is not walked");
    const ct::Manip manip = ct::manip_of(ctx.hook);
    const Ipv4View ip(ctx.skb.l3().data());
    const IpAddr old = manip == ct::Manip::Destination ? ip.daddr() : ip.saddr();
    ct::NatRange range;
    range.map_ips = range.netmap = true;
    range.min_addr = range.max_addr = (old & ~to.mask) | to.addr;
    HookContext hook = hook_context(ctx);
    return ct::setup(hook, range, manip);
  }
  void print(OptionPrinter& out) const override {
    // Unlike elsewhere, iptables-save writes the length of a host's network too.
    const std::string text = to_string(to);
    const bool bare = text.find('/') == std::string::npos;
    out.option("--to", bare ? fmt::format("{}/{}", text, address_bits(to.addr.family())) : text);
  }
  bool terminal() const override { return true; }
};

Result<TargetPtr> parse(Options& in) {
  const GivenOption* const given = in.find("--to");
  if (given == nullptr) return in.error("NETMAP needs --to");
  const std::optional<AddrMask> to = read_addr_mask(given->arg(), in.context().family);
  if (!to) {
    return in.error(*given, fmt::format("\"{}\" is no network (address/length)", given->arg()));
  }
  // "198.51.100" is 198.51.0.100 to iptables here, and 198.51.100.0 in -s and -d.
  if (!IpAddr::parse(std::string_view(given->arg()).substr(0, given->arg().find('/')))) {
    return in.error(*given, fmt::format("\"{}\" is an abbreviated address", given->arg()),
                    "write all four numbers");
  }
  auto target = std::make_unique<NetmapTarget>();
  target->to = {to->addr & to->mask, to->mask};
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_NETMAP;
const TargetDef target_NETMAP{.name = "NETMAP",
                              .options = kOptions,
                              .syntax = "--to address[/mask]",
                              .kernel_ref = "net/netfilter/xt_NETMAP.c:netmap_tg4",
                              .parse = parse,
                              .needs_conntrack = true,
                              .tables = "nat"};

}  // namespace pktwalk

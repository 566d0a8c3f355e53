// SPDX-License-Identifier: MIT
// -j TEE: sends a copy of the packet to a gateway; the packet itself goes on.
//
// The copy is routed as if the router had made it, so that it passes OUTPUT and POSTROUTING. It is
// not tracked, and it has DF set so that its sender learns when it does not fit.
//
// Kernel: net/netfilter/xt_TEE.c:tee_tg4(), net/ipv4/netfilter/nf_dup_ipv4.c
// Differs: nothing known
#include "model/core/bytes.h"
#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--gateway"}, {.name = "--oif"}};
constexpr std::uint16_t kDontFragment = 0x4000;

struct TeeTarget final : Target {
  IpAddr gateway;
  std::string oif;

  Verdict act(TargetContext& ctx) const override {
    Walk& walk = ctx.walk;
    if (walk.duplicating) {
      note(ctx, "a copy is not copied again");
      return Verdict::Continue;
    }
    Skb copy = ctx.skb;
    if (!route(ctx, copy)) {
      note(ctx, "no route to the gateway: there is no copy");
      return Verdict::Continue;
    }
    copy.ct = CtId::None;
    copy.ctinfo = CtInfo::Untracked;
    copy.ct_template = false;
    copy.origin = Origin::Clone;
    copy.uid.reset();
    copy.gid.reset();
    copy.assigned = nullptr;
    copy.frag_list.clear();  // shared with the packet: fragmentation cuts the copy anew
    std::uint8_t* const ip = copy.l3().data();
    store_be16(ip + 6, load_be16(ip + 6) | kDontFragment);
    // Against loops between two hosts; nobody asks whether anything is left.
    if (ctx.hook == Hook::Prerouting || ctx.hook == Hook::Input) --ip[8];
    fill_ip_checksum(copy);
    walk.duplicating = true;
    walk.send_child(std::move(copy));
    walk.duplicating = false;
    return Verdict::Continue;
  }

  void print(OptionPrinter& out) const override {
    out.option("--gateway", to_string(gateway));
    if (!oif.empty()) out.option("--oif", oif);
  }

 private:
  static void note(TargetContext& ctx, const char* text) {
    if (Recorder* const r = ctx.walk.recorder()) r->step(NoteStep{text});
  }

  // nf_dup_ipv4_route(): neither the mark nor the source address has a say.
  bool route(TargetContext& ctx, Skb& copy) const {
    fib::Flow flow;
    flow.daddr = gateway;
    flow.tos = Ipv4View(copy.l3().data()).tos();
    if (!oif.empty()) {
      const Link* const link = ctx.walk.host().link(std::string_view(oif));
      if (link != nullptr) flow.oif = link->index;
    }
    Dst dst;
    if (fib::route_output(ctx.walk, flow, dst, ctx.walk.recorder()) != RouteError::None) {
      return false;
    }
    // FLOWI_FLAG_KNOWN_NH: the gateway is asked for by ARP, not the packet's destination.
    if (dst.gateway.family() == Family::Unspec) dst.gateway = gateway;
    copy.dst = dst;
    copy.dev = dst.dev;
    return true;
  }
};

Result<TargetPtr> parse(Options& in) {
  const Result<const GivenOption*> gateway = required(in, "--gateway");
  if (!gateway) return gateway.error();
  const std::string& text = (*gateway)->arg();
  const std::optional<IpAddr> addr = IpAddr::parse(text);
  const Family family = in.context().family;
  if (!addr || addr->family() != family) {
    return in.error(
        **gateway, "\"" + text + "\" is no address",
        family == Family::Ipv6 ? "an IPv6 address is expected" : "an IPv4 address is expected");
  }
  if (addr->is_unspecified()) return in.error(**gateway, "the gateway cannot be " + text);
  auto target = std::make_unique<TeeTarget>();
  target->gateway = *addr;
  if (const GivenOption* const oif = in.find("--oif")) {
    if (oif->arg().size() > 15) {
      return in.error(*oif, "\"" + oif->arg() + "\" is too long for an interface's name");
    }
    target->oif = oif->arg();
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_TEE;
const TargetDef target_TEE{.name = "TEE",
                           .options = kOptions,
                           .syntax = "--gateway address [--oif device]",
                           .kernel_ref = "net/netfilter/xt_TEE.c:tee_tg4",
                           .parse = parse};

}  // namespace pktwalk

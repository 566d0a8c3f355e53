// SPDX-License-Identifier: MIT
// -m rpfilter: would an answer to this packet leave by the device it came in on?
//
// Kernel:  net/ipv4/netfilter/ipt_rpfilter.c, rpfilter_mt()
// Differs: IPv6 is not walked
#include <algorithm>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/packet/headers.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

struct RpfilterMatch final : Match {
  bool loose = false, valid_mark = false, accept_local = false, invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    if (ctx.skb.family != Family::Ipv4) {
      return ctx.unknown_term(terms[0], Field::Rpf, "IPv6 routing is not modelled");
    }
    const char* seen = "";
    const bool passes = answer_comes_back(ctx, seen);
    return ctx.answer(terms[0], Field::Rpf, passes != invert, [&] { return Value::literal(seen); });
  }

  void print(OptionPrinter& out) const override {
    if (loose) out.option("--loose");
    if (valid_mark) out.option("--validmark");
    if (accept_local) out.option("--accept-local");
    if (invert) out.option("--invert");
  }

 private:
  bool answer_comes_back(const MatchContext& ctx, const char*& seen) const {
    if (ctx.in == nullptr || ctx.in->loopback || ctx.skb.pkt_type == PktType::Loopback) {
      seen = "the packet came by the loopback device";
      return true;
    }
    const Ipv4View ip(ctx.ip());
    const IpAddr to = ip.daddr();
    if (ip.saddr().is_v4_zeronet() &&
        (to.is_v4_limited_broadcast() || to.is_v4_local_multicast())) {
      seen = "a host without address asks all others";
      return true;
    }
    const bool no_source =
        to.is_v4_multicast() || to.is_v4_limited_broadcast() || to.is_v4_zeronet();
    fib::Flow flow{.daddr = ip.saddr(), .saddr = no_source ? IpAddr::v4(0) : to};
    flow.iif = loopback(ctx.host);
    flow.mark = valid_mark ? ctx.skb.mark : 0;
    flow.tos = ip.tos() & 0xfc;
    flow.uid = 0;
    const fib::Found found = fib::lookup(ctx.host, flow, ctx.recorder);
    if (found.error != RouteError::None || found.route == nullptr) {
      seen = "there is no way back to the source";
      return false;
    }
    const bool usable =
        found.type == RouteType::Unicast || (found.type == RouteType::Local && accept_local);
    if (!usable) {
      seen = found.type == RouteType::Local ? "the source is one of our own addresses"
                                            : "the route back is no route to a host";
      return false;
    }
    const bool same = std::any_of(found.route->hops.begin(), found.route->hops.end(),
                                  [&](const NextHop& hop) { return hop.dev == ctx.in->index; });
    seen = same ? "the way back leads out of the input device"
                : "the way back leads out of another device";
    return same || loose;
  }

  static IfIndex loopback(const Host& host) {
    for (const Link& link : host.links) {
      if (link.loopback) return link.index;
    }
    return IfIndex{1};
  }
};

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<RpfilterMatch>();
  match->loose = in.has("--loose");
  match->valid_mark = in.has("--validmark");
  match->accept_local = in.has("--accept-local");
  match->invert = in.has("--invert");
  add_name_term(*match, "rpfilter");
  for (const GivenOption& option : in.all()) {
    Term& term = match->terms[0];
    term.wanted += (term.wanted.empty() ? "" : " ") + std::string(option.name());
    if (term.column == 0) term.column = option.column;
  }
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--loose", .args = OptionSpec::Args::None},
                                   {.name = "--validmark", .args = OptionSpec::Args::None},
                                   {.name = "--accept-local", .args = OptionSpec::Args::None},
                                   {.name = "--invert", .args = OptionSpec::Args::None}};

}  // namespace

extern const MatchDef match_rpfilter;
const MatchDef match_rpfilter{.name = "rpfilter",
                              .options = kOptions,
                              .syntax = "[--loose] [--validmark] [--accept-local] [--invert]",
                              .kernel_ref = "net/ipv4/netfilter/ipt_rpfilter.c:rpfilter_mt",
                              .parse = parse};

}  // namespace pktwalk

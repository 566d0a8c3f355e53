// SPDX-License-Identifier: MIT
// Asking the routing tables: "fib daddr type local", "fib saddr . iif oif missing"; and the
// packet's own route: "rt classid", "rt nexthop", "rt mtu".
//
// Kernel: net/ipv4/netfilter/nft_fib_ipv4.c, nft_fib4_eval(), nft_fib4_eval_type();
//         net/netfilter/nft_rt.c, nft_rt_get_eval()
// Differs: nothing known
#include <algorithm>

#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/packet/headers.h"
#include "model/routing/fib.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

enum class Result3 : std::uint8_t { Oif, OifName, Type, Present };

bool names(std::string_view flags, std::string_view flag) {
  std::size_t at = 0;
  while (at < flags.size()) {
    const std::size_t end = std::min(flags.find(" . ", at), flags.size());
    if (flags.substr(at, end - at) == flag) return true;
    at = end + 3;
  }
  return false;
}

class FibLoad final : public Load {
 public:
  Result3 result = Result3::Type;
  bool daddr = false, iif = false, oif = false, mark = false;

  Loaded load(EvalContext& ctx, Data& value) const override {
    if (!ctx.ipv4) return ctx.breaks(Field::EthType, Value::literal("not ip"));
    if (result == Result3::Type) {
      const Ipv4View ip(ctx.skb.l3().data());
      const Link* const dev = iif ? ctx.in : oif ? ctx.out : nullptr;
      const RouteType found = fib::addr_type(ctx.host(), daddr ? ip.daddr() : ip.saddr(),
                                             dev != nullptr ? dev->index : IfIndex::None);
      value = Data::number(static_cast<std::uint64_t>(found), 4);
      return Loaded::Value;
    }
    return give(ctx, look_up(ctx), value);
  }

 private:
  Loaded give(EvalContext& ctx, IfIndex dev, Data& value) const {
    if (result == Result3::Present) {
      value = Data::number(dev != IfIndex::None ? 1 : 0, 1);
    } else if (result == Result3::Oif) {
      value = Data::number(static_cast<std::uint32_t>(dev), 4);
    } else {
      const std::string_view name = ctx.host().link_name(dev);
      value =
          Data::from(std::span(reinterpret_cast<const std::uint8_t*>(name.data()), name.size()));
      static constexpr std::uint8_t kZero[1] = {0};
      while (value.size() < 16) value.append(kZero);
    }
    return Loaded::Value;
  }

  IfIndex look_up(EvalContext& ctx) const {
    const Host& host = ctx.host();
    const Link* const wanted = oif ? ctx.out : iif ? ctx.in : nullptr;
    if (ctx.hook == Hook::Prerouting &&
        (ctx.skb.pkt_type == PktType::Loopback || (ctx.in != nullptr && ctx.in->loopback))) {
      return ctx.in != nullptr ? ctx.in->index : IfIndex::None;
    }
    const Ipv4View ip(ctx.skb.l3().data());
    if (ip.saddr().is_v4_zeronet() &&
        (ip.daddr().is_v4_limited_broadcast() || ip.daddr().is_v4_local_multicast())) {
      return ctx.skb.dev;
    }
    const auto source = [](const IpAddr& a) {
      const bool none = a.is_v4_multicast() || a.is_v4_limited_broadcast() || a.is_v4_zeronet();
      return none ? IpAddr::v4(0) : a;
    };
    fib::Flow flow;
    flow.iif = fib::loopback_of(host);
    if (mark) flow.mark = ctx.skb.mark;
    flow.tos = ip.tos() & 0xfc;
    flow.uid = 0;
    if (daddr) {
      flow.daddr = ip.daddr();
      flow.saddr = source(ip.saddr());
    } else {
      if (ctx.hook == Hook::Forward && iif && ctx.out != nullptr) flow.iif = ctx.out->index;
      flow.daddr = ip.saddr();
      flow.saddr = source(ip.daddr());
    }
    const fib::Found found = fib::lookup(host, flow, ctx.probe ? nullptr : ctx.recorder);
    if (found.error != RouteError::None || found.route == nullptr || found.type == RouteType::Local)
      return IfIndex::None;
    if (wanted == nullptr) return found.hop != nullptr ? found.hop->dev : IfIndex::None;
    const bool uses = std::any_of(found.route->hops.begin(), found.route->hops.end(),
                                  [&](const NextHop& hop) { return hop.dev == wanted->index; });
    return uses ? wanted->index : IfIndex::None;
  }
};

class RouteLoad final : public Load {
 public:
  enum class Key : std::uint8_t { Classid, NextHop, Mss, Ipsec };
  Key key = Key::Classid;

  Loaded load(EvalContext& ctx, Data& value) const override {
    if (!ctx.skb.dst)
      return ctx.breaks(Field::Other, Value::literal("the packet has no route yet"));
    const Dst& dst = *ctx.skb.dst;
    switch (key) {
      case Key::Classid:
        value = Data::number(dst.realm, 4);
        break;
      case Key::NextHop: {
        if (!ctx.ipv4) return Loaded::Break;
        const bool gateway = dst.gateway.family() != Family::Unspec;
        const IpAddr daddr = Ipv4View(ctx.skb.l3().data()).daddr();
        value = Data::number(gateway ? dst.gateway.v4() : daddr.v4(), 4);
        break;
      }
      case Key::Mss:
        // get_tcpmss(): the smaller of both ways' MTU less the headers.
        value = Data::number(tcp_mss(ctx, dst), 2);
        break;
      case Key::Ipsec:
        value = Data::number(0, 1);
        break;
    }
    return Loaded::Value;
  }

 private:
  static std::uint32_t tcp_mss(EvalContext& ctx, const Dst& dst) {
    std::uint32_t mtu = fib::mtu_of(ctx.host(), dst);
    fib::Flow back{.daddr = Ipv4View(ctx.skb.l3().data()).saddr()};
    Dst other;
    if (fib::route_output(ctx.walk, back, other, nullptr) == RouteError::None)
      mtu = std::min(mtu, fib::mtu_of(ctx.host(), other));
    constexpr std::uint32_t kHeaders = 40;
    if (mtu <= kHeaders || mtu > 0xffff) return 576 - kHeaders;
    return mtu - kHeaders;
  }
};

Result<LoadPtr> load(Builder& builder, const ast::Expr& expr) {
  if (expr.kind == ExprKind::Rt) {
    if (expr.text3 == "ip6")
      return builder.unmodelled_load(ast::print(expr), types::kIpv6Addr, 128);
    auto load = std::make_unique<RouteLoad>();
    if (expr.text == "classid") {
      load->type = &types::kRealm;
    } else if (expr.text == "nexthop") {
      load->key = RouteLoad::Key::NextHop;
      load->type = &types::kIpv4Addr;
    } else if (expr.text == "mtu") {
      load->key = RouteLoad::Key::Mss;
      load->bits = 16;
    } else if (expr.text == "ipsec") {
      load->key = RouteLoad::Key::Ipsec;
      load->type = &types::kBoolean;
      load->bits = 8;
    } else {
      return builder.unmodelled_load(ast::print(expr), types::kInteger, 32);
    }
    return LoadPtr(std::move(load));
  }
  auto load = std::make_unique<FibLoad>();
  load->daddr = names(expr.text, "daddr");
  load->iif = names(expr.text, "iif");
  load->oif = names(expr.text, "oif");
  load->mark = names(expr.text, "mark");
  if (expr.text2 == "type") {
    load->type = &types::kFibAddrType;
  } else if (expr.text2 == "oif") {
    load->result = Result3::Oif;
    load->type = &types::kIfIndex;
  } else if (expr.text2 == "oifname") {
    load->result = Result3::OifName;
    load->type = &types::kIfName;
    load->bits = 128;
  } else {  // "check"
    load->result = Result3::Present;
    load->type = &types::kBoolean;
    load->bits = 8;
  }
  return LoadPtr(std::move(load));
}

constexpr ExprKind kLoads[] = {ExprKind::Fib, ExprKind::Rt};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_fib;
const nft::ExpressionDef nft_fib{.kernel_ref = "net/ipv4/netfilter/nft_fib_ipv4.c:nft_fib4_eval",
                                 .loads = nft::kLoads,
                                 .load = nft::load};
}  // namespace pktwalk

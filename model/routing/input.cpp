// SPDX-License-Identifier: MIT
// Input routing: impossible addresses are refused, the tables say where the packet goes, and the
// source is held against the way back (rp_filter).
//
// Kernel: net/ipv4/route.c:ip_route_input_rcu(), ip_route_input_slow(), __mkroute_input();
//         net/ipv4/fib_frontend.c:fib_validate_source()
// Differs: multicast-groups (groups that the host joined are those of `ip maddr`, else 224.0.0.1
// only)
#include <algorithm>

#include "model/packet/headers.h"
#include "model/routing/fib.h"
#include "model/routing/index.h"

namespace pktwalk::fib {
namespace {

void failed(Walk& walk, Check check, const Skb& skb, Value seen) {
  if (walk.recorder() != nullptr) walk.recorder()->step(CheckStep{check, false, seen, {}, skb.dev});
}

// inet_addr_onlink_subnet(): one of the device's subnets holds both; no gateway: holds the source.
bool on_one_subnet(const Host& host, IfIndex dev, const IpAddr& source, const IpAddr& gateway) {
  return std::any_of(host.addresses.begin(), host.addresses.end(), [&](const IfAddr& a) {
    return a.dev == dev && a.net.addr.is_v4() && a.net.contains(source) &&
           (gateway.family() == Family::Unspec || a.net.contains(gateway));
  });
}

bool custom_local_routes(const Host& host) {
  return std::any_of(host.routes.begin(), host.routes.end(), [](const Route& r) {
    return r.type == RouteType::Local && r.to.addr.is_v4() && r.protocol != 2;
  });
}

// __fib_validate_source()
std::optional<DropReason> reverse_path(Walk& walk, const Skb& skb, const Flow& flow, IfIndex oif,
                                       std::uint8_t filter, bool& on_link) {
  const Host& host = walk.host();
  const NetSysctls& s = host.sysctls;
  const Ipv4Conf& conf = s.conf(skb.dev);
  Flow back;
  back.daddr = flow.saddr;
  back.saddr = flow.daddr;
  back.iif = oif;
  back.oif = IfIndex::None;
  back.tos = flow.tos;
  back.proto = flow.proto;
  back.sport = flow.dport;
  back.dport = flow.sport;
  back.mark = s.all.src_valid_mark || conf.src_valid_mark ? flow.mark : 0;
  // An answer would come in where the packet goes out; the host's own answers begin at lo.
  if (oif == IfIndex::None) back.iif = loopback_of(host);
  const Found found = lookup(host, back, nullptr);
  const auto report = [&](bool passed, const char* why) {
    if (walk.recorder() == nullptr) return;
    RouteStep step{.kind = RouteStep::Kind::Reverse,
                   .route = found.route,
                   .key = Value::address(flow.saddr),
                   .why = why};
    if (found.hop != nullptr) step.dev = found.hop->dev;
    walk.recorder()->step(step);
    if (!passed) failed(walk, Check::ReversePath, skb, Value::address(flow.saddr));
  };
  const auto last_resort = [&]() -> std::optional<DropReason> {
    report(filter == 0, "no way back");
    if (filter != 0) return DropReason::IP_RPFILTER;
    return std::nullopt;
  };
  if (found.error != RouteError::None) return last_resort();
  if (found.type != RouteType::Unicast &&
      (found.type != RouteType::Local || !(s.all.accept_local || conf.accept_local))) {
    failed(walk, Check::SourceNotOurs, skb, Value::address(flow.saddr));
    return found.type == RouteType::Local ? DropReason::IP_LOCAL_SOURCE
                                          : DropReason::IP_INVALID_SOURCE;
  }
  const bool match = std::any_of(found.route->hops.begin(), found.route->hops.end(),
                                 [&](const NextHop& hop) { return hop.dev == skb.dev; });
  if (match) {
    on_link = found.hop != nullptr && found.hop->gateway.family() == Family::Unspec;
    report(true, nullptr);
    return std::nullopt;
  }
  const bool addressed =
      std::any_of(host.addresses.begin(), host.addresses.end(),
                  [&](const IfAddr& a) { return a.dev == skb.dev && a.net.addr.is_v4(); });
  if (!addressed) return last_resort();
  if (filter == 1) {
    report(false, "leads out of another device");
    return DropReason::IP_RPFILTER;
  }
  report(true, "leads out of another device, which loose mode allows");
  back.oif = skb.dev;
  const Found forced = lookup(host, back, nullptr);
  if (forced.error == RouteError::None && forced.type == RouteType::Unicast &&
      forced.hop != nullptr) {
    on_link = forced.hop->gateway.family() == Family::Unspec;
  }
  return std::nullopt;
}

Flow flow_of(const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  Flow flow;
  flow.daddr = ip.daddr();
  flow.saddr = ip.saddr();
  flow.iif = skb.dev;
  flow.mark = skb.mark;
  flow.tos = ip.tos();
  flow.proto = ip.protocol();
  const std::span<const std::uint8_t> l4 =
      skb.l3().subspan(std::min<std::size_t>(ip.header_length(), skb.l3().size()));
  const bool ports = ip.protocol() == kProtoTcp || ip.protocol() == kProtoUdp ||
                     ip.protocol() == kProtoSctp || ip.protocol() == kProtoDccp ||
                     ip.protocol() == kProtoUdpLite;
  if (ports && !ip.is_fragment() && l4.size() >= 4) {
    flow.sport = load_be16(l4.data());
    flow.dport = load_be16(l4.data() + 2);
  }
  return flow;
}

Dst local_dst(const Skb& skb, RouteType type) {
  Dst dst;
  dst.kind = DstKind::LocalIn;
  dst.dev = skb.dev;
  dst.type = type;
  return dst;
}

Dst error_dst(const Skb& skb, RouteError error) {
  Dst dst;
  dst.kind = DstKind::Error;
  dst.error = error;
  dst.dev = skb.dev;
  dst.type = RouteType::Unreachable;
  return dst;
}

std::optional<DropReason> multicast_input(Walk& walk, Skb& skb, const Flow& flow) {
  const Host& host = walk.host();
  if (!joined_group(host, skb.dev, flow.daddr)) {
    failed(walk, Check::MulticastMember, skb, Value::address(flow.daddr));
    return DropReason::NOT_SPECIFIED;
  }
  // ip_mc_validate_source()
  const auto martian = [&](Check check, DropReason reason) {
    failed(walk, check, skb, Value::address(flow.saddr));
    return reason;
  };
  const NetSysctls& s = host.sysctls;
  if (flow.saddr.is_v4_multicast() || flow.saddr.is_v4_limited_broadcast())
    return martian(Check::MartianSource, DropReason::IP_INVALID_SOURCE);
  if (flow.saddr.is_v4_loopback() && !s.all.route_localnet && !s.conf(skb.dev).route_localnet)
    return martian(Check::LocalnetRoute, DropReason::IP_LOCALNET);
  if (flow.saddr.is_unspecified()) {
    if (!flow.daddr.is_v4_local_multicast() && flow.proto != kProtoIgmp)
      return martian(Check::MartianSource, DropReason::IP_INVALID_SOURCE);
  } else {
    bool on_link = false;
    if (const auto reason = validate_source(walk, skb, flow, IfIndex::None, on_link)) return reason;
  }
  skb.dst = local_dst(skb, RouteType::Multicast);
  return std::nullopt;
}

}  // namespace

bool joined_group(const Host& host, IfIndex dev, const IpAddr& group) {
  return group == IpAddr::v4(0xe0000001) ||
         std::any_of(host.groups.begin(), host.groups.end(),
                     [&](const GroupMember& g) { return g.dev == dev && g.group == group; });
}

std::optional<DropReason> validate_source(Walk& walk, const Skb& skb, const Flow& flow, IfIndex oif,
                                          bool& on_link) {
  const Host& host = walk.host();
  const NetSysctls& s = host.sysctls;
  const Ipv4Conf& conf = s.conf(skb.dev);
  const std::uint8_t filter = std::max(s.all.rp_filter, conf.rp_filter);
  const bool redirects = s.all.send_redirects || conf.send_redirects;
  if (filter == 0 && (skb.dev != oif || !redirects)) {
    if (s.all.accept_local || conf.accept_local) return std::nullopt;
    if (!host.fib_index->custom_rules(Family::Ipv4) && !custom_local_routes(host)) {
      // inet_lookup_ifaddr_rcu(): an address of a device, not whatever the local table holds.
      const bool own = std::any_of(host.addresses.begin(), host.addresses.end(),
                                   [&](const IfAddr& a) { return a.net.addr == flow.saddr; });
      if (!own) return std::nullopt;
      failed(walk, Check::SourceNotOurs, skb, Value::address(flow.saddr));
      return DropReason::IP_LOCAL_SOURCE;
    }
  }
  return reverse_path(walk, skb, flow, oif, filter, on_link);
}

std::optional<DropReason> route_input(Walk& walk, Skb& skb, const IpAddr* to) {
  const Host& host = walk.host();
  const NetSysctls& s = host.sysctls;
  const Ipv4Conf& conf = s.conf(skb.dev);
  Flow flow = flow_of(skb);
  if (to != nullptr) flow.daddr = *to;
  const IpAddr &saddr = flow.saddr, &daddr = flow.daddr;
  if (daddr.is_v4_multicast()) return multicast_input(walk, skb, flow);
  const auto martian = [&](Check check, DropReason reason, const IpAddr& addr) {
    failed(walk, check, skb, Value::address(addr));
    return reason;
  };
  if (saddr.is_v4_multicast() || saddr.is_v4_limited_broadcast()) {
    return martian(Check::MartianSource, DropReason::IP_INVALID_SOURCE, saddr);
  }
  bool on_link = false;
  const auto broadcast = [&]() -> std::optional<DropReason> {
    if (!saddr.is_unspecified()) {
      if (const auto reason = validate_source(walk, skb, flow, IfIndex::None, on_link))
        return reason;
    }
    skb.dst = local_dst(skb, RouteType::Broadcast);
    return std::nullopt;
  };
  if (daddr.is_v4_limited_broadcast() || (saddr.is_unspecified() && daddr.is_unspecified()))
    return broadcast();
  // Of 0.0.0.0/8 only 0.0.0.0 itself is impossible today.
  if (saddr.is_unspecified())
    return martian(Check::MartianSource, DropReason::IP_INVALID_SOURCE, saddr);
  if (daddr.is_unspecified())
    return martian(Check::MartianDestination, DropReason::IP_INVALID_DEST, daddr);
  const bool localnet = s.all.route_localnet || conf.route_localnet;
  const Link* const link = host.link(skb.dev);
  if (!localnet && (link == nullptr || !link->loopback)) {
    if (daddr.is_v4_loopback())
      return martian(Check::LocalnetRoute, DropReason::IP_LOCALNET, daddr);
    if (saddr.is_v4_loopback())
      return martian(Check::LocalnetRoute, DropReason::IP_LOCALNET, saddr);
  }

  const Found found = lookup(host, flow, walk.recorder(), {.forwarded = &skb});
  if (found.error != RouteError::None) {
    skb.dst = error_dst(skb, conf.forwarding ? found.error : RouteError::HostUnreach);
    return std::nullopt;
  }
  if (found.type == RouteType::Broadcast) {
    if (!(s.all.bc_forwarding && conf.bc_forwarding)) return broadcast();
  } else if (found.type == RouteType::Local) {
    if (const auto reason = validate_source(walk, skb, flow, IfIndex::None, on_link)) return reason;
    skb.dst = local_dst(skb, RouteType::Local);
    return std::nullopt;
  }
  if (!conf.forwarding) {
    skb.dst = error_dst(skb, RouteError::HostUnreach);
    return std::nullopt;
  }
  if (found.type != RouteType::Unicast && found.type != RouteType::Broadcast) {
    return martian(Check::MartianDestination, DropReason::IP_INVALID_DEST, daddr);
  }
  const IfIndex out = found.hop->dev;
  if (const auto reason = validate_source(walk, skb, flow, out, on_link)) return reason;
  Dst dst;
  dst.kind = DstKind::Forward;
  dst.dev = out;
  dst.gateway = found.hop->gateway;
  dst.mtu = found.route->mtu;
  dst.mtu_locked = found.route->mtu_locked;
  dst.advmss = found.route->advmss;
  dst.type = found.type;
  dst.prefsrc = found.route->prefsrc;
  dst.scope = found.route->scope;
  dst.realm = found.route->realm;
  const bool redirects = s.all.send_redirects || conf.send_redirects;
  const bool shared = s.all.shared_media || conf.shared_media;
  dst.redirect = out == skb.dev && on_link && redirects &&
                 (shared || on_one_subnet(host, out, flow.saddr, dst.gateway));
  skb.dst = dst;
  return std::nullopt;
}

}  // namespace pktwalk::fib

// SPDX-License-Identifier: MIT
// From what the dumps said to a host that packets can walk through: order, look-up tables, and the
// kernel's defaults for what no dump told.
//
// Kernel:  net/ipv4/fib_rules.c:fib_default_rules_init(), net/ipv4/fib_frontend.c:fib_add_ifaddr()
// Differs: nothing known
#include <algorithm>

#include "model/conntrack/conntrack.h"
#include "model/host/host.h"
#include "model/host/state.h"
#include "model/netfilter/hooks.h"
#include "model/netfilter/ipset.h"
#include "model/netfilter/nft/ruleset.h"
#include "model/netfilter/xtables/table.h"
#include "model/routing/index.h"

namespace pktwalk {
namespace {

FibRule lookup_rule(Family family, std::uint32_t priority, std::uint32_t table) {
  FibRule rule;
  rule.family = family;
  rule.priority = priority;
  rule.table = table;
  return rule;
}

void add_default_rules(Host& host) {
  if (!host.has_rules) {
    host.rules.push_back(lookup_rule(Family::Ipv4, 0, kTableLocal));
    host.rules.push_back(lookup_rule(Family::Ipv4, 32766, kTableMain));
    host.rules.push_back(lookup_rule(Family::Ipv4, 32767, kTableDefault));
  }
  if (!host.has_rules6) {
    host.rules.push_back(lookup_rule(Family::Ipv6, 0, kTableLocal));
    host.rules.push_back(lookup_rule(Family::Ipv6, 32766, kTableMain));
  }
  std::stable_sort(host.rules.begin(), host.rules.end(), [](const FibRule& a, const FibRule& b) {
    return a.family != b.family ? a.family < b.family : a.priority < b.priority;
  });
}

Prefix network_of(const Prefix& net) {
  return {net.addr & IpAddr::mask(net.addr.family(), net.length), net.length};
}

// Adds routes as the kernel does when an address is set on a device that is up.
class AddressRoutes {
 public:
  AddressRoutes(Host& host, bool with_main) : host_(host), with_main_(with_main) {}

  void add(const IfAddr& a) {
    const Link* link = host_.link(a.dev);
    if (link == nullptr || !a.net.addr.is_v4()) return;
    IfAddr source = a;
    if (a.secondary) source.net.addr = primary_of(a);
    put(source, RouteType::Local, {a.net.addr, 32}, kTableLocal, kScopeHost);
    if (!link->up) return;
    const bool has_peer = a.peer.family() != Family::Unspec && a.peer != a.net.addr;
    if (!a.broadcast.is_unspecified() && !a.broadcast.is_v4_limited_broadcast() &&
        a.broadcast != network_of(a.net).addr) {
      put(a, RouteType::Broadcast, {a.broadcast, 32}, kTableLocal, kScopeLink);
    }
    const Prefix net = network_of({has_peer ? a.peer : a.net.addr, a.net.length});
    if (net.addr.is_v4_zeronet() || a.secondary || (net.length >= 32 && !has_peer)) return;
    if (link->loopback) {
      put(a, RouteType::Local, net, kTableLocal, kScopeHost);
    } else if (with_main_) {
      put(a, RouteType::Unicast, net, kTableMain, kScopeLink);
    }
    if (net.length >= 31) return;
    const IpAddr last = net.addr | ~IpAddr::mask(Family::Ipv4, net.length);
    put(a, RouteType::Broadcast, {last, 32}, kTableLocal, kScopeLink);
  }

 private:
  // The address that came first in the same subnet of the device.
  IpAddr primary_of(const IfAddr& a) const {
    for (const IfAddr& other : host_.addresses) {
      if (other.dev == a.dev && !other.secondary && other.net.length == a.net.length &&
          network_of(other.net) == network_of(a.net)) {
        return other.net.addr;
      }
    }
    return a.net.addr;
  }

  void put(const IfAddr& a, RouteType type, const Prefix& to, std::uint32_t table,
           std::uint8_t scope) {
    const bool known = std::any_of(host_.routes.begin(), host_.routes.end(), [&](const Route& r) {
      return r.table == table && r.to == to && r.type == type && !r.hops.empty() &&
             r.hops.front().dev == a.dev;
    });
    if (known) return;
    Route route;
    route.to = to;
    route.table = table;
    route.type = type;
    route.scope = scope;
    route.prefsrc = a.net.addr;
    route.protocol = 2;
    route.hops.push_back({.dev = a.dev});
    route.at = a.at;
    host_.routes.push_back(std::move(route));
  }

  Host& host_;
  bool with_main_;
};

// `ip route` without `table all` does not show the table local; without any dump of routes those of
// the addresses are what is certain.
void add_address_routes(Host& host) {
  const bool has_local = std::any_of(host.routes.begin(), host.routes.end(), [](const Route& r) {
    return r.table == kTableLocal && r.to.addr.is_v4();
  });
  if (has_local) return;
  AddressRoutes routes(host, !host.has_routes);
  bool any = false;
  for (const IfAddr& address : host.addresses) {
    routes.add(address);
    any = any || address.net.addr.is_v4();
  }
  if (!any) return;
  Diagnostic note;
  note.severity = Severity::Note;
  note.what = host.has_routes ? "no routes of the table local were given: those of the addresses "
                                "are assumed"
                              : "no routes were given: only those of the addresses are assumed";
  note.hint = "give the output of: ip route show table all";
  host.diagnostics.push_back(std::move(note));
}

void index_links(Host& host) {
  host.by_index.clear();
  host.by_name.clear();
  for (const Link& link : host.links) {
    host.by_index.emplace(static_cast<std::uint32_t>(link.index), &link);
    host.by_name.emplace(link.name, &link);
  }
}

}  // namespace

void finish_host(Host& host) {
  index_links(host);
  add_default_rules(host);
  add_address_routes(host);
  host.sysctls = resolve_sysctls(host.sysctl_texts, host.links);
  if (host.iptables == nullptr) {
    host.iptables = std::make_unique<xt::Ruleset>();
    host.iptables->family = Family::Ipv4;
  }
  if (host.ip6tables == nullptr) {
    host.ip6tables = std::make_unique<xt::Ruleset>();
    host.ip6tables->family = Family::Ipv6;
  }
  if (host.nftables == nullptr) host.nftables = std::make_unique<nft::Ruleset>();
  host.fib_index = std::make_unique<fib::Index>(host);
  host.hooks = std::make_unique<HookTable>(build_hook_table(host));
  ct::load_connections(host);
}

}  // namespace pktwalk

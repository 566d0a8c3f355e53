// SPDX-License-Identifier: MIT
// A route look-up: policy rules in ascending priority, and in each one's table the longest prefix
// that has a usable route.
//
// Kernel: net/core/fib_rules.c:fib_rules_lookup(), net/ipv4/fib_rules.c:fib4_rule_match(),
// fib4_rule_suppress(),
//         net/ipv4/fib_trie.c:fib_table_lookup()
// Differs: rule-l3mdev (not matched)
#include "model/routing/fib.h"

#include <algorithm>

#include "model/routing/index.h"
#include "model/routing/multipath.h"

namespace pktwalk::fib {
namespace {

// The selector that failed, or null.
const char* failed_selector(const Host& host, const FibRule& r, const Flow& f) {
  if (!r.iif.empty() && host.link_name(f.iif) != r.iif) return "iif";
  if (!r.oif.empty() && host.link_name(f.oif) != r.oif) return "oif";
  if (((f.mark ^ r.fwmark) & r.fwmask) != 0) return "fwmark";
  if (r.tun_id != 0) return "tun_id";
  if (r.l3mdev) return "l3mdev";
  if (r.uid_range && (!f.uid || *f.uid < r.uid_range->first || *f.uid > r.uid_range->second))
    return "uidrange";
  if (r.from.length != 0 && !r.from.contains(f.saddr)) return "from";
  if (r.to.length != 0 && !r.to.contains(f.daddr)) return "to";
  if (r.tos != 0 && r.tos != (f.tos & 0x1c)) return "tos";
  if (r.dscp && *r.dscp != f.tos >> 2) return "dscp";
  if (r.ip_proto != 0 && r.ip_proto != f.proto) return "ipproto";
  if (r.sport && (f.sport < r.sport->first || f.sport > r.sport->second)) return "sport";
  if (r.dport && (f.dport < r.dport->first || f.dport > r.dport->second)) return "dport";
  return nullptr;
}

RouteError error_of(RouteType type) {
  switch (type) {
    case RouteType::Unreachable:
      return RouteError::HostUnreach;
    case RouteType::Prohibit:
      return RouteError::Acces;
    case RouteType::Blackhole:
      return RouteError::Inval;
    case RouteType::Unspec:
    case RouteType::Unicast:
    case RouteType::Local:
    case RouteType::Broadcast:
    case RouteType::Anycast:
    case RouteType::Multicast:
    case RouteType::Throw:
    case RouteType::Nat:
      return RouteError::None;
  }
  return RouteError::None;
}

const NextHop* first_usable(const Host& host, const Route& route, const Flow& flow) {
  const auto usable = [&](const NextHop& hop) {
    if (hop.dead) return false;
    if (hop.linkdown && host.sysctls.conf(hop.dev).ignore_routes_with_linkdown) return false;
    return flow.oif == IfIndex::None || hop.dev == flow.oif;
  };
  const auto found = std::find_if(route.hops.begin(), route.hops.end(), usable);
  return found == route.hops.end() ? nullptr : &*found;
}

// fib_table_lookup(). Nothing: no match or a throw route, the next rule is asked.
std::optional<Found> in_table(const Host& host, std::uint32_t table, const Flow& flow) {
  const Trie* const trie = host.fib_index->table(flow.daddr.family(), table);
  if (trie == nullptr) return std::nullopt;
  for (const Trie::Node* node = trie->longest(flow.daddr); node != nullptr;
       node = trie->shorter(*node)) {
    for (const Route* route : trie->routes(*node)) {
      if (route->tos != 0 && route->tos != (flow.tos & 0x1c)) continue;
      if (route->scope < flow.scope) continue;
      if (route->type == RouteType::Throw) return std::nullopt;
      Found found{.error = error_of(route->type),
                  .route = route,
                  .hop = nullptr,
                  .type = route->type,
                  .table = route->table,
                  .prefix_length = node->to.length};
      if (found.error != RouteError::None) return found;
      found.hop = first_usable(host, *route, flow);
      if (found.hop != nullptr) return found;
    }
  }
  return std::nullopt;
}

const char* choose_nexthop(const Host& host, const Flow& flow, const Asker& asker, Found& found) {
  if (asker.forwarded != nullptr) return select_nexthop(host, *asker.forwarded, found);
  if (asker.output && flow.oif == IfIndex::None) return select_nexthop(host, flow, found);
  return nullptr;
}

void report(Recorder* recorder, const Flow& flow, const Found& found, const char* why) {
  if (recorder == nullptr) return;
  RouteStep step{.kind = found.route == nullptr ? RouteStep::Kind::NoRoute : RouteStep::Kind::Found,
                 .route = found.route,
                 .table = found.table,
                 .key = Value::address(flow.daddr),
                 .error = found.error,
                 .why = why};
  if (found.hop != nullptr) {
    step.dev = found.hop->dev;
    step.gateway = found.hop->gateway;
  }
  recorder->step(step);
}

// suppress_ifgroup: routes out of devices of this group do not count.
bool suppressed_by_group(const Host& host, const FibRule& rule, const Found& found) {
  if (rule.suppress_ifgroup.empty() || found.hop == nullptr) return false;
  const Link* const link = host.link(found.hop->dev);
  return link != nullptr && link->group == rule.suppress_ifgroup;
}

}  // namespace

Found lookup(const Host& host, const Flow& flow, Recorder* recorder, Asker asker) {
  const std::span<const FibRule* const> rules = host.fib_index->rules(flow.daddr.family());
  Found found;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const FibRule& rule = *rules[i];
    const char* const failed = failed_selector(host, rule, flow);
    const bool matched = (failed == nullptr) != rule.invert;
    const char* why = matched ? nullptr : failed != nullptr ? failed : "not";
    bool stop = false;
    if (matched) {
      switch (rule.action) {
        case FibRule::Action::Unreachable:
          found.error = RouteError::NetUnreach;
          stop = true;
          break;
        case FibRule::Action::Prohibit:
          found.error = RouteError::Acces;
          stop = true;
          break;
        case FibRule::Action::Blackhole:
          found.error = RouteError::Inval;
          stop = true;
          break;
        case FibRule::Action::Nop:
          why = "does nothing";
          break;
        case FibRule::Action::Goto: {
          std::size_t to = i + 1;
          while (to < rules.size() && rules[to]->priority < rule.goto_priority) ++to;
          if (to < rules.size() && rules[to]->priority == rule.goto_priority) {
            if (recorder != nullptr) recorder->step(FibRuleStep{&rule, true, "goto", {}});
            i = to - 1;
            continue;
          }
          why = "its goto leads nowhere";
          break;
        }
        case FibRule::Action::Lookup: {
          const std::optional<Found> in = in_table(host, rule.table, flow);
          if (!in) {
            why = "its table has no route for this";
          } else if (in->error == RouteError::None && rule.suppress_prefix_length >= 0 &&
                     in->prefix_length <= rule.suppress_prefix_length) {
            why = "the route is suppressed: its prefix is too short";
          } else if (in->error == RouteError::None && suppressed_by_group(host, rule, *in)) {
            why = "the route is suppressed: its device is in that group";
          } else {
            found = *in;
            stop = true;
          }
          break;
        }
      }
    }
    if (recorder != nullptr) recorder->step(FibRuleStep{&rule, matched, why, {}});
    if (stop) {
      const char* const chosen = choose_nexthop(host, flow, asker, found);
      report(recorder, flow, found, chosen);
      return found;
    }
  }
  found.error = RouteError::NetUnreach;
  report(recorder, flow, found, nullptr);
  return found;
}

IpAddr select_addr(const Host& host, IfIndex dev, const IpAddr& dst, std::uint8_t scope) {
  IpAddr first;
  for (const IfAddr& a : host.addresses) {
    if (a.dev != dev || a.secondary || !a.net.addr.is_v4() || a.scope > scope) continue;
    if (dst.family() == Family::Unspec ||
        Prefix{a.peer.family() == Family::Unspec ? a.net.addr : a.peer, a.net.length}.contains(
            dst)) {
      return a.net.addr;
    }
    if (first.family() == Family::Unspec) first = a.net.addr;
  }
  if (first.family() != Family::Unspec) return first;
  // The device has none: any other device's address, in order of the devices, but none of link
  // scope.
  for (const IfAddr& a : host.addresses) {
    if (!a.secondary && a.net.addr.is_v4() && a.scope != kScopeLink && a.scope <= scope)
      return a.net.addr;
  }
  return {};
}

RouteType addr_type(const Host& host, const IpAddr& addr, IfIndex dev) {
  if (addr.is_v4_zeronet() || addr.is_v4_limited_broadcast()) return RouteType::Broadcast;
  if (addr.is_v4_multicast()) return RouteType::Multicast;
  Flow flow;
  flow.daddr = addr;
  const std::optional<Found> found = in_table(host, kTableLocal, flow);
  // An error route makes the look-up fail, which leaves the answer at unicast.
  if (!found || found->error != RouteError::None) return RouteType::Unicast;
  if (dev == IfIndex::None || (found->hop != nullptr && found->hop->dev == dev)) return found->type;
  return RouteType::Unicast;
}

IfIndex loopback_of(const Host& host) {
  const auto found = std::find_if(host.links.begin(), host.links.end(),
                                  [](const Link& link) { return link.loopback; });
  return found == host.links.end() ? IfIndex::None : found->index;
}

bool is_local(const Host& host, const IpAddr& addr) {
  return addr_type(host, addr) == RouteType::Local;
}

std::uint32_t mtu_of(const Host& host, const Dst& dst) {
  if (dst.mtu != 0) return dst.mtu;
  const Link* const link = host.link(dst.dev);
  return link != nullptr ? link->mtu : 1500;
}

}  // namespace pktwalk::fib

// SPDX-License-Identifier: MIT
// Routing decisions: policy rules, tables, reverse path, source addresses.
#pragma once

#include <cstdint>
#include <optional>

#include "model/host/host.h"
#include "model/path/walk.h"
#include "model/routing/dst.h"

namespace pktwalk::fib {

// struct flowi4
struct Flow {
  IpAddr daddr, saddr;
  IfIndex iif = IfIndex::None;  // the loopback device for locally generated packets
  IfIndex oif = IfIndex::None;  // None: any
  std::uint32_t mark = 0;
  std::uint8_t tos = 0;  // TOS byte of the packet
  std::uint8_t proto = 0;
  std::uint16_t sport = 0, dport = 0;
  std::uint8_t scope = kScopeUniverse;
  std::optional<std::uint32_t> uid;
  // An ICMP error takes the nexthop that the flow of the packet it is about takes.
  const Skb* about = nullptr;
  bool any_source = false;  // FLOWI_FLAG_ANYSRC: a foreign source address is fine
};

// fib_lookup()
struct Found {
  RouteError error = RouteError::None;
  const Route* route = nullptr;
  const NextHop* hop = nullptr;
  RouteType type = RouteType::Unicast;
  std::uint32_t table = 0;
  std::uint8_t prefix_length = 0;
};
// Who asks, which decides how one of several nexthops is chosen: none is (the first usable one), or
// by the hash of a packet to be forwarded, or by that of a flow of this host.
struct Asker {
  const Skb* forwarded = nullptr;
  bool output = false;
};
// `recorder` null: silent. Rules and table decisions are reported as FibRuleStep and RouteStep.
Found lookup(const Host& host, const Flow& flow, Recorder* recorder, Asker asker = {});

// Input routing of a received packet: ip_route_input_noref() up to the dst. Sets skb.dst, or gives
// the reason to drop (martians, reverse path ...).
// `daddr`: routes to this address instead of the header's (source routes).
std::optional<DropReason> route_input(Walk& walk, Skb& skb, const IpAddr* daddr = nullptr);
// Output routing: ip_route_output_key(). Fills flow.saddr when it was unspecified. Error: no dst.
RouteError route_output(Walk& walk, Flow& flow, Dst& dst, Recorder* recorder);
// ip_route_me_harder(): a packet whose addresses, mark or TOS changed in OUTPUT gets a new route.
RouteError reroute(Walk& walk, Skb& skb);
// fib_validate_source(): nothing when the source is fine, else the reason.
std::optional<DropReason> validate_source(Walk& walk, const Skb& skb, const Flow& flow, IfIndex oif,
                                          bool& on_link);

// inet_select_addr()
IpAddr select_addr(const Host& host, IfIndex dev, const IpAddr& dst, std::uint8_t scope);
// inet_addr_type() in the main and local tables, or on one device: for addrtype and others.
RouteType addr_type(const Host& host, const IpAddr& addr, IfIndex dev = IfIndex::None);
bool is_local(const Host& host, const IpAddr& addr);
// The device takes packets to this multicast group. Kernel: net/ipv4/igmp.c:ip_check_mc_rcu()
bool joined_group(const Host& host, IfIndex dev, const IpAddr& group);
IfIndex loopback_of(const Host& host);  // None: no such device in the dump

// The MTU that counts for a packet on this route: the route's `mtu`, else the device's.
std::uint32_t mtu_of(const Host& host, const Dst& dst);

}  // namespace pktwalk::fib

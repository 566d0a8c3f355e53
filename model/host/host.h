// SPDX-License-Identifier: MIT
// The configuration of the host in question, as its own tools print it. It does not change while
// packets walk.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/core/addr.h"
#include "model/core/hook.h"
#include "model/host/source.h"
#include "model/routing/dst.h"

namespace pktwalk {

namespace xt {
struct Ruleset;  // model/netfilter/xtables/table.h
}
namespace nft {
struct Ruleset;  // model/netfilter/nft/ruleset.h
}
namespace fib {
class Index;  // model/routing/index.h
}
struct IpSet;  // model/netfilter/ipset.h
struct State;
struct HookTable;  // model/netfilter/hooks.h

// A network device (ip -d link, ip addr).
struct Link {
  IfIndex index = IfIndex::None;
  std::string name;
  std::string kind;  // "veth", "vlan", "bridge", "dummy" ...; empty for hardware
  std::string group = "default";
  MacAddr mac;
  MacAddr broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  std::uint32_t mtu = 1500;
  bool up = true;       // administratively (IFF_UP)
  bool carrier = true;  // LOWER_UP
  bool loopback = false;
  bool point_to_point = false;
  bool noarp = false;
  bool has_broadcast = true;  // IFF_BROADCAST
  bool ether = true;          // frames carry an Ethernet header (link/ether, link/loopback)
  bool promisc = false;
  IfIndex lower = IfIndex::None;   // VLAN: the device below
  IfIndex master = IfIndex::None;  // bridge, bond or VRF this is a port of
  std::uint16_t vlan_id = 0;
  std::uint16_t vlan_protocol = 0x8100;
  SourceLine at;
};

// RT_SCOPE_*
inline constexpr std::uint8_t kScopeUniverse = 0;
inline constexpr std::uint8_t kScopeSite = 200;
inline constexpr std::uint8_t kScopeLink = 253;
inline constexpr std::uint8_t kScopeHost = 254;
inline constexpr std::uint8_t kScopeNowhere = 255;

// An address of a device (ip addr). `net.addr` keeps its host bits.
struct IfAddr {
  IfIndex dev = IfIndex::None;
  Prefix net;        // with a peer: the peer's prefix length
  IpAddr peer;       // Family::Unspec: none
  IpAddr broadcast;  // Family::Unspec: none
  std::uint8_t scope = kScopeUniverse;
  bool secondary = false;
  std::string label;
  SourceLine at;
};

struct NextHop {
  IfIndex dev = IfIndex::None;
  IpAddr gateway;  // Family::Unspec: on link
  std::uint32_t weight = 1;
  bool onlink = false;
  bool dead = false;
  bool linkdown = false;
};

// Routing tables by number.
inline constexpr std::uint32_t kTableDefault = 253;
inline constexpr std::uint32_t kTableMain = 254;
inline constexpr std::uint32_t kTableLocal = 255;

// A route (ip route show table all).
struct Route {
  Prefix to;
  std::uint32_t table = kTableMain;
  RouteType type = RouteType::Unicast;
  std::uint8_t scope = kScopeUniverse;
  std::uint8_t tos = 0;
  std::uint32_t metric = 0;
  IpAddr prefsrc;  // Family::Unspec: none
  std::uint32_t mtu = 0;
  bool mtu_locked = false;
  std::uint32_t advmss = 0;
  std::uint32_t realm = 0;
  std::uint8_t protocol = 3;  // RTPROT_*: 2 kernel, 3 boot (what `ip route add` sets)
  std::vector<NextHop> hops;  // one entry for ordinary routes; none for error routes
  SourceLine at;
};

// A policy routing rule (ip rule).
struct FibRule {
  enum class Action : std::uint8_t { Lookup, Goto, Nop, Blackhole, Unreachable, Prohibit };
  Family family = Family::Ipv4;
  std::uint32_t priority = 0;
  bool invert = false;  // `not`
  Prefix from;          // length 0: any
  Prefix to;
  std::string iif;  // empty: any; "lo": locally generated
  std::string oif;
  std::uint32_t fwmark = 0;
  std::uint32_t fwmask = 0;  // 0: any
  std::uint8_t tos = 0;      // 0: any
  std::optional<std::uint8_t> dscp;
  std::uint8_t ip_proto = 0;  // 0: any
  std::optional<std::pair<std::uint16_t, std::uint16_t>> sport;
  std::optional<std::pair<std::uint16_t, std::uint16_t>> dport;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> uid_range;
  std::uint64_t tun_id = 0;
  bool l3mdev = false;
  Action action = Action::Lookup;
  std::uint32_t table = 0;
  std::uint32_t goto_priority = 0;
  std::int32_t suppress_prefix_length = -1;
  std::string suppress_ifgroup;
  std::uint32_t realm = 0;
  SourceLine at;
};

// A neighbour (ip neigh). Entries in states FAILED and INCOMPLETE have no MAC.
struct Neigh {
  IfIndex dev = IfIndex::None;
  IpAddr addr;
  std::optional<MacAddr> mac;
  std::string state;  // "REACHABLE", "PERMANENT", "FAILED" ...
  bool proxy = false;
  SourceLine at;
};

// A multicast group that a device joined (ip maddr).
struct GroupMember {
  IfIndex dev = IfIndex::None;
  IpAddr group;
  SourceLine at;
};

// A socket that can take packets (ss -lntuw).
struct Socket {
  std::uint8_t proto = 0;  // 6, 17, or the protocol of a raw socket
  bool raw = false;
  bool listening = false;  // TCP LISTEN
  Family family = Family::Ipv4;
  bool v6only = false;  // an IPv6 wildcard socket that does not take IPv4
  IpAddr local;         // unspecified address (0.0.0.0): any
  std::uint16_t port = 0;
  IpAddr remote;  // Family::Unspec or 0.0.0.0: unconnected
  std::uint16_t remote_port = 0;
  IfIndex dev = IfIndex::None;  // bound to this device
  // IP_TRANSPARENT; nothing: the dump does not tell (ss --inet-sockopt does).
  std::optional<bool> transparent;
  SourceLine at;
};

// A connection that existed when the dump was taken (conntrack -L); model/conntrack turns it into a
// table entry.
struct ConntrackDump {
  std::string_view text;  // the line, owned by the sources
  SourceLine at;
};

// sysctl -a: the texts, by full name with dots ("net.ipv4.ip_forward").
class Sysctls {
 public:
  void set(std::string name, std::string value, SourceLine at);
  // The number, or `otherwise` when the dump does not have it (the kernel's default).
  std::int64_t get(std::string_view name, std::int64_t otherwise) const;
  std::optional<std::string_view> text(std::string_view name) const;
  SourceLine where(std::string_view name) const;
  bool loaded() const { return !values_.empty(); }

  struct Entry {
    std::string value;
    SourceLine at;
  };
  const std::map<std::string, Entry, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, Entry, std::less<>> values_;
};

// net.ipv4.conf.DEV.*, resolved once. Combine `all` and device as the kernel does: see
// model/host/sysctl.h.
struct Ipv4Conf {
  bool forwarding = false;
  bool bc_forwarding = false;
  bool accept_local = false;
  bool accept_source_route = true;
  bool send_redirects = true;
  bool src_valid_mark = false;
  bool route_localnet = false;
  bool log_martians = false;
  bool shared_media = true;
  bool proxy_arp = false;
  bool drop_unicast_in_l2_multicast = false;
  bool mc_forwarding = false;
  bool ignore_routes_with_linkdown = false;
  bool disable_policy = false;
  std::uint8_t rp_filter = 0;
};

// The sysctls of net.* that the path reads, with the kernel's defaults.
struct NetSysctls {
  Ipv4Conf all;
  Ipv4Conf defaults;  // conf.default: of devices that the dump does not name
  std::unordered_map<std::uint32_t, Ipv4Conf> dev;  // by interface index
  bool ip_forward_update_priority = true;
  bool ip_forward_use_pmtu = false;
  bool ip_nonlocal_bind = false;
  std::uint8_t ip_default_ttl = 64;
  std::uint8_t ip_no_pmtu_disc = 0;
  bool fwmark_reflect = false;
  // What a listener grants in its SYN/ACK.
  bool tcp_sack = true;
  bool tcp_timestamps = true;
  bool tcp_window_scaling = true;
  bool tcp_reflect_tos = false;
  bool tcp_fwmark_accept = false;
  std::uint8_t tcp_ecn = 2;
  std::uint32_t tcp_rmem_default = 131072;  // bytes
  std::uint32_t tcp_rmem_max = 6291456;
  std::uint32_t rmem_max = 212992;            // net.core
  std::uint32_t route_min_adv_mss = 256;      // net.ipv4.route.min_adv_mss
  std::uint32_t tcp_invalid_ratelimit = 500;  // milliseconds between answers to misfits
  bool icmp_echo_ignore_all = false;
  bool icmp_echo_ignore_broadcasts = true;
  bool icmp_errors_use_inbound_ifaddr = false;
  std::uint32_t icmp_ratelimit = 1000;
  std::uint32_t icmp_ratemask = 6168;
  std::uint32_t icmp_msgs_per_sec = 1000;
  std::uint32_t icmp_msgs_burst = 50;
  std::uint8_t fib_multipath_hash_policy = 0;
  std::uint32_t fib_multipath_hash_fields = 7;
  std::uint32_t fib_multipath_hash_seed = 0;
  bool fib_multipath_use_neigh = false;
  std::uint16_t local_port_low = 32768;
  std::uint16_t local_port_high = 60999;
  // nf_conntrack_*: seconds
  bool ct_acct = false;
  bool ct_checksum = true;
  std::uint32_t ct_max = 262144;
  bool tcp_loose = true;
  bool tcp_be_liberal = false;
  bool tcp_ignore_invalid_rst = false;
  std::uint8_t tcp_max_retrans = 3;
  std::uint32_t udp_timeout = 30;
  std::uint32_t udp_timeout_stream = 120;
  std::uint32_t icmp_timeout = 30;
  std::uint32_t generic_timeout = 600;
  std::uint32_t gre_timeout = 30;
  std::uint32_t gre_timeout_stream = 180;
  // by TCP state: indexed by kTcpState* (model/conntrack/entry.h); [0] unused
  std::array<std::uint32_t, 12> tcp_timeouts{};
  std::uint32_t tcp_timeout_max_retrans = 300;
  std::uint32_t tcp_timeout_unacknowledged = 300;
  std::array<std::uint32_t, 10> sctp_timeouts{};

  const Ipv4Conf& conf(IfIndex dev_index) const;  // the device's own values; `all` is apart
};

// Fills the typed values from the texts; devices that the dump does not name get conf.default, then
// kernel defaults.
NetSysctls resolve_sysctls(const Sysctls& texts, const std::vector<Link>& links);

struct Host {
  HostSources sources;
  std::vector<Diagnostic> diagnostics;

  std::vector<Link> links;
  std::vector<IfAddr> addresses;
  std::vector<Route> routes;
  std::vector<FibRule> rules;  // ascending priority within a family
  std::vector<Neigh> neighbours;
  std::vector<Socket> sockets;
  std::vector<GroupMember> groups;
  std::vector<ConntrackDump> connections;
  std::vector<std::unique_ptr<IpSet>> ipsets;
  Sysctls sysctl_texts;
  // Names of routing tables beside local, main and default (rt_tables).
  std::map<std::uint32_t, std::string> table_names;
  NetSysctls sysctls;
  std::unique_ptr<xt::Ruleset>
      iptables;  // never null after finish_host(); empty when nothing is configured
  std::unique_ptr<xt::Ruleset> ip6tables;  // loaded and linted, not walked yet

  // The iptables dump is one of iptables-nft: `nft list ruleset` shows the same tables.
  bool iptables_nft = false;
  std::unique_ptr<nft::Ruleset> nftables;  // never null after finish_host()

  std::unique_ptr<HookTable> hooks;  // made by finish_host()

  bool has_links = false;  // which kinds of dump were given at all
  bool has_addresses = false;
  bool has_routes = false;
  bool has_rules = false;
  bool has_rules6 = false;  // ip -6 rule
  bool has_neighbours = false;
  bool has_sockets = false;
  bool has_groups = false;

  // The state before the first packet: counters and connections of the dumps, full buckets.
  // Stateful matches put their initial value here while they are parsed.
  std::unique_ptr<State> initial;

  const Link* link(IfIndex index) const;
  const Link* link(std::string_view name) const;
  // "main", a name of rt_tables, or the number.
  std::string table_name(std::uint32_t table) const;
  std::string_view link_name(IfIndex index) const;  // "" for None, "if7" when unknown
  // Look-up tables over the vectors above, made by finish_host().
  std::unordered_map<std::uint32_t, const Link*> by_index;
  std::unordered_map<std::string_view, const Link*> by_name;

  // The routing tables, ready for look-ups; made by finish_host().
  std::unique_ptr<fib::Index> fib_index;

  Host();
  ~Host();
  Host(Host&&) noexcept;
  Host& operator=(Host&&) noexcept;
};

// After all files were read: sorts, indexes, fills what a missing dump leaves open with the
// kernel's defaults (rules local/main/default; local and broadcast routes of the addresses when no
// routes were dumped; sysctls), and brings the dump's connections into the initial state.
void finish_host(Host& host);

}  // namespace pktwalk

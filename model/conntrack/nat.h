// SPDX-License-Identifier: MIT
// Address translation on top of conntrack.
#pragma once

#include <cstdint>

#include "model/conntrack/conntrack.h"

namespace pktwalk::ct {

// struct nf_nat_range2
struct NatRange {
  bool map_ips = false;
  IpAddr min_addr, max_addr;
  bool proto_specified = false;  // ports (or ICMP ids) min_port..max_port
  std::uint16_t min_port = 0, max_port = 0;
  bool proto_offset = false;  // DNAT --to-destination a:1000-2000/3000: port shift from base_port
  std::uint16_t base_port = 0;
  bool random = false;        // --random
  bool random_fully = false;  // --random-fully
  bool persistent = false;    // --persistent
  bool netmap = false;        // NF_NAT_RANGE_NETMAP
};

enum class Manip : std::uint8_t { Source, Destination };
// Which side a hook manipulates: Destination at PREROUTING and OUTPUT, Source at INPUT and
// POSTROUTING.
constexpr Manip manip_of(Hook hook) {
  return hook == Hook::Prerouting || hook == Hook::Output ? Manip::Destination : Manip::Source;
}

// nf_nat_setup_info(): gives the packet's unconfirmed connection a mapping. Accept, or Drop when
// none is possible.
Verdict setup(HookContext& ctx, const NatRange& range, Manip manip);
// nf_nat_ipv4_fn() with the iptables nat table as its rules: at -100 (destination) and 100
// (source).
Verdict nat_hook(HookContext& ctx);
// The address MASQUERADE would use: inet_select_addr(out, next hop, universe). Family::Unspec:
// none.
IpAddr masquerade_address(const Host& host, const Skb& skb, const Link& out);

}  // namespace pktwalk::ct

// SPDX-License-Identifier: MIT
// Packets that the router makes itself.
#pragma once

#include <cstdint>

#include "model/path/walk.h"

namespace pktwalk {

// Whether the rate limits let an ICMP message out to this host over this device; counts it as sent.
// Kernel: net/ipv4/icmp.c:icmpv4_mask_allow(), icmpv4_global_allow(), icmpv4_xrlim_allow()
bool icmp_rate_allows(Walk& walk, std::uint8_t type, std::uint8_t code, const IpAddr& to,
                      IfIndex out);

// An ICMP message of the router leaves on its own walk. No error can be sent about it on the way:
// it would need the same socket. Kernel: net/ipv4/icmp.c:icmp_xmit_lock(), icmp_push_reply()
void send_icmp(Walk& walk, Skb message);

// icmp_send(): an ICMP error about `offending`, if the rules allow one (RFC 1122; rates; route
// type). Reports why not. `info`: the rest-of-header word, e.g. the MTU of 3/4 or the gateway of a
// redirect. Kernel: net/ipv4/icmp.c:__icmp_send()
void send_icmp_error(Walk& walk, const Skb& offending, std::uint8_t type, std::uint8_t code,
                     std::uint32_t info = 0);

// The error that REJECT sends: checks of nf_send_unreach() first (fragment, checksum).
// Kernel: net/ipv4/netfilter/nf_reject_ipv4.c:nf_send_unreach()
void send_unreachable(Walk& walk, const Skb& offending, std::uint8_t code, Hook hook);

// REJECT --reject-with tcp-reset. Kernel: nf_reject_ipv4.c:nf_send_reset()
void send_tcp_reset_from_hook(Walk& walk, const Skb& offending, Hook hook);

// What tcp_v4_rcv() answers when no socket takes a segment. Kernel:
// net/ipv4/tcp_ipv4.c:tcp_v4_send_reset()
void send_tcp_reset(Walk& walk, const Skb& offending);

}  // namespace pktwalk

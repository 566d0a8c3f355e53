// SPDX-License-Identifier: MIT
// IPv4 options: what a router does with them, and what its own answers copy of them.
#pragma once

#include <optional>

#include "model/path/stage.h"

namespace pktwalk {

// ip_rcv_options(): malformed options drop the packet (with ICMP 12/0), source routes need
// accept_source_route and choose the route, Record Route and Timestamp get our address and time.
Next receive_options(Walk& walk, Skb& skb);
// ip_forward_options(), behind the FORWARD rules: the output device's address replaces ours, a
// source route moves on to its next hop.
void forward_options(Walk& walk, Skb& skb);
// ip_options_fragment(): options that are not copied into later fragments become no-operations.
void blank_uncopied_options(std::uint8_t* ip);

// __ip_options_echo(). Nothing: the options cannot be answered, and the kernel sends no answer.
std::optional<EchoedOptions> echo_options(const Host& host, const Skb& about);
// ip_options_build(): our address and time in the answer that carries them; IP checksum renewed.
void complete_options(Skb& answer, const IpOptions& fields, Time now);

// IPOPT_TS_*: what a timestamp option asks for.
inline constexpr unsigned kStampTime = 0, kStampAddress = 1, kStampPrespecified = 3;

// Milliseconds since midnight, universal time. Kernel: inet_current_timestamp()
std::uint32_t milliseconds_of_day(Time now);

// The address this host gives as its own towards the sender. Kernel: fib_compute_spec_dst()
IpAddr own_address(Walk& walk, const Skb& skb);

}  // namespace pktwalk

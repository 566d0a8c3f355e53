// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "model/core/addr.h"

namespace pktwalk {

// What a packet's route makes of it: which input/output function the kernel would call.
enum class DstKind : std::uint8_t {
  Forward,    // ip_forward, then ip_output
  LocalIn,    // ip_local_deliver
  Output,     // ip_output of a locally generated packet (device `lo` when the destination is local)
  Error,      // ip_error: answer with ICMP or silence, see `error`
  Multicast,  // ip_mr_input
};

// The errno of an error route or a failed look-up.
enum class RouteError : std::uint8_t { None, HostUnreach, NetUnreach, Acces, Inval, XDev };

// Route types, with the kernel's numbers (RTN_*).
enum class RouteType : std::uint8_t {
  Unspec = 0,
  Unicast = 1,
  Local = 2,
  Broadcast = 3,
  Anycast = 4,
  Multicast = 5,
  Blackhole = 6,
  Unreachable = 7,
  Prohibit = 8,
  Throw = 9,
  Nat = 10,
};
const char* to_string(RouteType type);  // "unicast", as ip route writes it

// rtable: a routing decision attached to an skb.
struct Dst {
  DstKind kind = DstKind::Forward;
  RouteError error = RouteError::None;
  IfIndex dev = IfIndex::None;  // output device; the input device for LocalIn
  IpAddr gateway;               // Family::Unspec: the destination is on the link
  std::uint32_t mtu = 0;        // `mtu` metric of the route, 0 when not set
  bool mtu_locked = false;
  std::uint32_t advmss = 0;  // `advmss` metric of the route, 0 when not set
  RouteType type = RouteType::Unicast;
  bool redirect = false;    // RTCF_DOREDIRECT
  IpAddr prefsrc;           // the source the kernel would choose with this route
  std::uint8_t scope = 0;   // RT_SCOPE_*
  std::uint32_t realm = 0;  // tclassid

  bool operator==(const Dst&) const = default;
};

}  // namespace pktwalk

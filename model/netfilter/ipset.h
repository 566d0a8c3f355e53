// SPDX-License-Identifier: MIT
// An ipset's definition (ipset save: create), and look-ups in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/core/addr.h"
#include "model/host/host.h"
#include "model/host/state.h"
#include "model/netfilter/ipset_data.h"
#include "model/netfilter/match.h"
#include "model/netfilter/target.h"

namespace pktwalk {

struct IpSetType;  // model/netfilter/ipset_type.h

struct IpSet {
  std::string name;
  std::string type;  // "hash:ip,port"
  Family family = Family::Ipv4;
  std::uint8_t dimensions = 1;  // 0: a type that is not modelled
  std::uint32_t index = 0;      // in Host::ipsets and State::ipsets
  std::optional<std::uint32_t>
      default_timeout;  // seconds; 0: elements stay; nothing: set without timeouts
  bool counters = false, comment = false, skbinfo = false, forceadd = false;
  std::uint32_t maxelem = 65536;
  std::uint8_t netmask = 32;  // hash:ip, bitmap:ip: prefix length of what is stored
  IpAddr bitmask;             // hash:ip bitmask M; Family::Unspec: none
  std::uint32_t markmask = 0xffffffff;
  IpAddr range_first, range_last;               // bitmap:ip
  std::uint32_t port_first = 0, port_last = 0;  // bitmap:port
  std::string options;                          // of the create line, as written, for printing
  std::vector<std::string> unread;  // add lines of a type that is not modelled, for printing
  const IpSetType* kind = nullptr;  // null: not modelled

  // Devices that elements of hash:net,iface name. IpSetKey::iface is an index here plus 1, or, for
  // a device that a packet brought into the set, kLinkIface and the interface index.
  struct Iface {
    std::string name;
    bool wildcard = false;  // the beginning of a name
    bool physdev = false;   // a bridge port
    bool operator==(const Iface&) const = default;
  };
  static constexpr std::uint32_t kLinkIface = 1u << 31;
  std::vector<Iface> ifaces;
  std::vector<std::string> comments;

  bool modelled() const { return dimensions != 0; }
  SourceLine at;
};

// src/dst for each dimension, as --match-set and -j SET name them.
struct SetDirections {
  std::uint8_t count = 0;
  std::uint8_t src_bits = 0;  // bit n set: dimension n (from 0) takes the source
  bool src(std::size_t dimension) const { return ((src_bits >> dimension) & 1u) != 0; }
};
std::optional<SetDirections> read_set_directions(std::string_view text);
std::string to_string(const SetDirections& directions);

// --packets-gt 5
struct SetCounterTest {
  enum class Op : std::uint8_t { None, Equal, NotEqual, Less, Greater };
  Op op = Op::None;
  std::uint64_t value = 0;
};

struct SetTestOptions {
  bool return_nomatch = false;
  bool update_counters = true;
  bool update_subcounters = true;
  SetCounterTest packets, bytes;
};

// ip_set_test(): Match, NoMatch, or Unknown when the set's type is not modelled or bytes were cut
// (ctx.unknown says which). Reports SetSteps. In a probe nothing is counted.
Outcome test_set(MatchContext& ctx, const IpSet& set, const SetDirections& directions,
                 const SetTestOptions& options);

// The packet's part that the set is asked for, for explanations: an address, an address with a
// port, a MAC address ...
Value packet_element(const MatchContext& ctx, const IpSet& set, const SetDirections& directions);

// What an element with skbinfo says about the packet (-j SET --map-set).
struct SetSkbInfo {
  std::uint32_t mark = 0, mask = 0, priority = 0;
  std::uint16_t queue = 0;
};
// The same for -j SET --map-set. `info` gets the element's values on a match.
Outcome map_set(TargetContext& ctx, const IpSet& set, const SetDirections& directions,
                SetSkbInfo& info);
// ip_set_add() / ip_set_del() of -j SET. `timeout` seconds, or the set's default. `exist`
// refreshes. Unknown, and nothing done, when the type is not modelled or bytes were cut; else
// Match when the set changed.
Outcome add_to_set(TargetContext& ctx, const IpSet& set, const SetDirections& directions,
                   std::optional<std::uint32_t> timeout, bool exist);
Outcome delete_from_set(TargetContext& ctx, const IpSet& set, const SetDirections& directions);

// The sets with their elements as `ipset save` prints them.
std::string print_ipsets(const Host& host, const State& state, Time now);

}  // namespace pktwalk

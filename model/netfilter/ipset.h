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
  std::uint32_t netmask = 32;                   // hash:ip netmask N
  IpAddr range_first, range_last;               // bitmap:ip
  std::uint32_t port_first = 0, port_last = 0;  // bitmap:port
  std::string options;                          // of the create line, as written, for printing
  std::vector<std::uint8_t>
      prefixes;  // hash:net kinds: prefix lengths present at load, for probing longest first
  bool modelled() const { return dimensions != 0; }
  SourceLine at;
};

// src/dst for each dimension, as --match-set and -j SET name them.
struct SetDirections {
  std::uint8_t count = 0;
  std::uint8_t src_bits = 0;  // bit n set: dimension n takes the source
};
std::optional<SetDirections> read_set_directions(std::string_view text);
std::string to_string(const SetDirections& directions);

struct SetTestOptions {
  bool return_nomatch = false;
  bool update_counters = true;
  bool update_subcounters = true;
};

// ip_set_test(): Match, NoMatch, or Unknown when the set's type is not modelled or bytes were cut.
// Reports a SetStep.
Outcome test_set(MatchContext& ctx, const IpSet& set, const SetDirections& directions,
                 const SetTestOptions& options);
// ip_set_add() / ip_set_del() of -j SET. `timeout` seconds, or the set's default. `exist`
// refreshes.
void add_to_set(TargetContext& ctx, const IpSet& set, const SetDirections& directions,
                std::optional<std::uint32_t> timeout, bool exist);
void delete_from_set(TargetContext& ctx, const IpSet& set, const SetDirections& directions);

// The sets with their elements as `ipset save` prints them.
std::string print_ipsets(const Host& host, const State& state, Time now);

}  // namespace pktwalk

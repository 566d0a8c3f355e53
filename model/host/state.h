// SPDX-License-Identifier: MIT
// Everything that packets change. A plain copyable value: going back in time means taking an
// earlier copy.
#pragma once

#include <cstdint>
#include <vector>

#include "model/conntrack/table.h"
#include "model/host/slots.h"
#include "model/netfilter/ipset_data.h"
#include "model/netfilter/nft/set_contents.h"
#include "model/netfilter/nft/statement_state.h"
#include "model/path/local_state.h"

namespace pktwalk {

// Packets and bytes of a rule or policy (struct xt_counters).
struct Counter {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  bool operator==(const Counter&) const = default;
};

// The kernel's random generator, as a seeded value: whoever draws from it says so in a step.
struct Choices {
  std::uint64_t seed = 0x9e3779b97f4a7c15u;
  // A number in [0, bound); bound > 0. splitmix64.
  std::uint32_t draw(std::uint32_t bound) {
    seed += 0x9e3779b97f4a7c15u;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::uint32_t>((z ^ (z >> 31)) % bound);
  }
  bool operator==(const Choices&) const = default;
};

struct State {
  std::vector<Counter> counters;  // of rules and policies, indexed by their counter number
  ct::Table conntrack;
  Slots slots;                                  // of stateful matches
  std::vector<nft::StatementState> statements;  // counters, limits ... of nftables, by their number
  std::vector<nft::SetContents> nft_sets;       // dynamic sets of nftables: nft::Set::contents
  Time first_packet;              // start_clock()'s; what a dump says expires counts from it
  std::vector<IpSetData> ipsets;  // elements, indexed as Host::ipsets
  LocalState local;  // fragment queues, TCP connections of local listeners, IP ids, learned
                     // neighbours, ICMP rate limits
  Choices choices;
  bool clock_runs = false;  // see start_clock()

  bool operator==(const State&) const = default;
};

// The dumps say how long things still live, but not when they were taken. So the elements of
// ipsets count their times from Time{0} in the initial state, and the first packet's time becomes
// that zero (ct::Table does the same for connections). Does nothing when called again. Walk's
// constructor calls it.
void start_clock(State& state, Time first_packet);

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// The places of a recorded walk where the debugger can stand.
#pragma once

#include <cstdint>
#include <vector>

#include "model/trace/step.h"

namespace pktwalk {

// A step of the packet or of one of the packets the router made because of it. A hop without steps
// is a stop of its own.
struct Stop {
  const Trace* trace = nullptr;
  std::uint32_t hop = 0;
  std::int64_t step = -1;         // index into trace->steps; -1: the hop has none
  std::uint32_t child_depth = 0;  // 0: the captured packet itself
  std::uint32_t chain_depth = 0;  // nesting of user chains
  std::uint64_t number = 0;       // Position::step: steps that happened before this one

  const Hop& at() const { return trace->hops[hop]; }
  const StepDetail* detail() const {
    return step < 0 ? nullptr : &trace->steps[static_cast<std::size_t>(step)].detail;
  }
};

// In the order of happening.
std::vector<Stop> stops_of(const Trace& trace);

// Motions: the index of the stop they lead to. At the end they stay at the last stop, at the
// beginning at the first.
std::size_t next_over(const std::vector<Stop>& stops, std::size_t at);
std::size_t previous_over(const std::vector<Stop>& stops, std::size_t at);
std::size_t next_stage(const std::vector<Stop>& stops, std::size_t at);
std::size_t previous_stage(const std::vector<Stop>& stops, std::size_t at);
std::size_t finish_chain(const std::vector<Stop>& stops, std::size_t at);
std::size_t enter_of_chain(const std::vector<Stop>& stops, std::size_t at);

}  // namespace pktwalk

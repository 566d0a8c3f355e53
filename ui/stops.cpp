// SPDX-License-Identifier: MIT
#include "ui/stops.h"

namespace pktwalk {
namespace {

void collect(const Trace& trace, std::uint32_t child_depth, std::vector<Stop>& stops,
             std::uint64_t& happened) {
  for (std::uint32_t h = 0; h < trace.hops.size(); ++h) {
    const Hop& hop = trace.hops[h];
    std::uint32_t chain_depth = 0;
    if (hop.step_count == 0) {
      stops.push_back({&trace, h, -1, child_depth, 0, happened});
      continue;
    }
    for (std::uint32_t i = 0; i < hop.step_count; ++i) {
      const std::uint32_t s = hop.first_step + i;
      const StepDetail& detail = trace.steps[s].detail;
      if (const auto* rule = std::get_if<RuleStep>(&detail)) chain_depth = rule->depth;
      if (std::holds_alternative<PolicyStep>(detail)) chain_depth = 0;
      stops.push_back({&trace, h, s, child_depth, chain_depth, happened});
      ++happened;
      if (const auto* child = std::get_if<ChildStep>(&detail)) {
        collect(trace.children[child->child], child_depth + 1, stops, happened);
      }
    }
  }
}

bool same_hop(const Stop& a, const Stop& b) { return a.trace == b.trace && a.hop == b.hop; }

}  // namespace

std::vector<Stop> stops_of(const Trace& trace) {
  std::vector<Stop> stops;
  std::uint64_t happened = 0;
  collect(trace, 0, stops, happened);
  return stops;
}

std::size_t next_over(const std::vector<Stop>& stops, std::size_t at) {
  const Stop& from = stops[at];
  for (std::size_t i = at + 1; i < stops.size(); ++i) {
    if (stops[i].child_depth > from.child_depth) continue;
    if (!same_hop(stops[i], from) || stops[i].chain_depth <= from.chain_depth) return i;
  }
  return stops.size() - 1;
}

std::size_t previous_over(const std::vector<Stop>& stops, std::size_t at) {
  const Stop& from = stops[at];
  for (std::size_t i = at; i-- > 0;) {
    if (stops[i].child_depth > from.child_depth) continue;
    if (!same_hop(stops[i], from) || stops[i].chain_depth <= from.chain_depth) return i;
  }
  return 0;
}

std::size_t next_stage(const std::vector<Stop>& stops, std::size_t at) {
  const Stop& from = stops[at];
  for (std::size_t i = at + 1; i < stops.size(); ++i) {
    if (stops[i].child_depth <= from.child_depth && !same_hop(stops[i], from)) return i;
  }
  return stops.size() - 1;
}

std::size_t previous_stage(const std::vector<Stop>& stops, std::size_t at) {
  // To the first stop of this stage, or, when there already, of the stage before.
  std::size_t first = at;
  for (std::size_t i = at; i-- > 0;) {
    if (same_hop(stops[i], stops[at])) first = i;
  }
  if (first != at || at == 0) return first;
  const std::size_t before = at - 1;
  std::size_t begin = before;
  for (std::size_t i = before; i-- > 0;) {
    if (same_hop(stops[i], stops[before])) begin = i;
  }
  return begin;
}

std::size_t finish_chain(const std::vector<Stop>& stops, std::size_t at) {
  const Stop& from = stops[at];
  for (std::size_t i = at + 1; i < stops.size(); ++i) {
    if (stops[i].child_depth > from.child_depth) continue;
    if (!same_hop(stops[i], from) || stops[i].chain_depth < from.chain_depth) return i;
  }
  return stops.size() - 1;
}

std::size_t enter_of_chain(const std::vector<Stop>& stops, std::size_t at) {
  const Stop& from = stops[at];
  for (std::size_t i = at; i-- > 0;) {
    if (stops[i].child_depth > from.child_depth) continue;
    if (!same_hop(stops[i], from)) return i;
    if (stops[i].chain_depth < from.chain_depth) return i;
  }
  return 0;
}

}  // namespace pktwalk

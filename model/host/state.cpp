// SPDX-License-Identifier: MIT
#include "model/host/state.h"

#include <vector>

namespace pktwalk {

void start_clock(State& state, Time first_packet) {
  if (state.clock_runs) return;
  state.clock_runs = true;
  std::vector<CtId> ids;
  state.conntrack.for_each([&](CtId id, const ct::Entry&) { ids.push_back(id); });
  for (const CtId id : ids) {
    ct::Entry& entry = state.conntrack.at(id);
    entry.expires = entry.expires + first_packet.ns;
  }
  for (IpSetData& set : state.ipsets) set.move_times(first_packet.ns);
}

}  // namespace pktwalk

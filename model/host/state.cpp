// SPDX-License-Identifier: MIT
#include "model/host/state.h"

namespace pktwalk {

void start_clock(State& state, Time first_packet) {
  if (state.clock_runs) return;
  state.clock_runs = true;
  state.first_packet = first_packet;
  for (nft::SetContents& set : state.nft_sets) set.move_times(first_packet.ns);
  for (IpSetData& set : state.ipsets) set.move_times(first_packet.ns);
}

}  // namespace pktwalk

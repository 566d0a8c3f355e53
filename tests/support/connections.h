// SPDX-License-Identifier: MIT
// Connections for tests: an entry in the table made from a packet, as the tracker would.
#pragma once

#include <utility>

#include "model/conntrack/conntrack.h"
#include "model/host/state.h"
#include "model/packet/skb.h"

namespace pktwalk::testing {

// A new, unconfirmed entry for the packet's connection, attached to the packet. Without NAT: the
// reply tuple is the original's inverse.
inline ct::Entry& track(State& state, Skb& skb, CtInfo info = CtInfo::New) {
  const CtId id = state.conntrack.create();
  ct::Entry& entry = state.conntrack.at(id);
  ct::tuple_of(skb.data.data() + skb.network, skb.len(), entry.tuple[0]);
  ct::invert(entry.tuple[0], entry.tuple[1]);
  skb.ct = id;
  skb.ctinfo = info;
  return entry;
}

// The same, confirmed and with a time to live.
inline ct::Entry& track_confirmed(State& state, Skb& skb, Time expires,
                                  CtInfo info = CtInfo::Established) {
  ct::Entry& entry = track(state, skb, info);
  entry.status |= ct::kConfirmed;
  entry.expires = expires;
  state.conntrack.confirm(skb.ct);
  return entry;
}

}  // namespace pktwalk::testing

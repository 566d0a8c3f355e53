// SPDX-License-Identifier: MIT
// A layer 4 tracker: what conntrack knows of one protocol. Each is a file trackers/ct_X.cpp that
// defines `const TrackerDef ct_X`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/conntrack/entry.h"
#include "model/core/registry.h"
#include "model/path/stage.h"

namespace pktwalk {

struct TrackContext {
  HookContext& hook;
  std::size_t transport = 0;  // offset of the transport header in skb.data
  std::uint8_t dir = 0;
  CtInfo info = CtInfo::New;
  // Static text: why the answer is Invalid, or what a person should know about an accepted packet.
  const char* why = nullptr;
};

struct TrackerDef {
  std::string_view name;   // "tcp", as conntrack -L writes it
  std::uint8_t proto = 0;  // 0: the fallback for all other protocols
  // Repeat: the entry is gone, look again. Unknown: the capture has not the bytes that decide.
  enum class Answer : std::uint8_t { Accept, Invalid, Drop, Repeat, Unknown };
  // nf_conntrack_X_packet(): decides whether the packet belongs to the entry, moves its state, sets
  // its timeout.
  Answer (*packet)(TrackContext& ctx, ct::Entry& entry) = nullptr;
};

template <>
std::span<const TrackerDef* const> registered<TrackerDef>();

}  // namespace pktwalk

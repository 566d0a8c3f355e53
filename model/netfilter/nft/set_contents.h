// SPDX-License-Identifier: MIT
// The elements of a set that packets change: part of the State.
#pragma once

#include <cstdint>
#include <map>

#include "model/core/time.h"
#include "model/core/verdict.h"
#include "model/netfilter/nft/data.h"

namespace pktwalk::nft {

struct Chain;  // ruleset.h
struct Object;

// What a key stands for in a map.
struct Mapped {
  Data value, last;                     // a map's; `last` where it holds ranges
  Verdict verdict = Verdict::Continue;  // a verdict map's
  const Chain* target = nullptr;
  const Object* object = nullptr;  // an object map's: the counter, quota, limit ... it names
  bool operator==(const Mapped&) const = default;
};

// An element of a dynamic set.
struct LiveElement {
  Mapped mapped;
  std::int64_t timeout = 0;  // ns; 0: never expires
  Time expires;
  std::uint32_t states = 0;  // index of its first statement's state in State::statements
  bool has_states = false;
  std::uint32_t from_dump = ~0u;  // index into Set::elements
  std::uint32_t order = 0;        // in which they came
  bool operator==(const LiveElement&) const = default;
};

// The elements of a dynamic set at a moment.
struct SetContents {
  std::map<Data, LiveElement> elements;
  std::uint32_t next_order = 0;
  // What counts against the set's size. An element that a packet deleted still counts.
  std::uint32_t used = 0;
  bool operator==(const SetContents&) const = default;
  // The dump's elements counted their times from zero.
  void move_times(std::int64_t ns) {
    for (auto& [key, element] : elements) element.expires.ns += ns;
  }
};

}  // namespace pktwalk::nft

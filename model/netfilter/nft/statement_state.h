// SPDX-License-Identifier: MIT
// What statements of nftables remember: counters, tokens, quotas. One flat value for all kinds, so
// that elements of sets can carry any of them and a copy of the State is cheap.
#pragma once

#include <cstdint>
#include <vector>

#include "model/conntrack/tuple.h"
#include "model/core/time.h"

namespace pktwalk::nft {

struct StatementState {
  std::uint64_t packets = 0;  // counter
  std::uint64_t bytes = 0;    // counter; quota: consumed
  std::int64_t tokens = 0;    // limit: ns
  std::int64_t last = 0;      // limit, last: ns since the epoch
  std::uint32_t number = 0;   // numgen inc
  bool started = false;       // limit: `last` is a packet's time; last: it was used
  bool depleted = false;      // quota: over its bound already
  bool operator==(const StatementState&) const = default;
};

}  // namespace pktwalk::nft

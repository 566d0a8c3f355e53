// SPDX-License-Identifier: MIT
// What -m ttl and -m hl, and what -j TTL and -j HL share: the field has two names.
#pragma once

#include <array>
#include <string_view>

#include "model/netfilter/match.h"
#include "model/netfilter/target.h"

namespace pktwalk {

// `names`: the options for equal, less and greater.
Result<MatchPtr> parse_hop_limit(Options& in, const std::array<std::string_view, 3>& names);

// `names`: the options for set, increment and decrement.
Result<TargetPtr> parse_set_hop_limit(Options& in, const std::array<std::string_view, 3>& names);

}  // namespace pktwalk

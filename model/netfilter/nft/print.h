// SPDX-License-Identifier: MIT
// Printing a ruleset as it is after packets walked: with its counters, quotas and elements.
#pragma once

#include <string>

#include "model/host/state.h"
#include "model/netfilter/nft/ruleset.h"

namespace pktwalk::nft {

// As `nft list ruleset` shows it.
std::string print(const Ruleset& ruleset);
std::string print(const Ruleset& ruleset, const State& state);

}  // namespace pktwalk::nft

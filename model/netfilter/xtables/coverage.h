// SPDX-License-Identifier: MIT
// How much of a ruleset is modelled: what `lint` prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/host/source.h"
#include "model/netfilter/xtables/table.h"

namespace pktwalk::xt {

// Why rules are not modelled: "match osf", "target ULOG", "unreadable rule". A rule counts once
// for each reason that it has.
struct CoverageGap {
  std::string reason;
  std::uint32_t rules = 0;
  SourceLine first;  // where the first of them stands
};

struct Coverage {
  std::uint32_t rules = 0;
  std::uint32_t modelled = 0;     // fully: every match and the target
  std::uint32_t unreadable = 0;   // with an error of their own among the diagnostics
  std::vector<CoverageGap> gaps;  // most rules first, then by reason

  // 100 for an empty ruleset; at most 99.9 while a rule is not modelled.
  double percent() const;
};

Coverage coverage(const Ruleset& ruleset);

}  // namespace pktwalk::xt

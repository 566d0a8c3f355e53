// SPDX-License-Identifier: MIT
// Counts what of a ruleset is modelled and what is not.
//
// Kernel: none.
// Differs: nothing known.
#include "model/netfilter/xtables/coverage.h"

#include <algorithm>
#include <map>
#include <utility>

namespace pktwalk::xt {
namespace {

std::vector<std::string> reasons_of(const Rule& rule) {
  if (rule.unreadable) return {"unreadable rule"};
  std::vector<std::string> reasons;
  const auto add = [&](std::string reason) {
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) {
      reasons.push_back(std::move(reason));
    }
  };
  for (const Rule::NamedMatch& match : rule.matches) {
    if (match.match == nullptr) add("match " + match.name);
  }
  const bool extension = rule.verdict == Verdict::Continue && !rule.action.empty();
  if (extension && rule.target == nullptr) add("target " + rule.action);
  // A match or target that is modelled but for what this rule asks of it says so itself.
  if (reasons.empty() && !rule.unmodelled.empty()) add(rule.unmodelled);
  return reasons;
}

}  // namespace

double Coverage::percent() const {
  if (rules == 0) return 100;
  const double exact = 100.0 * modelled / rules;
  return modelled < rules ? std::min(exact, 99.9) : exact;
}

Coverage coverage(const Ruleset& ruleset) {
  Coverage total;
  std::map<std::string, CoverageGap> gaps;
  for (const std::unique_ptr<Table>& table : ruleset.tables) {
    for (const std::unique_ptr<Chain>& chain : table->chains) {
      for (const Rule& rule : chain->rules) {
        ++total.rules;
        if (rule.unmodelled.empty()) ++total.modelled;
        if (rule.unreadable) ++total.unreadable;
        for (std::string& reason : reasons_of(rule)) {
          CoverageGap& gap = gaps[reason];
          if (gap.rules++ == 0) {
            gap.reason = std::move(reason);
            gap.first = rule.at;
          }
        }
      }
    }
  }
  for (auto& [reason, gap] : gaps) total.gaps.push_back(std::move(gap));
  std::stable_sort(total.gaps.begin(), total.gaps.end(),
                   [](const CoverageGap& a, const CoverageGap& b) { return a.rules > b.rules; });
  return total;
}

}  // namespace pktwalk::xt

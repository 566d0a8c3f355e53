// SPDX-License-Identifier: MIT
// A router with a ruleset given as text, and packets that walk one table of it.
#pragma once

#include <string>
#include <vector>

#include "model/core/hook.h"
#include "model/trace/step.h"
#include "tests/support/packets.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

struct TableWalk {
  Verdict verdict = Verdict::Continue;
  std::string decided_by;  // text of the rule that dropped, absorbed or made it unknown; "policy"
  std::string unknown;     // why
  Skb skb;
  Trace trace;
  // The steps in short: "INPUT:1 no match", "return user to INPUT", "policy INPUT accept".
  std::vector<std::string> steps;
  // The terms of the n-th rule step (from 0): "-p tcp: no match, udp (probed)".
  std::vector<std::string> terms(std::size_t rule_step) const;
};

// A router as XtFixture's with the ruleset of a dump. The dump's counters are in `state`.
class RulesFixture {
 public:
  explicit RulesFixture(const std::string& dump);
  TableWalk walk(const std::string& table, Hook hook, Skb skb, bool record = true);
  // "[3:180]" of a rule (number from 1), or of the policy with number 0.
  std::string counter(const std::string& table, const std::string& chain, std::size_t number) const;

  XtFixture router;
};

}  // namespace pktwalk::testing

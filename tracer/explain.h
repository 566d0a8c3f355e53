// SPDX-License-Identifier: MIT
// Sentences about a trace, shared by all renderers: why a packet ended as it did, and which rules
// nearly saved it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/host/host.h"
#include "model/trace/step.h"

namespace pktwalk {

// "rule 2 of filter/FORWARD matched: -p udp", "policy DROP of filter/FORWARD", "the way back to the
// source ...".
std::string why(const Host& host, const Trace& trace);
// "filter/FORWARD", "route"
std::string result_stage(const WalkResult& result);

// A rule that would have accepted the packet but for one term.
struct NearMiss {
  const RuleStep* rule = nullptr;
  const TermStep* missed = nullptr;
};
// Of the table and hook that dropped the packet, in the order tried; at most `limit`.
std::vector<NearMiss> near_misses(const Trace& trace, std::size_t limit = 5);

// The terms of a rule step.
std::span<const TermStep> terms_of(const Trace& trace, const RuleStep& rule);

// "iptables-save.txt:23"
std::string place(const Host& host, const SourceLine& at);

// A step in one sentence, without the rule's own text: "ip.daddr 10.9.0.11 -> 192.168.60.5".
std::string describe(const Host& host, const StepDetail& step);
// The sysctl that a test of the stack asked, by its full name; empty: none.
std::string sysctl_name(const Host& host, const CheckStep& check);

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// One rule's words ("-p tcp --dport 22 -j ACCEPT") to a Rule.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "model/core/result.h"
#include "model/netfilter/extension.h"
#include "model/netfilter/options.h"
#include "model/netfilter/xtables/table.h"

namespace pktwalk::xt {

// The words behind "-A CHAIN". `line` is the whole line, which the words' columns refer to.
struct RuleWords {
  std::span<const Word> words;
  std::string_view line;
};

struct ParsedRule {
  // A jump to a chain has verdict Jump or Goto and no `jump` yet: chains may be declared later.
  Rule rule;
  std::optional<Counter> counter;  // -c packets bytes
  std::optional<Error> error;      // the rule is `unreadable`
  bool other_family = false;       // -4 in a dump of ip6tables, or -6 in one of iptables
  // "-s a,b -d c,d" stands for 4 rules; this is one of them.
  std::size_t variants = 1;
};

// Reads a rule as iptables does: an option belongs to the extension given last that knows it, else
// to an earlier one, else to the match that -p implies. Extensions that are not modelled keep their
// options as text. `variant` chooses among several addresses.
ParsedRule parse_rule(const RuleWords& input, ParseContext& context, std::size_t variant = 0);

// The verdict of a standard target's name; nothing for others.
std::optional<Verdict> standard_verdict(std::string_view name);

}  // namespace pktwalk::xt

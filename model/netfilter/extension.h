// SPDX-License-Identifier: MIT
// Text to matches and targets: the part of the rule parser that knows extensions. The reader of
// iptables-save uses it for whole rules; tests use it for single ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/core/result.h"
#include "model/netfilter/match.h"
#include "model/netfilter/target.h"

namespace pktwalk {

// A word of a rule line: quotes and escapes resolved, with its place.
struct Word {
  std::string text;
  std::uint32_t column = 0;  // from 1
  bool quoted = false;
  bool single = false;  // in '...', which iptables-restore does not know
};
// Splits a line as iptables-restore does: blanks separate, "..." with \" and \\ inside quotes. A
// word in single quotes is read as a shell would. Error: an open quote.
Result<std::vector<Word>> split_words(std::string_view line, std::string_view file = {},
                                      std::uint32_t line_number = 0);

const MatchDef* find_match(std::string_view name, Family family);
const TargetDef* find_target(std::string_view name, Family family);
// The match that -p PROTO brings along ("tcp" for 6); null when there is none.
const MatchDef* implied_match(std::uint8_t protocol, Family family);

// "-m mark --mark 0x1/0xff" or "mark --mark ...", as one match.
Result<MatchPtr> parse_match(std::string_view text, ParseContext& context);
// "-j MARK --set-xmark 0x1/0xff" as one target.
Result<TargetPtr> parse_target(std::string_view text, ParseContext& context);

// The canonical text: "-m mark --mark 0x1/0xff".
std::string print_match(const MatchDef& def, const Match& match);
std::string print_target(const TargetDef& def, const Target& target);

}  // namespace pktwalk

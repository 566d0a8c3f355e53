// SPDX-License-Identifier: MIT
// Which option a word of a rule line is, and its arguments: shared by the readers of whole rules
// and of single matches and targets.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/core/result.h"
#include "model/netfilter/extension.h"
#include "model/netfilter/options.h"

namespace pktwalk {

// "--dport=22" is "--dport" with the value "22".
struct OptionWord {
  std::string_view name;
  std::optional<std::string_view> value;
};
OptionWord split_option(std::string_view word);

// What a name means among some options: the exact name or alias, else an unambiguous beginning, as
// getopt_long() decides.
struct OptionMatch {
  const OptionSpec* spec = nullptr;  // null: no such option, or ambiguous
  bool exact = false;
  bool ambiguous = false;
};
OptionMatch find_option(std::span<const OptionSpec> options, std::string_view name);

// Reads the option `spec` whose name stands at words[position]; `position` then is behind its
// arguments. Takes the old negation "--dport ! 22" for "! --dport 22", with a warning.
Result<GivenOption> read_option(std::span<const Word> words, std::size_t& position,
                                const OptionSpec& spec, bool negated, ParseContext& context);

// An error at a column of the context's line.
Error rule_error(const ParseContext& context, std::uint32_t column, std::string what,
                 std::string hint = {});

// Calls the extension's own parse function; refuses options given twice.
Result<MatchPtr> make_match(const MatchDef& def, std::vector<GivenOption> given,
                            ParseContext& context);
Result<TargetPtr> make_target(const TargetDef& def, std::vector<GivenOption> given,
                              ParseContext& context);

}  // namespace pktwalk

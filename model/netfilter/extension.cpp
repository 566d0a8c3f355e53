// SPDX-License-Identifier: MIT
// Text to matches and targets, and back.
//
// Kernel: none; the words are split as iptables-restore 1.8.9 does (add_param_to_argv()), options
// are found as getopt_long() finds them.
// Differs: an open quote is an error here; words in single quotes are read as a shell reads them.
#include "model/netfilter/extension.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/netfilter/option_reader.h"

namespace pktwalk {

namespace {
// The ' that ends a word which begins with one at `open`: a blank or nothing follows it.
std::size_t closing_quote(std::string_view line, std::size_t open) {
  for (std::size_t i = open + 1; i < line.size(); ++i) {
    if (line[i] != '\'') continue;
    if (i + 1 == line.size() || line[i + 1] == ' ' || line[i + 1] == '\t' || line[i + 1] == '\r') {
      return i;
    }
  }
  return std::string_view::npos;
}
}  // namespace

Result<std::vector<Word>> split_words(std::string_view line, std::string_view file,
                                      std::uint32_t line_number) {
  std::vector<Word> words;
  Word word;
  bool in_quotes = false;
  std::uint32_t quote_column = 0;
  const auto finish = [&] {
    if (!word.text.empty() || word.quoted) words.push_back(std::move(word));
    word = {};
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const std::uint32_t column = static_cast<std::uint32_t>(i + 1);
    if (in_quotes) {
      if (c == '\\' && i + 1 < line.size()) {
        word.text += line[++i];
      } else if (c == '"') {
        in_quotes = false;
        finish();
      } else {
        word.text += c;
      }
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      finish();
      continue;
    }
    if (word.text.empty() && !word.quoted) word.column = column;
    if (c == '\'' && word.text.empty() && !word.quoted) {
      if (const std::size_t end = closing_quote(line, i); end != std::string_view::npos) {
        word.quoted = word.single = true;
        word.text = line.substr(i + 1, end - i - 1);
        i = end;
        finish();
        continue;
      }
    }
    if (c == '"') {
      in_quotes = true;
      quote_column = column;
      word.quoted = true;
    } else {
      word.text += c;
    }
  }
  if (in_quotes) {
    return Error{"this quote is not closed",
                 {.file = std::string(file), .line = line_number, .column = quote_column},
                 "write \\\" for a quote inside quotes"};
  }
  finish();
  return words;
}

namespace {
bool serves(Family of_def, Family wanted) {
  return of_def == Family::Unspec || wanted == Family::Unspec || of_def == wanted;
}

// Names under which libxtables finds another extension.
std::string_view real_match_name(std::string_view name) {
  if (name == "icmpv6" || name == "ipv6-icmp") return "icmp6";
  return name;
}
}  // namespace

const MatchDef* find_match(std::string_view name, Family family) {
  name = real_match_name(name);
  for (const MatchDef* const def : registered<MatchDef>()) {
    if (def->name == name && serves(def->family, family)) return def;
  }
  return nullptr;
}

const TargetDef* find_target(std::string_view name, Family family) {
  for (const TargetDef* const def : registered<TargetDef>()) {
    if (def->name == name && serves(def->family, family)) return def;
  }
  return nullptr;
}

const MatchDef* implied_match(std::uint8_t protocol, Family family) {
  if (protocol == 0) return nullptr;
  for (const MatchDef* const def : registered<MatchDef>()) {
    if (def->protocol == protocol && serves(def->family, family)) return def;
  }
  return nullptr;
}

Error rule_error(const ParseContext& context, std::uint32_t column, std::string what,
                 std::string hint) {
  Error error{std::move(what), {}, std::move(hint)};
  if (context.host != nullptr && context.at.known() &&
      context.at.file < context.host->sources.size()) {
    error.where.file = context.host->sources.file(context.at.file).name;
  }
  error.where.line = context.at.line;
  error.where.column = column;
  return error;
}

OptionWord split_option(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (!word.starts_with("--") || equals == std::string_view::npos) return {word, std::nullopt};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

OptionMatch find_option(std::span<const OptionSpec> options, std::string_view name) {
  OptionMatch found;
  for (const OptionSpec& spec : options) {
    if (spec.name == name || (!spec.alias.empty() && spec.alias == name) ||
        (!spec.alias2.empty() && spec.alias2 == name)) {
      return {&spec, true, false};
    }
    const bool begins = spec.name.starts_with(name) || spec.alias.starts_with(name) ||
                        spec.alias2.starts_with(name);
    if (!begins || name.size() < 3) continue;
    if (found.spec != nullptr) found.ambiguous = true;
    found.spec = &spec;
  }
  if (found.ambiguous) found.spec = nullptr;
  return found;
}

namespace {
bool is_lone(const Word& word, std::string_view text) { return !word.quoted && word.text == text; }

std::string_view plural(OptionSpec::Args args) {
  return args == OptionSpec::Args::Two ? "two arguments" : "an argument";
}
}  // namespace

Result<GivenOption> read_option(std::span<const Word> words, std::size_t& position,
                                const OptionSpec& spec, bool negated, ParseContext& context) {
  using Args = OptionSpec::Args;
  const Word& head = words[position++];
  const OptionWord parts = split_option(head.text);
  GivenOption given{.spec = &spec, .negated = negated, .args = {}, .column = head.column};
  if (negated && !spec.invertible) {
    return rule_error(context, head.column, fmt::format("{} cannot be negated with !", spec.name));
  }
  std::size_t wanted = spec.args == Args::None ? 0u : spec.args == Args::Two ? 2u : 1u;
  if (parts.value) {
    if (wanted == 0) {
      return rule_error(context, head.column, fmt::format("{} takes no argument", spec.name));
    }
    given.args.emplace_back(*parts.value);
    --wanted;
  }
  const bool old_negation = spec.invertible && !negated && position < words.size() &&
                            is_lone(words[position], "!") &&
                            (spec.args != Args::None && spec.args != Args::Optional);
  if (old_negation) {
    context.warn(words[position].column, fmt::format("old place of !: read as `! {}`", spec.name),
                 "iptables since 1.4.3 wants the ! before the option");
    given.negated = true;
    ++position;
  }
  for (; wanted > 0; --wanted) {
    const bool there = position < words.size();
    if (spec.args == Args::Optional) {
      const bool is_argument =
          there && (words[position].quoted ||
                    (!is_lone(words[position], "!") && words[position].text[0] != '-'));
      if (!is_argument) break;
    } else if (!there) {
      return rule_error(context, head.column,
                        fmt::format("{} needs {}", spec.name, plural(spec.args)));
    }
    given.args.push_back(words[position++].text);
  }
  return given;
}

namespace {
// The option that stands twice and must not; null when all is well.
const GivenOption* repeated(const std::vector<GivenOption>& given) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i].spec->repeatable) continue;
    for (std::size_t j = 0; j < i; ++j) {
      if (given[j].spec == given[i].spec) return &given[i];
    }
  }
  return nullptr;
}

template <typename Made, typename Def>
Result<Made> make(const Def& def, std::vector<GivenOption> given, ParseContext& context) {
  context.match_name = def.name;
  if (const GivenOption* const twice = repeated(given)) {
    return rule_error(context, twice->column,
                      fmt::format("{} is given more than once", twice->name()));
  }
  Options options(std::move(given), context);
  return def.parse(options);
}

// All words from `position` on as options of one extension.
Result<std::vector<GivenOption>> read_all(std::span<const Word> words, std::size_t position,
                                          std::span<const OptionSpec> specs,
                                          ParseContext& context) {
  std::vector<GivenOption> given;
  while (position < words.size()) {
    const bool negated = is_lone(words[position], "!");
    if (negated) ++position;
    if (position == words.size()) {
      return rule_error(context, words.back().column, "nothing follows the !");
    }
    const Word& word = words[position];
    const OptionMatch found = find_option(specs, split_option(word.text).name);
    if (found.spec == nullptr) {
      return rule_error(
          context, word.column,
          fmt::format("{} option \"{}\"", found.ambiguous ? "ambiguous" : "unknown", word.text));
    }
    Result<GivenOption> option = read_option(words, position, *found.spec, negated, context);
    if (!option) return option.error();
    given.push_back(*std::move(option));
  }
  return given;
}

// The words of "-m name ..." behind the flag; an error when there is no name.
template <typename Made, typename Def>
Result<Made> parse_one(std::string_view text, std::string_view flag, std::string_view kind,
                       const Def* (*find)(std::string_view, Family), ParseContext& context) {
  Result<std::vector<Word>> words = split_words(text, {}, context.at.line);
  if (!words) return words.error();
  std::size_t position = !words->empty() && is_lone(words->front(), flag) ? 1 : 0;
  if (position >= words->size()) {
    return rule_error(context, 0, fmt::format("the name of a {} is missing", kind));
  }
  const Word& name = (*words)[position++];
  const Def* const def = find(name.text, context.family);
  if (def == nullptr) {
    return rule_error(context, name.column,
                      fmt::format("{} \"{}\" is not modelled", kind, name.text));
  }
  Result<std::vector<GivenOption>> given = read_all(*words, position, def->options, context);
  if (!given) return given.error();
  return make<Made>(*def, *std::move(given), context);
}
}  // namespace

Result<MatchPtr> make_match(const MatchDef& def, std::vector<GivenOption> given,
                            ParseContext& context) {
  return make<MatchPtr>(def, std::move(given), context);
}

Result<TargetPtr> make_target(const TargetDef& def, std::vector<GivenOption> given,
                              ParseContext& context) {
  return make<TargetPtr>(def, std::move(given), context);
}

Result<MatchPtr> parse_match(std::string_view text, ParseContext& context) {
  return parse_one<MatchPtr, MatchDef>(text, "-m", "match", find_match, context);
}

Result<TargetPtr> parse_target(std::string_view text, ParseContext& context) {
  return parse_one<TargetPtr, TargetDef>(text, "-j", "target", find_target, context);
}

namespace {
std::string join(std::string_view flag, std::string_view name, const std::string& options) {
  return options.empty() ? fmt::format("{} {}", flag, name)
                         : fmt::format("{} {} {}", flag, name, options);
}
}  // namespace

std::string print_match(const MatchDef& def, const Match& match) {
  OptionPrinter out;
  match.print(out);
  return join("-m", def.print_name.empty() ? def.name : def.print_name, out.text());
}

std::string print_target(const TargetDef& def, const Target& target) {
  OptionPrinter out;
  target.print(out);
  return join("-j", def.name, out.text());
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// The words of a rule to its matches and target.
//
// Kernel: none; which extension an option belongs to follows iptables 1.8.9 (xshared.c,
// command_default(); xtables_merge_options()): options of the extension loaded last come first.
// Differs: an extension that is not modelled takes all options that are no basic ones.
#include "model/netfilter/xtables/rule_parser.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "model/netfilter/option_reader.h"
#include "model/netfilter/xtables/basic_options.h"

namespace pktwalk::xt {

std::optional<Verdict> standard_verdict(std::string_view name) {
  if (name == "ACCEPT") return Verdict::Accept;
  if (name == "DROP") return Verdict::Drop;
  if (name == "RETURN") return Verdict::Return;
  if (name == "QUEUE") return Verdict::Queue;
  return std::nullopt;
}

namespace {

// A match or the target as loaded by -m, -j or -p, with the options collected for it.
struct Loaded {
  const MatchDef* match = nullptr;
  const TargetDef* target = nullptr;
  bool is_target = false;
  std::string name;
  std::vector<GivenOption> given;
  std::string raw;  // options of an extension that is not modelled
  std::uint32_t column = 0;

  bool modelled() const { return match != nullptr || target != nullptr; }
  std::span<const OptionSpec> specs() const {
    if (match != nullptr) return match->options;
    if (target != nullptr) return target->options;
    return {};
  }
};

class RuleParser {
 public:
  RuleParser(const RuleWords& input, ParseContext& context, std::size_t variant)
      : words_(input.words), line_(input.line), context_(context), variant_(variant) {}

  ParsedRule run() {
    Status status = read_words();
    if (status) status = build();
    if (!status) {
      parsed_.error = status.error();
      parsed_.rule.unreadable = true;
      parsed_.rule.unmodelled = "unreadable rule: " + status.error().what;
      parsed_.rule.verdict = Verdict::Continue;
    }
    return std::move(parsed_);
  }

 private:
  // Where an option was found.
  struct Owner {
    const OptionSpec* spec = nullptr;
    Loaded* loaded = nullptr;  // null: a basic option
    bool ambiguous = false;
  };

  Status read_words();
  Status read_option_word(bool negated, std::size_t from);
  Result<GivenOption> read_given(const OptionSpec& spec, bool negated);
  Status take_basic(const GivenOption& option);
  Status take_counters(const OptionSpec& spec);
  Status take_jump(const GivenOption& option, bool is_goto);
  void take_match(const GivenOption& option);
  Status take_addresses();
  void take_raw(Loaded& loaded, std::size_t from);
  Owner find_exact(std::string_view name);
  Owner find_beginning(std::string_view name);
  bool load_implied(std::string_view option, bool exactly);
  Status build();
  Status build_match(Loaded& loaded);
  Status build_target(Loaded& loaded);
  void note_unmodelled();
  std::string_view slice(std::size_t from, std::size_t to) const;
  Error fail(std::uint32_t column, std::string what, std::string hint = {}) const {
    return rule_error(context_, column, std::move(what), std::move(hint));
  }

  std::span<const Word> words_;
  std::string_view line_;
  ParseContext& context_;
  std::size_t variant_;
  std::size_t position_ = 0;
  ParsedRule parsed_;
  std::vector<Loaded> loaded_;  // in order of loading; the target among them
  std::optional<GivenOption> source_, destination_;
  bool has_target_ = false;
};

bool unquoted(const Word& word, std::string_view text) { return !word.quoted && word.text == text; }
bool looks_like_option(const Word& word) {
  return !word.quoted && word.text.size() > 1 && word.text[0] == '-';
}

// Dashes and quotes that a word processor or a web page put in place of plain ones.
std::string hint_for_word(std::string_view text, bool negated) {
  if (text.starts_with("\xe2\x80\x93") || text.starts_with("\xe2\x80\x94")) {
    return "this is a typographic dash: write --";
  }
  if (text.starts_with("\xe2\x80\x9c") || text.starts_with("\xe2\x80\x9d")) {
    return "this is a typographic quote: write \"";
  }
  return negated ? "" : "the option before it takes no such argument";
}

// Which extensions would know an option: "-m multiport"; for those that -p brings along "-p tcp".
std::string hint_for_option(std::string_view name, Family family) {
  std::string known;
  std::size_t count = 0;
  for (const MatchDef* const def : registered<MatchDef>()) {
    if (!find_option(def->options, name).exact) continue;
    if (def->family != Family::Unspec && def->family != family) continue;
    if (++count > 4) return {};
    if (!known.empty()) known += " or ";
    known += def->protocol != 0 ? fmt::format("-p {}", protocol_name(def->protocol))
                                : fmt::format("-m {}", def->name);
  }
  return known.empty() ? "" : fmt::format("it goes with {}", known);
}

bool known_to_some_match(std::string_view name) {
  const std::span<const MatchDef* const> all = registered<MatchDef>();
  return std::any_of(all.begin(), all.end(),
                     [&](const MatchDef* def) { return find_option(def->options, name).exact; });
}

Status RuleParser::read_words() {
  while (position_ < words_.size()) {
    const std::size_t from = position_;
    const bool negated = unquoted(words_[position_], "!");
    if (negated) ++position_;
    if (position_ == words_.size()) return fail(words_.back().column, "nothing follows the !");
    if (!looks_like_option(words_[position_])) {
      return fail(words_[position_].column,
                  fmt::format("\"{}\" is no option", words_[position_].text),
                  hint_for_word(words_[position_].text, negated));
    }
    Status status = read_option_word(negated, from);
    if (!status) return status;
  }
  return take_addresses();
}

Status RuleParser::read_option_word(bool negated, std::size_t from) {
  const Word& word = words_[position_];
  const bool is_short = word.text[1] != '-';
  if (is_short && word.text.size() > 3 &&
      (find_exact("-" + word.text).spec != nullptr || known_to_some_match("-" + word.text))) {
    return fail(word.column, fmt::format("\"{}\" needs two dashes: -{}", word.text, word.text));
  }
  const std::string_view name =
      is_short ? std::string_view(word.text).substr(0, 2) : split_option(word.text).name;
  Owner owner = find_exact(name);
  const bool basic = owner.spec != nullptr && owner.loaded == nullptr;
  if (!loaded_.empty() && !loaded_.back().modelled() && !basic) {
    // By its place: load_implied() may move what is loaded.
    const std::size_t raw_taker = loaded_.size() - 1;
    const bool is_target = loaded_[raw_taker].is_target;
    // The name behind -j may be a chain's, so that options after it belong to matches; only what no
    // match knows is the target's. A match takes everything.
    if (is_target && owner.spec == nullptr && load_implied(name, true)) {
      owner = find_exact(name);
    }
    if (!is_target || owner.spec == nullptr) {
      take_raw(loaded_[raw_taker], from);
      return Ok{};
    }
  }
  if (owner.spec == nullptr) owner = find_beginning(name);
  if (owner.spec == nullptr && !owner.ambiguous && load_implied(name, false)) {
    owner = find_exact(name);
    if (owner.spec == nullptr) owner = find_beginning(name);
  }
  if (owner.spec == nullptr) {
    return fail(word.column,
                fmt::format("{} option \"{}\"", owner.ambiguous ? "ambiguous" : "unknown", name),
                owner.ambiguous ? "" : hint_for_option(name, context_.family));
  }
  if (owner.loaded == nullptr && owner.spec->name == "--set-counters") {
    return take_counters(*owner.spec);
  }
  Result<GivenOption> given = read_given(*owner.spec, negated);
  if (!given) return given.error();
  if (owner.loaded == nullptr) return take_basic(*given);
  owner.loaded->given.push_back(*std::move(given));
  return Ok{};
}

// Reads the option's arguments; "-ptcp" is "-p tcp".
Result<GivenOption> RuleParser::read_given(const OptionSpec& spec, bool negated) {
  const Word& word = words_[position_];
  const bool joined = word.text[1] != '-' && word.text.size() > 2;
  if (!joined) return read_option(words_, position_, spec, negated, context_);
  const Word parts[] = {{.text = word.text.substr(0, 2), .column = word.column},
                        {.text = word.text.substr(2), .column = word.column + 2}};
  std::size_t used = 0;
  Result<GivenOption> given = read_option(parts, used, spec, negated, context_);
  if (given && used != 2) {
    return fail(word.column + 2, fmt::format("\"{}\" is no option", word.text));
  }
  ++position_;
  return given;
}

RuleParser::Owner RuleParser::find_exact(std::string_view name) {
  if (const OptionMatch found = find_option(basic_option_specs(), name); found.exact) {
    return {.spec = found.spec};
  }
  for (std::size_t i = loaded_.size(); i-- > 0;) {
    const OptionMatch found = find_option(loaded_[i].specs(), name);
    if (found.exact) return {.spec = found.spec, .loaded = &loaded_[i]};
  }
  return {};
}

RuleParser::Owner RuleParser::find_beginning(std::string_view name) {
  Owner owner;
  const auto consider = [&](const OptionMatch& found, Loaded* loaded) {
    if (found.ambiguous) owner.ambiguous = true;
    if (found.spec == nullptr) return;
    // The same extension loaded twice counts once; the later one is asked first.
    if (owner.spec != nullptr && owner.spec != found.spec) owner.ambiguous = true;
    if (owner.spec == nullptr) owner = {found.spec, loaded, owner.ambiguous};
  };
  consider(find_option(basic_option_specs(), name), nullptr);
  for (std::size_t i = loaded_.size(); i-- > 0;) {
    consider(find_option(loaded_[i].specs(), name), &loaded_[i]);
  }
  if (owner.ambiguous) owner.spec = nullptr;
  return owner;
}

// Loads the match that -p implies when it knows the option.
bool RuleParser::load_implied(std::string_view option, bool exactly) {
  const MatchDef* const def = implied_match(context_.protocol, context_.family);
  if (def == nullptr) return false;
  const OptionMatch found = find_option(def->options, option);
  if (found.spec == nullptr || (exactly && !found.exact)) return false;
  for (const Loaded& loaded : loaded_) {
    if (loaded.match == def) return false;
  }
  Loaded implied;
  implied.match = def;
  implied.name = def->name;
  implied.column = words_[position_].column;
  loaded_.push_back(std::move(implied));
  return true;
}

// Text of the line from the word `from` to before the word `to`.
std::string_view RuleParser::slice(std::size_t from, std::size_t to) const {
  const std::size_t begin = words_[from].column - 1;
  const std::size_t end = to < words_.size() ? words_[to].column - 1 : line_.size();
  std::string_view text = line_.substr(begin, end - begin);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

void RuleParser::take_raw(Loaded& loaded, std::size_t from) {
  ++position_;
  while (position_ < words_.size() && !looks_like_option(words_[position_])) {
    // "! -x": the ! belongs to what follows it.
    if (unquoted(words_[position_], "!") && position_ + 1 < words_.size() &&
        looks_like_option(words_[position_ + 1])) {
      break;
    }
    ++position_;
  }
  if (!loaded.raw.empty()) loaded.raw += ' ';
  loaded.raw += slice(from, position_);
}

Status RuleParser::take_basic(const GivenOption& option) {
  const std::string_view name = option.name();
  if (name == "--source") {
    if (source_) return fail(option.column, "-s is given more than once");
    source_ = option;
  } else if (name == "--destination") {
    if (destination_) return fail(option.column, "-d is given more than once");
    destination_ = option;
  } else if (BasicReader::handles(name)) {
    return BasicReader(parsed_.rule.basic, context_).read(option, 0);
  } else if (name == "--jump" || name == "--goto") {
    return take_jump(option, name == "--goto");
  } else if (name == "--match") {
    take_match(option);
  } else if (name == "--ipv4" || name == "--ipv6") {
    parsed_.other_family = (name == "--ipv4") != (context_.family == Family::Ipv4);
  } else if (name == "--table" && option.arg() != context_.table) {
    return fail(option.column,
                fmt::format("-t {} stands within table {}", option.arg(), context_.table));
  }
  return Ok{};
}

// "-c 3 4", "-c 3,4".
Status RuleParser::take_counters(const OptionSpec& spec) {
  const std::uint32_t column = words_[position_].column;
  std::size_t used = position_;
  Result<GivenOption> first = read_option(words_, used, spec, false, context_);
  if (!first) return first.error();
  std::string_view packets = first->arg();
  std::string_view bytes;
  if (const std::size_t comma = packets.find(','); comma != std::string_view::npos) {
    bytes = packets.substr(comma + 1);
    packets = packets.substr(0, comma);
  } else if (used < words_.size()) {
    bytes = words_[used++].text;
  }
  const auto count = read_number(packets, ~std::uint64_t{0});
  const auto size = read_number(bytes, ~std::uint64_t{0});
  if (!count || !size) return fail(column, "-c needs two numbers: packets and bytes");
  parsed_.counter = Counter{*count, *size};
  position_ = used;
  return Ok{};
}

Status RuleParser::take_jump(const GivenOption& option, bool is_goto) {
  if (has_target_) return fail(option.column, "the rule has two targets");
  has_target_ = true;
  Rule& rule = parsed_.rule;
  rule.action = option.arg();
  if (rule.action.empty()) return fail(option.column, "the target's name is empty");
  if (is_goto) {
    rule.verdict = Verdict::Goto;
    return Ok{};
  }
  if (const std::optional<Verdict> verdict = standard_verdict(rule.action)) {
    rule.verdict = *verdict;
    return Ok{};
  }
  Loaded target;
  target.is_target = true;
  target.target = find_target(rule.action, context_.family);
  target.name = rule.action;
  target.column = option.column;
  if (target.target == nullptr) rule.verdict = Verdict::Jump;
  loaded_.push_back(std::move(target));
  return Ok{};
}

void RuleParser::take_match(const GivenOption& option) {
  Loaded match;
  match.match = find_match(option.arg(), context_.family);
  match.name = match.match != nullptr ? std::string(match.match->name) : option.arg();
  match.column = option.column;
  loaded_.push_back(std::move(match));
}

// Addresses come last: which of a list is taken depends on both lists' lengths.
Status RuleParser::take_addresses() {
  const std::size_t sources = source_ ? BasicReader::count(*source_) : 1;
  const std::size_t destinations = destination_ ? BasicReader::count(*destination_) : 1;
  parsed_.variants = sources * destinations;
  BasicReader reader(parsed_.rule.basic, context_);
  if (source_) {
    Status status = reader.read(*source_, variant_ / destinations);
    if (!status) return status;
  }
  if (destination_) return reader.read(*destination_, variant_ % destinations);
  return Ok{};
}

Status RuleParser::build() {
  for (Loaded& loaded : loaded_) {
    Status status = loaded.is_target ? build_target(loaded) : build_match(loaded);
    if (!status) return status;
  }
  return Ok{};
}

Status RuleParser::build_match(Loaded& loaded) {
  Rule& rule = parsed_.rule;
  Rule::NamedMatch named;
  named.def = loaded.match;
  named.name = loaded.name;
  if (loaded.match == nullptr) {
    named.raw = loaded.raw;
    if (rule.unmodelled.empty()) rule.unmodelled = "match " + loaded.name;
    rule.matches.push_back(std::move(named));
    return Ok{};
  }
  const std::uint8_t protocol = loaded.match->protocol;
  if (protocol != 0 && (context_.protocol != protocol || context_.protocol_negated)) {
    return fail(loaded.column,
                fmt::format("-m {} needs -p {}", loaded.name, protocol_name(protocol)),
                "the kernel refuses this rule");
  }
  Result<MatchPtr> match = make_match(*loaded.match, std::move(loaded.given), context_);
  if (!match) return match.error();
  named.match = *std::move(match);
  note_unmodelled();
  rule.matches.push_back(std::move(named));
  return Ok{};
}

void RuleParser::note_unmodelled() {
  if (parsed_.rule.unmodelled.empty()) parsed_.rule.unmodelled = std::move(context_.unmodelled);
  context_.unmodelled.clear();
}

bool listed(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (list.substr(0, comma) == word) return true;
    list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
  }
  return false;
}

Status RuleParser::build_target(Loaded& loaded) {
  Rule& rule = parsed_.rule;
  rule.target_def = loaded.target;
  if (loaded.target == nullptr) {  // a chain, or not modelled: known when all chains are
    rule.target_raw = loaded.raw;
    return Ok{};
  }
  if (!loaded.target->tables.empty() && !listed(loaded.target->tables, context_.table)) {
    return fail(loaded.column,
                fmt::format("target {} cannot stand in table {}", loaded.name, context_.table),
                fmt::format("it belongs into {}", loaded.target->tables));
  }
  Result<TargetPtr> target = make_target(*loaded.target, std::move(loaded.given), context_);
  if (!target) return target.error();
  rule.target = *std::move(target);
  note_unmodelled();
  return Ok{};
}

}  // namespace

ParsedRule parse_rule(const RuleWords& input, ParseContext& context, std::size_t variant) {
  context.protocol = 0;
  context.protocol_negated = false;
  return RuleParser(input, context, variant).run();
}

}  // namespace pktwalk::xt

// SPDX-License-Identifier: MIT
// -m set: is the packet's address, port, device ... an element of an ipset?
//
// Kernel:  net/netfilter/xt_set.c, set_match_v4(); the sets themselves:
// model/netfilter/ipset_ask.cpp Differs: nothing known
#include "model/netfilter/ipset.h"
#include "model/netfilter/match.h"

namespace pktwalk {
namespace {

struct CounterOption {
  std::string_view name;
  SetCounterTest::Op op;
  bool bytes;
};
constexpr CounterOption kCounterOptions[] = {
    {"--packets-eq", SetCounterTest::Op::Equal, false},
    {"--packets-lt", SetCounterTest::Op::Less, false},
    {"--packets-gt", SetCounterTest::Op::Greater, false},
    {"--bytes-eq", SetCounterTest::Op::Equal, true},
    {"--bytes-lt", SetCounterTest::Op::Less, true},
    {"--bytes-gt", SetCounterTest::Op::Greater, true},
};

struct SetMatch final : Match {
  std::string name;
  std::optional<std::uint32_t> index;  // in Host::ipsets; nothing: not in the dump
  SetDirections directions;
  SetTestOptions options;
  bool invert = false;
  std::string missing;  // why the answer is unknown, when the set is not in the dump

  Outcome evaluate(MatchContext& ctx) const override {
    if (!index) return ctx.unknown_term(terms[0], Field::SetName, missing.c_str());
    const IpSet& set = *ctx.host.ipsets[*index];
    const Outcome outcome = test_set(ctx, set, directions, options);
    if (outcome == Outcome::Unknown) {
      return ctx.unknown_term(terms[0], Field::SetName, ctx.unknown);
    }
    return ctx.answer(terms[0], Field::SetName, (outcome == Outcome::Match) != invert,
                      [&] { return packet_element(ctx, set, directions); });
  }

  void print(OptionPrinter& out) const override {
    out.option("--match-set", name + " " + to_string(directions), invert);
    if (options.return_nomatch) out.option("--return-nomatch");
    if (!options.update_counters) out.option("--update-counters", {}, true);
    if (!options.update_subcounters) out.option("--update-subcounters", {}, true);
    print_counter(out, options.packets, false);
    print_counter(out, options.bytes, true);
  }

 private:
  static void print_counter(OptionPrinter& out, const SetCounterTest& test, bool bytes) {
    const bool negated = test.op == SetCounterTest::Op::NotEqual;
    for (const CounterOption& option : kCounterOptions) {
      if (option.bytes == bytes && option.op == (negated ? SetCounterTest::Op::Equal : test.op)) {
        out.option(option.name, std::to_string(test.value), negated);
      }
    }
  }
};

// Reads --packets-* and --bytes-*: one of each kind at most.
std::optional<Error> read_counters(const Options& options, SetTestOptions& test) {
  for (const CounterOption& option : kCounterOptions) {
    const GivenOption* given = options.find(option.name);
    if (given == nullptr) continue;
    SetCounterTest& wanted = option.bytes ? test.bytes : test.packets;
    if (wanted.op != SetCounterTest::Op::None) {
      return options.error(*given,
                           "only one of the options -eq, -lt and -gt of a counter is "
                           "possible");
    }
    const std::optional<std::uint64_t> value = read_number(given->arg(), ~std::uint64_t{0});
    if (!value) {
      return options.error(
          *given, "bad value \"" + given->arg() + "\" for " + std::string(option.name), "a number");
    }
    wanted = {given->negated ? SetCounterTest::Op::NotEqual : option.op, *value};
  }
  return std::nullopt;
}

Result<MatchPtr> parse(Options& options) {
  const GivenOption* given = options.find("--match-set");
  if (given == nullptr) return options.error("-m set needs --match-set");
  auto match = std::make_unique<SetMatch>();
  match->name = given->args[0];
  const std::optional<SetDirections> directions = read_set_directions(given->args[1]);
  if (!directions) {
    return options.error(*given, "bad directions \"" + given->args[1] + "\" of --match-set",
                         "a comma list of src and dst, at most six");
  }
  match->directions = *directions;
  match->invert = given->negated;
  match->options.return_nomatch = options.has("--return-nomatch");
  if (const GivenOption* update = options.find("--update-counters")) {
    match->options.update_counters = !update->negated;
  }
  if (const GivenOption* update = options.find("--update-subcounters")) {
    match->options.update_subcounters = !update->negated;
  }
  if (std::optional<Error> error = read_counters(options, match->options)) return *error;

  match->index = options.context().ipset(match->name);
  if (!match->index) {
    match->missing = "set " + match->name + " is not in the dump";
    options.context().warn(given->column, "the set \"" + match->name + "\" is not in the dump",
                           "give the output of `ipset save` as well");
  }
  // One question to the set, one term: what narrows the question belongs to it.
  Term term = Options::term(*given);
  for (const GivenOption& other : options.all()) {
    if (&other != given) term.wanted += " " + Options::term(other).text();
  }
  match->terms.push_back(std::move(term));
  return MatchPtr(std::move(match));
}

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--match-set", .args = Args::Two, .invertible = true, .alias = "--set"},
    {.name = "--return-nomatch", .args = Args::None},
    {.name = "--update-counters", .args = Args::None, .invertible = true},
    {.name = "--update-subcounters", .args = Args::None, .invertible = true},
    {.name = "--packets-eq", .invertible = true},
    {.name = "--packets-lt"},
    {.name = "--packets-gt"},
    {.name = "--bytes-eq", .invertible = true},
    {.name = "--bytes-lt"},
    {.name = "--bytes-gt"}};

}  // namespace

extern const MatchDef match_set;
const MatchDef match_set{
    .name = "set",
    .options = kOptions,
    .syntax =
        "[!] --match-set NAME src|dst[,...] [--return-nomatch] [! --update-counters] [! "
        "--update-subcounters] [[!] --packets-eq|--packets-lt|--packets-gt N] [[!] "
        "--bytes-eq|--bytes-lt|--bytes-gt N]",
    .kernel_ref = "net/netfilter/xt_set.c:set_match_v4",
    .parse = parse};

}  // namespace pktwalk

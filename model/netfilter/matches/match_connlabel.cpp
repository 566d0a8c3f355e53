// SPDX-License-Identifier: MIT
// -m connlabel: has the connection this label? With --set the connection gets it.
//
// Kernel:  net/netfilter/xt_connlabel.c, connlabel_mt()
// Differs: labels-of-dump (conntrack -L does not print them: unknown)
#include <algorithm>

#include "model/conntrack/conntrack.h"
#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

// Names that dumps give to labels, in order of appearance: they take the bits from the last one
// down.
struct Names {
  std::vector<std::string> names;
  std::uint32_t largest_number = 0;
  bool operator==(const Names&) const = default;
};
constexpr std::uint32_t kLastLabel = 127;

struct ConnlabelMatch final : Match {
  std::uint32_t label = 0;
  std::string text;  // number or name
  bool invert = false, set = false;

  Outcome evaluate(MatchContext& ctx) const override {
    ct::Entry* const entry = ct::entry_of(ctx.skb, ctx.state);
    const std::size_t word = label / 64;
    const std::uint64_t bit = std::uint64_t{1} << (label % 64);
    const bool there = entry != nullptr && ((entry->labels[word] & bit) != 0);
    if (entry != nullptr && !there && entry->from_dump) {
      return ctx.unknown_term(terms[0], Field::CtLabels,
                              "the dump of this connection does not tell its labels");
    }
    const bool gets = !there && set && entry != nullptr;
    if (gets && !ctx.probe) entry->labels[word] |= bit;
    return ctx.answer(terms[0], Field::CtLabels, (there || gets) != invert, [&] {
      return Value::literal(entry == nullptr ? "no connection"
                            : there          ? "set"
                            : gets           ? "set now"
                                             : "not set");
    });
  }
  void print(OptionPrinter& out) const override {
    out.option("--label", "\"" + text + "\"", invert);
    if (set) out.option("--set");
  }
};

Result<std::uint32_t> read_label(const Options& in, const GivenOption& option) {
  ParseContext& context = in.context();
  Names& names = context.host->initial->slots.get(context.shared_slot("connlabel", Names{}));
  const std::string& text = option.arg();
  std::uint32_t label = 0;
  if (const std::optional<std::uint64_t> number = read_number(text, kLastLabel)) {
    label = static_cast<std::uint32_t>(*number);
    names.largest_number = std::max(names.largest_number, label);
  } else if (text.empty() || (text.front() >= '0' && text.front() <= '9')) {
    return in.error(option, "\"" + text + "\" is no label", "a name, or a number from 0 to 127");
  } else {
    const auto known = std::find(names.names.begin(), names.names.end(), text);
    label = kLastLabel - static_cast<std::uint32_t>(known - names.names.begin());
    if (known == names.names.end()) names.names.push_back(text);
  }
  if (names.names.size() + names.largest_number > kLastLabel) {
    return in.error(option, "labels by name and by number may be the same one",
                    "the numbers of names stand in connlabel.conf, which no dump has");
  }
  return label;
}

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--label");
  if (!option) return option.error();
  const Result<std::uint32_t> label = read_label(in, **option);
  if (!label) return label.error();
  auto match = std::make_unique<ConnlabelMatch>();
  match->label = *label;
  match->text = (*option)->arg();
  match->invert = (*option)->negated;
  match->set = in.has("--set");
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--label", .invertible = true},
                                   {.name = "--set", .args = OptionSpec::Args::None}};

}  // namespace

extern const MatchDef match_connlabel;
const MatchDef match_connlabel{.name = "connlabel",
                               .options = kOptions,
                               .syntax = "[!] --label NUMBER [--set]",
                               .kernel_ref = "net/netfilter/xt_connlabel.c:connlabel_mt",
                               .parse = parse,
                               .needs_conntrack = true};

}  // namespace pktwalk

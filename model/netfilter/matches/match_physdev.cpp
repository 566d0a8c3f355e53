// SPDX-License-Identifier: MIT
// -m physdev: the ports of a bridge that a bridged packet came in and goes out on.
//
// A packet that does not cross a bridge has no such ports: what is asked for without ! fails.
//
// Kernel:  net/netfilter/xt_physdev.c, physdev_mt()
// Differs: packets on a bridge are not modelled: the answer is unknown there
#include <array>

#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--physdev-in", .invertible = true},
    {.name = "--physdev-out", .invertible = true},
    {.name = "--physdev-is-in", .args = Args::None, .invertible = true},
    {.name = "--physdev-is-out", .args = Args::None, .invertible = true},
    {.name = "--physdev-is-bridged", .args = Args::None, .invertible = true},
};
// The order in which the kernel tests them, and the order in which iptables-save prints them.
constexpr std::array<std::string_view, 5> kTested = {
    "--physdev-is-bridged", "--physdev-is-in", "--physdev-is-out", "--physdev-in", "--physdev-out"};
constexpr std::array<std::string_view, 5> kPrinted = {
    "--physdev-is-in", "--physdev-in", "--physdev-is-out", "--physdev-out", "--physdev-is-bridged"};
constexpr std::size_t kMaxName = 15;

bool on_bridge(const MatchContext& ctx) {
  const auto bridge = [](const Link* link) { return link != nullptr && link->kind == "bridge"; };
  return bridge(ctx.in) || bridge(ctx.out);
}

struct PhysdevMatch final : Match {
  Outcome evaluate(MatchContext& ctx) const override {
    if (on_bridge(ctx) && ctx.host.sysctl_texts.get("net.bridge.bridge-nf-call-iptables", 1) != 0) {
      return ctx.unknown_term(terms[0], Field::SkbIif, "packets on a bridge are not modelled");
    }
    Evaluation tried(ctx, *this);
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const Field field = terms[i].option.ends_with("out") ? Field::SkbOif : Field::SkbIif;
      if (!tried.term(static_cast<std::int8_t>(i), field, terms[i].negated,
                      [] { return Value::literal("not bridged"); })) {
        return Outcome::NoMatch;
      }
    }
    return tried.outcome();
  }
  void print(OptionPrinter& out) const override {
    for (const std::string_view name : kPrinted) {
      for (const Term& term : terms) {
        if (term.option == name) out.option(name, term.wanted, term.negated);
      }
    }
  }
};

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<PhysdevMatch>();
  for (const std::string_view name : kTested) {
    const GivenOption* const option = in.find(name);
    if (option != nullptr && !option->args.empty() && option->arg().size() > kMaxName) {
      return in.error(*option, "the device name \"" + option->arg() +
                                   "\" is longer than the 15 bytes a name can have");
    }
    add_term(*match, option);
  }
  if (match->terms.empty()) return in.error("physdev needs one of its options");
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_physdev;
const MatchDef match_physdev{
    .name = "physdev",
    .options = kOptions,
    .syntax =
        "[!] --physdev-in NAME, [!] --physdev-out NAME, [!] --physdev-is-in, "
        "[!] --physdev-is-out, [!] --physdev-is-bridged",
    .kernel_ref = "net/netfilter/xt_physdev.c:physdev_mt",
    .parse = parse};

}  // namespace pktwalk

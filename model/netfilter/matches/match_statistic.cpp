// SPDX-License-Identifier: MIT
// -m statistic: every n-th packet, or a share of them at random.
//
// Kernel: net/netfilter/xt_statistic.c:statistic_mt()
// Differs: random-choice (what the kernel draws at random is a choice here)
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--mode"},
                                   {.name = "--probability", .invertible = true},
                                   {.name = "--every", .invertible = true},
                                   {.name = "--packet"}};

struct Counted {
  std::uint32_t count = 0;
  bool operator==(const Counted&) const = default;
};

struct StatisticMatch final : Match {
  bool nth = false, invert = false;
  std::uint32_t probability = 0;  // of 2^31
  std::uint32_t every = 0, packet = 0;
  SlotRef<Counted> slot;

  Outcome evaluate(MatchContext& ctx) const override {
    if (!nth) {
      // What the generator would give does not matter for 0 and 1.
      Choices choices = ctx.state.choices;
      const std::uint32_t drawn = choices.draw(0x80000000u);
      if (!ctx.probe) ctx.state.choices = choices;
      const bool hit = (drawn < probability) != invert;
      if (ctx.recorder != nullptr && !ctx.probe) {
        ctx.recorder->step(
            NoteStep{"the kernel draws this at random: what follows is one of two possible ways"});
      }
      return ctx.answer(terms[0], Field::Counter, hit,
                        [&] { return Value::literal(hit ? "drawn" : "not drawn"); });
    }
    const std::uint32_t before = ctx.state.slots.get(slot).count;
    const std::uint32_t after = before == every ? 0 : before + 1;
    if (!ctx.probe) ctx.state.slots.get(slot).count = after;
    const bool hit = (after == 0) != invert;
    return ctx.answer(terms[0], Field::Counter, hit, [&] { return Value::dec(after); });
  }

  void print(OptionPrinter& out) const override {
    out.option("--mode", nth ? "nth" : "random");
    if (nth) {
      out.option("--every", fmt::format("{}", every + 1), invert);
      out.option("--packet", fmt::format("{}", packet));
    } else {
      out.option("--probability",
                 fmt::format("{:.11f}", static_cast<double>(probability) / 0x80000000u), invert);
    }
  }
};

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<StatisticMatch>();
  const GivenOption* const mode = in.find("--mode");
  if (mode == nullptr) return in.error("statistic needs --mode random or --mode nth");
  if (mode->arg() == "nth")
    match->nth = true;
  else if (mode->arg() != "random")
    return in.error(*mode, "\"" + mode->arg() + "\" is no mode: random or nth");
  if (match->nth) {
    const Result<const GivenOption*> every = required(in, "--every");
    if (!every) return every.error();
    const Result<std::uint32_t> n = number_value(in, **every, 1, 0xffffffff);
    if (!n) return n.error();
    match->every = *n - 1;
    match->invert = (*every)->negated;
    if (const GivenOption* const p = in.find("--packet")) {
      const Result<std::uint32_t> k = number_value(in, *p, 0, *n - 1);
      if (!k) return k.error();
      match->packet = *k;
    }
    add_term(*match, *every);
    // The counter starts so that packet `packet` is the first to match.
    match->slot = in.context().slot(Counted{*n - match->packet - 1});
    return MatchPtr(std::move(match));
  }
  const Result<const GivenOption*> share = required(in, "--probability");
  if (!share) return share.error();
  char* end = nullptr;
  const double p = std::strtod((*share)->arg().c_str(), &end);
  if (end == nullptr || *end != '\0' || !(p >= 0.0 && p <= 1.0)) {
    return in.error(**share, "\"" + (*share)->arg() + "\" is no probability from 0 to 1");
  }
  match->probability = static_cast<std::uint32_t>(p * 0x80000000u + 0.5);
  match->invert = (*share)->negated;
  add_term(*match, *share);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_statistic;
const MatchDef match_statistic{
    .name = "statistic",
    .options = kOptions,
    .syntax = "--mode random [!] --probability p | --mode nth [!] --every n [--packet k]",
    .kernel_ref = "net/netfilter/xt_statistic.c:statistic_mt",
    .parse = parse};

}  // namespace pktwalk

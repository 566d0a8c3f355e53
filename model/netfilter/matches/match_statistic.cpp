// SPDX-License-Identifier: MIT
// -m statistic: every n-th packet, or a share of them at random.
//
// Kernel:  net/netfilter/xt_statistic.c, statistic_mt()
// Differs: random-choice (what the kernel draws at random is a choice here, and a note says so);
//          limit-start (the counter of a rule begins anew when the capture begins)
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr std::uint32_t kOne = 0x80000000u;  // a probability of 1

struct Counted {
  std::uint32_t count = 0;
  bool operator==(const Counted&) const = default;
};

struct StatisticMatch final : Match {
  bool nth = false, invert = false;
  std::uint32_t probability = 0;        // of 2^31
  std::uint32_t every = 0, packet = 0;  // `every` less one
  SlotRef<Counted> slot;

  Outcome evaluate(MatchContext& ctx) const override { return nth ? count(ctx) : draw(ctx); }

  void print(OptionPrinter& out) const override {
    out.option("--mode", nth ? "nth" : "random");
    if (nth) {
      out.option("--every", std::to_string(std::uint64_t{every} + 1), invert);
      out.option("--packet", std::to_string(packet));
    } else {
      out.option("--probability", fmt::format("{:.11f}", static_cast<double>(probability) / kOne),
                 invert);
    }
  }

 private:
  Outcome count(MatchContext& ctx) const {
    const std::uint32_t before = ctx.state.slots.get(slot).count;
    const std::uint32_t after = before == every ? 0 : before + 1;
    if (!ctx.probe) ctx.state.slots.get(slot).count = after;
    return ctx.answer(terms[0], Field::Counter, (after == 0) != invert,
                      [&] { return Value::dec(after); });
  }

  Outcome draw(MatchContext& ctx) const {
    const bool random = probability != 0 && probability < kOne;
    bool drawn = probability >= kOne;
    if (random) {
      Choices choices = ctx.state.choices;
      drawn = choices.draw(kOne) < probability;
      if (!ctx.probe) ctx.state.choices = choices;
      if (ctx.recorder != nullptr && !ctx.probe) {
        ctx.recorder->step(NoteStep{
            .text = "statistic: the kernel draws at random; what follows is one of two ways"});
      }
    }
    return ctx.answer(terms[0], Field::Counter, drawn != invert,
                      [&] { return Value::literal(drawn ? "drawn" : "not drawn"); });
  }
};

Result<MatchPtr> parse_nth(Options& in, std::unique_ptr<StatisticMatch> match) {
  const Result<const GivenOption*> every = required(in, "--every");
  if (!every) return every.error();
  const Result<const GivenOption*> packet = required(in, "--packet");
  if (!packet) return packet.error();
  const Result<std::uint32_t> n = number_value(in, **every, 1, 0xffffffff);
  if (!n) return n.error();
  const Result<std::uint32_t> k = number_value(in, **packet, 0, *n - 1);
  if (!k) return k.error();
  match->every = *n - 1;
  match->packet = *k;
  match->invert = (*every)->negated;
  add_term(*match, *every);
  match->terms[0].wanted += " " + Options::term(**packet).text();
  // The counter starts so that packet `packet`, counted from 0, is the first to match.
  match->slot = in.context().slot(Counted{match->every - match->packet});
  return MatchPtr(std::move(match));
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<StatisticMatch>();
  const Result<const GivenOption*> mode = required(in, "--mode");
  if (!mode) return mode.error();
  match->nth = (*mode)->arg() == "nth";
  if (!match->nth && (*mode)->arg() != "random") {
    return in.error(**mode, "\"" + (*mode)->arg() + "\" is no mode: random or nth");
  }
  for (const GivenOption& option : in.all()) {
    const bool random_only = option.name() == "--probability";
    if (option.name() != "--mode" && random_only == match->nth) {
      return in.error(option,
                      std::string(option.name()) + " does not go with --mode " + (*mode)->arg());
    }
  }
  if (match->nth) return parse_nth(in, std::move(match));

  const Result<const GivenOption*> share = required(in, "--probability");
  if (!share) return share.error();
  char* end = nullptr;
  const double p = std::strtod((*share)->arg().c_str(), &end);
  if (end == (*share)->arg().c_str() || *end != '\0' || !(p >= 0.0 && p <= 1.0)) {
    return in.error(**share, "\"" + (*share)->arg() + "\" is no probability from 0 to 1");
  }
  match->probability = static_cast<std::uint32_t>(std::lround(p * kOne));
  match->invert = (*share)->negated;
  add_term(*match, *share);
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--mode"},
                                   {.name = "--probability", .invertible = true},
                                   {.name = "--every", .invertible = true},
                                   {.name = "--packet"}};

}  // namespace

extern const MatchDef match_statistic;
const MatchDef match_statistic{
    .name = "statistic",
    .options = kOptions,
    .syntax = "--mode random [!] --probability p | --mode nth [!] --every n --packet k",
    .kernel_ref = "net/netfilter/xt_statistic.c:statistic_mt",
    .parse = parse};

}  // namespace pktwalk

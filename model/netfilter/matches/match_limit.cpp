// SPDX-License-Identifier: MIT
// -m limit: a token bucket shared by all packets that reach the rule.
//
// Kernel:  net/netfilter/xt_limit.c, limit_mt()
// Differs: limit-start (the bucket is full when the capture begins); tick-phase (a note says when
//          one tick of the kernel's clock would turn the answer)
#include <algorithm>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/jiffies.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"
#include "model/netfilter/rate_text.h"

namespace pktwalk {
namespace {

constexpr std::uint32_t kScale = 10000;  // XT_LIMIT_SCALE: avg is in units of 1/10000 s
constexpr std::uint32_t kDefaultBurst = 5;
// CREDITS_PER_JIFFY: the power of two below 2^32 / (HZ * a day), so that 1/day still has a cost.
constexpr std::uint32_t kCreditsPerJiffy = 128;
static_assert(kCreditsPerJiffy <= 0xffffffffu / (kHz * 60 * 60 * 24) &&
              2 * kCreditsPerJiffy > 0xffffffffu / (kHz * 60 * 60 * 24));

// user2credits(), with the kernel's 32-bit arithmetic.
constexpr std::uint32_t credits(std::uint32_t user) {
  constexpr auto kPerSecond = static_cast<std::uint32_t>(kHz * kCreditsPerJiffy);
  if (user > 0xffffffffu / kPerSecond) return user / kScale * kPerSecond;
  return user * kPerSecond / kScale;
}

struct Bucket {
  std::uint64_t last = 0;  // jiffies; 0: not used yet
  std::uint32_t credit = 0;
  bool operator==(const Bucket&) const = default;
};

struct LimitMatch final : Match {
  std::uint32_t avg = kScale * 60 * 60 / 3;  // 3/hour
  std::uint32_t burst = kDefaultBurst;
  std::uint32_t cost = 0, cap = 0;
  SlotRef<Bucket> slot;

  Outcome evaluate(MatchContext& ctx) const override {
    const std::uint64_t now = jiffies_at(ctx.now);
    const Bucket& old = ctx.state.slots.get(slot);
    const std::uint64_t ticks = old.last == 0 || now < old.last ? 0 : now - old.last;
    const std::uint32_t credit =
        std::min(old.credit + static_cast<std::uint32_t>(ticks) * kCreditsPerJiffy, cap);
    const bool hit = credit >= cost;
    if (ctx.recorder != nullptr && old.last != 0 && credit < cap && depends_on_tick(credit)) {
      ctx.recorder->step(NoteStep{
          .text = "limit: one tick of the kernel's clock more or less would turn this answer"});
    }
    if (!ctx.probe) ctx.state.slots.get(slot) = {now, hit ? credit - cost : credit};
    return ctx.answer(terms[0], Field::Credit, hit, [&] { return Value::dec(credit / cost); });
  }

  void print(OptionPrinter& out) const override {
    out.option("--limit", packet_rate_text(avg, kScale));
    if (burst != kDefaultBurst) out.option("--limit-burst", std::to_string(burst));
  }

 private:
  bool depends_on_tick(std::uint32_t credit) const {
    const bool hit = credit >= cost;
    return hit ? credit - cost < kCreditsPerJiffy : cost - credit <= kCreditsPerJiffy;
  }
};

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<LimitMatch>();
  if (const GivenOption* const option = in.find("--limit")) {
    const std::optional<PacketRate> rate = read_packet_rate(option->arg(), kScale);
    if (!rate) {
      return in.error(*option, "\"" + option->arg() + "\" is no rate",
                      "for example 3/min; at most 10000 a second");
    }
    match->avg = static_cast<std::uint32_t>(rate->avg);
    add_term(*match, option);
  } else {
    add_name_term(*match, "limit");
  }
  if (const GivenOption* const option = in.find("--limit-burst")) {
    const Result<std::uint32_t> burst = number_value(in, *option, 0, 10000);
    if (!burst) return burst.error();
    match->burst = *burst;
    match->terms[0].wanted +=
        (match->terms[0].wanted.empty() ? "" : " ") + Options::term(*option).text();
  }
  match->cost = credits(match->avg);
  match->cap = credits(match->avg * match->burst);
  if (match->burst == 0 || match->cap < match->cost) {
    return in.error("this rate and burst are out of the kernel's range",
                    "a lower --limit-burst fits");
  }
  match->slot = in.context().slot(Bucket{.last = 0, .credit = match->cap});
  return MatchPtr(std::move(match));
}

constexpr OptionSpec kOptions[] = {{.name = "--limit"}, {.name = "--limit-burst"}};

}  // namespace

extern const MatchDef match_limit;
const MatchDef match_limit{.name = "limit",
                           .options = kOptions,
                           .syntax = "--limit n[/second|/minute|/hour|/day] [--limit-burst n]",
                           .kernel_ref = "net/netfilter/xt_limit.c:limit_mt",
                           .parse = parse};

}  // namespace pktwalk

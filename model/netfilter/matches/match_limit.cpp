// SPDX-License-Identifier: MIT
// -m limit: a token bucket shared by all packets that reach the rule.
//
// Kernel: net/netfilter/xt_limit.c:limit_mt()
// Differs: limit-start (the bucket is full when the capture begins)
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--limit"}, {.name = "--limit-burst"}};

constexpr std::uint32_t kScale = 10000;  // XT_LIMIT_SCALE: avg is in units of 1/10000 s
constexpr std::uint32_t kDefaultBurst = 5;

struct Bucket {
  std::int64_t last = -1;   // ns; -1: not used yet
  std::int64_t credit = 0;  // ns
  bool operator==(const Bucket&) const = default;
};

struct LimitMatch final : Match {
  std::uint32_t avg = 0, burst = kDefaultBurst;
  SlotRef<Bucket> slot;

  Outcome evaluate(MatchContext& ctx) const override {
    const std::int64_t cost = std::int64_t{avg} * (kNsPerSecond / kScale);
    const std::int64_t cap = cost * burst;
    const Bucket& old = ctx.state.slots.get(slot);
    const std::int64_t credit =
        old.last < 0 ? cap
                     : std::min(old.credit + std::max<std::int64_t>(ctx.now.ns - old.last, 0), cap);
    const bool hit = credit >= cost;
    if (!ctx.probe) {
      Bucket& bucket = ctx.state.slots.get(slot);
      bucket.last = ctx.now.ns;
      bucket.credit = hit ? credit - cost : credit;
    }
    return ctx.answer(terms[0], Field::Credit, hit, [&] {
      return Value::dec(static_cast<std::uint64_t>(cost == 0 ? 0 : credit / cost));
    });
  }

  void print(OptionPrinter& out) const override {
    static constexpr std::pair<const char*, std::uint32_t> kRates[] = {
        {"day", kScale * 24 * 60 * 60},
        {"hour", kScale * 60 * 60},
        {"min", kScale * 60},
        {"sec", kScale}};
    // The largest unit in which the rate is a whole number, as print_rate() of libxt_limit does.
    std::size_t i = 1;
    for (; i < std::size(kRates); ++i) {
      if (avg > kRates[i].second || kRates[i].second / avg < kRates[i].second % avg) break;
    }
    out.option("--limit", fmt::format("{}/{}", kRates[i - 1].second / avg, kRates[i - 1].first));
    if (burst != kDefaultBurst) out.option("--limit-burst", fmt::format("{}", burst));
  }
};

// "3/min", "5/second", "10"
std::optional<std::uint32_t> read_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::uint32_t unit = 1;
  if (slash != std::string_view::npos) {
    const std::string_view word = text.substr(slash + 1);
    if (word.empty()) return std::nullopt;
    if (begins_word("second", word))
      unit = 1;
    else if (begins_word("minute", word))
      unit = 60;
    else if (begins_word("hour", word))
      unit = 3600;
    else if (begins_word("day", word))
      unit = 86400;
    else
      return std::nullopt;
  }
  const std::optional<std::uint64_t> n = read_number(text.substr(0, slash), 0xffffffff);
  if (!n || *n == 0 || *n / unit > kScale) return std::nullopt;
  const std::uint64_t avg = std::uint64_t{kScale} * unit / *n;
  return avg == 0 ? std::nullopt : std::optional<std::uint32_t>(static_cast<std::uint32_t>(avg));
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<LimitMatch>();
  match->avg = kScale * 3600 / 3;  // 3/hour
  if (const GivenOption* const o = in.find("--limit")) {
    const std::optional<std::uint32_t> avg = read_rate(o->arg());
    if (!avg) return in.error(*o, "\"" + o->arg() + "\" is no rate: expected for example 3/min");
    match->avg = *avg;
    add_term(*match, o);
  } else {
    add_name_term(*match, "limit");
  }
  if (const GivenOption* const o = in.find("--limit-burst")) {
    const Result<std::uint32_t> n = number_value(in, *o, 1, 10000);
    if (!n) return n.error();
    match->burst = *n;
  }
  match->slot = in.context().slot(Bucket{});
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_limit;
const MatchDef match_limit{.name = "limit",
                           .options = kOptions,
                           .syntax = "--limit n[/second|/minute|/hour|/day] [--limit-burst n]",
                           .kernel_ref = "net/netfilter/xt_limit.c:limit_mt",
                           .parse = parse};

}  // namespace pktwalk

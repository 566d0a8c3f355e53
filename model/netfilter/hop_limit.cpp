// SPDX-License-Identifier: MIT
// Time to live and hop limit: matching and changing them.
//
// Kernel: net/netfilter/xt_hl.c (ttl_mt(), hl_mt6()), net/netfilter/xt_HL.c (ttl_tg(), hl_tg6())
// Differs: -j HL is read and printed; IPv6 packets are not walked yet
#include "model/netfilter/hop_limit.h"

#include <algorithm>

#include "model/netfilter/option_values.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

using Names = std::array<std::string_view, 3>;

std::uint8_t hop_limit(const Skb& skb) {
  return skb.data[skb.network + (skb.family == Family::Ipv6 ? 7 : 8)];
}

struct HopLimitMatch final : Match {
  enum class Mode : std::uint8_t { Equal, Less, Greater };
  Mode mode = Mode::Equal;
  std::uint8_t want = 0;
  bool invert = false;
  std::string_view option;

  bool compare(std::uint8_t ttl) const {
    switch (mode) {
      case Mode::Equal:
        return (ttl == want) != invert;
      case Mode::Less:
        return ttl < want;
      case Mode::Greater:
        return ttl > want;
    }
    return false;
  }
  Outcome evaluate(MatchContext& ctx) const override {
    const std::uint8_t ttl = hop_limit(ctx.skb);
    return ctx.answer(terms[0], Field::IpTtl, compare(ttl), [ttl] { return Value::dec(ttl); });
  }
  void print(OptionPrinter& out) const override {
    out.option(option, std::to_string(want), invert);
  }
};

struct HopLimitTarget final : Target {
  enum class Mode : std::uint8_t { Set, Increment, Decrement };
  Mode mode = Mode::Set;
  std::uint8_t value = 0;
  std::string_view option;

  Verdict act(TargetContext& ctx) const override {
    const int now = hop_limit(ctx.skb);
    int next = value;
    if (mode == Mode::Increment) next = std::min(now + value, 255);
    if (mode == Mode::Decrement) next = std::max(now - value, 0);
    set_ttl(ctx.skb, static_cast<std::uint8_t>(next), ctx.walk.recorder());
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override { out.option(option, std::to_string(value)); }
};

}  // namespace

Result<MatchPtr> parse_hop_limit(Options& in, const Names& names) {
  if (const Status ok = exactly_one(in, {names[0], names[1], names[2]}); !ok) return ok.error();
  const GivenOption& option = in.all().front();
  const Result<std::uint32_t> want = number_value(in, option, 0, 255);
  if (!want) return want.error();
  auto match = std::make_unique<HopLimitMatch>();
  match->want = static_cast<std::uint8_t>(*want);
  match->invert = option.negated;
  match->option = option.name();
  if (option.name() == names[1]) match->mode = HopLimitMatch::Mode::Less;
  if (option.name() == names[2]) match->mode = HopLimitMatch::Mode::Greater;
  add_term(*match, &option);
  return MatchPtr(std::move(match));
}

Result<TargetPtr> parse_set_hop_limit(Options& in, const Names& names) {
  if (const Status ok = exactly_one(in, {names[0], names[1], names[2]}); !ok) return ok.error();
  const GivenOption& option = in.all().front();
  const bool set = option.name() == names[0];
  const Result<std::uint32_t> value = number_value(in, option, set ? 0 : 1, 255);
  if (!value) return value.error();
  auto target = std::make_unique<HopLimitTarget>();
  target->value = static_cast<std::uint8_t>(*value);
  target->option = option.name();
  if (option.name() == names[1]) target->mode = HopLimitTarget::Mode::Increment;
  if (option.name() == names[2]) target->mode = HopLimitTarget::Mode::Decrement;
  return TargetPtr(std::move(target));
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -j RATEEST: measures how many packets pass. It has no influence on the path; -m rateest asks for
// the rate.
//
// Kernel: net/netfilter/xt_RATEEST.c:xt_rateest_tg()
// Differs: rateest (nothing is measured)
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--rateest-name"}, {.name = "--rateest-interval"}, {.name = "--rateest-ewmalog"}};
constexpr std::size_t kMaxName = 15;   // IFNAMSIZ - 1
constexpr double kShortest = 250'000;  // microseconds: TIME_UNITS_PER_SEC / 4

// "250ms", "8s", "10us", "7" (microseconds), as microseconds.
std::optional<double> read_time(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !(value >= 0) || value > 4e9) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (same_word(unit, "s") || same_word(unit, "sec") || same_word(unit, "secs")) return value * 1e6;
  if (same_word(unit, "ms") || same_word(unit, "msec") || same_word(unit, "msecs")) {
    return value * 1e3;
  }
  if (unit.empty() || same_word(unit, "us") || same_word(unit, "usec") ||
      same_word(unit, "usecs")) {
    return value;
  }
  return std::nullopt;
}

std::string time_text(double microseconds) {
  if (microseconds >= 1e6) return fmt::format("{:.1f}s", microseconds / 1e6);
  if (microseconds >= 1e3) return fmt::format("{:.1f}ms", microseconds / 1e3);
  return fmt::format("{:.0f}us", microseconds);
}

struct RateestTarget final : Target {
  std::string name;
  int interval = 0;       // the period is 250 ms << interval
  std::uint32_t log = 0;  // of the moving average
  Verdict act(TargetContext&) const override { return Verdict::Continue; }
  void print(OptionPrinter& out) const override {
    out.option("--rateest-name", name);
    out.option("--rateest-interval", time_text(std::ldexp(kShortest, interval)));
    out.option("--rateest-ewmalog",
               time_text(std::ldexp(kShortest, interval + static_cast<int>(log))));
  }
};

// The kernel keeps powers of two only (libxt_RATEEST.c, RATEEST_final_check()).
Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<RateestTarget>();
  double times[2] = {};
  for (const std::string_view name :
       {"--rateest-name", "--rateest-interval", "--rateest-ewmalog"}) {
    const Result<const GivenOption*> option = required(in, name);
    if (!option) return option.error();
    const std::string& text = (*option)->arg();
    if (name == "--rateest-name") {
      if (text.size() > kMaxName) return in.error(**option, "a name has at most 15 characters");
      target->name = text;
      continue;
    }
    const std::optional<double> time = read_time(text);
    if (!time) return in.error(**option, "\"" + text + "\" is no time", "write 250ms or 2s");
    times[name == "--rateest-interval" ? 0 : 1] = *time;
  }
  while (target->interval <= 5 && times[0] > std::ldexp(kShortest, target->interval)) {
    ++target->interval;
  }
  if (target->interval > 5) return in.error("--rateest-interval is at most 8s");
  for (target->log = 1; target->log < 32; ++target->log) {
    const double weight = 1.0 - 1.0 / static_cast<double>(std::uint64_t{1} << target->log);
    if (std::ldexp(kShortest, target->interval) / -std::log(weight) > times[1]) break;
  }
  --target->log;
  if (target->log == 0 || target->log >= 31) {
    return in.error("--rateest-ewmalog is out of range for this interval");
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_RATEEST;
const TargetDef target_RATEEST{
    .name = "RATEEST",
    .options = kOptions,
    .syntax = "--rateest-name name --rateest-interval time --rateest-ewmalog time",
    .kernel_ref = "net/netfilter/xt_RATEEST.c:xt_rateest_tg",
    .parse = parse};

}  // namespace pktwalk

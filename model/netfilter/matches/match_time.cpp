// SPDX-License-Identifier: MIT
// -m time: is it the right time of day, day of the week, day of the month, or date?
//
// Kernel:  net/netfilter/xt_time.c, time_mt()
// Differs: kernel-timezone (--kerneltz means UTC: no dump tells the kernel's time zone)
#include <fmt/format.h>

#include <array>

#include "model/netfilter/evaluation.h"
#include "model/netfilter/match.h"
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::uint32_t kLastSecond = kDay - 1;
constexpr std::int64_t kLastDate = 0x7fffffff;
constexpr std::uint32_t kAllMonthDays = 0xfffffffe, kAllWeekDays = 0xfe;
constexpr std::string_view kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

// Days since 1970 of a date, and back: by eras of 400 years that begin in March, so that the day
// a leap year adds is an era's last.
constexpr std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t in_era = year % 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return year / 400 * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + of_year - 719468;
}
struct Date {
  std::int64_t year = 1970, month = 1, day = 1;
};
constexpr Date date_of(std::int64_t days) {
  days += 719468;
  const std::int64_t of_era = days % 146097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const std::int64_t m = (5 * of_year + 2) / 153;
  const std::int64_t month = m < 10 ? m + 3 : m - 9;
  return {year + days / 146097 * 400 + (month <= 2 ? 1 : 0), month,
          of_year - (153 * m + 2) / 5 + 1};
}
static_assert(days_of(1970, 1, 1) == 0 && days_of(2038, 1, 19) == kLastDate / kDay);
static_assert(date_of(days_of(2024, 2, 29)).day == 29);

struct TimeMatch final : Match {
  std::int64_t date_start = 0, date_stop = kLastDate;
  std::uint32_t start = 0, stop = kLastSecond;  // of the day
  std::uint32_t month_days = kAllMonthDays, week_days = kAllWeekDays;
  bool contiguous = false, kernel_zone = false;
  std::int8_t date_term = kNoTerm, day_term = kNoTerm, week_term = kNoTerm, month_term = kNoTerm;

  Outcome evaluate(MatchContext& ctx) const override {
    Evaluation e(ctx, *this);
    std::int64_t stamp = ctx.now.seconds();
    const auto clock = [&] { return Value::clock(ctx.now); };
    const bool in_dates = stamp >= date_start && stamp <= date_stop;
    const std::int8_t first = date_term != kNoTerm ? date_term : none_term();
    if (!e.term(first, Field::Time, in_dates, clock)) return Outcome::NoMatch;
    if (first == kNoTerm && !in_dates) return Outcome::NoMatch;

    const auto of_day = static_cast<std::uint32_t>(stamp % kDay);
    const bool over_night = start >= stop;
    const bool in_day =
        over_night ? of_day >= start || of_day <= stop : of_day >= start && of_day <= stop;
    if (!e.term(day_term, Field::Time, in_day, clock)) return Outcome::NoMatch;
    // The hours after midnight belong to the evening before.
    if (over_night && contiguous && of_day <= stop) stamp -= kDay;

    const std::int64_t days = stamp / kDay;
    const auto week_day = static_cast<std::size_t>((3 + days) % 7);  // 0: Monday
    const bool in_week = (week_days >> (week_day + 1) & 1u) != 0;
    if (!e.term(week_term, Field::Time, in_week, [&] { return Value::literal(kDays[week_day]); })) {
      return Outcome::NoMatch;
    }
    const auto month_day = static_cast<std::uint32_t>(date_of(days).day);
    const bool in_month = (month_days >> month_day & 1u) != 0;
    if (!e.term(month_term, Field::Time, in_month, [&] { return Value::dec(month_day); })) {
      return Outcome::NoMatch;
    }
    return e.outcome();
  }

  void print(OptionPrinter& out) const override {
    if (start != 0 || stop != kLastSecond) {
      out.option("--timestart", day_time_text(start));
      out.option("--timestop", day_time_text(stop));
    }
    if (month_days != kAllMonthDays) out.option("--monthdays", month_text());
    if (week_days != kAllWeekDays) out.option("--weekdays", week_text());
    if (date_start != 0) out.option("--datestart", date_text(date_start));
    out.option("--datestop", date_text(date_stop));
    if (kernel_zone) out.option("--kerneltz");
    if (contiguous) out.option("--contiguous");
  }

 private:
  // "-m time" without any option still has its name as a term.
  std::int8_t none_term() const {
    const bool bare = day_term == kNoTerm && week_term == kNoTerm && month_term == kNoTerm;
    return bare ? std::int8_t{0} : kNoTerm;
  }
  static std::string day_time_text(std::uint32_t s) {
    return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  }
  static std::string date_text(std::int64_t stamp) {
    const Date date = date_of(stamp / kDay);
    return fmt::format("{:04}-{:02}-{:02}T{}", date.year, date.month, date.day,
                       day_time_text(static_cast<std::uint32_t>(stamp % kDay)));
  }
  std::string month_text() const {
    std::string text;
    for (std::uint32_t day = 1; day <= 31; ++day) {
      if ((month_days >> day & 1u) == 0) continue;
      text += (text.empty() ? "" : ",") + std::to_string(day);
    }
    return text;
  }
  std::string week_text() const {
    std::string text;
    for (std::size_t day = 0; day < 7; ++day) {
      if ((week_days >> (day + 1) & 1u) == 0) continue;
      text += (text.empty() ? "" : ",") + std::string(kDays[day]);
    }
    return text;
  }
};

// Digits at the beginning of `text`, taken off it; nothing when there are none or too many.
std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t max) {
  std::size_t digits = 0;
  std::uint32_t value = 0;
  while (digits < text.size() && digits < 9 && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + static_cast<std::uint32_t>(text[digits++] - '0');
  }
  text.remove_prefix(digits);
  if (digits == 0 || value > max) return std::nullopt;
  return value;
}
bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// "hh:mm[:ss]"
std::optional<std::uint32_t> read_day_time(std::string_view text) {
  const std::optional<std::uint32_t> hour = take_number(text, 23);
  if (!hour || !take(text, ':')) return std::nullopt;
  const std::optional<std::uint32_t> minute = take_number(text, 59);
  if (!minute) return std::nullopt;
  std::optional<std::uint32_t> second = 0u;
  if (take(text, ':')) second = take_number(text, 59);
  if (!second || !text.empty()) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

// "YYYY[-MM[-DD[Thh[:mm[:ss]]]]]"
std::optional<std::int64_t> read_date(std::string_view text) {
  std::array<std::uint32_t, 6> parts{1970, 1, 1, 0, 0, 0};
  constexpr std::array<std::uint32_t, 6> kMost{2038, 12, 31, 23, 59, 59};
  constexpr std::string_view kBefore = " --T::";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) {
      if (text.empty()) break;
      if (!take(text, kBefore[i])) return std::nullopt;
    }
    const std::optional<std::uint32_t> part = take_number(text, kMost[i]);
    if (!part || (i < 3 && *part == 0)) return std::nullopt;
    parts[i] = *part;
  }
  if (!text.empty() || parts[0] < 1970) return std::nullopt;
  return days_of(parts[0], parts[1], parts[2]) * kDay + parts[3] * 3600 + parts[4] * 60 + parts[5];
}

// A comma list of days as bits; `day` reads one.
template <typename ReadDay>
std::optional<std::uint32_t> read_days(std::string_view text, ReadDay&& day) {
  std::uint32_t bits = 0;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::optional<std::uint32_t> number = day(text.substr(0, comma));
    if (!number) return std::nullopt;
    bits |= 1u << *number;
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return bits;
}
std::optional<std::uint32_t> read_week_day(std::string_view text) {
  for (std::uint32_t i = 0; i < 7; ++i) {
    if (text.size() >= 2 && text.substr(0, 2) == kDays[i].substr(0, 2)) return i + 1;
    if (text.size() == 1 && text[0] == static_cast<char>('1' + i)) return i + 1;
  }
  return std::nullopt;
}
std::optional<std::uint32_t> read_month_day(std::string_view text) {
  const std::optional<std::uint32_t> day = take_number(text, 31);
  return day && text.empty() ? day : std::nullopt;
}

// No days at all are printed by iptables-save as nothing at all.
std::string_view list_of(const GivenOption& option) {
  return option.args.empty() ? std::string_view{} : std::string_view(option.args.front());
}

Error bad_value(const Options& in, const GivenOption& option, std::string expected) {
  return in.error(option, "bad value \"" + option.arg() + "\" for " + std::string(option.name()),
                  std::move(expected));
}

// Two options that bound one thing are one term.
std::int8_t add_range_term(Match& match, const GivenOption* from, const GivenOption* to) {
  if (from == nullptr) return add_term(match, to);
  const std::int8_t index = add_term(match, from);
  if (to != nullptr) match.terms.back().wanted += " " + Options::term(*to).text();
  return index;
}

Status read_days_option(const Options& in, TimeMatch& match) {
  if (const GivenOption* const option = in.find("--weekdays")) {
    const std::optional<std::uint32_t> days = read_days(list_of(*option), read_week_day);
    if (!days) return bad_value(in, *option, "a comma list of Mon to Sun or 1 to 7");
    match.week_days = option->negated ? *days ^ kAllWeekDays : *days;
    match.week_term = add_term(match, option);
  }
  if (const GivenOption* const option = in.find("--monthdays")) {
    const std::optional<std::uint32_t> days = read_days(list_of(*option), read_month_day);
    if (!days) return bad_value(in, *option, "a comma list of 1 to 31");
    const std::uint32_t bits = *days & kAllMonthDays;
    match.month_days = option->negated ? bits ^ kAllMonthDays : bits;
    match.month_term = add_term(match, option);
  }
  return Ok{};
}

Result<MatchPtr> parse(Options& in) {
  auto match = std::make_unique<TimeMatch>();
  const GivenOption* const date_start = in.find("--datestart");
  const GivenOption* const date_stop = in.find("--datestop");
  for (const GivenOption* const option : {date_start, date_stop}) {
    if (option == nullptr) continue;
    const std::optional<std::int64_t> date = read_date(option->arg());
    if (!date) return bad_value(in, *option, "YYYY[-MM[-DD[Thh[:mm[:ss]]]]], 1970 to 2038");
    (option == date_start ? match->date_start : match->date_stop) = *date;
  }
  const GivenOption* const start = in.find("--timestart");
  const GivenOption* const stop = in.find("--timestop");
  for (const GivenOption* const option : {start, stop}) {
    if (option == nullptr) continue;
    const std::optional<std::uint32_t> time = read_day_time(option->arg());
    if (!time) return bad_value(in, *option, "hh:mm[:ss]");
    (option == start ? match->start : match->stop) = *time;
  }
  match->date_term = add_range_term(*match, date_start, date_stop);
  match->day_term = add_range_term(*match, start, stop);
  if (const Status s = read_days_option(in, *match); !s) return s.error();
  match->contiguous = in.has("--contiguous");
  if (match->contiguous && match->start < match->stop) {
    return in.error("--contiguous needs a --timestop before --timestart");
  }
  match->kernel_zone = in.has("--kerneltz");
  if (match->kernel_zone) {
    in.context().warn(in.find("--kerneltz")->column,
                      "--kerneltz: the kernel's time zone is in no dump; UTC is assumed");
  }
  add_name_term(*match, "time");
  return MatchPtr(std::move(match));
}

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {
    {.name = "--timestart"},
    {.name = "--timestop"},
    {.name = "--monthdays", .args = Args::Optional, .invertible = true},
    {.name = "--weekdays", .args = Args::Optional, .invertible = true},
    {.name = "--datestart"},
    {.name = "--datestop"},
    {.name = "--kerneltz", .args = Args::None, .alias = "--localtz"},
    {.name = "--utc", .args = Args::None},
    {.name = "--contiguous", .args = Args::None}};

}  // namespace

extern const MatchDef match_time;
const MatchDef match_time{
    .name = "time",
    .options = kOptions,
    .syntax =
        "[--timestart hh:mm[:ss]] [--timestop hh:mm[:ss]] [[!] --weekdays D,...] [[!] "
        "--monthdays N,...] [--datestart DATE] [--datestop DATE] [--contiguous] [--kerneltz]",
    .kernel_ref = "net/netfilter/xt_time.c:time_mt",
    .parse = parse};

}  // namespace pktwalk

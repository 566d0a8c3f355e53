// SPDX-License-Identifier: MIT
#include "model/netfilter/hashlimit.h"

#include <algorithm>
#include <optional>

#include "model/netfilter/jiffies.h"

namespace pktwalk::hashlimit {
namespace {

constexpr unsigned kByteShift = 4;  // XT_HASHLIMIT_BYTE_SHIFT
constexpr std::uint32_t kMaxSize = 1048576;

constexpr std::uint64_t power_of_two_below(std::uint64_t value) {
  std::uint64_t power = 1;
  while (power <= value / 2) power *= 2;
  return power;
}
constexpr auto kHertz = static_cast<std::uint64_t>(kHz);
constexpr std::uint64_t kCreditsPerJiffy =
    power_of_two_below(~std::uint64_t{0} / (kHertz * 60 * 60 * 24));
constexpr std::uint64_t kByteCreditsPerJiffy = power_of_two_below(0xffffffffu / kHertz);
constexpr std::uint64_t kByteBucket = kByteCreditsPerJiffy * kHertz;
static_assert(kScale < kHertz * kCreditsPerJiffy);

std::uint64_t credits(std::uint64_t user) { return user * (kHertz * kCreditsPerJiffy / kScale); }

std::uint32_t byte_credits(std::uint64_t user) {
  return static_cast<std::uint32_t>(
      (std::uint64_t{static_cast<std::uint32_t>(user)} * kByteBucket) >> 32);
}

std::uint64_t ticks(std::uint32_t milliseconds) {
  return (std::uint64_t{milliseconds} * kHertz + 999) / 1000;
}

std::uint32_t size_of(const Config& config) {
  // The kernel's choice for a machine with more than a gigabyte.
  return config.size != 0 ? std::min(config.size, kMaxSize) : 8192;
}

// rateinfo_init()
Bucket fresh(const Config& config, std::uint64_t now) {
  Bucket b;
  b.last = now;
  if (config.rate_match) {
    b.interval = config.interval;
    if (config.bytes) {
      const auto user = static_cast<std::uint32_t>(config.avg);
      const std::uint64_t r = user != 0 ? 0xffffffffu / user : 0xffffffffu;
      b.rate = (r - 1) << kByteShift;
      b.allowed = config.burst != 0 ? config.burst * b.rate : b.rate;
    } else {
      b.rate = config.avg != 0 ? kScale / config.avg : 0;
      b.allowed = config.burst + b.rate;
    }
  } else if (config.bytes) {
    b.credit = kByteBucket;
    b.cost = byte_credits(config.avg);
    b.cap = config.burst;
  } else {
    b.credit = credits(config.avg * config.burst);
    b.cost = credits(config.avg);
    b.cap = b.credit;
  }
  return b;
}

// rateinfo_recalc()
void refill(Bucket& b, const Config& config, std::uint64_t now) {
  if (now <= b.last) return;
  const std::uint64_t delta = now - b.last;
  if (config.rate_match) {
    const std::uint64_t interval = b.interval * kHertz;
    if (delta < interval) return;
    b.last = now;
    b.over_before = b.current * interval > delta * b.rate;
    b.current = 0;
    return;
  }
  b.last = now;
  if (config.bytes) {
    const std::uint64_t before = b.credit;
    b.credit += kByteCreditsPerJiffy * delta;
    if (before >= b.credit || b.credit > kByteBucket) b.credit = kByteBucket;
    return;
  }
  b.credit = std::min(b.credit + delta * kCreditsPerJiffy, b.cap);
}

// hashlimit_byte_cost()
std::uint64_t byte_cost(Bucket& b, std::size_t length) {
  const std::uint64_t chunks = (length >> kByteShift) + 1;
  const std::uint64_t cost = std::min(chunks * b.cost, kByteBucket);
  if (b.credit < cost && b.cap != 0) {
    --b.cap;
    b.credit = kByteBucket;
  }
  return cost;
}

Answer decide(Bucket& b, const Config& rule, std::size_t length, std::uint64_t& seen) {
  if (rule.rate_match) {
    b.current += rule.bytes ? length : 1;
    seen = b.current;
    return !b.over_before && b.current <= b.allowed ? Answer::Below : Answer::Over;
  }
  const std::uint64_t cost = rule.bytes ? byte_cost(b, length) : b.cost;
  if (b.cost == 0) {
    seen = 0;
  } else if (rule.bytes) {
    seen = (b.credit / b.cost) << kByteShift;
  } else {
    seen = b.credit / b.cost;
  }
  if (b.credit < cost) return Answer::Over;
  b.credit -= cost;
  return Answer::Below;
}

void forget_equal(std::vector<Bucket>& either) {
  for (std::size_t i = 1; i < either.size();) {
    const auto end = either.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(either.begin(), end, *end) != end) {
      either.erase(end);
    } else {
      ++i;
    }
  }
}

}  // namespace

std::uint64_t bytes_to_cost(std::uint64_t bytes) {
  const auto chunks = static_cast<std::uint32_t>(bytes >> kByteShift);
  return 0xffffffffu / (std::uint64_t{chunks} + 1);
}

std::uint64_t cost_to_bytes(std::uint64_t cost) {
  const std::uint64_t chunks = cost != 0 ? 0xffffffffu / cost : 0xffffffffu;
  return (chunks - 1) << kByteShift;
}

bool same_table(const Config& a, const Config& b) {
  Config like_a = b;
  like_a.above = a.above;
  // Which rule of a table is asked in bytes is its own affair; how the table's buckets fill is not.
  return a == like_a;
}

const char* refused(const Config& config) {
  if (config.gc_interval == 0 || config.expire == 0) {
    return "the times of a hash table cannot be zero";
  }
  if (config.rate_match) {
    if (config.avg == 0 || config.avg > 0xffffffffu) return "the rate is out of range";
  } else if (config.bytes) {
    if (byte_credits(config.avg) == 0) return "the rate is too high";
  } else if (config.burst == 0 || credits(config.avg * config.burst) < credits(config.avg)) {
    return "this rate and burst are out of the kernel's range";
  }
  return nullptr;
}

Answer take(Table& table, const Config& rule, const Key& key, std::size_t length, Time time,
            std::uint64_t& seen) {
  const std::uint64_t now = jiffies_at(time);
  const Config& config = table.config;
  // The timer runs again only when its work is done: a quarter more than its interval is enough.
  const std::uint64_t surely_collected = ticks(config.gc_interval) * 5 / 4 + 1;
  std::erase_if(table.entries,
                [&](const auto& entry) { return now >= entry.second.expires + surely_collected; });
  auto found = table.entries.find(key);
  if (found == table.entries.end()) {
    const std::uint32_t size = size_of(config);
    const std::uint32_t max =
        config.max == 0 ? 8 * size : std::max(std::min(config.max, kMaxSize), size);
    if (table.entries.size() >= max) return Answer::Full;
    found = table.entries.emplace(key, Entry{.either = {fresh(config, now)}}).first;
  } else {
    Entry& entry = found->second;
    for (Bucket& b : entry.either) refill(b, config, now);
    if (now >= entry.expires) entry.either.push_back(fresh(config, now));
  }
  Entry& entry = found->second;
  entry.expires = now + ticks(config.expire);
  std::optional<Answer> answer;
  for (Bucket& b : entry.either) {
    const Answer one = decide(b, rule, length, seen);
    answer = !answer || *answer == one ? one : Answer::Unclear;
  }
  forget_equal(entry.either);
  return *answer;
}

}  // namespace pktwalk::hashlimit

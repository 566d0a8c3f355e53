// SPDX-License-Identifier: MIT
#include "model/netfilter/rate_text.h"

#include <array>

#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

struct Unit {
  std::string_view word;   // as written
  std::string_view print;  // as printed
  std::uint32_t seconds;
};
constexpr std::array kUnits{Unit{"day", "day", 86400}, Unit{"hour", "hour", 3600},
                            Unit{"minute", "min", 60}, Unit{"second", "sec", 1}};

// As atoi() has it: digits as far as they go.
std::uint32_t leading_number(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > 0x7fffffff) break;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value > 0x7fffffff ? 0 : static_cast<std::uint32_t>(value);
}

const Unit& unit_of(std::uint64_t avg, std::uint64_t scale) {
  std::size_t i = 1;
  for (; i < kUnits.size(); ++i) {
    const std::uint64_t unit = scale * kUnits[i].seconds;
    if (avg > unit || unit / avg < unit % avg) break;
  }
  return kUnits[i - 1];
}

}  // namespace

std::optional<PacketRate> read_packet_rate(std::string_view text, std::uint64_t scale) {
  PacketRate rate;
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::string_view word = text.substr(slash + 1);
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits) {
      if (!word.empty() && begins_word(unit.word, word)) found = &unit;
    }
    if (found == nullptr) return std::nullopt;
    rate.unit = found->seconds;
  }
  rate.packets = leading_number(text);
  if (rate.packets == 0) return std::nullopt;
  rate.avg = scale * rate.unit / rate.packets;
  if (rate.avg == 0) return std::nullopt;
  return rate;
}

std::string packet_rate_text(std::uint64_t avg, std::uint64_t scale) {
  const Unit& unit = unit_of(avg, scale);
  return std::to_string(scale * unit.seconds / avg) + "/" + std::string(unit.print);
}

std::uint32_t packet_rate_unit(std::uint64_t avg, std::uint64_t scale) {
  return unit_of(avg, scale).seconds;
}

}  // namespace pktwalk

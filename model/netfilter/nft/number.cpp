// SPDX-License-Identifier: MIT
// Numbers and times of the nft language.
#include "model/netfilter/nft/number.h"

#include <array>
#include <charconv>
#include <limits>

namespace pktwalk::nft {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t milliseconds;
};

constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const std::from_chars_result read =
      std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_time_ms(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t total = 0;
  while (!text.empty()) {
    std::uint64_t value = 0;
    const std::from_chars_result read =
        std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    const std::size_t letters = std::min(text.find_first_of("0123456789"), text.size());
    const std::string_view name = text.substr(0, letters);
    text.remove_prefix(letters);
    const Unit* unit = nullptr;
    for (const Unit& one : kUnits) {
      if (one.name == name) unit = &one;
    }
    if (unit == nullptr) return std::nullopt;
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    if (value > most / unit->milliseconds || total > most - value * unit->milliseconds)
      return std::nullopt;
    total += value * unit->milliseconds;
  }
  return total;
}

std::string time_text(std::uint64_t milliseconds) {
  if (milliseconds == 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    const std::uint64_t count = milliseconds / unit.milliseconds;
    if (count == 0) continue;
    text += std::to_string(count);
    text += unit.name;
    milliseconds -= count * unit.milliseconds;
  }
  return text;
}

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// Capture time. The model has no clock: time comes in with each packet.
#pragma once

#include <compare>
#include <cstdint>

namespace pktwalk {

// Nanoseconds since 1970-01-01 00:00 UTC.
struct Time {
  std::int64_t ns = 0;

  constexpr auto operator<=>(const Time&) const = default;
  constexpr std::int64_t seconds() const { return ns / 1'000'000'000; }
};

inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;

constexpr Time operator+(Time t, std::int64_t ns) { return {t.ns + ns}; }
constexpr std::int64_t operator-(Time a, Time b) { return a.ns - b.ns; }

}  // namespace pktwalk

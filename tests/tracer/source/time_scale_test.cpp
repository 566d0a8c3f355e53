// SPDX-License-Identifier: MIT
#include "tracer/source/time_scale.h"

#include <doctest/doctest.h>

using namespace pktwalk;

TEST_CASE("time scale: ticks to nanoseconds") {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::uint64_t kAllOnes = ~0ULL;
  struct Case {
    const char* name;
    std::uint8_t tsresol;
    std::int64_t offset_s;
    std::uint64_t ticks;
    std::int64_t want;
  };
  const Case cases[] = {
      {"microseconds", 6, 0, 1'700'000'000'123'456, 1'700'000'000'123'456'000},
      {"nanoseconds", 9, 0, 1'700'000'000'123'456'789, 1'700'000'000'123'456'789},
      {"seconds", 0, 0, 1'700'000'000, 1'700'000'000'000'000'000},
      {"milliseconds", 3, 0, 5, 5'000'000},
      {"picoseconds are rounded down", 12, 0, 1'999, 1},
      {"10^-28 s, the finest that can reach a nanosecond", 28, 0, 10'000'000'000'000'000'000ULL, 1},
      {"10^-29 s is always less than a nanosecond", 29, 0, kAllOnes, 0},
      {"10^-127 s", 127, 0, kAllOnes, 0},
      {"halves of a second", 0x81, 0, 3, 1'500'000'000},
      {"2^-32 s, as NTP has it", 0xa0, 0, (5ULL << 32U) + (1ULL << 31U), 5'500'000'000},
      {"2^-0 s", 0x80, 0, 7, 7'000'000'000},
      {"2^-127 s", 0xff, 0, kAllOnes, 0},
      {"an offset is added", 6, 3600, 1, 3'600'000'001'000},
      {"a negative offset is subtracted", 6, -1, 2'000'000, 1'000'000'000},
      {"an offset may lead before 1970", 6, -10, 0, -10'000'000'000},
      {"the last microsecond that fits", 6, 0, 9'223'372'036'854'775, 9'223'372'036'854'775'000},
      {"one more is held at the end of the range", 6, 0, 9'223'372'036'854'776, kMax},
      {"all ones in microseconds", 6, 0, kAllOnes, kMax},
      {"all ones in nanoseconds", 9, 0, kAllOnes, kMax},
      {"all ones in seconds", 0, 0, kAllOnes, kMax},
      {"all ones in seconds of base two", 0x80, 0, kAllOnes, kMax},
      {"the largest offset", 9, kMax, kAllOnes, kMax},
      {"the smallest offset", 9, kMin, 0, kMin},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) { CHECK(TimeScale(c.tsresol, c.offset_s).nanoseconds(c.ticks) == c.want); }
  }
}

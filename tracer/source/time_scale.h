// SPDX-License-Identifier: MIT
// TimeScale: turns a pcapng time stamp (ticks of an interface's resolution) into nanoseconds since
// 1970.
#pragma once

#include <cstdint>
#include <limits>

namespace pktwalk {

class TimeScale {
 public:
  // `tsresol` and `tsoffset_s` as the options if_tsresol and if_tsoffset have them: a tick is 10^-n
  // s, or 2^-n s when bit 7 of tsresol is set; the offset in seconds is added.
  explicit TimeScale(std::uint8_t tsresol = 6, std::int64_t tsoffset_s = 0)
      : offset_s_(tsoffset_s) {
    const std::uint32_t exponent = tsresol & 0x7fU;
    if ((tsresol & 0x80U) != 0) {
      multiply_ = 1'000'000'000;
      shift_ = exponent;
    } else if (exponent <= 9) {
      multiply_ = power_of_ten(9 - exponent);
    } else if (exponent - 9 <= 19) {
      divide_ = power_of_ten(exponent - 9);
    } else {
      multiply_ = 0;  // finer than 10^-28 s: 64 bits of ticks are less than a nanosecond
    }
    simple_end_ = shift_ == 0 && divide_ == 1 && multiply_ != 0 && offset_s_ == 0
                      ? static_cast<std::uint64_t>(kMax) / multiply_ + 1
                      : 0;
  }

  // Rounds down; times beyond the years 1678 to 2262 are held at the ends of that range.
  std::int64_t nanoseconds(std::uint64_t ticks) const {
    if (ticks < simple_end_) [[likely]]
      return static_cast<std::int64_t>(ticks * multiply_);
    Wide ns = static_cast<Wide>(ticks) * multiply_;
    ns = divide_ != 1 ? ns / divide_ : ns >> shift_;
    ns += static_cast<Wide>(offset_s_) * 1'000'000'000;
    if (ns > kMax) return kMax;
    if (ns < kMin) return kMin;
    return static_cast<std::int64_t>(ns);
  }

 private:
  __extension__ using Wide = __int128;
  static constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

  static std::uint64_t power_of_ten(std::uint32_t exponent) {
    std::uint64_t power = 1;
    for (; exponent != 0; --exponent) power *= 10;
    return power;
  }

  std::uint64_t multiply_ = 1;
  std::uint64_t divide_ = 1;
  std::uint32_t shift_ = 0;
  std::int64_t offset_s_;
  std::uint64_t
      simple_end_;  // below, a multiplication is all there is to do, and does not overflow
};

}  // namespace pktwalk

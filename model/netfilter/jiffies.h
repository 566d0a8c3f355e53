// SPDX-License-Identifier: MIT
// The kernel's clock of matches that count in ticks.
#pragma once

#include <cstdint>

#include "model/core/time.h"

namespace pktwalk {

// CONFIG_HZ of the modelled kernel, as distributions build it. The phase of its ticks against the
// capture's clock is not known: an answer that one tick more or less would turn depends on it.
inline constexpr std::int64_t kHz = 250;

// jiffies, counted from 1970.
constexpr std::uint64_t jiffies_at(Time time) {
  return static_cast<std::uint64_t>(time.ns / (kNsPerSecond / kHz));
}

}  // namespace pktwalk

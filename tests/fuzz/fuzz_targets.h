// SPDX-License-Identifier: MIT
// The fuzz targets of tests/fuzz/, found by the build.
#pragma once

#include <cstdint>
#include <span>

namespace pktwalk {

// `run` takes any bytes; it must neither crash nor hang, and checks what must hold for every input.
struct FuzzTarget {
  const char* name;
  void (*run)(std::span<const std::uint8_t> input);
};

std::span<const FuzzTarget> fuzz_targets();

}  // namespace pktwalk

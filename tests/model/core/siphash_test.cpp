// SPDX-License-Identifier: MIT
#include "model/core/siphash.h"

#include <doctest/doctest.h>

#include <array>

namespace pktwalk {
namespace {

constexpr std::uint64_t kKey0 = 0x0706050403020100u, kKey1 = 0x0f0e0d0c0b0a0908u;

std::uint64_t hash_of_first(std::size_t size) {
  std::array<std::uint8_t, 64> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return siphash_2_4(std::span<const std::uint8_t>(bytes).first(size), kKey0, kKey1);
}

}  // namespace

// The numbers are the test vectors that the authors of SipHash publish: the bytes 0, 1, 2 ... with
// the key 00 01 ... 0f.
TEST_CASE("siphash: the authors' test vectors") {
  struct Row {
    std::size_t size;
    std::uint64_t hash;
  };
  constexpr Row kRows[] = {
      {0, 0x726fdb47dd0e0e31u},  {1, 0x74f839c593dc67fdu},  {7, 0xab0200f58b01d137u},
      {8, 0x93f5f5799a932462u},  {9, 0x9e0082df0ba9e4b0u},  {15, 0xa129ca6149be45e5u},
      {16, 0x3f2acc7f57c29bdbu}, {63, 0x958a324ceb064572u},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.size);
    CHECK(hash_of_first(row.size) == row.hash);
  }
}

}  // namespace pktwalk

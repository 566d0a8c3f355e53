// SPDX-License-Identifier: MIT
// SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"), which the kernel uses where
// an outsider must not guess a hash. Kernel: lib/siphash.c:siphash()
#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace pktwalk {

// `bytes` as they lie in memory; the two halves of the key as little-endian numbers.
constexpr std::uint64_t siphash_2_4(std::span<const std::uint8_t> bytes, std::uint64_t key0,
                                    std::uint64_t key1) {
  std::uint64_t v0 = key0 ^ 0x736f6d6570736575u, v1 = key1 ^ 0x646f72616e646f6du;
  std::uint64_t v2 = key0 ^ 0x6c7967656e657261u, v3 = key1 ^ 0x7465646279746573u;
  const auto round = [&] {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  };
  const auto absorb = [&](std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  };
  std::uint64_t word = 0;
  std::size_t filled = 0;
  for (const std::uint8_t byte : bytes) {
    word |= std::uint64_t{byte} << (8 * filled);
    if (++filled < 8) continue;
    absorb(word);
    word = 0;
    filled = 0;
  }
  absorb(word | std::uint64_t{bytes.size()} << 56);
  v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace pktwalk

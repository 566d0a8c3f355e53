// SPDX-License-Identifier: MIT
// What every reader of TCP segments needs: sequence numbers that wrap, and the list of options.
#pragma once

#include <cstdint>
#include <span>

namespace pktwalk {

// Order of sequence numbers modulo 2^32. Kernel: include/net/tcp.h:before(), after()
constexpr bool before(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) < 0;
}
constexpr bool after(std::uint32_t a, std::uint32_t b) { return before(b, a); }

inline constexpr std::uint8_t kTcpOptionEnd = 0, kTcpOptionNop = 1, kTcpOptionMss = 2,
                              kTcpOptionWindow = 3, kTcpOptionSackPerm = 4, kTcpOptionSack = 5,
                              kTcpOptionTimestamp = 8;

// Calls f(kind, value bytes) for each option behind the fixed header; f returns false to stop. A
// broken length ends the list. Kernel: net/ipv4/tcp_input.c:tcp_parse_options(),
// net/netfilter/nf_conntrack_proto_tcp.c:tcp_options()
template <typename F>
void for_each_tcp_option(std::span<const std::uint8_t> options, F&& f) {
  while (!options.empty()) {
    const std::uint8_t kind = options[0];
    if (kind == kTcpOptionEnd) return;
    if (kind == kTcpOptionNop) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2) return;
    const std::size_t size = options[1];
    if (size < 2 || size > options.size()) return;
    if (!f(kind, options.subspan(2, size - 2))) return;
    options = options.subspan(size);
  }
}

}  // namespace pktwalk

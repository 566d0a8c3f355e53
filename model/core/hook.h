// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace pktwalk {

// The netfilter hooks of IPv4 and IPv6, with the kernel's numbers (NF_INET_*), and those of a
// device (NF_NETDEV_*), which have numbers of their own there.
enum class Hook : std::uint8_t {
  Prerouting = 0,
  Input = 1,
  Forward = 2,
  Output = 3,
  Postrouting = 4,
  Ingress = 5,
  Egress = 6
};

inline constexpr std::size_t kHookCount = 7;

// "PREROUTING", as iptables writes it.
const char* to_string(Hook hook);

// A set of hooks: bit n stands for hook number n.
using HookMask = std::uint8_t;
constexpr HookMask hook_bit(Hook hook) {
  return static_cast<HookMask>(1u << static_cast<unsigned>(hook));
}

}  // namespace pktwalk

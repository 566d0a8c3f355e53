// SPDX-License-Identifier: MIT
#include "model/netfilter/ipset_icmp.h"

#include <array>
#include <span>

#include "model/netfilter/options.h"

namespace pktwalk {
namespace {

struct IcmpName {
  std::string_view name;
  std::uint8_t type, code;
};

constexpr std::array kV4{
    IcmpName{"echo-reply", 0, 0},
    IcmpName{"pong", 0, 0},
    IcmpName{"network-unreachable", 3, 0},
    IcmpName{"host-unreachable", 3, 1},
    IcmpName{"protocol-unreachable", 3, 2},
    IcmpName{"port-unreachable", 3, 3},
    IcmpName{"fragmentation-needed", 3, 4},
    IcmpName{"source-route-failed", 3, 5},
    IcmpName{"network-unknown", 3, 6},
    IcmpName{"host-unknown", 3, 7},
    IcmpName{"network-prohibited", 3, 9},
    IcmpName{"host-prohibited", 3, 10},
    IcmpName{"TOS-network-unreachable", 3, 11},
    IcmpName{"TOS-host-unreachable", 3, 12},
    IcmpName{"communication-prohibited", 3, 13},
    IcmpName{"host-precedence-violation", 3, 14},
    IcmpName{"precedence-cutoff", 3, 15},
    IcmpName{"source-quench", 4, 0},
    IcmpName{"network-redirect", 5, 0},
    IcmpName{"host-redirect", 5, 1},
    IcmpName{"TOS-network-redirect", 5, 2},
    IcmpName{"TOS-host-redirect", 5, 3},
    IcmpName{"echo-request", 8, 0},
    IcmpName{"ping", 8, 0},
    IcmpName{"router-advertisement", 9, 0},
    IcmpName{"router-solicitation", 10, 0},
    IcmpName{"ttl-zero-during-transit", 11, 0},
    IcmpName{"ttl-zero-during-reassembly", 11, 1},
    IcmpName{"ip-header-bad", 12, 0},
    IcmpName{"required-option-missing", 12, 1},
    IcmpName{"timestamp-request", 13, 0},
    IcmpName{"timestamp-reply", 14, 0},
    IcmpName{"address-mask-request", 17, 0},
    IcmpName{"address-mask-reply", 18, 0},
};

constexpr std::array kV6{
    IcmpName{"no-route", 1, 0},
    IcmpName{"communication-prohibited", 1, 1},
    IcmpName{"address-unreachable", 1, 3},
    IcmpName{"port-unreachable", 1, 4},
    IcmpName{"packet-too-big", 2, 0},
    IcmpName{"ttl-zero-during-transit", 3, 0},
    IcmpName{"ttl-zero-during-reassembly", 3, 1},
    IcmpName{"bad-header", 4, 0},
    IcmpName{"unknown-header-type", 4, 1},
    IcmpName{"unknown-option", 4, 2},
    IcmpName{"echo-request", 128, 0},
    IcmpName{"ping", 128, 0},
    IcmpName{"echo-reply", 129, 0},
    IcmpName{"pong", 129, 0},
    IcmpName{"router-solicitation", 133, 0},
    IcmpName{"router-advertisement", 134, 0},
    IcmpName{"neighbour-solicitation", 135, 0},
    IcmpName{"neighbour-advertisement", 136, 0},
    IcmpName{"redirect", 137, 0},
};

std::span<const IcmpName> names(bool v6) {
  return v6 ? std::span<const IcmpName>(kV6) : std::span<const IcmpName>(kV4);
}

}  // namespace

std::optional<std::uint16_t> read_icmp_word(std::string_view text, bool v6) {
  for (const IcmpName& known : names(v6)) {
    if (known.name == text) return static_cast<std::uint16_t>(known.type << 8 | known.code);
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> type = read_number(text.substr(0, slash), 255);
  const std::optional<std::uint64_t> code = read_number(text.substr(slash + 1), 255);
  if (!type || !code) return std::nullopt;
  return static_cast<std::uint16_t>(*type << 8 | *code);
}

std::string icmp_word(std::uint16_t type_code, bool v6) {
  for (const IcmpName& known : names(v6)) {
    if (known.type == type_code >> 8 && known.code == (type_code & 255)) {
      return std::string(known.name);
    }
  }
  return std::to_string(type_code >> 8) + "/" + std::to_string(type_code & 255);
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// The types of ipsets: what an element of each is made of.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/netfilter/ipset.h"

namespace pktwalk {

enum class SetPart : std::uint8_t { Ip, Net, Port, Iface, Mac, Mark, Member };

struct IpSetType {
  std::string_view name;
  std::array<SetPart, 3> parts{};
  std::uint8_t dimensions = 1;
  bool bitmap = false;      // a range given at creation; never full
  bool any_family = false;  // sets of this type take packets of both families
  bool net_zero = false;    // stores networks of prefix length 0 (0.0.0.0/0)

  std::span<const SetPart> all() const { return std::span(parts).first(dimensions); }
  bool has(SetPart part) const {
    for (const SetPart p : all()) {
      if (p == part) return true;
    }
    return false;
  }
};

// Null for a type that is not modelled.
const IpSetType* find_ipset_type(std::string_view name);

}  // namespace pktwalk

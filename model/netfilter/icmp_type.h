// SPDX-License-Identifier: MIT
// The value of --icmp-type and --icmpv6-type.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/netfilter/options.h"

namespace pktwalk {

// A name that iptables knows for a type, or for a type with one code.
struct IcmpTypeName {
  std::string_view name;
  std::uint8_t type = 0;
  std::uint8_t code_low = 0;
  std::uint8_t code_high = 255;
};

struct IcmpTypeValue {
  std::uint8_t type = 0;
  std::uint8_t code_low = 0;
  std::uint8_t code_high = 255;
  bool any_code() const { return code_low == 0 && code_high == 255; }
  bool holds(std::uint8_t t, std::uint8_t code) const {
    return t == type && code >= code_low && code <= code_high;
  }
};

// "8", "3/4", or a name or its beginning, upper and lower case alike. Errors: unknown, or the
// beginning of several names.
Result<IcmpTypeValue> read_icmp_type(const Options& in, const GivenOption& option,
                                     std::span<const IcmpTypeName> names);
std::string icmp_type_text(const IcmpTypeValue& value);  // "8", "3/4"

}  // namespace pktwalk

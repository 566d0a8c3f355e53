// SPDX-License-Identifier: MIT
// The value of --icmp-type and --icmpv6-type.
//
// Kernel: none; accepts what iptables 1.8.9 accepts (extensions/libxt_icmp.h).
// Differs: "3/1:4" (of which iptables takes the 3/1) is an error here
#include "model/netfilter/icmp_type.h"

#include <fmt/format.h>

#include "model/netfilter/option_values.h"

namespace pktwalk {

Result<IcmpTypeValue> read_icmp_type(const Options& in, const GivenOption& option,
                                     std::span<const IcmpTypeName> names) {
  const std::string& text = option.arg();
  const IcmpTypeName* found = nullptr;
  for (const IcmpTypeName& name : names) {
    if (!begins_word(name.name, text)) continue;
    if (found != nullptr) {
      return in.error(option, fmt::format("{} \"{}\" may mean {} or {}", option.name(), text,
                                          found->name, name.name));
    }
    found = &name;
  }
  if (found != nullptr) return IcmpTypeValue{found->type, found->code_low, found->code_high};

  const std::size_t slash = text.find('/');
  const auto type = read_number(std::string_view(text).substr(0, slash), 255);
  if (!type) {
    return in.error(option, fmt::format("{} wants the name of an ICMP type, TYPE or TYPE/CODE, "
                                        "not \"{}\"",
                                        option.name(), text));
  }
  IcmpTypeValue value{.type = static_cast<std::uint8_t>(*type)};
  if (slash == std::string::npos) return value;
  const auto code = read_number(std::string_view(text).substr(slash + 1), 255);
  if (!code) {
    return in.error(option, fmt::format("unknown ICMP code in \"{}\": wanted 0 to 255", text));
  }
  value.code_low = value.code_high = static_cast<std::uint8_t>(*code);
  return value;
}

std::string icmp_type_text(const IcmpTypeValue& value) {
  return value.any_code() ? fmt::format("{}", value.type)
                          : fmt::format("{}/{}", value.type, value.code_low);
}

}  // namespace pktwalk

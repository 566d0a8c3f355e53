// SPDX-License-Identifier: MIT
// Values of the TOS byte as iptables writes them.
//
// Kernel: none; accepts what iptables 1.8.9 accepts (extensions/dscp_helper.c, tos_values.c).
// Differs: nothing known
#include "model/netfilter/dsfield.h"

#include <fmt/format.h>

#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

struct Name {
  std::string_view name;
  std::uint8_t value;
};

constexpr Name kClasses[] = {
    {"CS0", 0x00},  {"CS1", 0x08},  {"CS2", 0x10},  {"CS3", 0x18},  {"CS4", 0x20},  {"CS5", 0x28},
    {"CS6", 0x30},  {"CS7", 0x38},  {"BE", 0x00},   {"AF11", 0x0a}, {"AF12", 0x0c}, {"AF13", 0x0e},
    {"AF21", 0x12}, {"AF22", 0x14}, {"AF23", 0x16}, {"AF31", 0x1a}, {"AF32", 0x1c}, {"AF33", 0x1e},
    {"AF41", 0x22}, {"AF42", 0x24}, {"AF43", 0x26}, {"EF", 0x2e},
};

constexpr Name kTosNames[] = {
    {"Minimize-Delay", 0x10}, {"Maximize-Throughput", 0x08}, {"Maximize-Reliability", 0x04},
    {"Minimize-Cost", 0x02},  {"Normal-Service", 0x00},
};

}  // namespace

std::optional<std::uint8_t> read_dscp_class(std::string_view name) {
  for (const Name& known : kClasses) {
    if (same_word(known.name, name)) return known.value;
  }
  return std::nullopt;
}

std::string dscp_text(std::uint8_t dscp) { return fmt::format("0x{:02x}", dscp); }

std::optional<TosValue> read_tos(std::string_view text, std::uint8_t name_mask) {
  for (const Name& known : kTosNames) {
    if (same_word(known.name, text)) return TosValue{known.value, name_mask};
  }
  const std::size_t slash = text.find('/');
  const std::optional<std::uint64_t> value = read_number(text.substr(0, slash), 255);
  if (!value) return std::nullopt;
  TosValue tos{.value = static_cast<std::uint8_t>(*value)};
  if (slash != std::string_view::npos) {
    const std::optional<std::uint64_t> mask = read_number(text.substr(slash + 1), 255);
    if (!mask) return std::nullopt;
    tos.mask = static_cast<std::uint8_t>(*mask);
  }
  return tos;
}

std::string tos_text(const TosValue& tos) {
  return fmt::format("0x{:02x}/0x{:02x}", tos.value, tos.mask);
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Values of options with their error messages.
//
// Kernel: none; accepts what iptables 1.8.9 accepts (libxtables/xtoptions.c).
// Differs: nothing known
#include "model/netfilter/option_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace pktwalk {
namespace {

int lower(char c) { return std::tolower(static_cast<unsigned char>(c)); }

// "low:high", each end optional; with `names` also service names.
std::optional<NumberRange> loose_range(std::string_view text, std::uint32_t max, bool names) {
  const auto read = [&](std::string_view part) -> std::optional<std::uint32_t> {
    if (names) {
      const std::optional<std::uint16_t> port = read_port(part);
      return port ? std::optional<std::uint32_t>(*port) : std::nullopt;
    }
    const std::optional<std::uint64_t> number = read_number(part, max);
    return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
  };
  const std::size_t colon = text.find(':');
  NumberRange range{0, max};
  if (colon == std::string_view::npos) {
    const auto value = read(text);
    if (!value) return std::nullopt;
    return NumberRange{*value, *value};
  }
  if (colon > 0) {
    const auto low = read(text.substr(0, colon));
    if (!low) return std::nullopt;
    range.low = *low;
  }
  if (colon + 1 < text.size()) {
    const auto high = read(text.substr(colon + 1));
    if (!high) return std::nullopt;
    range.high = *high;
  }
  return range;
}

std::string listed(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

}  // namespace

Result<std::uint32_t> number_value(const Options& in, const GivenOption& option, std::uint32_t min,
                                   std::uint32_t max) {
  const std::optional<std::uint64_t> value = read_number(option.arg(), max);
  if (!value || *value < min) {
    return in.error(option, fmt::format("{} wants a number from {} to {}, not \"{}\"",
                                        option.name(), min, max, option.arg()));
  }
  return static_cast<std::uint32_t>(*value);
}

Result<MaskedValue> masked_value(const Options& in, const GivenOption& option) {
  const std::optional<MaskedValue> value = read_masked(option.arg());
  if (!value) {
    return in.error(option, fmt::format("{} wants a 32-bit number or NUMBER/MASK, not \"{}\"",
                                        option.name(), option.arg()));
  }
  return *value;
}

Result<NumberRange> range_value(const Options& in, const GivenOption& option, std::uint32_t max) {
  const std::optional<NumberRange> range = loose_range(option.arg(), max, false);
  if (!range) {
    return in.error(option, fmt::format("{} wants NUMBER or LOW:HIGH up to {}, not \"{}\"",
                                        option.name(), max, option.arg()));
  }
  return *range;
}

Status at_most_one(const Options& in, std::initializer_list<std::string_view> names) {
  const GivenOption* first = nullptr;
  for (const std::string_view name : names) {
    const GivenOption* const option = in.find(name);
    if (option == nullptr) continue;
    if (first != nullptr) {
      return in.error(*option, fmt::format("{} cannot be used together with {}", option->name(),
                                           first->name()));
    }
    first = option;
  }
  return Ok{};
}

Status exactly_one(const Options& in, std::initializer_list<std::string_view> names) {
  if (std::none_of(names.begin(), names.end(), [&](auto name) { return in.has(name); })) {
    return in.error(fmt::format("{} needs one of {}", in.context().match_name, listed(names)));
  }
  return at_most_one(in, names);
}

Result<const GivenOption*> required(const Options& in, std::string_view name) {
  const GivenOption* const option = in.find(name);
  if (option == nullptr) {
    return in.error(fmt::format("{} needs {}", in.context().match_name, name));
  }
  return option;
}

Status needs_protocol(const Options& in, std::uint8_t protocol) {
  const ParseContext& context = in.context();
  if (context.protocol == protocol && !context.protocol_negated) return Ok{};
  return in.error(
      fmt::format("{} is for protocol {} only", context.match_name, protocol_name(protocol)),
      fmt::format("write -p {} in the rule", protocol_name(protocol)));
}

std::string range_text(const NumberRange& range) {
  return range.low == range.high ? fmt::format("{}", range.low)
                                 : fmt::format("{}:{}", range.low, range.high);
}

std::string masked_text(const MaskedValue& value) {
  return value.mask == 0xffffffff ? fmt::format("{:#x}", value.value)
                                  : fmt::format("{:#x}/{:#x}", value.value, value.mask);
}

bool begins_word(std::string_view word, std::string_view beginning) {
  return word.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), word.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && begins_word(a, b);
}

Status read_port_option(const Options& in, std::string_view name, bool ordered, Match& match,
                        PortOption& into) {
  const GivenOption* const option = in.find(name);
  if (option == nullptr) return Ok{};
  const std::optional<NumberRange> ports = loose_range(option->arg(), 65535, true);
  if (!ports) {
    return in.error(*option, fmt::format("{} wants a port or LOW:HIGH (0 to 65535, or the name of "
                                         "a service), not \"{}\"",
                                         name, option->arg()));
  }
  if (ordered && ports->low > ports->high) {
    return in.error(
        *option, fmt::format("{} {}: the first port is larger than the last", name, option->arg()));
  }
  into = {.ports = *ports, .invert = option->negated, .term = add_term(match, option)};
  return Ok{};
}

void print_port_option(OptionPrinter& out, std::string_view name, const PortOption& option) {
  out.option(name, range_text(option.ports), option.invert);
}

}  // namespace pktwalk

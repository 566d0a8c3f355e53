// SPDX-License-Identifier: MIT
// Options of matches and targets: looking them up, reading their values, printing them again.
//
// Kernel: none; the readers accept what iptables 1.8.9 accepts (libxtables/xtables.c, xtoptions.c).
// Differs: no names from DNS or /etc/networks; services and protocols from model/netfilter/names.h.
#include "model/netfilter/options.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "model/netfilter/ipset.h"
#include "model/netfilter/names.h"
#include "model/netfilter/option_reader.h"

namespace pktwalk {

std::string Term::text() const {
  std::string out = negated ? "! " + option : option;
  if (!wanted.empty()) out += ' ' + wanted;
  return out;
}

void ParseContext::warn(std::uint32_t column, std::string what, std::string hint) {
  if (host == nullptr) return;
  host->diagnostics.push_back({.severity = Severity::Warning,
                               .at = at,
                               .column = column,
                               .what = std::move(what),
                               .hint = std::move(hint)});
}

std::optional<std::uint32_t> ParseContext::ipset(std::string_view name) const {
  if (host == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < host->ipsets.size(); ++i) {
    if (host->ipsets[i]->name == name) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

State& ParseContext::initial_state() {
  PKTWALK_ASSERT(host != nullptr);
  if (host->initial == nullptr) host->initial = std::make_unique<State>();
  return *host->initial;
}

std::optional<std::uint32_t> ParseContext::find_shared(const std::string& key) const {
  if (shared == nullptr) return std::nullopt;
  for (const auto& [known, index] : *shared) {
    if (known == key) return index;
  }
  return std::nullopt;
}

void ParseContext::remember_shared(const std::string& key, std::uint32_t index) {
  if (shared != nullptr) shared->emplace_back(key, index);
}

const GivenOption* Options::find(std::string_view name) const {
  for (const GivenOption& option : given_) {
    if (option.name() == name) return &option;
  }
  return nullptr;
}

Error Options::error(const GivenOption& option, std::string what, std::string hint) const {
  return rule_error(context_, option.column, std::move(what), std::move(hint));
}

Error Options::error(std::string what, std::string hint) const {
  const std::uint32_t column = given_.empty() ? 0 : given_.front().column;
  return rule_error(context_, column, std::move(what), std::move(hint));
}

Term Options::term(const GivenOption& option) {
  Term term{.option = std::string(option.name()),
            .wanted = {},
            .negated = option.negated,
            .column = option.column};
  for (const std::string& arg : option.args) {
    if (!term.wanted.empty()) term.wanted += ' ';
    term.wanted += arg;
  }
  return term;
}

std::optional<std::uint64_t> read_number(std::string_view text, std::uint64_t max) {
  std::uint64_t base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    std::uint64_t digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<std::uint64_t>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<std::uint64_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') digit = static_cast<std::uint64_t>(c - 'A' + 10);
    if (digit >= base || value > (~std::uint64_t{0} - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  if (value > max) return std::nullopt;
  return value;
}

namespace {
// "low<separator>high" with each end read by `read`; a missing end is 0 or `max`.
template <typename Read>
std::optional<NumberRange> read_ends(std::string_view text, char separator, std::uint32_t max,
                                     Read&& read) {
  const std::size_t cut = text.find(separator);
  NumberRange range{0, max};
  const std::string_view low = text.substr(0, cut);
  if (!low.empty() || cut == std::string_view::npos) {
    const auto value = read(low);
    if (!value) return std::nullopt;
    range.low = static_cast<std::uint32_t>(*value);
    if (cut == std::string_view::npos) range.high = range.low;
  }
  if (cut != std::string_view::npos && cut + 1 < text.size()) {
    const auto value = read(text.substr(cut + 1));
    if (!value) return std::nullopt;
    range.high = static_cast<std::uint32_t>(*value);
  }
  if (range.low > range.high) return std::nullopt;
  return range;
}
}  // namespace

std::optional<NumberRange> read_range(std::string_view text, char separator, std::uint32_t max) {
  return read_ends(text, separator, max,
                   [max](std::string_view part) { return read_number(part, max); });
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  if (const std::optional<std::uint64_t> number = read_number(text, 65535)) {
    return static_cast<std::uint16_t>(*number);
  }
  return service_port(text);
}

std::optional<NumberRange> read_port_range(std::string_view text) {
  return read_ends(text, ':', 65535, read_port);
}

std::optional<MaskedValue> read_masked(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<std::uint64_t> value = read_number(text.substr(0, slash), 0xffffffff);
  if (!value) return std::nullopt;
  MaskedValue masked{.value = static_cast<std::uint32_t>(*value)};
  if (slash != std::string_view::npos) {
    const std::optional<std::uint64_t> mask = read_number(text.substr(slash + 1), 0xffffffff);
    if (!mask) return std::nullopt;
    masked.mask = static_cast<std::uint32_t>(*mask);
  }
  return masked;
}

std::optional<std::uint8_t> read_protocol(std::string_view text) {
  if (const std::optional<std::uint64_t> number = read_number(text, 255)) {
    return static_cast<std::uint8_t>(*number);
  }
  return protocol_number(text);
}

std::string protocol_name(std::uint8_t protocol) {
  const std::string_view name = protocol_name_or_empty(protocol);
  return name.empty() ? std::to_string(protocol) : std::string(name);
}

namespace {
// Dotted decimal with missing parts taken as zero: "10" and "10.0" are 10.0.0.0.
std::optional<IpAddr> read_short_v4(std::string_view text) {
  std::uint32_t value = 0;
  unsigned parts = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::optional<std::uint64_t> part = read_number(text.substr(0, dot), 255);
    if (!part || parts == 4) return std::nullopt;
    value = value << 8 | static_cast<std::uint32_t>(*part);
    ++parts;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return IpAddr::v4(value << 8 * (4 - parts));
}

std::optional<IpAddr> read_address(std::string_view text, Family family) {
  if (family == Family::Ipv4) return read_short_v4(text);
  const std::optional<IpAddr> addr = IpAddr::parse(text);
  return addr && addr->family() == family ? addr : std::nullopt;
}

std::optional<IpAddr> read_mask(std::string_view text, Family family) {
  const bool number = std::all_of(text.begin(), text.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
  if (number) {
    const std::optional<std::uint64_t> length = read_number(text, address_bits(family));
    if (!length) return std::nullopt;
    return IpAddr::mask(family, static_cast<unsigned>(*length));
  }
  const std::optional<IpAddr> mask = IpAddr::parse(text);
  return mask && mask->family() == family ? mask : std::nullopt;
}

// The prefix length of a mask, nothing when it has gaps.
std::optional<unsigned> mask_length(const IpAddr& mask) {
  for (unsigned length = 0; length <= address_bits(mask.family()); ++length) {
    if (IpAddr::mask(mask.family(), length) == mask) return length;
  }
  return std::nullopt;
}
}  // namespace

std::optional<AddrMask> read_addr_mask(std::string_view text, Family family) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddr> addr = read_address(text.substr(0, slash), family);
  if (!addr) return std::nullopt;
  IpAddr mask = IpAddr::mask(family, address_bits(family));
  if (slash != std::string_view::npos) {
    const std::optional<IpAddr> given = read_mask(text.substr(slash + 1), family);
    if (!given) return std::nullopt;
    mask = *given;
  }
  return AddrMask{*addr & mask, mask};
}

std::string to_string(const AddrMask& net) {
  const std::optional<unsigned> length = mask_length(net.mask);
  return to_string(net.addr) + '/' + (length ? std::to_string(*length) : to_string(net.mask));
}

void OptionPrinter::option(std::string_view name, std::string_view value, bool negated) {
  if (!text_.empty()) text_ += ' ';
  if (negated) text_ += "! ";
  text_ += name;
  if (!value.empty()) {
    text_ += ' ';
    text_ += value;
  }
}

void OptionPrinter::quoted(std::string_view name, std::string_view value, bool negated) {
  // What xtables_save_string() leaves bare.
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
  if (plain) return option(name, value, negated);
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '\'') text += '\\';
    text += c;
  }
  text += '"';
  option(name, text, negated);
}

void OptionPrinter::raw(std::string_view text) {
  if (!text_.empty()) text_ += ' ';
  text_ += text;
}

}  // namespace pktwalk

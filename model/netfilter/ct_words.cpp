// SPDX-License-Identifier: MIT
#include "model/netfilter/ct_words.h"

#include <array>
#include <cctype>
#include <span>

#include "model/conntrack/entry.h"
#include "model/netfilter/options.h"
#include "model/trace/value.h"

namespace pktwalk {
namespace {

struct Word {
  std::string_view name;
  std::uint32_t bit;
};

// In the order of printing.
constexpr std::array kStates{
    Word{"INVALID", kCtStateInvalid},     Word{"NEW", kCtStateNew},
    Word{"RELATED", kCtStateRelated},     Word{"ESTABLISHED", kCtStateEstablished},
    Word{"UNTRACKED", kCtStateUntracked}, Word{"SNAT", kCtStateSnat},
    Word{"DNAT", kCtStateDnat},
};
constexpr std::array kStatuses{
    Word{"EXPECTED", ct::kExpected},
    Word{"SEEN_REPLY", ct::kSeenReply},
    Word{"ASSURED", ct::kAssured},
    Word{"CONFIRMED", ct::kConfirmed},
    Word{"NONE", 0},
};

bool begins(std::string_view word, std::string_view part) {
  if (part.empty() || part.size() > word.size()) return false;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (std::toupper(static_cast<unsigned char>(part[i])) != word[i]) return false;
  }
  return true;
}

std::optional<std::uint32_t> read_words(std::string_view text, std::span<const Word> words) {
  std::uint32_t bits = 0;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const Word* found = nullptr;
    for (const Word& word : words) {
      if (begins(word.name, part)) {
        found = &word;
        break;
      }
    }
    if (found == nullptr) return std::nullopt;
    bits |= found->bit;
    if (comma == std::string_view::npos) return bits;
    text.remove_prefix(comma + 1);
  }
}

std::string words_text(std::uint32_t bits, std::span<const Word> words) {
  std::string text;
  for (const Word& word : words) {
    if ((bits & word.bit) == 0) continue;
    if (!text.empty()) text += ',';
    text += word.name;
  }
  return text;
}

// The length of a mask without holes.
std::optional<std::uint8_t> length_of(const IpAddr& mask) {
  const unsigned bits = address_bits(mask.family());
  unsigned length = 0;
  while (length < bits && ((mask.word(length / 32) >> (31 - length % 32)) & 1u) != 0) ++length;
  if (mask != IpAddr::mask(mask.family(), length)) return std::nullopt;
  return static_cast<std::uint8_t>(length);
}

}  // namespace

std::optional<std::uint32_t> read_ct_states(std::string_view text, bool with_nat) {
  return read_words(text, std::span(kStates).first(with_nat ? kStates.size() : 5));
}

std::string ct_states_text(std::uint32_t bits) { return words_text(bits, kStates); }

std::optional<std::uint32_t> read_ct_status(std::string_view text) {
  return read_words(text, kStatuses);
}

std::string ct_status_text(std::uint32_t bits) {
  return bits == 0 ? "NONE" : words_text(bits, kStatuses);
}

bool HostMask::matches(const IpAddr& other) const {
  const IpAddr mask = IpAddr::mask(addr.family(), length);
  return (other & mask) == (addr & mask);
}

std::optional<HostMask> read_host_mask(std::string_view text, Family family) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddr> addr = IpAddr::parse(text.substr(0, slash));
  if (!addr || addr->family() != family) return std::nullopt;
  const auto whole = static_cast<std::uint8_t>(address_bits(family));
  if (slash == std::string_view::npos) return HostMask{*addr, whole};
  const std::string_view rest = text.substr(slash + 1);
  if (const std::optional<std::uint64_t> length = read_number(rest, whole)) {
    return HostMask{*addr, static_cast<std::uint8_t>(*length)};
  }
  const std::optional<IpAddr> mask = IpAddr::parse(rest);
  if (!mask || mask->family() != family) return std::nullopt;
  return HostMask{*addr, length_of(*mask).value_or(whole)};
}

std::string to_string(const HostMask& host) {
  if (host.length == address_bits(host.addr.family())) return to_string(host.addr);
  return to_string(host.addr) + "/" + std::to_string(host.length);
}

}  // namespace pktwalk

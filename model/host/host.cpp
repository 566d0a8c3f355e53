// SPDX-License-Identifier: MIT
// The host's owner of everything that its dumps said.
#include "model/host/host.h"

#include <algorithm>
#include <array>

#include "model/host/state.h"
#include "model/netfilter/hooks.h"
#include "model/netfilter/ipset.h"
#include "model/netfilter/nft/ruleset.h"
#include "model/netfilter/nft/set.h"
#include "model/netfilter/xtables/table.h"
#include "model/routing/index.h"

namespace pktwalk {
namespace {

// Names for devices that no dump names, so that a name can be a view: "if0" to "if255".
struct NumberedNames {
  static constexpr std::size_t kCount = 256;
  std::array<std::array<char, 6>, kCount> text{};
  std::array<std::uint8_t, kCount> length{};

  constexpr NumberedNames() {
    for (std::size_t i = 0; i < kCount; ++i) {
      std::size_t n = 0;
      text[i][n++] = 'i';
      text[i][n++] = 'f';
      if (i >= 100) text[i][n++] = static_cast<char>('0' + i / 100);
      if (i >= 10) text[i][n++] = static_cast<char>('0' + i / 10 % 10);
      text[i][n++] = static_cast<char>('0' + i % 10);
      length[i] = static_cast<std::uint8_t>(n);
    }
  }
};
constexpr NumberedNames kNumberedNames;

}  // namespace

Host::Host() : initial(std::make_unique<State>()) {}
Host::~Host() = default;
Host::Host(Host&&) noexcept = default;
Host& Host::operator=(Host&&) noexcept = default;

const Link* Host::link(IfIndex index) const {
  if (!by_index.empty()) {
    const auto found = by_index.find(static_cast<std::uint32_t>(index));
    return found == by_index.end() ? nullptr : found->second;
  }
  const auto found =
      std::find_if(links.begin(), links.end(), [&](const Link& l) { return l.index == index; });
  return found == links.end() ? nullptr : &*found;
}

const Link* Host::link(std::string_view name) const {
  if (!by_name.empty()) {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
  }
  const auto found =
      std::find_if(links.begin(), links.end(), [&](const Link& l) { return l.name == name; });
  return found == links.end() ? nullptr : &*found;
}

std::string Host::table_name(std::uint32_t table) const {
  if (const auto found = table_names.find(table); found != table_names.end()) return found->second;
  if (table == kTableLocal) return "local";
  if (table == kTableMain) return "main";
  if (table == kTableDefault) return "default";
  return std::to_string(table);
}

std::string_view Host::link_name(IfIndex index) const {
  if (index == IfIndex::None) return {};
  if (const Link* found = link(index)) return found->name;
  const auto number = static_cast<std::size_t>(index);
  if (number >= NumberedNames::kCount) return "if?";
  return {kNumberedNames.text[number].data(), kNumberedNames.length[number]};
}

}  // namespace pktwalk

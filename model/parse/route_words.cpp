// SPDX-License-Identifier: MIT
#include "model/parse/route_words.h"

#include <algorithm>
#include <array>

#include "model/host/host.h"
#include "model/parse/dump_text.h"

namespace pktwalk::route_words {

std::optional<RouteType> type_of(std::string_view word) {
  struct Name {
    std::string_view text;
    RouteType type;
  };
  constexpr std::array<Name, 11> kNames = {{{"unicast", RouteType::Unicast},
                                            {"local", RouteType::Local},
                                            {"broadcast", RouteType::Broadcast},
                                            {"anycast", RouteType::Anycast},
                                            {"multicast", RouteType::Multicast},
                                            {"blackhole", RouteType::Blackhole},
                                            {"unreachable", RouteType::Unreachable},
                                            {"prohibit", RouteType::Prohibit},
                                            {"throw", RouteType::Throw},
                                            {"nat", RouteType::Nat},
                                            {"none", RouteType::Unspec}}};
  for (const Name& name : kNames) {
    if (name.text == word) return name.type;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> scope_of(std::string_view word) {
  if (word == "global" || word == "universe") return kScopeUniverse;
  if (word == "link") return kScopeLink;
  if (word == "host") return kScopeHost;
  if (word == "site") return kScopeSite;
  if (word == "nowhere") return kScopeNowhere;
  const auto value = dump::number(word);
  if (!value || *value > 255) return std::nullopt;
  return static_cast<std::uint8_t>(*value);
}

std::uint8_t protocol_of(std::string_view word) {
  if (word == "kernel") return 2;
  if (word == "boot") return 3;
  if (word == "static") return 4;
  if (word == "redirect") return 1;
  constexpr std::uint8_t kOther = 255;
  return static_cast<std::uint8_t>(
      std::min<std::uint32_t>(dump::number(word).value_or(kOther), 255));
}

}  // namespace pktwalk::route_words

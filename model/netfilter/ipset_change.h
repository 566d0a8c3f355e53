// SPDX-License-Identifier: MIT
// Changes that packets make to a set.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/netfilter/ipset.h"
#include "model/netfilter/ipset_packet.h"

namespace pktwalk {

struct SetChange {
  const SetDirections& dirs;
  std::optional<std::uint32_t> timeout;  // seconds; nothing: the set's default
  bool exist = false;                    // an element that is there gets new values
  bool remove = false;
};
// Outcome::Match: the set changed. Reports a SetStep.
Outcome change_set(const SetPacket& packet, const IpSet& set, const SetChange& change,
                   const char** why = nullptr);

SetPacket set_packet(TargetContext& ctx);
// What the dump says of an element, behind the set's name; empty for one that a packet added.
std::string_view element_line(const Host& host, const IpSet& set, const IpSetElement* element);

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// The elements of an ipset: what packets may change (timeouts, additions by -j SET, counters).
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/core/addr.h"
#include "model/core/time.h"

namespace pktwalk {

// What identifies an element. Parts that the set's type does not have stay zero.
struct IpSetKey {
  IpAddr addr;
  std::uint8_t prefix = 0;  // hash:net kinds: prefix length of addr
  std::uint8_t proto = 0;   // ip,port kinds
  std::uint16_t port = 0;
  IpAddr addr2;  // three-part kinds
  std::uint8_t prefix2 = 0;
  std::uint32_t member = 0;  // list:set: index of the member set plus 1
  MacAddr mac;
  std::uint32_t mark = 0;
  std::uint32_t iface = 0;  // hash:net,iface: number of the interned name
  bool operator==(const IpSetKey&) const = default;
};

struct IpSetKeyHash {
  std::size_t operator()(const IpSetKey& key) const;
};

struct IpSetElement {
  std::optional<Time> expires;  // nothing: never
  bool nomatch = false;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint32_t skbmark = 0, skbmask = 0, skbprio = 0;
  std::uint16_t skbqueue = 0;
  std::uint32_t order =
      0;  // place in the dump or time of addition: for list:set and stable printing
  bool operator==(const IpSetElement&) const = default;
};

struct IpSetData {
  std::unordered_map<IpSetKey, IpSetElement, IpSetKeyHash> elements;
  std::uint32_t next_order = 0;
  bool operator==(const IpSetData&) const = default;
};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// The elements of an ipset: what packets may change (timeouts, additions by -j SET, counters).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
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
  std::uint32_t iface = 0;  // hash:net,iface: see IpSet::ifaces
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
  std::uint32_t comment = 0;  // index into IpSet::comments plus 1
  // bitmap:ip,mac: filled in by the first packet when not given. Only then the element's time
  // begins to run: `waiting_timeout` seconds.
  std::optional<MacAddr> mac;
  std::uint32_t waiting_timeout = 0;
  std::uint32_t line = 0;   // of the dump, in the file of IpSet::at; 0: added by a packet
  std::uint32_t order = 0;  // place in the dump or time of addition: for list:set and printing
  bool operator==(const IpSetElement&) const = default;

  // ip_set_timeout_expired()
  bool expired(Time now) const { return expires && now > *expires; }
};

// Elements and the prefix lengths they have. Copies share the elements until one of them changes:
// a set may be large, and the state is copied often.
class IpSetData {
 public:
  using Elements = std::unordered_map<IpSetKey, IpSetElement, IpSetKeyHash>;
  struct PrefixCount {
    std::uint8_t length = 0;
    std::uint32_t count = 0;
    bool operator==(const PrefixCount&) const = default;
  };
  using Prefixes = std::vector<PrefixCount>;  // longest first

  const Elements& elements() const { return body_->elements; }
  std::size_t size() const { return body_->elements.size(); }
  const IpSetElement* find(const IpSetKey& key) const;
  IpSetElement* find_to_change(const IpSetKey& key);  // takes a copy of its own when shared
  // Prefix lengths present in the first (0) or second (1) network of the elements.
  const Prefixes& prefixes(std::size_t part) const { return body_->prefixes[part]; }

  // Adds, or replaces the element that has the key. Gives a new element its order.
  void put(const IpSetKey& key, IpSetElement element);
  bool erase(const IpSetKey& key);
  void erase_expired(Time now);
  // The elements in their order.
  std::vector<const Elements::value_type*> in_order() const;
  // Adds `ns` to every expiry time: see start_clock().
  void move_times(std::int64_t ns);

  bool operator==(const IpSetData& other) const;

 private:
  struct Body {
    Elements elements;
    std::array<Prefixes, 2> prefixes;
    std::uint32_t next_order = 0;
    bool operator==(const Body&) const = default;
  };
  Body& own();
  static void count(Prefixes& prefixes, std::uint8_t length, bool more);

  std::shared_ptr<Body> body_ = std::make_shared<Body>();
};

}  // namespace pktwalk

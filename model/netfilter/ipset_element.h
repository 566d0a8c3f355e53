// SPDX-License-Identifier: MIT
// Elements of ipsets as text: "10.0.0.0/8,tcp:80-90".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/core/result.h"
#include "model/netfilter/ipset.h"
#include "model/netfilter/ipset_type.h"

namespace pktwalk {

// Options of an add line that concern the element itself.
struct ElementOptions {
  bool wildcard = false;  // hash:net,iface: the name is a beginning
};

// Adds everything that `text` names, ranges spread out as ipset does, each with the values of
// `like`. Answers how many are new. Error{what}: the text is no element of this type, or the set is
// full. `host` knows the members of list:set.
Result<std::uint32_t> add_elements(const Host& host, IpSet& set, IpSetData& data,
                                   std::string_view text, const IpSetElement& like,
                                   const ElementOptions& options);

// The element as ipset save writes it, without its options: "10.0.0.0/8,tcp:80".
std::string element_text(const Host& host, const IpSet& set, const IpSetKey& key,
                         const IpSetElement& element);

// The address with what the set does not store cut off: netmask, bitmask.
IpAddr masked_by_set(const IpSet& set, const IpAddr& addr);

}  // namespace pktwalk

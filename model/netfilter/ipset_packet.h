// SPDX-License-Identifier: MIT
// The element that a packet stands for in a set: what the kernel's *_kadt() functions begin with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/netfilter/ipset.h"
#include "model/netfilter/ipset_type.h"

namespace pktwalk {

// What the functions need of a MatchContext or TargetContext.
struct SetPacket {
  const Skb& skb;
  const Host& host;
  State& state;
  Time now;
  const Link* in = nullptr;
  const Link* out = nullptr;
  std::uint8_t protocol = 0;
  std::uint16_t frag_offset = 0;
  std::size_t transport = 0;
  Recorder* recorder = nullptr;
  bool probe = false;
};

// The packet's element with whole addresses: prefixes are the family's width, `iface` is left out
// (`device` says it). `failure` not null: there is no such element, and why; `cut`: because the
// capture was cut.
struct SetCandidate {
  IpSetKey key;
  const Link* device = nullptr;
  MacAddr mac;
  const char* failure = nullptr;
  bool cut = false;
};
SetCandidate set_candidate(const SetPacket& packet, const IpSet& set, const SetDirections& dirs);

// Source or destination of the IP header.
IpAddr packet_address(const Skb& skb, bool source);

// The number of a device in IpSetKey::iface when an element names exactly this device.
std::uint32_t iface_number(const IpSet& set, const Link& device);

}  // namespace pktwalk

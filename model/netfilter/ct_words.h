// SPDX-License-Identifier: MIT
// The words that -m state and -m conntrack use for a connection's state and status, and the host
// masks of -m conntrack, which differ from those of -s and -d.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/core/addr.h"

namespace pktwalk {

// "NEW,RELATED" as bits kCtState* of model/trace/value.h. Case does not matter and a beginning is
// enough ("est"), as for iptables. SNAT and DNAT are words of `with_nat` only.
std::optional<std::uint32_t> read_ct_states(std::string_view text, bool with_nat);
// In iptables-save's order: "INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT".
std::string ct_states_text(std::uint32_t bits);

// "SEEN_REPLY,ASSURED" as bits ct::Status; NONE stands for no bit.
std::optional<std::uint32_t> read_ct_status(std::string_view text);
std::string ct_status_text(std::uint32_t bits);  // "NONE" for 0

// An address with a prefix length, host bits kept: iptables prints them back.
struct HostMask {
  IpAddr addr;
  std::uint8_t length = 0;
  bool matches(const IpAddr& other) const;
};
// "10.0.0.1", "10.1.2.3/8", "10.1.2.3/255.0.0.0". A mask with holes counts as a whole host, as
// iptables has it.
std::optional<HostMask> read_host_mask(std::string_view text, Family family);
std::string to_string(const HostMask& host);

}  // namespace pktwalk

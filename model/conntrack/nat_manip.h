// SPDX-License-Identifier: MIT
// What NAT does to the bytes of a packet.
#pragma once

#include "model/conntrack/nat.h"

namespace pktwalk::ct {

// nf_nat_packet(): gives the packet the addresses and ports of its connection's mapping, when this
// side has one. Drop: the packet is too short to be changed.
Verdict translate(HookContext& ctx, const Entry& entry);

// nf_nat_icmp_reply_translation(): an ICMP error about a translated connection, inside and outside.
Verdict translate_icmp_error(HookContext& ctx, const Entry& entry);

}  // namespace pktwalk::ct

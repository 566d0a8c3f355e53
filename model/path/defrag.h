// SPDX-License-Identifier: MIT
// Reassembly of IPv4 fragments.
#pragma once

#include <cstdint>

#include "model/path/stage.h"

namespace pktwalk {

// Who asks: each keeps queues of its own (enum ip_defrag_users).
enum class DefragUser : std::uint32_t { LocalDeliver = 0, ConntrackIn = 1, ConntrackOut = 2 };

// ip_defrag(): takes a fragment. Continue: `skb` is now the whole packet. Done: it waits for the
// others, or was dropped (the walk's ending says which).
Next defrag(Walk& walk, Skb& skb, DefragUser user, std::uint16_t zone);

// The function at -400 of PREROUTING and OUTPUT. Kernel: nf_defrag_ipv4.c:ipv4_conntrack_defrag()
Verdict defrag_hook(HookContext& ctx);

}  // namespace pktwalk

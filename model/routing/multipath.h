// SPDX-License-Identifier: MIT
// Routes with several nexthops: which one a flow takes.
#pragma once

#include "model/packet/skb.h"
#include "model/routing/fib.h"

namespace pktwalk::fib {

// fib_select_multipath() for a packet that is forwarded: replaces found.hop by the nexthop of the
// packet's hash, when the route has several. Gives the static text that says how the choice came
// about; null: there was none.
const char* select_nexthop(const Host& host, const Skb& skb, Found& found);
// The same for a packet of this host, by what output routing knows of it.
const char* select_nexthop(const Host& host, const Flow& flow, Found& found);

}  // namespace pktwalk::fib

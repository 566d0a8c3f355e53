// SPDX-License-Identifier: MIT
// Connection tracking at its hooks, and what matches may ask about a packet's connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/conntrack/entry.h"
#include "model/conntrack/table.h"
#include "model/path/stage.h"
#include "model/trace/step.h"

namespace pktwalk::ct {

// nf_conntrack_in(), priority -200 of PREROUTING and OUTPUT. Accept or Drop (table full).
Verdict track(HookContext& ctx);
// nf_confirm(), last at INPUT and POSTROUTING: a connection's first packet made it, the entry
// becomes findable. Drop: another entry has the same tuple.
Verdict confirm(HookContext& ctx);
// Forgets the connection of a packet that ended before it was confirmed (nf_ct_put on the last
// reference).
void release(State& state, Skb& skb);
// NOTRACK: the packet gets the state UNTRACKED unless it has a connection.
void set_untracked(Skb& skb);
// nf_ct_attach(): a packet that the router makes in answer to `from` belongs to its connection, in
// the other direction.
void attach(const Skb& from, Skb& answer, const State& state);
// nf_conntrack_tcp_set_closing(): REJECT with a reset closes the connection of the rejected packet.
void set_closing(State& state, const Skb& rejected, const Host& host, Time now);

// nf_ct_get_tuple(): the tuple of the packet at its IP header. False: no such tuple (later
// fragment, short header).
bool tuple_of(const std::uint8_t* ip, std::size_t length, Tuple& tuple);
// nf_ct_invert_tuple(). False for an ICMP type that has no counterpart.
bool invert(const Tuple& tuple, Tuple& inverted);

// The entry of the packet; null when it has none (INVALID, UNTRACKED, not tracked at all).
const Entry* entry_of(const Skb& skb, const State& state);
Entry* entry_of(const Skb& skb, State& state);
// The state bits that -m state and -m conntrack --ctstate test: one of kCtState* of
// model/trace/value.h, plus the SNAT and DNAT bits.
std::uint32_t state_bits(const Skb& skb, const State& state);
// 0 original, 1 reply.
inline std::uint8_t direction(const Skb& skb) { return is_reply(skb.ctinfo) ? 1 : 0; }

// The table as `conntrack -L -o extended` prints it, at `now`.
std::string print_table(const Table& table, Time now, const Host& host);
// Reads a line of conntrack -L (extended or not), conntrack -E or /proc/net/nf_conntrack into the
// table; false when it is no such line. Timeouts count from the first packet (Table::expire()). An
// entry whose tuples are taken already is left out.
bool load_line(Table& table, std::string_view line);
// Brings the connections of the host's dumps into its initial state; a line that is none becomes a
// diagnostic.
void load_connections(Host& host);

// Whether the kernel registers conntrack at all for this host (a rule, target or NAT table needs
// it).
bool in_use(const Host& host);

}  // namespace pktwalk::ct

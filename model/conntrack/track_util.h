// SPDX-License-Identifier: MIT
// What the trackers of all protocols share.
#pragma once

#include <cstdint>
#include <span>

#include "model/conntrack/tracker.h"

namespace pktwalk::ct {

inline constexpr std::int64_t seconds(std::uint32_t n) { return std::int64_t{n} * kNsPerSecond; }

// nf_ct_refresh_acct(): the entry lives for `timeout` ns from now (an unconfirmed one from its
// confirmation), and the packet is counted when nf_conntrack_acct is on.
void refresh(const TrackContext& ctx, Entry& entry, std::int64_t timeout);
// Counting alone (nf_ct_acct_update()).
void account(const TrackContext& ctx, Entry& entry);
// nf_ct_kill_acct(): the entry of this packet is not found any more; the packet keeps it.
void kill(const TrackContext& ctx, Entry& entry);

// The captured bytes from the transport header on, and how many there were on the wire.
std::span<const std::uint8_t> transport_bytes(const TrackContext& ctx);
std::size_t transport_length(const TrackContext& ctx);

// nf_conntrack_checksum: whether received packets have their checksums checked at this hook.
bool checks_checksums(const HookContext& ctx);
// Whether the transport checksum is wrong. A packet cut by the capture is taken as right, and the
// trace says so.
bool checksum_is_wrong(const TrackContext& ctx);

}  // namespace pktwalk::ct

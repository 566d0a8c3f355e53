// SPDX-License-Identifier: MIT
// What the trackers of all protocols share: timeouts, accounting, checksums.
//
// Kernel: net/netfilter/nf_conntrack_core.c (__nf_ct_refresh_acct(), nf_ct_kill_acct()),
//         net/netfilter/utils.c:nf_checksum()
// Differs: time is the capture's, in nanoseconds; the kernel counts jiffies.
#include "model/conntrack/track_util.h"

#include "model/conntrack/conntrack.h"
#include "model/packet/mangle.h"

namespace pktwalk::ct {

void account(const TrackContext& ctx, Entry& entry) {
  if (!ctx.hook.walk.host().sysctls.ct_acct) return;
  ++entry.packets[ctx.dir];
  entry.bytes[ctx.dir] += ctx.hook.skb.len();
}

void refresh(const TrackContext& ctx, Entry& entry, std::int64_t timeout) {
  if (!entry.has(kFixedTimeout)) {
    if (entry.has(kConfirmed)) {
      entry.expires = ctx.hook.walk.now() + timeout;
    } else {
      entry.timeout = timeout;
    }
  }
  account(ctx, entry);
}

void kill(const TrackContext& ctx, Entry& entry) {
  account(ctx, entry);
  ctx.hook.walk.state().conntrack.kill(ctx.hook.skb.ct);
}

std::span<const std::uint8_t> transport_bytes(const TrackContext& ctx) {
  return std::span<const std::uint8_t>(ctx.hook.skb.data).subspan(ctx.transport);
}

std::size_t transport_length(const TrackContext& ctx) {
  return ctx.hook.skb.data.size() - ctx.transport + ctx.hook.skb.missing;
}

bool checks_checksums(const HookContext& ctx) {
  return ctx.hook == Hook::Prerouting && ctx.walk.host().sysctls.ct_checksum;
}

bool checksum_is_wrong(const TrackContext& ctx) {
  switch (verify_transport_checksum(ctx.hook.skb)) {
    case ChecksumState::Wrong:
      return true;
    case ChecksumState::Unknown:
      if (Recorder* const recorder = ctx.hook.walk.recorder()) {
        recorder->step(NoteStep{"checksum taken as right: the capture has not the whole packet"});
      }
      return false;
    case ChecksumState::Right:
    case ChecksumState::Absent:
      return false;
  }
  return false;
}

}  // namespace pktwalk::ct

// SPDX-License-Identifier: MIT
// Connection tracking of UDP: a flow lives for 30 seconds, and for two minutes once it has gone
// both ways for two seconds.
//
// Kernel: net/netfilter/nf_conntrack_proto_udp.c (nf_conntrack_udp_packet(), udp_error())
// Differs: nothing known
#include "model/conntrack/track_util.h"
#include "model/conntrack/tracker.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

using namespace ct;
using Answer = TrackerDef::Answer;

constexpr std::int64_t kStreamAge = 2 * kNsPerSecond;

// udp_error(): why the datagram is broken; null when it is not.
const char* problem_of(const TrackContext& ctx, const UdpView& udp) {
  if (udp.length() > transport_length(ctx) || udp.length() < 8) {
    return "UDP length does not fit the packet";
  }
  if (udp.checksum() == 0) return nullptr;
  if (checks_checksums(ctx.hook) && checksum_is_wrong(ctx)) return "UDP checksum is wrong";
  return nullptr;
}

Answer packet(TrackContext& ctx, Entry& entry) {
  const std::optional<UdpView> udp = UdpView::at(transport_bytes(ctx));
  if (!udp) {
    const bool cut = transport_length(ctx) >= 8;
    ctx.why = cut ? "the capture ends within the UDP header" : "UDP header is cut short";
    return cut ? Answer::Unknown : Answer::Invalid;
  }
  ctx.why = problem_of(ctx, *udp);
  if (ctx.why != nullptr) return Answer::Invalid;

  const NetSysctls& sysctls = ctx.hook.walk.host().sysctls;
  const Time now = ctx.hook.walk.now();
  if (!entry.has(kConfirmed)) entry.created = now;
  if (!entry.has(kSeenReply)) {
    refresh(ctx, entry, seconds(sysctls.udp_timeout));
    return Answer::Accept;
  }
  const bool stream = now - entry.created > kStreamAge;
  refresh(ctx, entry, seconds(stream ? sysctls.udp_timeout_stream : sysctls.udp_timeout));
  if (stream && !entry.has(kNatClash)) entry.status |= kAssured;
  return Answer::Accept;
}

}  // namespace

extern const TrackerDef ct_udp;
const TrackerDef ct_udp{.name = "udp", .proto = kProtoUdp, .packet = packet};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Connection tracking of UDP-Lite.
//
// The checksum covers as much as the header's coverage field says. The kernel computes it here with
// UDP's protocol number in the pseudo header instead of UDP-Lite's, so that what it accepts is
// what it would call wrong elsewhere.
//
// Kernel: net/netfilter/nf_conntrack_proto_udp.c (nf_conntrack_udplite_packet(), udplite_error()),
//         net/netfilter/utils.c:nf_ip_checksum_partial()
// Differs: nothing known
#include "model/conntrack/track_util.h"
#include "model/conntrack/tracker.h"
#include "model/packet/checksum.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

using namespace ct;
using Answer = TrackerDef::Answer;

bool coverage_is_right(const TrackContext& ctx, std::size_t coverage) {
  if (ctx.hook.skb.known_checksum) return true;
  const std::span<const std::uint8_t> bytes = transport_bytes(ctx);
  if (bytes.size() < coverage) return true;  // not captured: taken as right
  const Ipv4View ip(ctx.hook.skb.l3().data());
  const std::uint64_t pseudo = pseudo_sum(ip.saddr(), ip.daddr(), kProtoUdp,
                                          static_cast<std::uint32_t>(transport_length(ctx)));
  return finish_sum(sum_bytes(bytes.first(coverage), pseudo)) == 0;
}

// udplite_error(): why the datagram is broken; null when it is not.
const char* problem_of(const TrackContext& ctx, const UdpView& udp) {
  const std::size_t length = transport_length(ctx);
  const std::size_t coverage = udp.length() == 0 ? length : udp.length();
  if (coverage < 8 || coverage > length)
    return "UDP-Lite checksum coverage does not fit the packet";
  if (udp.checksum() == 0) return "UDP-Lite without checksum";
  if (checks_checksums(ctx.hook) && !coverage_is_right(ctx, coverage)) {
    return "UDP-Lite checksum is wrong";
  }
  return nullptr;
}

Answer packet(TrackContext& ctx, Entry& entry) {
  const std::optional<UdpView> udp = UdpView::at(transport_bytes(ctx));
  if (!udp) {
    const bool cut = transport_length(ctx) >= 8;
    ctx.why = cut ? "the capture ends within the UDP-Lite header" : "UDP-Lite header is cut short";
    return cut ? Answer::Unknown : Answer::Invalid;
  }
  ctx.why = problem_of(ctx, *udp);
  if (ctx.why != nullptr) return Answer::Invalid;

  const NetSysctls& sysctls = ctx.hook.walk.host().sysctls;
  if (!entry.has(kSeenReply)) {
    refresh(ctx, entry, seconds(sysctls.udp_timeout));
    return Answer::Accept;
  }
  refresh(ctx, entry, seconds(sysctls.udp_timeout_stream));
  if (!entry.has(kNatClash)) entry.status |= kAssured;
  return Answer::Accept;
}

}  // namespace

extern const TrackerDef ct_udplite;
const TrackerDef ct_udplite{.name = "udplite", .proto = kProtoUdpLite, .packet = packet};

}  // namespace pktwalk

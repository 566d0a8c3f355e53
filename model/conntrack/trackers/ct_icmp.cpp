// SPDX-License-Identifier: MIT
// Connection tracking of ICMP questions and answers: echo, timestamp, information, address mask.
// Errors about other packets are dealt with before (model/conntrack/conntrack.cpp).
//
// Kernel: net/netfilter/nf_conntrack_proto_icmp.c:nf_conntrack_icmp_packet()
// Differs: nothing known
#include "model/conntrack/track_util.h"
#include "model/conntrack/tracker.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

using namespace ct;
using Answer = TrackerDef::Answer;

bool is_question(unsigned type) { return type == 8 || type == 13 || type == 15 || type == 17; }

Answer packet(TrackContext& ctx, Entry& entry) {
  if (!is_question(entry.tuple[0].dst_id >> 8)) {
    ctx.why = "ICMP answer without a question before it";
    return Answer::Invalid;
  }
  refresh(ctx, entry, seconds(ctx.hook.walk.host().sysctls.icmp_timeout));
  return Answer::Accept;
}

}  // namespace

extern const TrackerDef ct_icmp;
const TrackerDef ct_icmp{.name = "icmp", .proto = kProtoIcmp, .packet = packet};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Connection tracking of all protocols that have no tracker of their own (ESP, AH, OSPF, DCCP ...):
// source and destination address make the connection.
//
// Kernel: net/netfilter/nf_conntrack_core.c:generic_packet()
// Differs: nothing known
#include "model/conntrack/track_util.h"
#include "model/conntrack/tracker.h"

namespace pktwalk {
namespace {

TrackerDef::Answer packet(TrackContext& ctx, ct::Entry& entry) {
  ct::refresh(ctx, entry, ct::seconds(ctx.hook.walk.host().sysctls.generic_timeout));
  return TrackerDef::Answer::Accept;
}

}  // namespace

extern const TrackerDef ct_generic;
const TrackerDef ct_generic{.name = "unknown", .proto = 0, .packet = packet};

}  // namespace pktwalk

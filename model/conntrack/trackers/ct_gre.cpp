// SPDX-License-Identifier: MIT
// Connection tracking of GRE tunnels.
//
// Kernel: net/netfilter/nf_conntrack_proto_gre.c:nf_conntrack_gre_packet()
// Differs: the keys of PPTP calls, which its helper would note, are not known
#include "model/conntrack/track_util.h"
#include "model/conntrack/tracker.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

using namespace ct;
using Answer = TrackerDef::Answer;

Answer packet(TrackContext& ctx, Entry& entry) {
  const NetSysctls& sysctls = ctx.hook.walk.host().sysctls;
  if (!entry.has(kSeenReply)) {
    refresh(ctx, entry, seconds(sysctls.gre_timeout));
    return Answer::Accept;
  }
  refresh(ctx, entry, seconds(sysctls.gre_timeout_stream));
  if (!entry.has(kNatClash)) entry.status |= kAssured;
  return Answer::Accept;
}

}  // namespace

extern const TrackerDef ct_gre;
const TrackerDef ct_gre{.name = "gre", .proto = kProtoGre, .packet = packet};

}  // namespace pktwalk

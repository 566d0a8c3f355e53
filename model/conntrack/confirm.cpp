// SPDX-License-Identifier: MIT
// Connection tracking where a packet leaves: the connection of a first packet that made it through
// becomes findable. A packet dropped on its way leaves no entry.
//
// Kernel: net/netfilter/nf_conntrack_proto.c:nf_confirm(), nf_conntrack_core.c
//         (__nf_conntrack_confirm(), nf_ct_resolve_clash(), nf_ct_resolve_clash_harder()),
//         nf_conntrack_proto_tcp.c:nf_conntrack_tcp_set_closing()
// Differs: helpers do not read the payload, and sequence numbers are not adjusted; the kernel also
//          drops when a hash chain grows too long, which depends on a random number.
#include "model/conntrack/conntrack.h"
#include "model/conntrack/track_util.h"
#include "model/packet/headers.h"

namespace pktwalk::ct {
namespace {

void report(HookContext& ctx, CtStep::Kind kind, const Entry& entry, const char* why) {
  Recorder* const recorder = ctx.walk.recorder();
  if (recorder == nullptr) return;
  const Tuple& tuple = entry.tuple[0];
  recorder->step(CtStep{.kind = kind,
                        .id = ctx.skb.ct,
                        .info = ctx.skb.ctinfo,
                        .src = Value::address(tuple.src),
                        .dst = Value::address(tuple.dst),
                        .proto = tuple.proto,
                        .why = why},
                 &ctx.skb);
}

// Protocols whose packets may come twice at once without harm (allow_clash).
bool allows_clash(std::uint8_t proto) {
  switch (proto) {
    case kProtoTcp:
    case kProtoIcmp:
    case kProtoIcmpv6:
    case kProtoSctp:
      return false;
    default:
      return true;
  }
}

bool same_zones(const Entry& a, const Entry& b) {
  return a.zone_orig == b.zone_orig && a.zone_reply == b.zone_reply;
}

// nf_ct_can_merge(): the same flow, either way round.
bool same_flow(const Entry& a, const Entry& b) {
  if (a.tuple == b.tuple && same_zones(a, b)) return true;
  return a.tuple[0] == b.tuple[1] && a.tuple[1] == b.tuple[0] && a.zone_orig == b.zone_reply &&
         a.zone_reply == b.zone_orig;
}

// The packet joins the entry that is there already.
void merge(HookContext& ctx, CtId winner) {
  Table& table = ctx.walk.state().conntrack;
  const CtId loser = ctx.skb.ct;
  if (ctx.walk.host().sysctls.ct_acct) {
    const std::uint8_t dir = direction(ctx.skb);
    ++table.at(winner).packets[dir];
    table.at(winner).bytes[dir] += table.at(loser).bytes[dir];
  }
  table.remove(loser);
  ctx.skb.ct = winner;
}

Verdict resolve_clash(HookContext& ctx, Found taken) {
  Table& table = ctx.walk.state().conntrack;
  Entry& own = table.at(ctx.skb.ct);
  const Time now = ctx.walk.now();
  const auto clash = [&] {
    report(ctx, CtStep::Kind::ClashDrop, own,
           "another connection has the same addresses and ports");
    return Verdict::Drop;
  };
  if (!allows_clash(table.at(taken.id).tuple[0].proto)) return clash();
  if (same_flow(table.at(taken.id), own)) {
    report(ctx, CtStep::Kind::Confirmed, own, "joins the entry that was made meanwhile");
    merge(ctx, taken.id);
    return Verdict::Accept;
  }
  const Zone zone(own.zone_orig, own.zone_reply);
  if (const std::optional<Found> reply = table.find(own.tuple[1], zone, now)) {
    if (!same_flow(table.at(reply->id), own)) return clash();
    report(ctx, CtStep::Kind::Confirmed, own, "joins the entry that was made meanwhile");
    merge(ctx, reply->id);
    return Verdict::Accept;
  }
  own.expires = now + seconds(1);
  report(ctx, CtStep::Kind::Confirmed, own,
         "clashes with another connection: kept for one second, for its replies only");
  table.confirm_reply_only(ctx.skb.ct);
  return Verdict::Accept;
}

}  // namespace

Verdict confirm(HookContext& ctx) {
  Table& table = ctx.walk.state().conntrack;
  const CtId id = ctx.skb.ct;
  if (!table.valid(id)) return Verdict::Accept;
  Entry& entry = table.at(id);
  // An answer of ours that was attached to a connection does not confirm it.
  if (entry.has(kConfirmed) || is_reply(ctx.skb.ctinfo)) return Verdict::Accept;
  if (entry.has(kDying)) {
    report(ctx, CtStep::Kind::ClashDrop, entry, "the connection is being removed");
    return Verdict::Drop;
  }
  const Zone zone(entry.zone_orig, entry.zone_reply);
  const Time now = ctx.walk.now();
  for (const Tuple& tuple : entry.tuple) {
    if (const std::optional<Found> taken = table.find(tuple, zone, now)) {
      return resolve_clash(ctx, *taken);
    }
  }
  // The timeout counts from now, not from when the packet came in.
  entry.expires = now + entry.timeout;
  table.confirm(id);
  report(ctx, CtStep::Kind::Confirmed, table.at(id), nullptr);
  return Verdict::Accept;
}

void release(State& state, Skb& skb) {
  Table& table = state.conntrack;
  const CtId id = skb.ct;
  const bool answer = is_reply(skb.ctinfo);
  skb.ct = CtId::None;
  skb.ctinfo = CtInfo::None;
  if (!table.valid(id)) return;
  const Entry& entry = table.at(id);
  // An answer of ours that is attached to a new connection leaves it to the packet that began it.
  if (entry.has(kDying) || (!entry.has(kConfirmed) && !answer)) table.remove(id);
}

void set_closing(State& state, const Skb& rejected, const Host& host, Time now) {
  Entry* const entry = entry_of(rejected, state);
  if (entry == nullptr || entry->tuple[0].proto != kProtoTcp || !entry->has(kConfirmed)) return;
  const std::uint8_t before = entry->tcp.state;
  entry->tcp.state = kTcpClose;
  if (before == kTcpClose || entry->has(kFixedTimeout)) return;
  entry->expires = now + seconds(host.sysctls.tcp_timeouts[kTcpClose]);
}

}  // namespace pktwalk::ct

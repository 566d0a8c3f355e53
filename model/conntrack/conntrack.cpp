// SPDX-License-Identifier: MIT
// Connection tracking where a packet enters: which connection it belongs to, or that it begins one,
// or that it is INVALID.
//
// A packet that makes no sense is not dropped here: it goes on without a connection, and rules
// decide.
//
// Kernel: net/netfilter/nf_conntrack_core.c (nf_conntrack_in(), resolve_normal_ct(),
//         init_conntrack(), early_drop()), nf_conntrack_proto.c:ipv4_conntrack_local(),
//         nf_conntrack_proto_icmp.c (nf_conntrack_icmpv4_error(), nf_conntrack_inet_error())
// Differs: expectations of helpers are not followed; which entry of a full table has to go depends
//          on a random hash in the kernel: here it is the oldest that may go.
#include "model/conntrack/conntrack.h"

#include "model/conntrack/track_util.h"
#include "model/conntrack/tracker.h"
#include "model/packet/headers.h"

namespace pktwalk::ct {
namespace {

constexpr const char* kCut = "the capture ends before the transport header";

// What conntrack works with while it looks at one packet.
class Tracking {
 public:
  explicit Tracking(HookContext& ctx)
      : ctx_(ctx), skb_(ctx.skb), table_(ctx.walk.state().conntrack) {}

  Verdict run();

 private:
  enum class Step { Done, Again };

  Verdict skip(const char* why);
  Verdict invalid(const char* why);
  Verdict unknown(const char* why);
  void take_template();
  bool has_transport();
  bool track_icmp_error(Verdict& verdict);
  const char* relate(std::size_t inner);
  bool find_or_create(Verdict& verdict);
  bool make_room();
  Step hand_to_tracker(Verdict& verdict);
  void report(CtStep::Kind kind, const char* why = nullptr, std::uint8_t before = 0,
              std::uint8_t after = 0);
  std::span<const std::uint8_t> bytes_from(std::size_t offset) const {
    return std::span<const std::uint8_t>(skb_.data).subspan(offset);
  }

  HookContext& ctx_;
  Skb& skb_;
  Table& table_;
  Zone zone_;
  Tuple tuple_;
  std::size_t transport_ = 0;
  std::uint8_t state_ = 0;  // TCP state of the entry when the packet came
  bool created_ = false;
};

Value endpoint(const IpAddr& addr, const Tuple& tuple, std::uint16_t id) {
  switch (tuple.proto) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoSctp:
      return Value::endpoint(addr, id);
    default:
      return Value::address(addr);
  }
}

void Tracking::report(CtStep::Kind kind, const char* why, std::uint8_t before, std::uint8_t after) {
  Recorder* const recorder = ctx_.walk.recorder();
  if (recorder == nullptr) return;
  CtStep step{.kind = kind, .id = skb_.ct, .info = skb_.ctinfo};
  step.src = endpoint(tuple_.src, tuple_, tuple_.src_id);
  step.dst = endpoint(tuple_.dst, tuple_, tuple_.dst_id);
  step.proto = tuple_.proto;
  step.state_before = before;
  step.state_after = after;
  step.why = why;
  recorder->step(step, &skb_);
}

Verdict Tracking::skip(const char* why) {
  const Ipv4View ip(skb_.l3().data());
  tuple_.src = ip.saddr();
  tuple_.dst = ip.daddr();
  tuple_.proto = ip.protocol();
  // What has its connection already is told by it.
  if (skb_.ct != CtId::None) tuple_ = table_.at(skb_.ct).tuple[is_reply(skb_.ctinfo) ? 1 : 0];
  report(skb_.ctinfo == CtInfo::Untracked ? CtStep::Kind::Untracked : CtStep::Kind::Skipped, why);
  return Verdict::Accept;
}

Verdict Tracking::invalid(const char* why) {
  skb_.ct = CtId::None;
  skb_.ctinfo = CtInfo::None;
  report(CtStep::Kind::Invalid, why, state_, state_);
  return Verdict::Accept;
}

Verdict Tracking::unknown(const char* why) {
  ctx_.walk.unknown_why = why;
  report(CtStep::Kind::Invalid, why);
  return Verdict::Unknown;
}

// nf_ct_zone_tmpl(): the zone that a CT rule chose; the template has served then.
void Tracking::take_template() {
  if (!skb_.ct_template) return;
  const std::uint16_t id =
      skb_.ct_template_from_mark ? static_cast<std::uint16_t>(skb_.mark) : skb_.ct_template_zone;
  if ((skb_.ct_template_dirs & 1) != 0) zone_.original = id;
  if ((skb_.ct_template_dirs & 2) != 0) zone_.reply = id;
  skb_.ct_template = false;
}

// ipv4_get_l4proto(). False: a later fragment, or a header length beyond the packet.
bool Tracking::has_transport() {
  const Ipv4View ip(skb_.l3().data());
  tuple_.src = ip.saddr();
  tuple_.dst = ip.daddr();
  tuple_.proto = ip.protocol();
  transport_ = skb_.network + ip.header_length();
  return ip.fragment_offset() == 0 && ip.header_length() <= skb_.len();
}

Verdict Tracking::run() {
  table_.expire(ctx_.walk.now());
  if (skb_.ct != CtId::None) {
    return skip(skb_.local ? "it belongs to the connection of the packet that it answers"
                           : "already tracked: it came back through the loopback");
  }
  if (skb_.ctinfo == CtInfo::Untracked) return skip("a rule said not to track it");
  const Ipv4View ip(skb_.l3().data());
  if (ctx_.hook == Hook::Output && ip.is_fragment()) {
    skb_.ct_template = false;
    return skip("fragments that a local process sends are not tracked");
  }
  take_template();
  if (!has_transport()) return invalid("no transport header");
  if (transport_ > skb_.data.size()) return unknown(kCut);

  Verdict verdict = Verdict::Accept;
  if (tuple_.proto == kProtoIcmp && track_icmp_error(verdict)) return verdict;
  // The tracker asks for a second look when a SYN reopens a closed connection.
  while (find_or_create(verdict)) {
    if (hand_to_tracker(verdict) == Step::Done) return verdict;
  }
  return verdict;
}

// True when the packet is done: INVALID, or an error about a connection.
bool Tracking::track_icmp_error(Verdict& verdict) {
  const std::span<const std::uint8_t> header = bytes_from(transport_);
  if (header.size() < 8) {
    const bool cut = header.size() + skb_.missing >= 8;
    verdict = cut ? unknown(kCut) : invalid("ICMP header is cut short");
    return true;
  }
  const IcmpView icmp(header.data());
  const TrackContext tracker{.hook = ctx_, .transport = transport_};
  if (checks_checksums(ctx_) && checksum_is_wrong(tracker)) {
    verdict = invalid("ICMP checksum is wrong");
    return true;
  }
  if (icmp.type() > 18) {
    verdict = invalid("unknown ICMP type");
    return true;
  }
  if (!icmp.is_error()) return false;
  const std::size_t inner = transport_ + 8;
  const char* const problem = relate(inner);
  if (problem == nullptr) {
    report(CtStep::Kind::Related, "ICMP error about this connection");
    verdict = Verdict::Accept;
  } else if (problem == kCut) {
    verdict = unknown(problem);
  } else {
    verdict = invalid(problem);
  }
  return true;
}

// nf_conntrack_inet_error(): finds the connection of the packet that an ICMP error quotes. Null
// when the error belongs to it, else why not.
const char* Tracking::relate(std::size_t inner) {
  const std::span<const std::uint8_t> quoted = bytes_from(inner);
  Tuple original;
  if (!tuple_of(quoted.data(), quoted.size(), original)) {
    // 28 bytes are as much as the tuple of a packet without IP options needs.
    const bool cut = skb_.missing != 0 && quoted.size() < 28;
    return cut ? kCut : "ICMP error quotes a packet that cannot be read";
  }
  Tuple inverse;
  if (!invert(original, inverse)) return "ICMP error about an ICMP message that has no answer";
  const std::optional<Found> found = table_.find(inverse, zone_, ctx_.walk.now());
  if (!found) return "ICMP error about an unknown connection";
  const Entry& entry = table_.at(found->id);
  if (tuple_.dst != entry.tuple[found->dir].dst) {
    return "ICMP error goes to another host than the packet it is about came from";
  }
  skb_.ct = found->id;
  skb_.ctinfo = found->dir == 0 ? CtInfo::Related : CtInfo::RelatedReply;
  return nullptr;
}

// Table full: entries that are not ASSURED may be pushed out.
bool Tracking::make_room() {
  const std::uint32_t max = ctx_.walk.host().sysctls.ct_max;
  if (max == 0 || table_.size() < max) return true;
  table_.expire_all(ctx_.walk.now());
  if (table_.size() < max) return true;
  CtId victim = CtId::None;
  table_.for_each([&](CtId id, const Entry& entry) {
    if (victim == CtId::None && entry.has(kConfirmed) && !entry.has(kAssured | kDying)) {
      victim = id;
    }
  });
  if (victim == CtId::None) return false;
  if (Recorder* const recorder = ctx_.walk.recorder()) {
    recorder->step(
        NoteStep{"conntrack table is full: an entry that is not ASSURED had to go (the "
                 "kernel looks for one in eight random buckets; assumed: the oldest)"});
  }
  table_.remove(victim);
  return true;
}

// resolve_normal_ct(). False when the packet is done.
bool Tracking::find_or_create(Verdict& verdict) {
  const Ipv4View ip(skb_.l3().data());
  const std::span<const std::uint8_t> l3 = skb_.l3();
  if (!tuple_of(l3.data(), l3.size(), tuple_)) {
    tuple_.src = ip.saddr();
    tuple_.dst = ip.daddr();
    tuple_.proto = ip.protocol();
    verdict = skb_.missing != 0 ? unknown(kCut) : invalid("transport header is cut short");
    return false;
  }
  created_ = false;
  std::optional<Found> found = table_.find(tuple_, zone_, ctx_.walk.now());
  if (!found) {
    Tuple reply;
    if (!invert(tuple_, reply)) {
      verdict = invalid("ICMP type that neither asks nor answers");
      return false;
    }
    if (!make_room()) {
      report(CtStep::Kind::TableFull, "conntrack table is full (nf_conntrack_max)");
      verdict = Verdict::Drop;
      return false;
    }
    const CtId id = table_.create();
    Entry& entry = table_.at(id);
    entry.tuple = {tuple_, reply};
    entry.zone_orig = zone_.original;
    entry.zone_reply = zone_.reply;
    entry.created = ctx_.walk.now();
    found = Found{id, 0};
    created_ = true;
  }
  const Entry& entry = table_.at(found->id);
  skb_.ct = found->id;
  if (found->dir == 1) {
    skb_.ctinfo = CtInfo::EstablishedReply;
  } else if (entry.has(kSeenReply)) {
    skb_.ctinfo = CtInfo::Established;
  } else {
    skb_.ctinfo = entry.has(kExpected) ? CtInfo::Related : CtInfo::New;
  }
  return true;
}

const TrackerDef& tracker_of(std::uint8_t proto) {
  const TrackerDef* generic = nullptr;
  for (const TrackerDef* const def : registered<TrackerDef>()) {
    if (def->proto == proto) return *def;
    if (def->proto == 0) generic = def;
  }
  PKTWALK_ASSERT(generic != nullptr);
  return *generic;
}

Tracking::Step Tracking::hand_to_tracker(Verdict& verdict) {
  using Answer = TrackerDef::Answer;
  const CtId id = skb_.ct;
  TrackContext tracker{.hook = ctx_,
                       .transport = transport_,
                       .dir = direction(skb_),
                       .info = skb_.ctinfo,
                       .why = nullptr};
  Entry& entry = table_.at(id);
  state_ = tuple_.proto == kProtoTcp ? entry.tcp.state : std::uint8_t{0};
  const Answer answer = tracker_of(tuple_.proto).packet(tracker, entry);
  if (answer == Answer::Accept) {
    const std::uint8_t after = tuple_.proto == kProtoTcp ? entry.tcp.state : std::uint8_t{0};
    report(created_ ? CtStep::Kind::New : CtStep::Kind::Found, tracker.why, state_, after);
    if (skb_.ctinfo == CtInfo::EstablishedReply) entry.status |= kSeenReply;
    verdict = Verdict::Accept;
    return Step::Done;
  }
  // The packet lets go of the entry; nobody else holds one that is not confirmed.
  skb_.ct = CtId::None;
  skb_.ctinfo = CtInfo::None;
  if (!entry.has(kConfirmed) || entry.has(kDying)) table_.remove(id);
  if (answer == Answer::Repeat) {
    report(CtStep::Kind::Removed, tracker.why, state_, 0);
    return Step::Again;
  }
  if (answer == Answer::Unknown) {
    verdict = unknown(tracker.why);
  } else {
    verdict = invalid(tracker.why);
    if (answer == Answer::Drop) verdict = Verdict::Drop;
  }
  return Step::Done;
}

}  // namespace

Verdict track(HookContext& ctx) { return Tracking(ctx).run(); }

}  // namespace pktwalk::ct

// SPDX-License-Identifier: MIT
// Elements that packets put into a set or take out of it.
//
// Kernel:  net/netfilter/ipset/ip_set_core.c, ip_set_add(), ip_set_del(); ip_set_hash_gen.h,
//          mtype_add(), mtype_del(); ip_set_bitmap_gen.h; ip_set_list_set.c, list_set_kadd(),
//          list_set_kdel()
// Differs: which element makes room in a full set with forceadd depends on the set's hash in the
//          kernel; here it is drawn, and a note says so. A bucket of the hash never overflows.
#include "model/netfilter/ipset_change.h"

#include <algorithm>

#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr std::uint32_t kMaxTimeout = 0xffffffffu / 1000;

struct Done {
  Outcome outcome = Outcome::NoMatch;
  const char* what = "";
};

class Changer {
 public:
  Changer(const SetPacket& packet, const SetChange& change) : packet_(packet), change_(change) {}

  Done run(const IpSet& set) {
    const Done done = decide(set);
    if (packet_.recorder != nullptr) {
      packet_.recorder->step(
          SetStep{.set = set.name, .element = {}, .outcome = done.outcome, .what = done.what});
    }
    return done;
  }

 private:
  Done decide(const IpSet& set) {
    if (!set.modelled()) return {Outcome::Unknown, "an ipset of a type that is not modelled"};
    if (change_.dirs.count < set.kind->dimensions) {
      return {Outcome::NoMatch, "the rule names fewer directions than the set has parts"};
    }
    if (!set.kind->any_family && set.family != packet_.skb.family) {
      return {Outcome::NoMatch, "the set is of another address family"};
    }
    if (set.kind->has(SetPart::Member)) return change_member(set);
    SetCandidate candidate = set_candidate(packet_, set, change_.dirs);
    if (candidate.failure != nullptr) {
      return {candidate.cut ? Outcome::Unknown : Outcome::NoMatch, candidate.failure};
    }
    // A network's length is the longest that the set has.
    narrow(set, candidate.key.addr, candidate.key.prefix, 0);
    narrow(set, candidate.key.addr2, candidate.key.prefix2, 1);
    if (candidate.device != nullptr) candidate.key.iface = iface_number(set, *candidate.device);
    return change_.remove ? remove(set, candidate.key) : add(set, candidate);
  }

  void narrow(const IpSet& set, IpAddr& addr, std::uint8_t& length, std::size_t part) const {
    if (length == 0) return;
    const IpSetData::Prefixes& present = data(set).prefixes(part);
    if (!present.empty()) length = present.front().length;
    addr = addr & IpAddr::mask(addr.family(), length);
  }

  Done change_member(const IpSet& set) {
    for (const auto* entry : data(set).in_order()) {
      if (entry->second.expired(packet_.now)) continue;
      const Done done = run(*packet_.host.ipsets[entry->first.member - 1]);
      if (done.outcome != Outcome::NoMatch) return done;
    }
    return {Outcome::NoMatch, "no member set took the element"};
  }

  Done remove(const IpSet& set, const IpSetKey& key) {
    const IpSetElement* element = data(set).find(key);
    if (element == nullptr) return {Outcome::NoMatch, "no such element"};
    const bool expired = element->expired(packet_.now);
    if (!expired || set.kind->bitmap) change(set).erase(key);
    if (expired) return {Outcome::NoMatch, "the element has expired"};
    return {Outcome::Match, "deleted"};
  }

  Done add(const IpSet& set, const SetCandidate& candidate) {
    const IpSetElement* there = data(set).find(candidate.key);
    IpSetElement made;
    if (set.type == "bitmap:ip,mac") made.mac = candidate.mac;
    // An element that waits for its MAC address is completed, with the time it was given.
    const bool completes = there != nullptr && made.mac && !there->mac;
    if (there != nullptr && !there->expired(packet_.now) && !change_.exist && !completes) {
      return {Outcome::NoMatch, "already there"};
    }
    if (there == nullptr && !set.kind->bitmap && !make_room(set)) {
      return {Outcome::NoMatch, "the set is full"};
    }
    if (set.default_timeout) {
      std::uint32_t seconds = change_.timeout.value_or(*set.default_timeout);
      if (completes && seconds == *set.default_timeout) seconds = there->waiting_timeout;
      seconds = std::min(seconds, kMaxTimeout);
      if (seconds != 0) made.expires = packet_.now + std::int64_t{seconds} * kNsPerSecond;
    }
    if (set.counters) {
      made.packets = 1;
      made.bytes = packet_.skb.len();
    }
    const char* what = there == nullptr ? "added" : "added again";
    change(set).put(candidate.key, made);
    return {Outcome::Match, completes ? "the element learned the MAC address" : what};
  }

  bool make_room(const IpSet& set) {
    if (data(set).size() < set.maxelem) return true;
    if (set.default_timeout) change(set).erase_expired(packet_.now);
    if (data(set).size() < set.maxelem) return true;
    if (!set.forceadd) return false;
    const std::uint32_t victim =
        packet_.state.choices.draw(static_cast<std::uint32_t>(data(set).size()));
    const IpSetKey key = data(set).in_order()[victim]->first;
    change(set).erase(key);
    if (packet_.recorder != nullptr) {
      packet_.recorder->step(NoteStep{
          .text = "the set is full; which element makes room is a choice of the set's hash"});
    }
    return true;
  }

  const IpSetData& data(const IpSet& set) const { return packet_.state.ipsets[set.index]; }
  IpSetData& change(const IpSet& set) { return packet_.state.ipsets[set.index]; }

  const SetPacket& packet_;
  const SetChange& change_;
};

}  // namespace

Outcome change_set(const SetPacket& packet, const IpSet& set, const SetChange& change,
                   const char** why) {
  const Done done = Changer(packet, change).run(set);
  if (why != nullptr && done.outcome == Outcome::Unknown) *why = done.what;
  return done.outcome;
}

SetPacket set_packet(TargetContext& ctx) {
  return {.skb = ctx.skb,
          .host = ctx.walk.host(),
          .state = ctx.walk.state(),
          .now = ctx.walk.now(),
          .in = ctx.in,
          .out = ctx.out,
          .protocol = ctx.protocol,
          .frag_offset = ctx.frag_offset,
          .transport = ctx.transport,
          .recorder = ctx.walk.recorder()};
}

Outcome add_to_set(TargetContext& ctx, const IpSet& set, const SetDirections& directions,
                   std::optional<std::uint32_t> timeout, bool exist) {
  const SetChange change{.dirs = directions, .timeout = timeout, .exist = exist};
  return change_set(set_packet(ctx), set, change, &ctx.unknown);
}

Outcome delete_from_set(TargetContext& ctx, const IpSet& set, const SetDirections& directions) {
  const SetChange change{.dirs = directions, .timeout = std::nullopt, .remove = true};
  return change_set(set_packet(ctx), set, change, &ctx.unknown);
}

}  // namespace pktwalk

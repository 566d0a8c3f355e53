// SPDX-License-Identifier: MIT
// Asking an ipset about a packet.
//
// Kernel:  net/netfilter/ipset/ip_set_core.c, ip_set_test(), ip_set_match_extensions();
//          ip_set_hash_gen.h, mtype_test(), mtype_test_cidrs(); ip_set_bitmap_ipmac.c,
//          bitmap_ipmac_do_test(); ip_set_list_set.c, list_set_ktest()
// Differs: an element of a dump keeps its remaining time from the first packet on. physdev elements
//          never match: there is no bridge.
#include <algorithm>

#include "model/netfilter/ipset_change.h"
#include "model/netfilter/ipset_packet.h"

namespace pktwalk {
namespace {

enum class Hit : std::uint8_t { No, Yes, NomatchElement, Unknown };

// The answer of one set, and what a person should know of it.
struct Answer {
  Hit hit = Hit::No;
  const char* what = "no such element";
  const IpSetElement* element = nullptr;
};

bool counter_fits(const SetCounterTest& test, std::uint64_t counter) {
  switch (test.op) {
    case SetCounterTest::Op::None:
      return true;
    case SetCounterTest::Op::Equal:
      return counter == test.value;
    case SetCounterTest::Op::NotEqual:
      return counter != test.value;
    case SetCounterTest::Op::Less:
      return counter < test.value;
    case SetCounterTest::Op::Greater:
      return counter > test.value;
  }
  return false;
}

class Test {
 public:
  Test(const SetPacket& packet, const SetDirections& dirs, SetSkbInfo* info)
      : packet_(packet), dirs_(dirs), info_(info) {}

  Outcome run(const IpSet& set, const SetTestOptions& options) {
    Answer answer = ask(set, options);
    Outcome outcome = Outcome::NoMatch;
    if (answer.hit == Hit::Unknown) {
      outcome = Outcome::Unknown;
      why_ = answer.what;
    } else {
      const bool wanted = options.return_nomatch && set.kind->has(SetPart::Net)
                              ? answer.hit == Hit::NomatchElement
                              : answer.hit == Hit::Yes;
      if (wanted) outcome = Outcome::Match;
    }
    report(set, answer, outcome);
    return outcome;
  }
  const char* why() const { return why_; }

 private:
  Answer ask(const IpSet& set, const SetTestOptions& options) {
    if (!set.modelled()) return {Hit::Unknown, "an ipset of a type that is not modelled"};
    if (dirs_.count < set.kind->dimensions) {
      return {Hit::No, "the rule names fewer directions than the set has parts"};
    }
    if (!set.kind->any_family && set.family != packet_.skb.family) {
      return {Hit::No, "the set is of another address family"};
    }
    if (set.kind->has(SetPart::Member)) return ask_members(set, options);
    SetCandidate candidate = set_candidate(packet_, set, dirs_);
    if (candidate.failure != nullptr) {
      return {candidate.cut ? Hit::Unknown : Hit::No, candidate.failure};
    }
    if (set.type == "bitmap:ip,mac") return ask_ip_mac(set, candidate, options);
    Answer answer;
    if (set.kind->has(SetPart::Net)) {
      probe_networks(set, candidate, options, answer);
    } else {
      try_key(set, candidate.key, options, answer);
    }
    return answer;
  }

  // True when the search ends here. Counts the packet when the element is alive.
  bool try_key(const IpSet& set, const IpSetKey& key, const SetTestOptions& options,
               Answer& answer) {
    const IpSetElement* element = data(set).find(key);
    if (element == nullptr) return false;
    if (element->expired(packet_.now)) {
      if (answer.element == nullptr) answer = {Hit::No, "the element has expired", element};
      return false;
    }
    element = count(set, key, *element, options);
    if (set.counters &&
        !(counter_fits(options.packets, packets_) && counter_fits(options.bytes, bytes_))) {
      answer = {Hit::No, "the element's counters do not fit", element};
      return false;
    }
    if (info_ != nullptr) {
      *info_ = set.skbinfo ? SetSkbInfo{element->skbmark, element->skbmask, element->skbprio,
                                        element->skbqueue}
                           : SetSkbInfo{};
    }
    if (element->nomatch) {
      answer = {Hit::NomatchElement, "nomatch element", element};
    } else {
      answer = {Hit::Yes, "hit", element};
    }
    return true;
  }

  // ip_set_update_counter(): the packet counts before the counters are compared.
  const IpSetElement* count(const IpSet& set, const IpSetKey& key, const IpSetElement& element,
                            const SetTestOptions& options) {
    packets_ = element.packets;
    bytes_ = element.bytes;
    if (!set.counters || !options.update_counters) return &element;
    packets_ += 1;
    bytes_ += packet_.skb.len();
    if (packet_.probe) return &element;
    IpSetElement* changed = packet_.state.ipsets[set.index].find_to_change(key);
    changed->packets = packets_;
    changed->bytes = bytes_;
    return changed;
  }

  // mtype_test_cidrs(): the longest prefix first. With two networks, for each prefix of the first
  // all of the second.
  void probe_networks(const IpSet& set, const SetCandidate& candidate,
                      const SetTestOptions& options, Answer& answer) {
    const bool first = candidate.key.prefix != 0;
    const bool second = candidate.key.prefix2 != 0;
    // A copy: counting may change the set's body, not its prefixes.
    const IpSetData::Prefixes one = {IpSetData::PrefixCount{0, 1}};
    const IpSetData::Prefixes outer = first ? data(set).prefixes(0) : one;
    const IpSetData::Prefixes inner = second ? data(set).prefixes(1) : one;
    for (const IpSetData::PrefixCount& a : outer) {
      IpSetKey key = candidate.key;
      if (first) cut(key.addr, key.prefix, a.length);
      for (const IpSetData::PrefixCount& b : inner) {
        if (second) cut(key.addr2, key.prefix2, b.length);
        if (candidate.device != nullptr) {
          if (try_devices(set, key, *candidate.device, options, answer)) return;
        } else if (try_key(set, key, options, answer)) {
          return;
        }
      }
    }
  }
  static void cut(IpAddr& addr, std::uint8_t& length, std::uint8_t wanted) {
    addr = addr & IpAddr::mask(addr.family(), wanted);
    length = wanted;
  }

  // hash:net,iface: elements of one network stand together, whatever their device. A network that
  // is there for other devices only ends the search: shorter prefixes are not looked at.
  bool try_devices(const IpSet& set, IpSetKey key, const Link& device,
                   const SetTestOptions& options, Answer& answer) {
    struct Found {
      IpSetKey key;
      std::uint32_t order;
      bool fits;
    };
    std::vector<Found> there;
    const auto look = [&](std::uint32_t number, bool fits) {
      key.iface = number;
      if (const IpSetElement* element = data(set).find(key)) {
        there.push_back({key, element->order, fits});
      }
    };
    for (std::size_t i = 0; i < set.ifaces.size(); ++i) {
      const IpSet::Iface& iface = set.ifaces[i];
      const std::string_view name = device.name;
      const bool same = iface.wildcard ? name.starts_with(iface.name) : name == iface.name;
      look(static_cast<std::uint32_t>(i + 1), same && !iface.physdev);
    }
    for (const Link& link : packet_.host.links) {
      look(IpSet::kLinkIface | static_cast<std::uint32_t>(link.index), &link == &device);
    }
    std::sort(there.begin(), there.end(),
              [](const Found& a, const Found& b) { return a.order < b.order; });
    bool shadowed = false;
    for (const Found& found : there) {
      shadowed = true;
      if (!found.fits) continue;
      if (try_key(set, found.key, options, answer)) return true;
      shadowed = false;
    }
    if (shadowed && answer.element == nullptr) {
      answer.what = "the longest network that fits has other devices";
    }
    return shadowed;
  }

  Answer ask_ip_mac(const IpSet& set, const SetCandidate& candidate,
                    const SetTestOptions& options) {
    Answer answer;
    const IpSetElement* element = data(set).find(candidate.key);
    if (element == nullptr) return answer;
    if (element->mac) {
      if (*element->mac != candidate.mac) return {Hit::No, "the MAC address differs", element};
      try_key(set, candidate.key, options, answer);
      return answer;
    }
    if (!packet_.probe) {
      const SetChange change{.dirs = dirs_, .timeout = std::nullopt, .exist = false};
      change_set(packet_, set, change);
    }
    return {Hit::Yes, "hit: the element learns this MAC address", data(set).find(candidate.key)};
  }

  Answer ask_members(const IpSet& set, const SetTestOptions& options) {
    SetTestOptions inner = options;
    inner.packets = inner.bytes = {};
    if (!options.update_subcounters) inner.update_counters = false;
    Answer answer{.hit = Hit::No, .what = "no member set has the element"};
    for (const auto* entry : data(set).in_order()) {
      const IpSetKey key = entry->first;
      const Outcome outcome = run(*packet_.host.ipsets[key.member - 1], inner);
      if (outcome == Outcome::Unknown) return {Hit::Unknown, why_};
      if (outcome == Outcome::Match && try_key(set, key, options, answer)) return answer;
    }
    return answer;
  }

  const IpSetData& data(const IpSet& set) const { return packet_.state.ipsets[set.index]; }

  void report(const IpSet& set, const Answer& answer, Outcome outcome) const {
    if (packet_.recorder == nullptr) return;
    packet_.recorder->step(SetStep{.set = set.name,
                                   .element = element_line(packet_.host, set, answer.element),
                                   .outcome = outcome,
                                   .what = answer.what});
  }

  const SetPacket& packet_;
  const SetDirections& dirs_;
  SetSkbInfo* info_;
  std::uint64_t packets_ = 0, bytes_ = 0;
  const char* why_ = nullptr;
};

}  // namespace

std::string_view element_line(const Host& host, const IpSet& set, const IpSetElement* element) {
  if (element == nullptr || element->line == 0) return {};
  std::string_view text = host.sources.text({set.at.file, element->line});
  const std::size_t name = text.find(set.name);
  if (name == std::string_view::npos) return text;
  text.remove_prefix(std::min(text.size(), name + set.name.size() + 1));
  return text;
}

namespace {
SetPacket set_packet(const MatchContext& ctx) {
  return {.skb = ctx.skb,
          .host = ctx.host,
          .state = ctx.state,
          .now = ctx.now,
          .in = ctx.in,
          .out = ctx.out,
          .protocol = ctx.protocol,
          .frag_offset = ctx.frag_offset,
          .transport = ctx.transport,
          .recorder = ctx.recorder,
          .probe = ctx.probe};
}
}  // namespace

Outcome test_set(MatchContext& ctx, const IpSet& set, const SetDirections& directions,
                 const SetTestOptions& options) {
  const SetPacket packet = set_packet(ctx);
  Test test(packet, directions, nullptr);
  const Outcome outcome = test.run(set, options);
  if (outcome == Outcome::Unknown) ctx.unknown = test.why();
  return outcome;
}

Value packet_element(const MatchContext& ctx, const IpSet& set, const SetDirections& directions) {
  if (!set.modelled() || directions.count < set.kind->dimensions) return Value::none();
  const SetCandidate candidate = set_candidate(set_packet(ctx), set, directions);
  switch (set.kind->parts[0]) {
    case SetPart::Ip:
    case SetPart::Net:
      return set.kind->has(SetPart::Port) && candidate.failure == nullptr
                 ? Value::endpoint(candidate.key.addr, candidate.key.port)
                 : Value::address(candidate.key.addr);
    case SetPart::Port:
      return candidate.failure == nullptr ? Value::dec(candidate.key.port) : Value::none();
    case SetPart::Mac:
      return candidate.failure == nullptr ? Value::mac(candidate.mac) : Value::none();
    case SetPart::Member:
      return Value::address(packet_address(ctx.skb, directions.src(0)));
    case SetPart::Iface:
    case SetPart::Mark:
      break;
  }
  return Value::none();
}

Outcome map_set(TargetContext& ctx, const IpSet& set, const SetDirections& directions,
                SetSkbInfo& info) {
  const SetPacket packet = set_packet(ctx);
  info = {};
  Test test(packet, directions, &info);
  const Outcome outcome = test.run(set, {});
  if (outcome == Outcome::Unknown) ctx.unknown = test.why();
  return outcome;
}

}  // namespace pktwalk

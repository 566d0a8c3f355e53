// SPDX-License-Identifier: MIT
// What a packet's walk is made of. A trace is one packet's hops; a hop is its visit to a stage; a
// step is one decision within a hop. Steps are typed values: they point at things that the Host
// owns and live no longer than it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "model/core/drop_reason.h"
#include "model/core/hook.h"
#include "model/core/verdict.h"
#include "model/packet/skb.h"
#include "model/trace/check.h"
#include "model/trace/field.h"
#include "model/trace/value.h"

namespace pktwalk {

struct Term;     // model/netfilter/term.h
struct FibRule;  // model/host/host.h
struct Route;
struct Socket;
struct Neigh;
struct Rule;  // model/netfilter/rule.h
struct Chain;
struct RuleTable;

enum class Outcome : std::uint8_t { NoMatch, Match, Hotdrop, Unknown };
const char* to_string(Outcome outcome);  // "no match"

// One term of a rule ("--dport 22") against the packet. `probed` terms come after the first that
// failed: the kernel did not look at them, the explanation does.
struct TermStep {
  const Term* term = nullptr;
  Field field = Field::Other;
  Value seen{};
  Outcome outcome = Outcome::NoMatch;
  bool probed = false;
};

// A rule that was tried. Its terms are trace.terms[first_term, first_term + term_count).
struct RuleStep {
  const RuleTable* table = nullptr;
  const Chain* chain = nullptr;
  const Rule* rule = nullptr;
  Outcome outcome = Outcome::NoMatch;
  Verdict verdict =
      Verdict::Continue;   // what the target said; Continue when the rule did not match
  std::uint8_t depth = 0;  // nesting of user chains, 0 in the base chain
  std::uint32_t first_term = 0;
  std::uint32_t term_count = 0;
  const char* unknown = nullptr;  // why the outcome or verdict is Unknown
};

// End of a user chain, or RETURN: back to the caller.
struct ReturnStep {
  const RuleTable* table = nullptr;
  const Chain* from = nullptr;
  const Chain* to = nullptr;
};

// The base chain's policy decided.
struct PolicyStep {
  const RuleTable* table = nullptr;
  const Chain* chain = nullptr;
  Verdict verdict = Verdict::Accept;
};

// A field of the packet, the skb or the connection changed.
struct ChangeStep {
  Field field = Field::Other;
  Value from{};
  Value to{};
};

// A test of the stack itself (header checksum, TTL, rp_filter ...): see the table in check.cpp for
// its words, its kernel function and the sysctl that governs it.
struct CheckStep {
  Check check{};
  bool passed = true;
  Value seen{};
  Value wanted{};
  IfIndex dev = IfIndex::None;  // the device whose sysctl decided, for per-device settings
};

// Conntrack looked at the packet.
struct CtStep {
  enum class Kind : std::uint8_t {
    Found,
    New,
    Invalid,
    Untracked,
    Related,
    Expected,
    Skipped,
    Confirmed,
    Removed,
    TableFull,
    ClashDrop,
    Untouched,
  };
  Kind kind = Kind::Found;
  CtId id = CtId::None;
  CtInfo info = CtInfo::None;
  Value src{};  // endpoint looked up (source)
  Value dst{};
  std::uint8_t proto = 0;
  std::uint8_t state_before = 0;  // TCP state of the entry (kTcpState...), 0 when not TCP
  std::uint8_t state_after = 0;
  const char* why = nullptr;  // static text: why it is INVALID, or what happened besides
};

// NAT: a mapping was made (rules were consulted) or applied.
struct NatStep {
  enum class Kind : std::uint8_t { NullBinding, Setup, Apply, AlreadySet, Failed, IcmpInner };
  Kind kind = Kind::Apply;
  bool source = false;  // true: source address manipulation (SNAT side)
  Value from{};
  Value to{};
  bool random = false;  // the kernel draws this port at random; the value shown is a choice
  const char* why = nullptr;
};

// A policy routing rule was tried.
struct FibRuleStep {
  const FibRule* rule = nullptr;
  bool matched = false;
  const char* why = nullptr;  // static text: the selector that failed, or what its action came to
  Value seen{};
};

// A route look-up's end, or a route passed over.
struct RouteStep {
  enum class Kind : std::uint8_t { Found, NoRoute, Skipped, Reverse, SourceChosen, Cached };
  Kind kind = Kind::Found;
  const Route* route = nullptr;
  std::uint32_t table = 0;
  Value key{};  // the address looked up
  IfIndex dev = IfIndex::None;
  IpAddr gateway{};
  RouteError error = RouteError::None;
  const char* why = nullptr;
};

struct SocketStep {
  const Socket* socket = nullptr;  // null: none found
  Value key{};                     // local endpoint looked up
  const char* why = nullptr;
};

struct NeighStep {
  const Neigh* neigh = nullptr;  // null: not resolved
  Value key{};
  IfIndex dev = IfIndex::None;
  MacAddr mac{};
};

// An ipset was asked, or changed.
struct SetStep {
  std::string_view set{};
  std::string_view element{};  // text of the element that decided, owned by the Host; empty: none
  Outcome outcome = Outcome::NoMatch;
  const char* what = nullptr;  // static text: "hit", "nomatch element", "expired", "added" ...
};

// Anything else that a person must know: an assumption, a choice of the kernel's random generator,
// a side effect without influence on the path (LOG).
struct NoteStep {
  const char* text = nullptr;  // static text
  Value value{};
  Value value2{};
};

// A frame left, or a child packet was made.
struct EmitStep {
  std::uint32_t emitted = 0;  // index into Trace::emitted
};
struct ChildStep {
  std::uint32_t child = 0;  // index into Trace::children
};

using StepDetail =
    std::variant<NoteStep, RuleStep, ReturnStep, PolicyStep, ChangeStep, CheckStep, CtStep, NatStep,
                 FibRuleStep, RouteStep, SocketStep, NeighStep, SetStep, EmitStep, ChildStep>;

struct Step {
  StepDetail detail{};
  std::uint32_t shot = 0;  // index into Trace::shots: the packet after this step
};

// The packet and its metadata at a moment.
struct Shot {
  std::vector<std::uint8_t> bytes{};  // from the IP header on
  std::uint32_t mark = 0;
  std::uint32_t priority = 0;
  std::uint32_t ct_mark = 0;
  CtId ct = CtId::None;
  CtInfo ctinfo = CtInfo::None;
  IfIndex in = IfIndex::None;
  IfIndex out = IfIndex::None;
};

enum class HopVerdict : std::uint8_t { Accept, Drop, Queue, Stolen, Consumed, Unknown };
const char* to_string(HopVerdict verdict);  // "accept"

// A visit to a stage. `stage` is the field's own name: "filter", "conntrack", "route", "ip_rcv";
// together with the hook it prints as "filter/FORWARD". A base chain of nftables is a stage of its
// own, "inet fw/input". The text is static, or the Host owns it.
struct Hop {
  const char* stage = "";
  bool has_hook = false;
  Hook hook = Hook::Prerouting;
  IfIndex in = IfIndex::None;
  IfIndex out = IfIndex::None;
  HopVerdict verdict = HopVerdict::Accept;
  std::uint32_t first_step = 0;
  std::uint32_t step_count = 0;
  std::uint32_t shot = 0;  // the packet when the hop began
};

std::string stage_name(const Hop& hop);  // "filter/FORWARD", "inet fw/input", "route"
// The same of a stage that was entered with, or without, a hook.
std::string stage_name(const char* stage, bool has_hook, Hook hook);

enum class Disposition : std::uint8_t {
  Forwarded,
  Delivered,
  Dropped,
  Absorbed,
  TransmittedCopy,
  Unknown
};
const char* to_string(Disposition disposition);  // "forwarded", "transmitted-copy"

// A frame that left the router.
struct Emitted {
  IfIndex dev = IfIndex::None;
  std::vector<std::uint8_t>
      frame;  // as on the wire, Ethernet header included where the device has one
  Origin origin = Origin::Forwarded;
};

// What became of a packet: always made, with or without a recorder.
struct WalkResult {
  Disposition disposition = Disposition::Unknown;
  DropReason reason = DropReason::NOT_SPECIFIED;  // when dropped
  const char* stage = "";                         // stage that dropped, absorbed or delivered
  bool has_hook = false;
  Hook hook = Hook::Prerouting;
  const Rule* rule = nullptr;      // the rule that dropped, absorbed or made it unknown
  const Chain* policy = nullptr;   // or the base chain whose policy did
  const char* why = nullptr;       // static text, when no rule says it
  std::vector<Emitted> emitted{};  // in order, children's frames included
};

// One packet's whole story. Children are the packets that the router made because of it, in order.
struct Trace {
  Origin origin = Origin::Received;
  WalkResult result{};
  std::vector<Hop> hops{};
  std::vector<Step> steps{};
  std::vector<TermStep> terms{};
  std::vector<Shot> shots{};
  std::vector<Trace> children{};
};

}  // namespace pktwalk

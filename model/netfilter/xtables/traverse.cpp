// SPDX-License-Identifier: MIT
// A packet walks a table: rules in order, jumps, RETURN, the policy.
//
// What decides also explains: with a recorder attached every rule that was tried is a step with the
// terms it looked at. After the first term that fails the kernel goes on to the next rule; the
// explanation looks at the remaining terms too, without side effects, so that near misses can be
// found.
//
// Kernel:  net/ipv4/netfilter/ip_tables.c, ipt_do_table() and ip_packet_match()
// Differs: IPv6 rules are not walked.
#include <algorithm>
#include <array>
#include <vector>

#include "model/core/assert.h"
#include "model/netfilter/xtables/table.h"
#include "model/packet/headers.h"
#include "model/path/walk.h"

namespace pktwalk::xt {
namespace {

constexpr const char* kCutHeader = "the IP header was not captured";
constexpr const char* kAnotherTermFails =
    "a match of this rule cannot be decided, but another term fails: no match either way";
constexpr const char* kHarmless =
    "whether this rule matches is unknown; its target does not decide, so the walk goes on";
constexpr const char* kInertTarget = "this target is not modelled; it does not decide";

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Targets that end in XT_CONTINUE and change nothing that later rules could see.
bool is_inert(std::string_view target) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "LOG",       "NFLOG",   "ULOG",    "TRACE",       "AUDIT",  "LED",
      "IDLETIMER", "RATEEST", "SECMARK", "CONNSECMARK", "ACCOUNT"};
  return is_in(kNames, target);
}

// Matches whose answer depends on how often they were asked: when it is not known whether the
// kernel asks, their answer cannot settle a rule.
bool counts_packets(std::string_view match) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "statistic", "quota", "limit", "hashlimit", "recent", "connlimit", "nfacct", "rateest"};
  return is_in(kNames, match);
}

// Where to go on after a chain: the rule behind the jump.
struct Frame {
  const Chain* chain = nullptr;
  std::size_t next = 0;
};

// Open jumps. Real rulesets nest a few levels; deeper ones take memory.
class JumpStack {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  void push(Frame frame) {
    if (size_ < few_.size()) {
      few_[size_] = frame;
    } else {
      more_.push_back(frame);
    }
    ++size_;
  }
  Frame pop() {
    --size_;
    if (size_ < few_.size()) return few_[size_];
    const Frame frame = more_.back();
    more_.pop_back();
    return frame;
  }

 private:
  std::array<Frame, 16> few_;
  std::vector<Frame> more_;
  std::size_t size_ = 0;
};

class Traversal {
 public:
  Traversal(const Table& table, Walk& walk, Skb& skb, Hook hook, const Link* in, const Link* out)
      : table_(table),
        walk_(walk),
        skb_(skb),
        recorder_(walk.recorder()),
        ctx_{.skb = skb, .host = walk.host(), .state = walk.state(), .now = walk.now()} {
    ctx_.hook = hook;
    ctx_.in = in;
    ctx_.out = out;
    ctx_.recorder = recorder_;
    if (in != nullptr) in_name_ = in->name;
    if (out != nullptr) out_name_ = out->name;
  }

  Verdict run(const Chain& base) {
    const Ipv4View ip(ctx_.ip());
    read_addresses();
    ctx_.protocol = ip.protocol();
    ctx_.frag_offset = static_cast<std::uint16_t>(ip.fragment_offset());
    ctx_.transport = skb_.network + ip.header_length();
    chain_ = &base;
    base_ = &base;
    next_ = 0;
    while (true) {
      const Verdict verdict =
          next_ < chain_->rules.size() ? try_rule(chain_->rules[next_]) : leave_chain();
      if (verdict != Verdict::Continue) return verdict;
    }
  }

 private:
  void read_addresses() {
    const Ipv4View ip(ctx_.ip());
    src_ = ip.saddr();
    dst_ = ip.daddr();
  }

  bool match_basic(const BasicMatch& basic);
  Outcome match_rule(const Rule& rule);
  Outcome match_rest(const Rule& rule, std::size_t undecided);
  void explain(const Rule& rule, std::size_t failed);
  Verdict try_rule(const Rule& rule);
  Verdict hit(const Rule& rule);
  Verdict undecided(const Rule& rule);
  Verdict run_target(const Rule& rule);
  Verdict leave_chain();
  void begin_step(const Rule& rule);
  void finish_match(Outcome outcome);
  void finish_step(Verdict verdict, const char* unknown = nullptr);
  void count(std::uint32_t counter) {
    Counter& counted = walk_.state().counters[counter];
    counted.packets += 1;
    counted.bytes += skb_.len();
  }
  void note(const char* text) {
    if (recorder_ != nullptr) recorder_->step(NoteStep{.text = text});
  }

  static constexpr std::size_t kBasic = ~std::size_t{0};  // "failed in the basic part"

  const Table& table_;
  Walk& walk_;
  Skb& skb_;
  Recorder* recorder_;
  MatchContext ctx_;
  IpAddr src_, dst_;
  std::string_view in_name_, out_name_;  // empty: no such device, as the kernel's nulldevname
  const Chain* base_ = nullptr;
  const Chain* chain_ = nullptr;
  std::size_t next_ = 0;
  JumpStack stack_;
  std::uint32_t step_ = 0;     // of the rule that is being tried
  bool settled_late_ = false;  // the rule fails by a term behind one that cannot be decided
  const char* why_ = nullptr;  // the outcome is Unknown
};

// ip_packet_match(). In a probe every term is looked at; the answer still is whether all hold.
bool Traversal::match_basic(const BasicMatch& basic) {
  bool all = true;
  // Reports a term; false: stop here.
  const auto go_on = [&](std::int8_t term, Field field, bool holds, auto&& seen) {
    all = all && holds;
    return ctx_.term(basic.terms[static_cast<std::size_t>(term)], field, holds, seen);
  };
  if (!basic.src_any &&
      !go_on(basic.src_term, Field::IpSaddr, basic.src.matches(src_) != basic.src_invert,
             [&] { return Value::address(src_); })) {
    return false;
  }
  if (!basic.dst_any &&
      !go_on(basic.dst_term, Field::IpDaddr, basic.dst.matches(dst_) != basic.dst_invert,
             [&] { return Value::address(dst_); })) {
    return false;
  }
  if (!basic.in.any() &&
      !go_on(basic.in_term, Field::SkbIif, basic.in.matches(in_name_) != basic.in.invert,
             [&] { return Value::literal(in_name_); })) {
    return false;
  }
  if (!basic.out.any() &&
      !go_on(basic.out_term, Field::SkbOif, basic.out.matches(out_name_) != basic.out.invert,
             [&] { return Value::literal(out_name_); })) {
    return false;
  }
  if (basic.protocol != 0 && !go_on(basic.proto_term, Field::IpProtocol,
                                    (ctx_.protocol == basic.protocol) != basic.protocol_invert,
                                    [&] { return Value::proto(ctx_.protocol); })) {
    return false;
  }
  if (basic.fragment &&
      !go_on(basic.frag_term, Field::IpFrag, (ctx_.frag_offset != 0) != basic.fragment_invert,
             [&] { return Value::frag(ctx_.frag_offset, Ipv4View(ctx_.ip()).more_fragments()); })) {
    return false;
  }
  return all;
}

Outcome Traversal::match_rule(const Rule& rule) {
  settled_late_ = false;
  why_ = nullptr;
  if (!match_basic(rule.basic)) {
    if (recorder_ != nullptr) explain(rule, kBasic);
    return Outcome::NoMatch;
  }
  for (std::size_t i = 0; i < rule.matches.size(); ++i) {
    const Rule::NamedMatch& named = rule.matches[i];
    if (named.match == nullptr) {
      why_ = rule.unmodelled.c_str();
      return match_rest(rule, i);
    }
    const Outcome outcome = named.match->evaluate(ctx_);
    if (outcome == Outcome::Match) continue;
    if (outcome == Outcome::Unknown) {
      why_ = ctx_.unknown != nullptr ? ctx_.unknown : "a match cannot be decided";
      return match_rest(rule, i);
    }
    if (outcome == Outcome::NoMatch && recorder_ != nullptr) explain(rule, i);
    return outcome;
  }
  if (!rule.unreadable) return Outcome::Match;
  why_ = rule.unmodelled.c_str();
  return Outcome::Unknown;
}

// One match cannot be decided. A rule is a conjunction: if a later match fails, the rule fails
// whatever that one says.
Outcome Traversal::match_rest(const Rule& rule, std::size_t undecided) {
  ctx_.probe = true;
  bool fails = false;
  for (std::size_t i = undecided + 1; i < rule.matches.size(); ++i) {
    const Rule::NamedMatch& named = rule.matches[i];
    if (named.match == nullptr) continue;
    if (named.match->evaluate(ctx_) == Outcome::NoMatch && !counts_packets(named.name)) {
      fails = true;
    }
  }
  ctx_.probe = false;
  settled_late_ = fails;
  return fails ? Outcome::NoMatch : Outcome::Unknown;
}

void Traversal::explain(const Rule& rule, std::size_t failed) {
  ctx_.probe = true;
  if (failed == kBasic) match_basic(rule.basic);
  for (std::size_t i = failed == kBasic ? 0 : failed; i < rule.matches.size(); ++i) {
    if (rule.matches[i].match != nullptr) rule.matches[i].match->evaluate(ctx_);
  }
  ctx_.probe = false;
}

// The step stands before all that the rule's matches and target report; its outcome is filled in
// later.
void Traversal::begin_step(const Rule& rule) {
  recorder_->begin_terms();
  step_ = recorder_->step_count();
  recorder_->step(
      RuleStep{.table = &table_,
               .chain = chain_,
               .rule = &rule,
               .depth = static_cast<std::uint8_t>(std::min<std::size_t>(stack_.size(), 255)),
               .first_term = recorder_->first_term()});
}

void Traversal::finish_match(Outcome outcome) {
  RuleStep& step = std::get<RuleStep>(recorder_->step_at(step_).detail);
  step.outcome = outcome;
  step.term_count = recorder_->term_count();
  if (outcome == Outcome::Unknown) step.unknown = why_;
}

void Traversal::finish_step(Verdict verdict, const char* unknown) {
  if (recorder_ == nullptr) return;
  RuleStep& step = std::get<RuleStep>(recorder_->step_at(step_).detail);
  step.verdict = verdict;
  if (unknown != nullptr) step.unknown = unknown;
}

Verdict Traversal::try_rule(const Rule& rule) {
  if (recorder_ != nullptr) [[unlikely]]
    begin_step(rule);
  const Outcome outcome = match_rule(rule);
  if (recorder_ != nullptr) [[unlikely]]
    finish_match(outcome);
  ++next_;
  switch (outcome) {
    case Outcome::NoMatch:
      if (settled_late_) note(kAnotherTermFails);
      return Verdict::Continue;
    case Outcome::Match:
      return hit(rule);
    case Outcome::Hotdrop:
      finish_step(Verdict::Drop);
      walk_.deciding_rule = &rule;
      return Verdict::Drop;
    case Outcome::Unknown:
      break;
  }
  return undecided(rule);
}

// The rule matches: count, and do what it says.
Verdict Traversal::hit(const Rule& rule) {
  count(rule.counter);
  switch (rule.verdict) {
    case Verdict::Accept:
    case Verdict::Drop:
    case Verdict::Queue:
    case Verdict::Stolen:
    case Verdict::Unknown:
      finish_step(rule.verdict);
      if (rule.verdict != Verdict::Accept) walk_.deciding_rule = &rule;
      return rule.verdict;
    case Verdict::Return:
      finish_step(Verdict::Return);
      return leave_chain();
    case Verdict::Jump:
    case Verdict::Goto:
      finish_step(rule.verdict);
      if (rule.verdict == Verdict::Jump) stack_.push({chain_, next_});
      chain_ = rule.jump;
      next_ = 0;
      return Verdict::Continue;
    case Verdict::Continue:
      break;
  }
  if (rule.action.empty()) return Verdict::Continue;
  return run_target(rule);
}

Verdict Traversal::run_target(const Rule& rule) {
  if (rule.target == nullptr) {
    if (is_inert(rule.action)) {
      note(kInertTarget);
      return Verdict::Continue;
    }
    walk_.unknown_why = rule.unmodelled.c_str();
    walk_.deciding_rule = &rule;
    finish_step(Verdict::Unknown, walk_.unknown_why);
    return Verdict::Unknown;
  }
  TargetContext target{.walk = walk_, .skb = skb_};
  target.hook = ctx_.hook;
  target.in = ctx_.in;
  target.out = ctx_.out;
  target.protocol = ctx_.protocol;
  target.frag_offset = ctx_.frag_offset;
  target.transport = ctx_.transport;
  const std::uint32_t step = step_;
  const Verdict verdict = rule.target->act(target);
  step_ = step;  // packets that the target sent have walked tables of their own
  finish_step(verdict, target.unknown);
  switch (verdict) {
    case Verdict::Continue:
      read_addresses();
      return Verdict::Continue;
    case Verdict::Return:
      return leave_chain();
    case Verdict::Accept:
      return Verdict::Accept;
    case Verdict::Drop:
    case Verdict::Queue:
    case Verdict::Stolen:
      walk_.deciding_rule = &rule;
      return verdict;
    case Verdict::Unknown:
      walk_.deciding_rule = &rule;
      walk_.unknown_why = target.unknown != nullptr ? target.unknown : rule.text.c_str();
      return verdict;
    case Verdict::Jump:
    case Verdict::Goto:
      break;
  }
  assertion_failed("a target extension cannot jump", __FILE__, __LINE__);
}

// Whether the rule matches is not known. That ends the walk, unless its target leaves no trace.
Verdict Traversal::undecided(const Rule& rule) {
  const bool no_target = rule.action.empty() && !rule.unreadable;
  if (rule.verdict == Verdict::Continue && (no_target || is_inert(rule.action))) {
    note(kHarmless);
    return Verdict::Continue;
  }
  finish_step(Verdict::Unknown);
  walk_.unknown_why = why_;
  walk_.deciding_rule = &rule;
  return Verdict::Unknown;
}

// The end of a chain, or RETURN: on behind the jump that led here, or to the policy.
Verdict Traversal::leave_chain() {
  if (!stack_.empty()) {
    const Frame back = stack_.pop();
    if (recorder_ != nullptr) {
      recorder_->step(ReturnStep{.table = &table_, .from = chain_, .to = back.chain});
    }
    chain_ = back.chain;
    next_ = back.next;
    return Verdict::Continue;
  }
  if (recorder_ != nullptr) {
    if (chain_ != base_) {
      recorder_->step(ReturnStep{.table = &table_, .from = chain_, .to = base_});
    }
    recorder_->step(PolicyStep{.table = &table_, .chain = base_, .verdict = base_->policy});
  }
  count(base_->policy_counter);
  if (base_->policy == Verdict::Drop) walk_.deciding_policy = base_;
  return base_->policy;
}

}  // namespace

Verdict traverse(const Table& table, Walk& walk, Skb& skb, Hook hook, const Link* in,
                 const Link* out) {
  walk.deciding_rule = nullptr;
  walk.deciding_policy = nullptr;
  walk.unknown_why = nullptr;
  const Chain* const base = table.base[static_cast<std::size_t>(hook)];
  if (base == nullptr) return Verdict::Accept;
  if (table.family != Family::Ipv4 || skb.family != Family::Ipv4) {
    walk.unknown_why = "IPv6 rules are not walked";
    return Verdict::Unknown;
  }
  if (skb.l3().size() < 20) {
    walk.unknown_why = kCutHeader;
    return Verdict::Unknown;
  }
  return Traversal(table, walk, skb, hook, in, out).run(*base);
}

}  // namespace pktwalk::xt

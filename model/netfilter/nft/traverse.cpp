// SPDX-License-Identifier: MIT
// A packet walks a base chain: rules in order, jumps, returns, the policy.
//
// A rule is a list of statements. Each acts or asks at once; the first that says "no" ends the
// rule, and what stood before it has happened. With a recorder attached, the questions behind it
// are asked too, without side effects, so that near misses can be found.
//
// Kernel:  net/netfilter/nf_tables_core.c, nft_do_chain();
//          include/net/netfilter/nf_tables_ipv4.h, __nft_set_pktinfo_ipv4_validate()
// Differs: nothing known
#include "model/netfilter/nft/traverse.h"

#include <algorithm>
#include <array>

#include "model/core/bytes.h"
#include "model/packet/headers.h"
#include "model/path/walk.h"

namespace pktwalk::nft {
namespace {

constexpr std::size_t kMaxDepth = 16;  // NFT_JUMP_STACK_SIZE
constexpr const char* kHarmless =
    "whether this rule matches is unknown; it does not decide, so the walk goes on";
constexpr const char* kAnotherTermFails =
    "a term of this rule cannot be decided, but another one fails: no match either way";

struct Frame {
  const Chain* chain = nullptr;
  std::size_t next = 0;
};

class Traversal {
 public:
  Traversal(const Chain& base, HookContext& hook)
      : base_(base),
        ctx_{.walk = hook.walk,
             .skb = hook.skb,
             .base = base,
             .hook = hook.hook,
             .in = hook.in,
             .out = hook.out,
             .recorder = hook.walk.recorder()} {
    read_packet();
  }

  Verdict run() {
    chain_ = &base_;
    while (true) {
      const Verdict verdict =
          next_ < chain_->rules.size() ? try_rule(chain_->rules[next_]) : leave_chain();
      if (verdict != Verdict::Continue) return verdict;
    }
  }

 private:
  // nft_set_pktinfo_ipv4() at the IP hooks, nft_set_pktinfo_ipv4_validate() at a device's.
  void read_packet() {
    const Skb& skb = ctx_.skb;
    const std::span<const std::uint8_t> l3 = skb.l3();
    if (skb.family != Family::Ipv4 || l3.size() < 20) return;
    const Ipv4View ip(l3.data());
    if (ctx_.hook == Hook::Ingress || ctx_.hook == Hook::Egress) {
      if (skb.has_mac && load_be16(skb.data.data() + skb.network - 2) != 0x0800) return;
      if (ip.version() != 4 || ip.header_length() < 20 || skb.len() < ip.total_length() ||
          ip.total_length() < ip.header_length()) {
        return;
      }
    }
    ctx_.ipv4 = true;
    ctx_.has_protocol = true;
    ctx_.protocol = ip.protocol();
    ctx_.frag_offset = static_cast<std::uint16_t>(ip.fragment_offset());
    ctx_.transport = skb.network + ip.header_length();
  }

  Verdict try_rule(const Rule& rule);
  Flow run_statements(const Rule& rule);
  Flow settle_unknown(const Rule& rule, std::size_t at);
  Verdict decide(const Rule& rule);
  Verdict leave_chain();

  void note(const char* text) {
    if (ctx_.recorder != nullptr) ctx_.recorder->step(NoteStep{.text = text});
  }
  // Called where no packet of our own can have walked since the rule began: its rules report terms
  // too.
  void count_terms() {
    if (ctx_.recorder != nullptr) term_count_ = ctx_.recorder->term_count();
  }
  RuleStep& step() { return std::get<RuleStep>(ctx_.recorder->step_at(step_).detail); }

  const Chain& base_;
  EvalContext ctx_;
  const Chain* chain_ = nullptr;
  std::size_t next_ = 0;
  std::array<Frame, kMaxDepth> stack_;
  std::size_t depth_ = 0;
  std::uint32_t step_ = 0;
  std::uint32_t term_count_ = 0;  // of the rule that is being tried
};

// Statement `at` cannot be decided. If a later one says "no" for sure, and nothing stands between
// that would have acted, the rule does not match either way. If all that follows is harmless,
// nothing depends on it.
Flow Traversal::settle_unknown(const Rule& rule, std::size_t at) {
  const char* const why = ctx_.unknown;
  bool harmless = !rule.unreadable;
  for (std::size_t i = at + 1; i < rule.statements.size(); ++i) {
    const Statement& s = *rule.statements[i];
    if (!s.terms.empty() && harmless) {
      ctx_.probe = true;
      ctx_.unknown = nullptr;
      const Flow answer = s.run(ctx_);
      ctx_.probe = false;
      if (answer == Flow::Break) {
        note(kAnotherTermFails);
        return Flow::Break;
      }
    }
    harmless = harmless && s.harmless();
  }
  ctx_.unknown = why;
  if (!harmless) return Flow::Unknown;
  note(kHarmless);
  return Flow::Break;
}

Flow Traversal::run_statements(const Rule& rule) {
  for (std::size_t i = 0; i < rule.statements.size(); ++i) {
    const Flow flow = rule.statements[i]->run(ctx_);
    if (!rule.statements[i]->terms.empty()) count_terms();
    switch (flow) {
      case Flow::Next:
        continue;
      case Flow::Break:
        if (ctx_.recorder != nullptr) [[unlikely]] {
          ctx_.probe = true;
          for (std::size_t k = i + 1; k < rule.statements.size(); ++k)
            rule.statements[k]->explain(ctx_);
          count_terms();
          ctx_.probe = false;
          ctx_.unknown = nullptr;
        }
        return Flow::Break;
      case Flow::Decide:
        return flow;
      case Flow::Unknown:
        return settle_unknown(rule, i);
    }
  }
  if (!rule.unreadable) return Flow::Next;
  ctx_.unknown = rule.unmodelled.c_str();
  return Flow::Unknown;
}

Verdict Traversal::try_rule(const Rule& rule) {
  if (ctx_.recorder != nullptr) [[unlikely]] {
    ctx_.recorder->begin_terms();
    step_ = ctx_.recorder->step_count();
    ctx_.recorder->step(RuleStep{.table = chain_->table,
                                 .chain = chain_,
                                 .rule = &rule,
                                 .depth = static_cast<std::uint8_t>(depth_),
                                 .first_term = ctx_.recorder->first_term()});
  }
  term_count_ = 0;
  ctx_.verdict = Verdict::Continue;
  ctx_.unknown = nullptr;
  ++next_;
  const std::uint32_t step_number = step_;
  const Flow flow = run_statements(rule);
  step_ = step_number;  // packets that a statement sent have walked rules of their own
  if (ctx_.recorder != nullptr) [[unlikely]] {
    RuleStep& s = step();
    s.term_count = term_count_;
    s.outcome = flow == Flow::Break     ? Outcome::NoMatch
                : flow == Flow::Unknown ? Outcome::Unknown
                                        : Outcome::Match;
    s.verdict = flow == Flow::Decide    ? ctx_.verdict
                : flow == Flow::Unknown ? Verdict::Unknown
                                        : Verdict::Continue;
    if (flow == Flow::Unknown) s.unknown = ctx_.unknown;
  }
  switch (flow) {
    case Flow::Next:
    case Flow::Break:
      return Verdict::Continue;
    case Flow::Decide:
      return decide(rule);
    case Flow::Unknown:
      break;
  }
  ctx_.walk.unknown_why = ctx_.unknown != nullptr ? ctx_.unknown : rule.text.c_str();
  ctx_.walk.deciding_rule = &rule;
  return Verdict::Unknown;
}

Verdict Traversal::decide(const Rule& rule) {
  switch (ctx_.verdict) {
    case Verdict::Jump:
      // The ruleset was checked when it was loaded: the kernel refuses deeper ones.
      if (depth_ == kMaxDepth) {
        ctx_.walk.unknown_why = "the jumps nest deeper than the kernel allows (16)";
        ctx_.walk.deciding_rule = &rule;
        return Verdict::Unknown;
      }
      stack_[depth_++] = {chain_, next_};
      [[fallthrough]];
    case Verdict::Goto:
      chain_ = ctx_.target;
      next_ = 0;
      return Verdict::Continue;
    case Verdict::Continue:
      return Verdict::Continue;
    case Verdict::Return:
      return leave_chain();
    case Verdict::Accept:
      return Verdict::Accept;
    case Verdict::Drop:
    case Verdict::Queue:
    case Verdict::Stolen:
    case Verdict::Unknown:
      break;
  }
  ctx_.walk.deciding_rule = &rule;
  return ctx_.verdict;
}

// The end of a chain, or `return`: on behind the jump that led here, or to the policy.
Verdict Traversal::leave_chain() {
  Recorder* const recorder = ctx_.recorder;
  if (depth_ != 0) {
    const Frame back = stack_[--depth_];
    if (recorder != nullptr)
      recorder->step(ReturnStep{.table = chain_->table, .from = chain_, .to = back.chain});
    chain_ = back.chain;
    next_ = back.next;
    return Verdict::Continue;
  }
  if (recorder != nullptr) {
    if (chain_ != &base_)
      recorder->step(ReturnStep{.table = base_.table, .from = chain_, .to = &base_});
    recorder->step(PolicyStep{.table = base_.table, .chain = &base_, .verdict = base_.policy});
  }
  if (base_.policy == Verdict::Drop) ctx_.walk.deciding_policy = &base_;
  return base_.policy;
}

}  // namespace

Verdict traverse(const Chain& base, HookContext& hook) {
  hook.walk.deciding_rule = nullptr;
  hook.walk.deciding_policy = nullptr;
  hook.walk.unknown_why = nullptr;
  return Traversal(base, hook).run();
}

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
#include "model/path/walk.h"

#include <algorithm>
#include <utility>

#include "model/conntrack/conntrack.h"
#include "model/path/path.h"
#include "model/path/timers.h"

namespace pktwalk {

Walk::Walk(const Host& host, State& state, Time now, Recorder* recorder)
    : host_(host), state_(state), now_(now), recorder_(recorder) {
  start_clock(state_, now_);
  if (recorder_ != nullptr) recorder_->set_state(&state_);
}

WalkResult Walk::receive(Skb skb) {
  fire_timers(*this, skb);
  run(Next::Receive, skb);
  run_backlog();
  return std::move(own_result_);
}

WalkResult Walk::send(Skb skb) {
  skb.local = true;
  fire_timers(*this, skb);
  run(Next::LocalOut, skb);
  run_backlog();
  return std::move(own_result_);
}

void Walk::run(Next list, Skb& skb) {
  const CtId attached = skb.ct;
  while (list != Next::Done) {
    Next next = Next::Continue;
    for (const Stage& stage : path_netfilter(list)) {
      if (stage.name != nullptr) {
        enter(stage.name);
        if (recorder_ != nullptr) {
          recorder_->begin_hop(stage.name, skb, skb.skb_iif,
                               skb.dst ? skb.dst->dev : IfIndex::None);
        }
      }
      next = stage.run(*this, skb);
      if (stage.name != nullptr && recorder_ != nullptr) recorder_->end_hop(hop_verdict(next));
      if (next != Next::Continue) break;
    }
    PKTWALK_ASSERT(next != Next::Continue);  // the last stage of a list leads somewhere
    list = next;
  }
  // A connection that this packet began and that was not confirmed dies with it.
  // While a copy of it waits for its second pass, the copy holds it (nf_conntrack_get()).
  if ((skb.ct != attached || attached == CtId::None) && !waits_in_backlog(skb.ct))
    ct::release(state_, skb);
}

bool Walk::waits_in_backlog(CtId ct) const {
  return ct != CtId::None && std::any_of(backlog_.begin(), backlog_.end(),
                                         [&](const Looped& l) { return l.skb.ct == ct; });
}

// The last that held a connection is done with it.
void Walk::let_go(Skb& skb, CtId held) {
  if (held == CtId::None || skb.ct != held || waits_in_backlog(held)) return;
  // Whose answer it was has ended before: nobody else is left to end the connection.
  skb.ctinfo = CtInfo::New;
  ct::release(state_, skb);
}

HopVerdict Walk::hop_verdict(Next next) const {
  if (next != Next::Done) return HopVerdict::Accept;
  switch (result_->disposition) {
    case Disposition::Forwarded:
      return HopVerdict::Accept;
    case Disposition::Delivered:
    case Disposition::TransmittedCopy:
      return HopVerdict::Consumed;
    case Disposition::Dropped:
      return HopVerdict::Drop;
    case Disposition::Absorbed:
      return HopVerdict::Queue;
    case Disposition::Unknown:
      return HopVerdict::Unknown;
  }
  return HopVerdict::Accept;
}

Next Walk::end(Disposition disposition, const char* why) {
  WalkResult& result = *result_;
  result.disposition = disposition;
  result.stage = stage_;
  result.has_hook = has_hook_;
  result.hook = hook_;
  result.why = why;
  result.rule = nullptr;
  result.policy = nullptr;
  ended_ = true;
  return Next::Done;
}

Next Walk::drop(DropReason reason, const char* why) {
  end(Disposition::Dropped, why);
  result_->reason = reason;
  return Next::Done;
}

Next Walk::drop_in_hook() {
  end(Disposition::Dropped, unknown_why);
  result_->reason = DropReason::NETFILTER_DROP;
  result_->rule = deciding_rule;
  result_->policy = deciding_policy;
  return Next::Done;
}

Next Walk::deliver(const char* to) { return end(Disposition::Delivered, to); }

Next Walk::absorb(const char* why) {
  end(Disposition::Absorbed, why);
  result_->rule = deciding_rule;
  return Next::Done;
}

Next Walk::stolen() {
  if (!ended_) end(Disposition::Absorbed, "taken by the hook");
  return Next::Done;
}

Next Walk::unknown(const char* why) {
  end(Disposition::Unknown, why);
  result_->rule = deciding_rule;
  return Next::Done;
}

Next Walk::transmitted() { return end(Disposition::Forwarded, nullptr); }

void Walk::emit(IfIndex dev, std::vector<std::uint8_t> frame, Origin origin) {
  own_result_.emitted.push_back({dev, std::move(frame), origin});
  if (recorder_ != nullptr) {
    recorder_->step(EmitStep{static_cast<std::uint32_t>(own_result_.emitted.size() - 1)});
  }
}

void Walk::send_child(Skb skb, Next list) {
  if (depth >= kMaxDepth) return;
  // What the parent was about to say stays untouched by what becomes of the child.
  WalkResult child;
  WalkResult* const parent_result = std::exchange(result_, &child);
  const char* const stage = stage_;
  const bool has_hook = has_hook_;
  const Hook hook = hook_;
  const bool ended = std::exchange(ended_, false);
  const Rule* const rule = std::exchange(deciding_rule, nullptr);
  const Chain* const policy = std::exchange(deciding_policy, nullptr);
  const char* const why = std::exchange(unknown_why, nullptr);
  ++depth;

  skb.local = list != Next::LocalOut || skb.origin != Origin::Clone;
  if (recorder_ != nullptr) recorder_->begin_child(skb.origin);
  run(list, skb);
  if (recorder_ != nullptr) recorder_->end_child(child);

  --depth;
  result_ = parent_result;
  stage_ = stage;
  has_hook_ = has_hook;
  hook_ = hook;
  ended_ = ended;
  deciding_rule = rule;
  deciding_policy = policy;
  unknown_why = why;
}

void Walk::loop_back(Skb skb) { backlog_.push_back({std::move(skb), depth == 0}); }

void Walk::run_backlog() {
  // A forwarding loop over `lo` would never end: the TTL does not sink on the way.
  constexpr int kMaxPasses = 32;
  for (int pass = 0; !backlog_.empty(); ++pass) {
    if (pass == kMaxPasses) {
      for (Looped& left : backlog_) ct::release(state_, left.skb);
      backlog_.clear();
      enter("transmit");
      unknown("it goes round over the loopback device again and again: given up");
      return;
    }
    Looped looped = std::move(backlog_.front());
    backlog_.pop_front();
    deciding_rule = nullptr;
    deciding_policy = nullptr;
    unknown_why = nullptr;
    ended_ = false;
    const CtId held = looped.skb.ct;
    if (looped.root) {
      run(Next::Receive, looped.skb);
      let_go(looped.skb, held);
      continue;
    }
    WalkResult child;
    WalkResult* const parent_result = std::exchange(result_, &child);
    ++depth;
    if (recorder_ != nullptr) recorder_->begin_child(looped.skb.origin);
    run(Next::Receive, looped.skb);
    if (recorder_ != nullptr) recorder_->end_child(child);
    let_go(looped.skb, held);
    --depth;
    result_ = parent_result;
  }
}

}  // namespace pktwalk

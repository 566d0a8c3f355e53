// SPDX-License-Identifier: MIT
#include "model/trace/recorder.h"

#include <utility>

#include "model/host/state.h"

namespace pktwalk {

Recorder::Recorder(Trace& trace) : open_{&trace}, in_hop_{false} {}
Recorder::~Recorder() = default;

Trace& Recorder::current() { return *open_.back(); }

std::uint32_t Recorder::take_shot(const Skb& skb, IfIndex in, IfIndex out) {
  Trace& trace = current();
  Shot shot{.bytes = {skb.l3().begin(), skb.l3().end()},
            .mark = skb.mark,
            .priority = skb.priority,
            .ct_mark = 0,
            .ct = skb.ct,
            .ctinfo = skb.ctinfo,
            .in = in,
            .out = out};
  if (skb.ct != CtId::None && state_ != nullptr) shot.ct_mark = state_->conntrack.at(skb.ct).mark;
  trace.shots.push_back(std::move(shot));
  return static_cast<std::uint32_t>(trace.shots.size() - 1);
}

void Recorder::begin_hop(const char* stage, const Skb& skb, IfIndex in, IfIndex out) {
  Trace& trace = current();
  const std::uint32_t shot = take_shot(skb, in, out);
  trace.hops.push_back({.stage = stage,
                        .in = in,
                        .out = out,
                        .first_step = static_cast<std::uint32_t>(trace.steps.size()),
                        .shot = shot});
  in_hop_.back() = true;
}

void Recorder::begin_hop(const char* stage, Hook hook, const Skb& skb, IfIndex in, IfIndex out) {
  begin_hop(stage, skb, in, out);
  current().hops.back().has_hook = true;
  current().hops.back().hook = hook;
}

void Recorder::end_hop(HopVerdict verdict) {
  Trace& trace = current();
  if (trace.hops.empty() || !in_hop_.back()) return;
  Hop& hop = trace.hops.back();
  hop.verdict = verdict;
  hop.step_count = static_cast<std::uint32_t>(trace.steps.size()) - hop.first_step;
  in_hop_.back() = false;
}

void Recorder::step(StepDetail detail, const Skb* skb) {
  if (wanted_step_ && *wanted_step_ == steps_seen_ && state_ != nullptr && kept_ == nullptr) {
    kept_ = std::make_unique<State>(*state_);
  }
  ++steps_seen_;
  Trace& trace = current();
  if (!in_hop_.back() && !trace.hops.empty())
    ++trace.hops.back().step_count;  // an afterthought of the last hop
  std::uint32_t shot = trace.shots.empty() ? 0 : static_cast<std::uint32_t>(trace.shots.size() - 1);
  if (skb != nullptr) {
    const IfIndex in = trace.hops.empty() ? IfIndex::None : trace.hops.back().in;
    const IfIndex out = trace.hops.empty() ? IfIndex::None : trace.hops.back().out;
    shot = take_shot(*skb, in, out);
  }
  trace.steps.push_back({std::move(detail), shot});
}

std::uint32_t Recorder::step_count() const {
  return static_cast<std::uint32_t>(open_.back()->steps.size());
}
Step& Recorder::step_at(std::uint32_t index) { return current().steps[index]; }

void Recorder::begin_terms() { first_term_ = static_cast<std::uint32_t>(current().terms.size()); }

void Recorder::term(const TermStep& step) {
  std::vector<TermStep>& terms = current().terms;
  for (std::size_t i = first_term_; i < terms.size(); ++i) {
    if (terms[i].term == step.term) return;
  }
  terms.push_back(step);
}

std::uint32_t Recorder::term_count() const {
  return static_cast<std::uint32_t>(open_.back()->terms.size()) - first_term_;
}

void Recorder::begin_child(Origin origin) {
  Trace& parent = current();
  step(ChildStep{static_cast<std::uint32_t>(parent.children.size())});
  Trace& child = parent.children.emplace_back();
  child.origin = origin;
  open_.push_back(&child);
  in_hop_.push_back(false);
}

void Recorder::end_child(const WalkResult& result) {
  current().result = result;
  open_.pop_back();
  in_hop_.pop_back();
}

const State* Recorder::kept_state() const { return kept_.get(); }

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Where the model reports to. With no recorder attached (a null pointer) a report costs one
// predictable branch.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/trace/step.h"

namespace pktwalk {

struct State;

// Appends to a Trace. Children nest: between begin_child and end_child everything goes to the
// child.
class Recorder {
 public:
  explicit Recorder(Trace& trace);

  void begin_hop(const char* stage, const Skb& skb, IfIndex in, IfIndex out);
  void begin_hop(const char* stage, Hook hook, const Skb& skb, IfIndex in, IfIndex out);
  void end_hop(HopVerdict verdict);

  // Adds a step to the current hop. When `skb` is given and its bytes or metadata differ from the
  // last shot, a new shot is taken.
  void step(StepDetail detail, const Skb* skb = nullptr);
  // The rule step that a running rule fills in: steps its target reports come after it.
  std::uint32_t step_count() const;
  Step& step_at(std::uint32_t index);

  // Terms of the rule that is being evaluated.
  void begin_terms();
  void term(const TermStep& step);  // ignored when the same term was recorded since begin_terms
  std::uint32_t first_term() const { return first_term_; }
  std::uint32_t term_count() const;

  void begin_child(Origin origin);
  void end_child(const WalkResult& result);
  Trace& current();

  // The connection mark for shots: the recorder cannot look into the table itself.
  void set_state(const State* state) { state_ = state; }

  // Seeking inside a packet: a copy of the state is kept when the walk's step with this number
  // (from 0, over the root trace and its children in order of happening) is about to be recorded.
  void keep_state_at(std::uint64_t step_number) { wanted_step_ = step_number; }
  const std::optional<std::uint64_t>& wanted_step() const { return wanted_step_; }
  const State* kept_state() const;

  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

 private:
  std::uint32_t take_shot(const Skb& skb, IfIndex in, IfIndex out);

  std::vector<Trace*> open_;  // the root and the open children, innermost last
  std::vector<bool> in_hop_;
  std::uint32_t first_term_ = 0;
  std::uint64_t steps_seen_ = 0;
  std::optional<std::uint64_t> wanted_step_;
  const State* state_ = nullptr;
  std::unique_ptr<State> kept_;
};

}  // namespace pktwalk

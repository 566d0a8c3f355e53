// SPDX-License-Identifier: MIT
#include "tracer/timeline.h"

#include <algorithm>

#include "tracer/memory_source.h"

namespace pktwalk {
namespace {

constexpr std::size_t kMaxCheckpoints = 64;

std::uint64_t count_steps(const Trace& trace) {
  std::uint64_t count = trace.steps.size();
  for (const Trace& child : trace.children) count += count_steps(child);
  return count;
}

PacketSummary summarise(const WalkedPacket& p, std::span<const std::uint8_t> l3) {
  PacketSummary s{
      .time = p.header.time,
      .dev = p.header.dev,
      .disposition = p.result.disposition,
      .reason = p.result.reason,
      .stage = p.result.stage,
      .has_hook = p.result.has_hook,
      .hook = p.result.hook,
      .rule = p.result.rule,
      .policy = p.result.policy,
      .wire_length = p.header.wire_length,
      .emitted = static_cast<std::uint8_t>(std::min<std::size_t>(p.result.emitted.size(), 255))};
  s.head_length = static_cast<std::uint8_t>(std::min(l3.size(), s.head.size()));
  std::copy_n(l3.begin(), s.head_length, s.head.begin());
  return s;
}

}  // namespace

Result<std::unique_ptr<Timeline>> Timeline::load(const Host& host,
                                                 std::unique_ptr<PacketSource> source,
                                                 std::string in_device) {
  std::unique_ptr<Timeline> timeline(new Timeline(host));
  if (!source->seekable()) source = MemorySource::read_all(*source);
  timeline->session_ = std::make_unique<Session>(host, std::move(source), std::move(in_device));
  timeline->keep(1);
  WalkedPacket packet;
  for (;;) {
    const Result<bool> more = timeline->session_->next(packet, false);
    if (!more) {
      timeline->problem_ = more.error();
      break;
    }
    if (!*more) break;
    timeline->summaries_.push_back(summarise(packet, packet.captured_l3));
    timeline->next_ = timeline->summaries_.size() + 1;
    if (timeline->summaries_.size() % timeline->spacing_ == 0) timeline->keep(timeline->next_);
  }
  if (timeline->summaries_.empty() && timeline->problem_) return *timeline->problem_;
  return timeline;
}

void Timeline::keep(std::uint64_t next_packet) {
  checkpoints_.push_back(
      {next_packet, session_->source().position(), session_->state(), session_->now()});
  if (checkpoints_.size() <= kMaxCheckpoints) return;
  // Every other one goes; the first stays.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < checkpoints_.size(); i += 2) {
    if (kept != i) checkpoints_[kept] = std::move(checkpoints_[i]);
    ++kept;
  }
  checkpoints_.resize(kept);
  spacing_ *= 2;
}

void Timeline::run_to(std::uint64_t packet) {
  const auto after =
      std::upper_bound(checkpoints_.begin(), checkpoints_.end(), packet,
                       [](std::uint64_t p, const Checkpoint& c) { return p < c.packet; });
  const Checkpoint& nearest = *std::prev(after);
  if (next_ > packet || next_ < nearest.packet) {
    const Status resumed = session_->resume(nearest.source, nearest.state, nearest.now);
    PKTWALK_ASSERT(resumed.has_value());
    next_ = nearest.packet;
  }
  WalkedPacket skipped;
  while (next_ < packet) {
    const Result<bool> more = session_->next(skipped, false);
    PKTWALK_ASSERT(more.has_value() && *more);
    ++next_;
  }
}

const WalkedPacket& Timeline::packet(std::uint64_t number) {
  PKTWALK_ASSERT(number >= 1 && number <= packet_count());
  if (cached_ && cached_->header.number == number) return *cached_;
  run_to(number);
  auto walked = std::make_unique<WalkedPacket>();
  const Result<bool> more = session_->next(*walked, true);
  PKTWALK_ASSERT(more.has_value() && *more);
  ++next_;
  cached_ = std::move(walked);
  return *cached_;
}

State Timeline::state_at(Position position) {
  run_to(position.packet);
  if (position.step == 0) return session_->state();
  session_->keep_state_at(position.step);
  WalkedPacket walked;
  const Result<bool> more = session_->next(walked, true);
  PKTWALK_ASSERT(more.has_value() && *more);
  ++next_;
  return session_->kept_state() != nullptr ? *session_->kept_state() : session_->state();
}

std::uint64_t Timeline::step_count(std::uint64_t number) {
  return count_steps(packet(number).trace);
}

}  // namespace pktwalk

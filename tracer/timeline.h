// SPDX-License-Identifier: MIT
// Time in both directions. All packets walk once, without being recorded; what became of each is
// kept in a few bytes. A packet that somebody looks at walks again from the nearest copy of the
// state, with a recorder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/core/result.h"
#include "model/host/host.h"
#include "model/host/state.h"
#include "tracer/session.h"

namespace pktwalk {

// One line of the packet list.
struct PacketSummary {
  Time time{};
  IfIndex dev = IfIndex::None;
  Disposition disposition = Disposition::Unknown;
  DropReason reason = DropReason::NOT_SPECIFIED;
  const char* stage = "";
  bool has_hook = false;
  Hook hook = Hook::Prerouting;
  const Rule* rule = nullptr;
  const Chain* policy = nullptr;
  std::uint32_t wire_length = 0;
  std::uint8_t emitted = 0;  // frames that left because of it, at most 255
  // The first bytes from the IP header on, for the columns of the list (packet_columns()).
  std::array<std::uint8_t, 64> head{};
  std::uint8_t head_length = 0;
};

// A place in a run: packet number from 1, and step number within its trace from 0 (the root trace's
// steps and, where a child was made, the child's, in the order they happened).
struct Position {
  std::uint64_t packet = 1;
  std::uint64_t step = 0;
  auto operator<=>(const Position&) const = default;
};

class Timeline {
 public:
  // Walks the whole capture once. A malformed end of the capture is kept as problem(); an Error
  // only when nothing at all can be walked. `host` must outlive the timeline.
  static Result<std::unique_ptr<Timeline>> load(const Host& host,
                                                std::unique_ptr<PacketSource> source,
                                                std::string in_device);

  std::uint64_t packet_count() const { return summaries_.size(); }
  const PacketSummary& summary(std::uint64_t packet) const {
    return summaries_[static_cast<std::size_t>(packet - 1)];
  }
  const std::optional<Error>& problem() const { return problem_; }
  const Host& host() const { return host_; }

  // The recorded walk of a packet. The reference is good until the next call.
  const WalkedPacket& packet(std::uint64_t number);
  // The state just before this packet (step 0), or just before this step of it happened; beyond the
  // last step: after the packet. Equal to what a forward run has there.
  State state_at(Position position);
  // Number of steps of a packet's walk, children included.
  std::uint64_t step_count(std::uint64_t packet);

 private:
  explicit Timeline(const Host& host) : host_(host) {}
  struct Checkpoint {
    std::uint64_t packet = 1;  // the next packet to walk
    SourcePosition source{};
    State state{};
    Time now{};
  };
  void keep(std::uint64_t next_packet);
  void run_to(std::uint64_t packet);  // the session's next packet is then this one

  const Host& host_;
  std::unique_ptr<Session> session_;
  std::vector<PacketSummary> summaries_;
  std::vector<Checkpoint> checkpoints_;  // ascending
  std::uint64_t spacing_ = 64;  // packets between checkpoints; doubles as the capture grows
  std::uint64_t next_ = 1;      // what session_ will walk next
  std::optional<Error> problem_;
  std::unique_ptr<WalkedPacket> cached_;
};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// A capture walking through a host: forward only, one packet after the other.
#pragma once

#include <memory>
#include <string>

#include "model/core/result.h"
#include "model/host/host.h"
#include "model/host/state.h"
#include "model/trace/step.h"
#include "tracer/placer.h"
#include "tracer/source/packet_source.h"

namespace pktwalk {

// What is known of a captured packet besides its walk.
struct PacketHeader {
  std::uint64_t number = 0;
  Time time;
  IfIndex dev = IfIndex::None;
  std::uint32_t wire_length = 0;
  std::uint32_t captured = 0;
  std::string comment;
};

// A packet, what became of it, and, when it was recorded, its whole story.
struct WalkedPacket {
  PacketHeader header;
  WalkResult result;                      // also in trace.result when recorded
  Trace trace;                            // hops are empty when not recorded
  std::vector<std::uint8_t> captured_l3;  // the packet as captured, from the IP header on; whole
                                          // when recorded, else its beginning
};

class Session {
 public:
  // `host` must outlive the session. The state begins as the host's initial one.
  Session(const Host& host, std::unique_ptr<PacketSource> source, std::string in_device);

  // Walks the next packet. False: the capture is over. An Error: the capture is malformed or the
  // packet could not be placed; nothing of it was walked. With `record` the trace is filled.
  // `keep_state_at`: see Recorder.
  Result<bool> next(WalkedPacket& packet, bool record);

  const Host& host() const { return host_; }
  State& state() { return state_; }
  const State& state() const { return state_; }
  Time now() const { return now_; }
  PacketSource& source() { return *source_; }

  // For time travel: continue at another place with another state.
  Status resume(const SourcePosition& at, State state, Time now);
  // A copy of the state is kept just before this step of the next recorded packet (see
  // Recorder::keep_state_at).
  void keep_state_at(std::uint64_t step) { keep_at_ = step; }
  const State* kept_state() const { return kept_.get(); }

 private:
  const Host& host_;
  std::unique_ptr<PacketSource> source_;
  Placer placer_;
  State state_;
  Time now_{};
  std::optional<std::uint64_t> keep_at_;
  std::unique_ptr<State> kept_;
};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// One packet on its way: what every stage works with.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/core/hook.h"
#include "model/core/time.h"
#include "model/host/host.h"
#include "model/host/state.h"
#include "model/packet/skb.h"
#include "model/trace/recorder.h"
#include "model/trace/step.h"

namespace pktwalk {

// What a stage says: go on with the next stage of the list, go to another list, or the walk of this
// packet is over (then the stage has called one of Walk's endings).
enum class Next : std::uint8_t { Continue, Done, Forward, LocalIn, LocalOut, Transmit, Receive };

// The walk of a received or locally made packet through all lists, and of the packets the router
// makes because of it. `state` changes as the kernel's would.
class Walk {
 public:
  Walk(const Host& host, State& state, Time now, Recorder* recorder = nullptr);

  const Host& host() const { return host_; }
  State& state() { return state_; }
  Time now() const { return now_; }
  Recorder* recorder() const { return recorder_; }
  WalkResult& result() { return *result_; }

  // A frame arrived on `skb.dev` (bytes from the link header on when has_mac). Runs until
  // everything it caused is done.
  WalkResult receive(Skb skb);
  // A packet that a local process sends: bytes from the IP header on, at Skb::kHeadroom. Routing
  // chooses device and, when the source is 0.0.0.0, the source address.
  WalkResult send(Skb skb);

  // --- for stages and targets: the endings. Each returns Next::Done.
  Next drop(DropReason reason, const char* why = nullptr);
  Next drop_by_rule(const xt::Rule* rule, const xt::Chain* policy);  // reason NETFILTER_DROP
  Next deliver(const char* to);   // a local socket or protocol handler took it
  Next absorb(const char* why);   // queued, held, stolen
  Next unknown(const char* why);  // something unmodelled decides
  Next transmitted();             // it left on a device (emit() was called)

  // A frame leaves on a device.
  void emit(IfIndex dev, std::vector<std::uint8_t> frame, Origin origin);

  // Sends a packet that the router itself makes because of this one (ICMP error, reset, clone) on
  // its own walk, at once, as the kernel does. `skb` has bytes from the IP header on, `origin` set,
  // and, when `skb.dst` is set, that route; otherwise output routing is done first. With `hooks`
  // false it skips LOCAL_OUT (a TEE clone passes it).
  void send_child(Skb skb);

  // What traverse() and others learn while a hook runs, for the endings.
  const xt::Rule* deciding_rule = nullptr;
  const xt::Chain* deciding_policy = nullptr;
  const char* unknown_why = nullptr;
  std::size_t depth = 0;  // nesting of child walks; send_child gives up beyond kMaxDepth
  static constexpr std::size_t kMaxDepth = 8;

  // Runs the lists from this point. Used by the path itself and by fragment and loopback re-entry.
  void run(Next list, Skb& skb);
  // A packet that went out on `lo` comes in again after the current one is done.
  void loop_back(Skb skb);

 private:
  const Host& host_;
  State& state_;
  Time now_;
  Recorder* recorder_;
  WalkResult own_result_;
  WalkResult* result_ = &own_result_;
  std::deque<Skb> backlog_;
  void run_backlog();
};

}  // namespace pktwalk

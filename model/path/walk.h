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
enum class Next : std::uint8_t {
  Continue,
  Done,
  Forward,
  LocalIn,
  LocalOut,
  Transmit,
  Receive,
  LoopCopy,
  Ingress,
  Ip,
};

// The walk of a received or locally made packet through all lists, and of the packets the router
// makes because of it. `state` changes as the kernel's would.
class Walk {
 public:
  Walk(const Host& host, State& state, Time now, Recorder* recorder = nullptr);

  const Host& host() const { return host_; }
  State& state() { return state_; }
  Time now() const { return now_; }
  void set_now(Time now) { now_ = now; }  // while timers fire that ran out before the packet came
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
  Next drop_in_hook();            // reason NETFILTER_DROP, by deciding_rule or deciding_policy
  Next deliver(const char* to);   // a local socket or protocol handler took it
  Next absorb(const char* why);   // queued, held, stolen
  Next unknown(const char* why);  // something unmodelled decides
  Next transmitted();             // it left on a device (emit() was called)

  Next
  stolen();  // a hook took it; what became of it was already said (absorb() or drop()), or nothing

  // The stage that speaks from now on: endings carry its name.
  void enter(const char* stage) {
    stage_ = stage;
    has_hook_ = false;
  }
  void enter(const char* stage, Hook hook) {
    stage_ = stage;
    has_hook_ = true;
    hook_ = hook;
  }
  // What a hop's verdict is when its function said `next`.
  HopVerdict hop_verdict(Next next) const;

  // A frame leaves on a device.
  void emit(IfIndex dev, std::vector<std::uint8_t> frame, Origin origin);

  // Sends a packet that the router itself makes because of this one (ICMP error, reset, clone) on
  // its own walk, at once, as the kernel does. `skb` has bytes from the IP header on, `origin` set,
  // and, when `skb.dst` is set, that route; otherwise output routing is done first. A clone belongs
  // to no socket, so it is not `local`.
  void send_child(Skb skb, Next list = Next::LocalOut);

  // What traverse() and others learn while a hook runs, for the endings.
  const Rule* deciding_rule = nullptr;
  const Chain* deciding_policy = nullptr;
  const char* unknown_why = nullptr;
  // The kernel's ICMP socket sends a message right now: no second one leaves from within.
  bool icmp_busy = false;
  std::size_t depth = 0;  // nesting of child walks; send_child gives up beyond kMaxDepth
  static constexpr std::size_t kMaxDepth = 8;
  // A copy made by TEE is on its way, with all that it causes: nothing is copied again meanwhile.
  bool duplicating = false;

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
  const char* stage_ = "";
  bool has_hook_ = false;
  Hook hook_ = Hook::Prerouting;
  bool ended_ = false;

  // Packets that went out on `lo` and wait for their second pass.
  struct Looped {
    Skb skb;
    bool root = false;  // the packet whose walk this is, not a child
  };
  std::deque<Looped> backlog_;
  void run_backlog();
  bool waits_in_backlog(CtId ct) const;
  void let_go(Skb& skb, CtId held);
  Next end(Disposition disposition, const char* why);
};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// The five netfilter hooks as stages of the path.
//
// Kernel: the NF_HOOK() calls of net/ipv4/{ip_input,ip_forward,ip_output}.c
// Differs: nothing known
#include <utility>

#include "model/packet/headers.h"
#include "model/path/ip_options.h"
#include "model/path/stage.h"
#include "model/routing/fib.h"

namespace pktwalk::stage {

Next prerouting(Walk& walk, Skb& skb) {
  return run_hook(walk, skb, Hook::Prerouting, skb.dev, IfIndex::None);
}

Next forward_hook(Walk& walk, Skb& skb) {
  const Next next = run_hook(walk, skb, Hook::Forward, skb.dev, skb.dst->dev);
  if (next != Next::Continue) return next;
  forward_options(walk, skb);  // ip_forward_finish()
  return Next::Transmit;
}

Next input_hook(Walk& walk, Skb& skb) {
  return run_hook(walk, skb, Hook::Input, skb.dev, IfIndex::None);
}

Next output_hook(Walk& walk, Skb& skb) {
  const Next next = run_hook(walk, skb, Hook::Output, IfIndex::None, skb.dst->dev);
  return next == Next::Continue ? Next::Transmit : next;
}

namespace {

// A broadcast, or a multicast to a group that the output device joined, comes from this host and
// concerns it too (ip_mc_output()).
bool concerns_this_host(const Walk& walk, const Skb& skb) {
  if (!skb.local || skb.dst->kind != DstKind::Output) return false;
  const Link* const link = walk.host().link(skb.dst->dev);
  if (link == nullptr || link->loopback) return false;
  if (skb.dst->type == RouteType::Broadcast) return true;
  return skb.dst->type == RouteType::Multicast &&
         fib::joined_group(walk.host(), skb.dst->dev, Ipv4View(skb.l3().data()).daddr());
}

}  // namespace

Next postrouting_copy(Walk& walk, Skb& skb) {
  skb.dev = skb.dst->dev;
  return run_hook(walk, skb, Hook::Postrouting, IfIndex::None, skb.dst->dev);
}

Next loop_back(Walk& walk, Skb& skb) {
  Skb again = skb;
  again.pkt_type = PktType::Loopback;
  again.has_mac = false;
  again.local = false;
  walk.loop_back(std::move(again));
  return walk.transmitted();
}

Next postrouting(Walk& walk, Skb& skb) {
  if (concerns_this_host(walk, skb)) {
    Skb copy = skb;
    copy.origin = Origin::Clone;
    walk.send_child(std::move(copy), Next::LoopCopy);
  }
  const IfIndex in = skb.local ? IfIndex::None : skb.dev;
  skb.dev = skb.dst->dev;
  return run_hook(walk, skb, Hook::Postrouting, in, skb.dst->dev);
}

}  // namespace pktwalk::stage

// SPDX-License-Identifier: MIT
// The five netfilter hooks as stages of the path.
//
// Kernel: the NF_HOOK() calls of net/ipv4/{ip_input,ip_forward,ip_output}.c
// Differs: nothing known
#include "model/path/stage.h"

namespace pktwalk::stage {

Next prerouting(Walk& walk, Skb& skb) {
  return run_hook(walk, skb, Hook::Prerouting, skb.dev, IfIndex::None);
}

Next forward_hook(Walk& walk, Skb& skb) {
  const Next next = run_hook(walk, skb, Hook::Forward, skb.dev, skb.dst->dev);
  return next == Next::Continue ? Next::Transmit : next;
}

Next input_hook(Walk& walk, Skb& skb) {
  return run_hook(walk, skb, Hook::Input, skb.dev, IfIndex::None);
}

Next output_hook(Walk& walk, Skb& skb) {
  const Next next = run_hook(walk, skb, Hook::Output, IfIndex::None, skb.dst->dev);
  return next == Next::Continue ? Next::Transmit : next;
}

Next postrouting(Walk& walk, Skb& skb) {
  const IfIndex in = skb.local ? IfIndex::None : skb.dev;
  skb.dev = skb.dst->dev;
  return run_hook(walk, skb, Hook::Postrouting, in, skb.dst->dev);
}

}  // namespace pktwalk::stage

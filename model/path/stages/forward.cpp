// SPDX-License-Identifier: MIT
// Forwarding: TTL and MTU are tested, the TTL sinks by one, a redirect may be due. All of this
// happens before the FORWARD rules see the packet.
//
// Kernel: net/ipv4/ip_forward.c:ip_forward()
// Differs: nothing known
#include <algorithm>

#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/icmp.h"
#include "model/path/stage.h"
#include "model/routing/fib.h"

namespace pktwalk::stage {
namespace {

// rt_tos2priority(): TC_PRIO_* by the TOS bits.
std::uint32_t priority_of(std::uint8_t tos) {
  static constexpr std::uint8_t kTos2Prio[16] = {0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4};
  return kTos2Prio[(tos & 0x1e) >> 1];
}

bool redirect_due(LocalState& local, const IpAddr& host, Time now) {
  // ip_rt_send_redirect(): at most nine in a row, each twice as long after the one before, from 20
  // ms on; forgotten after 20 s of silence (ip_rt_redirect_silence = 20 ms << 10).
  constexpr std::int64_t kLoad = 20'000'000;
  const auto [at, fresh] = local.peers.try_emplace(host);
  Peer& peer = at->second;
  if (fresh) peer.last = now + -60 * kNsPerSecond;
  if (now - peer.last > (kLoad << 10)) {
    peer.redirects = 0;
  }
  if (peer.redirects >= 9) {
    peer.last = now;
    return false;
  }
  if (peer.redirects != 0 && now - peer.last <= (kLoad << peer.redirects)) return false;
  peer.last = now;
  ++peer.redirects;
  return true;
}

}  // namespace

Next forward(Walk& walk, Skb& skb) {
  Recorder* const recorder = walk.recorder();
  if (skb.pkt_type != PktType::Host) {
    if (recorder != nullptr)
      recorder->step(CheckStep{Check::ForwardPktType, false, {}, {}, skb.dev});
    return walk.drop(DropReason::NOT_SPECIFIED,
                     "not sent to this host's own link-layer address: never forwarded");
  }
  if (skb.assigned != nullptr) {
    return walk.drop(DropReason::NOT_SPECIFIED,
                     "TPROXY gave it to a local socket, but routing does not bring it there: a "
                     "rule for its mark is missing");
  }
  const Ipv4View ip(skb.l3().data());
  const bool alive = ip.ttl() > 1;
  if (recorder != nullptr)
    recorder->step(
        CheckStep{Check::Ttl, alive, Value::dec(ip.ttl()), Value::dec(2), IfIndex::None});
  if (!alive) {
    send_icmp_error(walk, skb, 11, 0);
    return walk.drop(DropReason::IP_INHDR, "TTL ran out");
  }
  if (skb.options.strict && skb.dst->gateway.family() != Family::Unspec) {
    send_icmp_error(walk, skb, 3, 5);
    return walk.drop(DropReason::NOT_SPECIFIED, "a strict source route leads over a gateway");
  }
  const std::uint32_t mtu = fib::mtu_of(walk.host(), *skb.dst);
  const bool too_long = skb.len() > mtu && ip.dont_fragment() && !skb.ignore_df;
  const bool fragment_too_long = skb.frag_max_size > mtu && skb.frag_pmtu;
  const bool fits = !(too_long || fragment_too_long);
  if (recorder != nullptr) {
    recorder->step(CheckStep{Check::Mtu, fits,
                             Value::dec(fragment_too_long ? skb.frag_max_size : skb.len()),
                             Value::dec(mtu), skb.dst->dev});
  }
  if (!fits) {
    send_icmp_error(walk, skb, 3, 4, mtu);
    return walk.drop(DropReason::PKT_TOO_BIG,
                     "longer than the MTU of the output device, and DF is set");
  }
  set_ttl(skb, static_cast<std::uint8_t>(ip.ttl() - 1), recorder);
  if (skb.dst->redirect && skb.options.source_route == 0) {
    if (redirect_due(walk.state().local, ip.saddr(), walk.now())) {
      const IpAddr gateway =
          skb.dst->gateway.family() == Family::Unspec ? ip.daddr() : skb.dst->gateway;
      send_icmp_error(walk, skb, 5, 1, gateway.v4());
    } else if (recorder != nullptr) {
      recorder->step(NoteStep{"no ICMP redirect: this host was told often enough"});
    }
  }
  if (walk.host().sysctls.ip_forward_update_priority) skb.priority = priority_of(ip.tos());
  return Next::Continue;
}

}  // namespace pktwalk::stage

// SPDX-License-Identifier: MIT
// Timers: SYN/ACKs and ARP requests are repeated, neighbours that do not answer fail, fragments
// that stay incomplete are given up.
//
// Kernel:  net/ipv4/inet_connection_sock.c:reqsk_timer_handler();
//          net/core/neighbour.c:neigh_timer_handler(), neigh_invalidate();
//          net/ipv4/arp.c:arp_error_report(); net/ipv4/ip_fragment.c:ip_expire()
// Differs: neigh-timers (entries of the dump do not grow stale, and are not probed); timer-wheel
//          (the kernel's timers fire up to 32 ms later)
#include "model/path/timers.h"

#include <algorithm>
#include <string>

#include "model/path/arp.h"
#include "model/path/icmp.h"
#include "model/path/tcp_segments.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr std::int64_t kLongestSynAckTimeout = 120 * kNsPerSecond;  // TCP_RTO_MAX

void note(Walk& walk, const char* text, const Value& about) {
  if (walk.recorder() != nullptr) walk.recorder()->step(NoteStep{text, about});
}

std::int64_t neigh_sysctl(const Host& host, IfIndex dev, const char* name, std::int64_t otherwise) {
  const std::string prefix = "net.ipv4.neigh.";
  const std::int64_t common = host.sysctl_texts.get(prefix + "default." + name, otherwise);
  return host.sysctl_texts.get(prefix + std::string(host.link_name(dev)) + "." + name, common);
}

void repeat_syn_ack(Walk& walk, const LocalTcpKey& key, LocalTcp& connection) {
  std::map<LocalTcpKey, LocalTcp>& connections = walk.state().local.tcp;
  const Value peer = Value::endpoint(std::get<0>(key), std::get<1>(key));
  if (connection.repeated >= walk.host().sysctl_texts.get("net.ipv4.tcp_synack_retries", 5)) {
    note(walk, "the SYN/ACK was never answered: the listener forgets the connection", peer);
    connections.erase(key);
    return;
  }
  ++connection.repeated;
  connection.timer =
      walk.now() + std::min(kSynAckTimeout << connection.repeated, kLongestSynAckTimeout);
  note(walk, "the SYN/ACK was not answered: it is repeated", peer);
  send_syn_ack(walk, key, connection);
}

void repeat_arp(Walk& walk, std::pair<std::uint32_t, IpAddr> key, Unresolved& neighbour) {
  const IfIndex dev{key.first};
  const Link* const link = walk.host().link(dev);
  const Value about = Value::address(key.second);
  if (neighbour.asked < neigh_sysctl(walk.host(), dev, "mcast_solicit", 3)) {
    ++neighbour.asked;
    neighbour.timer = walk.now() + arp_retransmission(walk.host(), dev);
    note(walk, "the neighbour has not answered: it is asked again", about);
    send_arp_request(walk, neighbour.packets.back().skb, *link, key.second);
    return;
  }
  note(walk, "the neighbour does not answer: the packets that wait for it are dropped", about);
  const std::vector<HeldPacket> held = std::move(neighbour.packets);
  walk.state().local.waiting.erase(key);
  for (const HeldPacket& packet : held) send_icmp_error(walk, packet.skb, 3, 1);
}

// The first piece says whom to tell; only the host that reassembles for itself tells (RFC 792).
void give_up_fragments(Walk& walk, const FragQueue& queue) {
  note(walk, "the rest of a fragmented packet did not come within 30 seconds", Value::none());
  if (queue.fragments.empty() || queue.fragments.front().offset != 0) return;
  Skb first;
  first.data.assign(Skb::kHeadroom, 0);
  const Fragment& piece = queue.fragments.front();
  first.data.insert(first.data.end(), piece.packet.begin(), piece.packet.end());
  first.network = Skb::kHeadroom;
  first.missing = piece.missing;
  first.dev = first.skb_iif = queue.iif;
  if (fib::route_input(walk, first) || first.dst->type != RouteType::Local) return;
  send_icmp_error(walk, first, 11, 1);
}

// The timer that runs out first; `at` is when.
struct Due {
  Time at{};
  enum class What : std::uint8_t { Nothing, SynAck, Arp, Fragments } what = What::Nothing;
  LocalTcpKey tcp{};
  std::pair<std::uint32_t, IpAddr> neighbour{};
  FragKey fragments{};

  bool later_than(Time other) const { return what == What::Nothing || other < at; }
};

Due next_due(const LocalState& local) {
  Due due;
  for (const auto& [key, connection] : local.tcp) {
    if (connection.state != LocalTcp::State::SynRecv || !due.later_than(connection.timer)) continue;
    due.at = connection.timer;
    due.what = Due::What::SynAck;
    due.tcp = key;
  }
  for (const auto& [key, neighbour] : local.waiting) {
    if (!due.later_than(neighbour.timer)) continue;
    due.at = neighbour.timer;
    due.what = Due::What::Arp;
    due.neighbour = key;
  }
  for (const auto& [key, queue] : local.fragments) {
    if (!due.later_than(queue.expires)) continue;
    due.at = queue.expires;
    due.what = Due::What::Fragments;
    due.fragments = key;
  }
  return due;
}

}  // namespace

std::int64_t arp_retransmission(const Host& host, IfIndex dev) {
  return std::max<std::int64_t>(neigh_sysctl(host, dev, "retrans_time_ms", 1000), 10) * 1'000'000;
}

void fire_timers(Walk& walk, const Skb& arrived) {
  LocalState& local = walk.state().local;
  const Time arrival = walk.now();
  if (arrival < local.next_timer) return;
  bool fired = false;
  Due due = next_due(local);
  for (; due.what != Due::What::Nothing && due.at <= arrival; due = next_due(local)) {
    if (!fired && walk.recorder() != nullptr)
      walk.recorder()->begin_hop("timers", arrived, arrived.dev, IfIndex::None);
    fired = true;
    walk.set_now(due.at);
    switch (due.what) {
      case Due::What::Nothing:
        break;
      case Due::What::SynAck:
        repeat_syn_ack(walk, due.tcp, local.tcp.at(due.tcp));
        break;
      case Due::What::Arp:
        repeat_arp(walk, due.neighbour, local.waiting.at(due.neighbour));
        break;
      case Due::What::Fragments: {
        const FragQueue queue = std::move(local.fragments.at(due.fragments));
        local.fragments.erase(due.fragments);
        give_up_fragments(walk, queue);
        break;
      }
    }
  }
  local.next_timer = due.what == Due::What::Nothing ? kNever : due.at;
  walk.set_now(arrival);
  if (fired && walk.recorder() != nullptr) walk.recorder()->end_hop(HopVerdict::Accept);
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// What the stack itself remembers between packets, apart from conntrack: fragments, connections of
// local listeners, what it learned about neighbours, rates of ICMP errors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "model/core/addr.h"
#include "model/core/time.h"
#include "model/packet/skb.h"

namespace pktwalk {

// One fragment waiting for its siblings.
struct Fragment {
  std::uint32_t offset = 0;            // bytes
  std::uint32_t length = 0;            // payload bytes
  std::vector<std::uint8_t> packet{};  // from the IP header on
  std::uint32_t missing = 0;
  bool operator==(const Fragment&) const = default;
};

// Kernel: struct ipq
struct FragQueue {
  Time expires{};
  std::vector<Fragment> fragments{};  // ascending offset
  std::uint32_t total = 0;  // payload length, known when the last fragment came; 0 unknown
  std::uint32_t max_size = 0;
  std::uint32_t max_df_size = 0;
  std::uint8_t ecn = 0;  // bits of the fragments' ECN codepoints
  IfIndex iif = IfIndex::None;
  bool operator==(const FragQueue&) const = default;
};

// source, destination, id, protocol, user (0 local delivery, 1 conntrack in, 2 conntrack out; plus
// zone << 8)
using FragKey = std::tuple<IpAddr, IpAddr, std::uint16_t, std::uint8_t, std::uint32_t>;

// A connection to a local TCP listener that a SYN in the capture began: what the kernel itself does
// for it. What the application would answer is out of scope.
// Kernel: struct tcp_request_sock, struct tcp_sock
struct LocalTcp {
  enum class State : std::uint8_t { SynRecv, Established, CloseWait };
  State state = State::SynRecv;
  bool sack = false, timestamps = false, scaled = false, ecn = false;  // granted in the SYN/ACK
  bool isn_known = false;       // the peer's acknowledgement told our sequence number
  std::uint8_t scale = 0;       // of the windows that we offer
  std::uint8_t tos = 0;         // of our segments
  std::uint8_t quick_acks = 0;  // segments that are acknowledged at once, not after a delay
  std::uint32_t mark = 0;
  std::uint32_t rcv_isn = 0;  // the peer's initial sequence number
  std::uint32_t rcv_nxt = 0;
  std::uint32_t rcv_wup = 0;  // rcv_nxt when our last segment left
  std::uint32_t rcv_wnd = 0;  // bytes that the SYN/ACK offered
  std::uint32_t snd_isn = 0;  // ours; the kernel draws it at random
  std::uint32_t snd_nxt = 0;
  std::uint32_t ts_recent = 0;         // the peer's timestamp, which ours echo
  EchoedOptions options{};             // IP options that the SYN/ACK echoes
  std::uint8_t repeated = 0;           // SynRecv: how often the timer repeated the SYN/ACK
  Time timer{};                        // SynRecv: when it does so again, or gives up
  std::optional<Time> last_refusal{};  // last_oow_ack_time: the last answer to a misfit
  bool operator==(const LocalTcp&) const = default;
};
// remote address, remote port, local address, local port
using LocalTcpKey = std::tuple<IpAddr, std::uint16_t, IpAddr, std::uint16_t>;

// struct inet_peer: how often a host was told about errors. Tokens are nanoseconds.
struct Peer {
  Time last{};
  std::int64_t tokens = 0;
  std::uint32_t redirects = 0;
  bool operator==(const Peer&) const = default;
};

// A packet held until its neighbour's address is known.
struct HeldPacket {
  Skb skb{};
  bool operator==(const HeldPacket& other) const {
    return skb.data == other.skb.data && skb.dev == other.skb.dev;
  }
};

// A neighbour that was asked for its link-layer address, and has not answered yet.
struct Unresolved {
  std::vector<HeldPacket> packets{};  // never empty
  std::uint32_t asked = 1;            // ARP requests sent
  Time timer{};                       // when it is asked again, or given up
  bool operator==(const Unresolved&) const = default;
};

inline constexpr Time kNever{std::numeric_limits<std::int64_t>::max()};

struct LocalState {
  std::map<FragKey, FragQueue> fragments;
  std::map<LocalTcpKey, LocalTcp> tcp;
  std::map<std::pair<std::uint32_t, IpAddr>, MacAddr> learned_neighbours;  // (device, address)
  std::map<std::pair<std::uint32_t, IpAddr>, Unresolved> waiting;          // by device and address
  Time next_timer = kNever;  // no timer of what is above runs out before
  void schedule(Time timer) { next_timer = std::min(next_timer, timer); }
  std::uint16_t next_ip_id = 0xd2f1;    // the kernel draws these at random
  std::uint32_t next_isn = 0x1d2f1000;  // and these
  Time icmp_bucket_time{};              // global ICMP rate limit: last refill
  std::int64_t icmp_credit = -1;        // messages left; -1: full
  std::map<IpAddr, Peer> peers;         // rates of ICMP errors and redirects, by destination
  bool operator==(const LocalState&) const = default;
};

}  // namespace pktwalk

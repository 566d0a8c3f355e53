// SPDX-License-Identifier: MIT
// TCP segments to the host: what the kernel itself does with them on behalf of a listener. What the
// application would answer is out of scope.
//
// Kernel: net/ipv4/tcp_ipv4.c:tcp_v4_rcv(), tcp_v4_do_rcv();
// net/ipv4/tcp_input.c:tcp_conn_request(), tcp_rcv_state_process(), tcp_validate_incoming(),
//         tcp_data_queue(); net/ipv4/tcp_minisocks.c:tcp_check_req()
// Differs: local-tcp (the host's own sequence numbers are random: an acknowledgement of them is
// taken as right; no ACK is delayed, nothing is sent for the application)
#include <algorithm>

#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/packet/tcp.h"
#include "model/path/icmp.h"
#include "model/path/local.h"
#include "model/path/tcp_segments.h"
#include "model/path/timers.h"

namespace pktwalk {
namespace {

constexpr std::uint32_t kMostQuickAcks = 16;  // TCP_MAX_QUICKACKS
constexpr std::uint32_t kDefaultMss = 536;    // TCP_MSS_DEFAULT

// One segment for a local socket.
class Segment {
 public:
  Segment(Walk& walk, Skb& skb, const TcpView& tcp, const LocalTcpKey& key)
      : walk_(walk), skb_(skb), tcp_(tcp), key_(key), length_(payload_length()) {}

  Next to_nobody() { return refuse(DropReason::NO_SOCKET, "no TCP socket is open at this port"); }
  Next to_listener();
  Next to_request(LocalTcp& connection);
  Next to_connection(LocalTcp& connection);

 private:
  std::uint32_t seq() const { return tcp_.seq(); }
  std::uint32_t end() const {
    return seq() + length_ + (tcp_.has(kTcpSyn) ? 1u : 0u) + (tcp_.has(kTcpFin) ? 1u : 0u);
  }
  std::uint32_t payload_length() const {
    const Ipv4View ip(skb_.l3().data());
    return static_cast<std::uint32_t>(skb_.len()) - ip.header_length() - tcp_.header_length();
  }
  Next refuse(DropReason reason, const char* why) {
    send_tcp_reset(walk_, skb_);
    return walk_.drop(reason, why);
  }
  void note(const char* text) {
    if (walk_.recorder() != nullptr) walk_.recorder()->step(NoteStep{text});
  }
  void forget() { walk_.state().local.tcp.erase(key_); }
  void acknowledge(LocalTcp& connection);
  bool misfit_is_answered(LocalTcp& connection);
  bool within_rate(LocalTcp& connection);
  void challenge(LocalTcp& connection);
  Next misfit(LocalTcp& connection, DropReason reason, const char* why);
  Next reset(LocalTcp& connection);
  void take_data(LocalTcp& connection);

  Walk& walk_;
  Skb& skb_;
  const TcpView& tcp_;
  const LocalTcpKey& key_;
  std::uint32_t length_;
};

Next Segment::to_listener() {
  if (tcp_.has(kTcpAck)) {
    return refuse(DropReason::TCP_FLAGS, "an ACK for a connection that the listener does not know");
  }
  if (tcp_.has(kTcpRst)) return walk_.drop(DropReason::TCP_RESET, "a reset for a listener");
  if (!tcp_.has(kTcpSyn))
    return walk_.drop(DropReason::TCP_FLAGS, "no SYN, no connection: the listener ignores it");
  if (tcp_.has(kTcpFin)) return walk_.drop(DropReason::TCP_FLAGS, "SYN with FIN");
  if (skb_.dst && skb_.dst->type != RouteType::Local) {
    note("no SYN/ACK: the SYN was sent to a broadcast address");
    return walk_.deliver("tcp listener");
  }
  LocalTcp connection = open_request(walk_, skb_, tcp_);
  std::uint32_t& next_isn = walk_.state().local.next_isn;
  connection.snd_isn = next_isn;
  connection.snd_nxt = next_isn + 1;
  next_isn += 64'000;
  connection.rcv_wup = connection.rcv_nxt;
  connection.timer = walk_.now() + kSynAckTimeout;
  if (!send_syn_ack(walk_, key_, connection)) {
    note("no SYN/ACK: no route back to the sender");
    return walk_.deliver("tcp listener");
  }
  walk_.state().local.tcp[key_] = connection;
  walk_.state().local.schedule(connection.timer);
  return walk_.deliver("tcp listener");
}

// tcp_oow_rate_limited(): data without SYN is always answered, the rest twice a second.
bool Segment::misfit_is_answered(LocalTcp& connection) {
  return (length_ != 0 && !tcp_.has(kTcpSyn)) || within_rate(connection);
}

// __tcp_oow_rate_limited()
bool Segment::within_rate(LocalTcp& connection) {
  const std::int64_t pause = std::int64_t{walk_.host().sysctls.tcp_invalid_ratelimit} * 1'000'000;
  if (connection.last_refusal && walk_.now() - *connection.last_refusal < pause) {
    note("no answer: another misfit was answered a moment ago [net.ipv4.tcp_invalid_ratelimit]");
    return false;
  }
  connection.last_refusal = walk_.now();
  return true;
}

// tcp_check_req(): a segment for a connection of which only the SYN was seen.
Next Segment::to_request(LocalTcp& connection) {
  const std::uint8_t flags = tcp_.flags() & (kTcpRst | kTcpSyn | kTcpAck);
  if (seq() == connection.rcv_isn && flags == kTcpSyn) {
    note("the SYN again: the SYN/ACK is repeated");
    if (misfit_is_answered(connection) && send_syn_ack(walk_, key_, connection))
      connection.timer = walk_.now() + (kSynAckTimeout << connection.repeated);
    return walk_.drop(DropReason::NOT_SPECIFIED, "a repeated SYN");
  }
  const std::uint32_t right = connection.rcv_nxt + connection.rcv_wnd;
  const bool in_window = (seq() == connection.rcv_nxt) ||
                         (before(connection.rcv_nxt, end()) && before(seq(), right)) ||
                         (seq() == right && seq() == end());
  if (!in_window) {
    if (!tcp_.has(kTcpRst) && misfit_is_answered(connection)) {
      LocalTcp answer = connection;
      answer.tos = static_cast<std::uint8_t>(Ipv4View(skb_.l3().data()).tos() & 0xfc);
      send_ack(walk_, key_, answer);
    }
    return walk_.drop(DropReason::TCP_OVERWINDOW, "the sequence number is outside the window");
  }
  const bool syn = tcp_.has(kTcpSyn) && seq() != connection.rcv_isn;
  if (tcp_.has(kTcpRst) || syn) {
    if (!tcp_.has(kTcpRst)) send_tcp_reset(walk_, skb_);
    forget();
    return walk_.drop(DropReason::NOT_SPECIFIED, "the connection is given up");
  }
  if ((flags & kTcpAck) == 0) return walk_.drop(DropReason::NOT_SPECIFIED, "a segment without ACK");
  connection.state = LocalTcp::State::Established;
  connection.snd_isn = tcp_.ack() - 1;
  connection.snd_nxt = tcp_.ack();
  connection.isn_known = true;
  connection.last_refusal.reset();
  return to_connection(connection);
}

void Segment::acknowledge(LocalTcp& connection) {
  send_ack(walk_, key_, connection);
  connection.rcv_wup = connection.rcv_nxt;
  if (connection.quick_acks != 0) --connection.quick_acks;
}

// A segment that does not fit: the peer is told where we are (tcp_send_dupack()).
Next Segment::misfit(LocalTcp& connection, DropReason reason, const char* why) {
  if (misfit_is_answered(connection)) acknowledge(connection);
  return walk_.drop(reason, why);
}

// tcp_send_challenge_ack(): whoever knows the numbers will answer it rightly (RFC 5961).
void Segment::challenge(LocalTcp& connection) {
  if (within_rate(connection)) acknowledge(connection);
}

Next Segment::reset(LocalTcp& connection) {
  if (seq() == connection.rcv_nxt) {
    forget();
    return walk_.deliver("tcp socket");
  }
  challenge(connection);
  return walk_.drop(DropReason::TCP_RESET,
                    "a reset that is not exactly in sequence: a challenge ACK answers it");
}

// tcp_data_queue(), __tcp_ack_snd_check()
void Segment::take_data(LocalTcp& connection) {
  const bool in_order = !before(connection.rcv_nxt, seq());
  if (!in_order) {
    acknowledge(connection);
    note("bytes before this segment are missing: it is kept, and they are asked for again");
    return;
  }
  connection.rcv_nxt = end();
  if (tcp_.has(kTcpFin)) {
    connection.state = LocalTcp::State::CloseWait;
    note("the ACK of the FIN is delayed: it is not shown");
    return;
  }
  if (length_ == 0) return;
  if (connection.rcv_wup == connection.rcv_isn + 1) {
    const std::uint32_t window = connection.rcv_wnd / (2 * kDefaultMss);
    connection.quick_acks = static_cast<std::uint8_t>(std::clamp(window, 2u, kMostQuickAcks));
  }
  if (connection.quick_acks != 0) {
    acknowledge(connection);
  } else {
    note("the ACK of this segment is delayed: it is not shown");
  }
}

// tcp_validate_incoming() and what follows in tcp_rcv_established().
Next Segment::to_connection(LocalTcp& connection) {
  // The peer has said all; a SYN now is a new connection if the application closed the old one.
  if (connection.state == LocalTcp::State::CloseWait && tcp_.has(kTcpSyn))
    return walk_.unknown("whether the application has closed this connection decides");
  const auto answer_syn = [&] {
    challenge(connection);
    return walk_.drop(DropReason::TCP_INVALID_SYN,
                      "a SYN within a connection: a challenge ACK answers it");
  };
  if (before(end(), connection.rcv_wup)) {
    if (tcp_.has(kTcpRst)) return walk_.drop(DropReason::TCP_OLD_SEQUENCE, "an old reset");
    if (tcp_.has(kTcpSyn)) return answer_syn();
    return misfit(connection, DropReason::TCP_OLD_SEQUENCE, "all of it was acknowledged before");
  }
  const std::uint32_t right = connection.rcv_wup + connection.rcv_wnd;
  if (before(right, seq())) {
    if (tcp_.has(kTcpRst))
      return walk_.drop(DropReason::TCP_INVALID_SEQUENCE, "a reset beyond the window");
    if (tcp_.has(kTcpSyn)) return answer_syn();
    return misfit(connection, DropReason::TCP_INVALID_SEQUENCE, "beyond the window that we offer");
  }
  if (tcp_.has(kTcpRst)) return reset(connection);
  if (tcp_.has(kTcpSyn)) return answer_syn();
  if (!tcp_.has(kTcpAck)) return walk_.drop(DropReason::TCP_FLAGS, "a segment without ACK");
  if (length_ != 0 && !before(connection.rcv_nxt, end())) {
    connection.quick_acks = kMostQuickAcks;
    acknowledge(connection);
    return walk_.drop(DropReason::TCP_OLD_DATA, "data that was received before");
  }
  if (before(connection.snd_nxt, tcp_.ack())) connection.snd_nxt = tcp_.ack();  // the application's
  if (end() != seq()) take_data(connection);
  return walk_.deliver("tcp socket");
}

}  // namespace

Next deliver_tcp(Walk& walk, Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  Recorder* const recorder = walk.recorder();
  if (skb.pkt_type != PktType::Host)
    return walk.drop(DropReason::NOT_SPECIFIED, "TCP by broadcast");
  const std::span<const std::uint8_t> l4 = skb.l3().subspan(ip.header_length());
  const std::size_t length = skb.len() - ip.header_length();
  const std::optional<TcpView> tcp = TcpView::at(l4);
  if (!tcp && length >= 20) return walk.unknown("the TCP header was not captured");
  if (!tcp || tcp->header_length() < 20 || length < tcp->header_length()) {
    if (recorder != nullptr)
      recorder->step(
          CheckStep{Check::TcpHeader, false, Value::dec(length), Value::dec(20), skb.dev});
    const bool short_offset = tcp && tcp->header_length() < 20;
    return walk.drop(short_offset ? DropReason::PKT_TOO_SMALL : DropReason::NOT_SPECIFIED,
                     "the TCP header is cut off");
  }
  if (verify_transport_checksum(skb) == ChecksumState::Wrong) {
    if (recorder != nullptr)
      recorder->step(
          CheckStep{Check::TcpChecksum, false, Value::hex(tcp->checksum()), {}, skb.dev});
    return walk.drop(DropReason::TCP_CSUM, "the TCP checksum is wrong");
  }
  const LocalTcpKey key{ip.saddr(), tcp->sport(), ip.daddr(), tcp->dport()};
  Segment segment(walk, skb, *tcp, key);
  std::map<LocalTcpKey, LocalTcp>& connections = walk.state().local.tcp;
  if (const auto found = connections.find(key); found != connections.end()) {
    if (recorder != nullptr) {
      recorder->step(SocketStep{nullptr, Value::endpoint(ip.daddr(), tcp->dport()),
                                "a connection that an earlier packet began"});
    }
    if (found->second.state == LocalTcp::State::SynRecv) return segment.to_request(found->second);
    return segment.to_connection(found->second);
  }
  const SocketKey wanted{kProtoTcp, ip.daddr(), tcp->dport(), ip.saddr(), tcp->sport(), skb.dev};
  const Socket* const socket =
      skb.assigned != nullptr ? skb.assigned : find_socket(walk.host(), wanted);
  if (recorder != nullptr)
    recorder->step(SocketStep{socket, Value::endpoint(ip.daddr(), tcp->dport()), nullptr});
  if (socket == nullptr) {
    if (!walk.host().has_sockets && recorder != nullptr) {
      recorder->step(
          NoteStep{"no dump of the sockets was given (ss -lntuw): the port counts as closed"});
    }
    return segment.to_nobody();
  }
  if (!socket->listening) return walk.deliver("tcp socket");
  return segment.to_listener();
}

}  // namespace pktwalk

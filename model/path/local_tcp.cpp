// SPDX-License-Identifier: MIT
// TCP segments to the host: what a listener does with them as far as it decides about drops and
// resets. What the application would answer is out of scope.
//
// Kernel: net/ipv4/tcp_ipv4.c:tcp_v4_rcv(), tcp_v4_do_rcv();
// net/ipv4/tcp_input.c:tcp_rcv_state_process();
//         net/ipv4/tcp_minisocks.c:tcp_check_req()
// Differs: local-tcp (the host's own sequence numbers are random: an acknowledgement of them is
// taken as right)
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/icmp.h"
#include "model/path/local.h"

namespace pktwalk {
namespace {

constexpr std::int64_t kSynAckTimeout = 63 * kNsPerSecond;  // five retransmissions of the SYN/ACK
constexpr std::uint32_t kWindow = 64240;  // what a listener with default buffers offers

Next refuse(Walk& walk, Skb& skb, DropReason reason, const char* why) {
  send_tcp_reset(walk, skb);
  return walk.drop(reason, why);
}

std::uint32_t segment_length(const Skb& skb, const Ipv4View& ip, const TcpView& tcp) {
  return static_cast<std::uint32_t>(skb.len()) - ip.header_length() - tcp.header_length();
}

Next listen(Walk& walk, Skb& skb, const TcpView& tcp, const LocalTcpKey& key) {
  if (tcp.has(kTcpAck)) {
    return refuse(walk, skb, DropReason::TCP_FLAGS,
                  "an ACK for a connection that the listener does not know");
  }
  if (tcp.has(kTcpRst)) return walk.drop(DropReason::TCP_RESET, "a reset for a listener");
  if (!tcp.has(kTcpSyn))
    return walk.drop(DropReason::TCP_FLAGS, "no SYN, no connection: the listener ignores it");
  if (tcp.has(kTcpFin)) return walk.drop(DropReason::TCP_FLAGS, "SYN with FIN");
  walk.state().local.tcp[key] = {.state = LocalTcp::State::SynRecv,
                                 .rcv_isn = tcp.seq(),
                                 .rcv_nxt = tcp.seq() + 1,
                                 .expires = walk.now() + kSynAckTimeout};
  return walk.deliver("tcp listener");
}

// tcp_check_req(): a segment for a connection of which only the SYN was seen.
Next check_request(Walk& walk, Skb& skb, const Ipv4View& ip, const TcpView& tcp,
                   LocalTcp& connection, const LocalTcpKey& key) {
  const std::uint8_t flags = tcp.flags() & (kTcpRst | kTcpSyn | kTcpAck);
  const std::uint32_t seq = tcp.seq();
  if (seq == connection.rcv_isn && flags == kTcpSyn) {
    if (walk.recorder() != nullptr)
      walk.recorder()->step(NoteStep{"the SYN again: the SYN/ACK is repeated"});
    return walk.drop(DropReason::NOT_SPECIFIED, "a repeated SYN");
  }
  const std::uint32_t end = seq + segment_length(skb, ip, tcp) + (tcp.has(kTcpSyn) ? 1u : 0u) +
                            (tcp.has(kTcpFin) ? 1u : 0u);
  const std::uint32_t right = connection.rcv_nxt + kWindow;
  const auto before = [](std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) < 0;
  };
  const bool in_window = (seq == connection.rcv_nxt) ||
                         (before(connection.rcv_nxt, end) && before(seq, right)) ||
                         (seq == right && seq == end);
  if (!in_window)
    return walk.drop(DropReason::TCP_OVERWINDOW, "the sequence number is outside the window");
  if ((flags & (kTcpRst | kTcpSyn)) != 0) {
    if ((flags & kTcpRst) == 0) send_tcp_reset(walk, skb);
    walk.state().local.tcp.erase(key);
    return walk.drop(DropReason::TCP_RESET, "the connection is given up");
  }
  if ((flags & kTcpAck) == 0) return walk.drop(DropReason::TCP_FLAGS, "a segment without ACK");
  connection.state = LocalTcp::State::Established;
  connection.rcv_nxt = end;
  connection.expires = walk.now() + 86400 * kNsPerSecond;
  return walk.deliver("tcp socket");
}

Next established(Walk& walk, const Ipv4View& ip, const TcpView& tcp, const Skb& skb,
                 LocalTcp& connection, const LocalTcpKey& key) {
  if (tcp.has(kTcpRst)) {
    walk.state().local.tcp.erase(key);
    return walk.deliver("tcp socket");
  }
  const std::uint32_t end = tcp.seq() + segment_length(skb, ip, tcp) + (tcp.has(kTcpFin) ? 1u : 0u);
  if (tcp.seq() == connection.rcv_nxt) connection.rcv_nxt = end;
  return walk.deliver("tcp socket");
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
    return walk.drop(DropReason::PKT_TOO_SMALL, "the TCP header is cut off");
  }
  if (verify_transport_checksum(skb) == ChecksumState::Wrong) {
    if (recorder != nullptr)
      recorder->step(
          CheckStep{Check::TcpChecksum, false, Value::hex(tcp->checksum()), {}, skb.dev});
    return walk.drop(DropReason::TCP_CSUM, "the TCP checksum is wrong");
  }
  const LocalTcpKey key{ip.saddr(), tcp->sport(), ip.daddr(), tcp->dport()};
  std::map<LocalTcpKey, LocalTcp>& connections = walk.state().local.tcp;
  const auto at = connections.find(key);
  if (at != connections.end() && at->second.expires <= walk.now()) connections.erase(at);
  if (const auto found = connections.find(key); found != connections.end()) {
    if (recorder != nullptr) {
      recorder->step(SocketStep{nullptr, Value::endpoint(ip.daddr(), tcp->dport()),
                                "a connection that an earlier packet began"});
    }
    if (found->second.state == LocalTcp::State::SynRecv)
      return check_request(walk, skb, ip, *tcp, found->second, key);
    return established(walk, ip, *tcp, skb, found->second, key);
  }
  const Socket* const socket = find_socket(
      walk.host(), {kProtoTcp, ip.daddr(), tcp->dport(), ip.saddr(), tcp->sport(), skb.dev});
  if (recorder != nullptr)
    recorder->step(SocketStep{socket, Value::endpoint(ip.daddr(), tcp->dport()), nullptr});
  if (socket == nullptr) {
    if (!walk.host().has_sockets && recorder != nullptr) {
      recorder->step(
          NoteStep{"no dump of the sockets was given (ss -lntuw): the port counts as closed"});
    }
    return refuse(walk, skb, DropReason::NO_SOCKET, "no TCP socket is open at this port");
  }
  if (!socket->listening) return walk.deliver("tcp socket");
  return listen(walk, skb, *tcp, key);
}

}  // namespace pktwalk

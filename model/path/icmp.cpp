// SPDX-License-Identifier: MIT
// ICMP errors and TCP resets that the router sends: whether one may be sent, its bytes, and the way
// it takes.
//
// Kernel: net/ipv4/icmp.c:__icmp_send(), net/ipv4/netfilter/nf_reject_ipv4.c,
// net/ipv4/tcp_ipv4.c:tcp_v4_send_reset() Differs: icmp-global-rate (the kernel subtracts a random
// 0 to 2 per message from the global bucket; here it is 1),
//          ip-id (the kernel draws the IP id of its own packets at random)
#include "model/path/icmp.h"

#include <algorithm>
#include <vector>

#include "model/conntrack/conntrack.h"
#include "model/packet/checksum.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/ip_options.h"
#include "model/path/packets.h"
#include "model/path/peer.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr std::uint8_t kMaxIcmpType = 18;

void refuse(Walk& walk, const char* why) {
  if (walk.recorder() != nullptr) walk.recorder()->step(NoteStep{why});
}

bool is_error_type(std::uint8_t type) {
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

// Why no error may be sent about this packet; null when one may.
const char* error_forbidden(const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  if (skb.pkt_type != PktType::Host)
    return "no ICMP error: the packet was not sent to this host's own link-layer address";
  // A directed broadcast that is forwarded has an ordinary route (no RTCF_BROADCAST).
  const bool group = skb.dst->type == RouteType::Broadcast || skb.dst->type == RouteType::Multicast;
  if (group && skb.dst->kind != DstKind::Forward) {
    return "no ICMP error: never about a broadcast or multicast";
  }
  if (ip.fragment_offset() != 0) return "no ICMP error: never about a later fragment";
  if (ip.protocol() == kProtoIcmp) {
    const std::span<const std::uint8_t> l3 = skb.l3();
    if (l3.size() <= ip.header_length()) return "no ICMP error: the packet's ICMP type is missing";
    const std::uint8_t type = l3[ip.header_length()];
    if (type > kMaxIcmpType || is_error_type(type))
      return "no ICMP error: never about another ICMP error";
  }
  return nullptr;
}

// icmp_global_allow(): icmp_msgs_per_sec with a burst of icmp_msgs_burst.
bool global_allows(Walk& walk) {
  LocalState& local = walk.state().local;
  const NetSysctls& sysctls = walk.host().sysctls;
  const std::int64_t burst = sysctls.icmp_msgs_burst;
  if (local.icmp_credit < 0) {
    local.icmp_credit = burst;
    local.icmp_bucket_time = walk.now();
  }
  const std::int64_t elapsed =
      std::min<std::int64_t>(walk.now() - local.icmp_bucket_time, kNsPerSecond);
  if (elapsed >= kNsPerSecond / 50) {
    const std::int64_t more = elapsed * sysctls.icmp_msgs_per_sec / kNsPerSecond;
    if (more != 0) local.icmp_bucket_time = walk.now();
    local.icmp_credit = std::min(local.icmp_credit + more, burst);
  }
  if (local.icmp_credit <= 0) return false;
  --local.icmp_credit;
  return true;
}

}  // namespace

bool icmp_rate_allows(Walk& walk, std::uint8_t type, std::uint8_t code, const IpAddr& to,
                      IfIndex out) {
  const NetSysctls& sysctls = walk.host().sysctls;
  if (type > kMaxIcmpType || (type == 3 && code == 4))
    return true;  // path MTU discovery is not limited
  if ((sysctls.icmp_ratemask >> type & 1) == 0) return true;
  if (!global_allows(walk)) return false;
  const Link* const link = walk.host().link(out);
  if (link != nullptr && link->loopback) return true;
  // A limit of 0 allows everything, but still empties the bucket that error routes share.
  const std::int64_t cost = std::int64_t{sysctls.icmp_ratelimit} * 1'000'000;
  return peer_allows(walk.state().local, to, walk.now(), cost, 6 * cost);
}

namespace {

// nf_ct_attach(): the answer belongs to the connection of the packet it is about.
void attach_connection(Skb& answer, const Skb& about) {
  if (about.ct == CtId::None) {
    answer.ctinfo =
        CtInfo::None;  // also about an UNTRACKED packet: conntrack looks at the answer anew
    return;
  }
  answer.ct = about.ct;
  answer.ctinfo = is_reply(about.ctinfo) ? CtInfo::Related : CtInfo::RelatedReply;
}

// A reset of REJECT gets its checksum when it leaves; what quotes it before then has the pseudo
// header's sum in its place.
void open_checksum(std::span<std::uint8_t> quoted_reset) {
  const Ipv4View ip(quoted_reset.data());
  const std::size_t at = ip.header_length() + 16;
  if (ip.protocol() != kProtoTcp || at + 2 > quoted_reset.size()) return;
  const auto length = static_cast<std::uint32_t>(ip.total_length() - ip.header_length());
  const std::uint64_t sum = pseudo_sum(ip.saddr(), ip.daddr(), kProtoTcp, length);
  store_be16(quoted_reset.data() + at, static_cast<std::uint16_t>(~finish_sum(sum)));
}

std::uint32_t reply_mark(const Walk& walk, const Skb& skb) {
  return walk.host().sysctls.fwmark_reflect ? skb.mark : 0;
}

// icmp_route_lookup(): what the route of an error is asked with. The source is the address the
// packet was sent to when that is ours, else the way back decides.
fib::Flow error_flow(const Walk& walk, const Skb& offending, std::uint8_t type, std::uint8_t code,
                     const EchoedOptions& options) {
  const Host& host = walk.host();
  const Ipv4View ip(offending.l3().data());
  fib::Flow flow;
  flow.daddr = options.first_hop.value_or(ip.saddr());
  flow.mark = reply_mark(walk, offending);
  flow.tos = static_cast<std::uint8_t>((ip.tos() & 0x1e) | 0xc0);
  flow.proto = kProtoIcmp;
  // Type and code stand where TCP and UDP have their destination port (union flowi_uli).
  flow.dport = static_cast<std::uint16_t>(type << 8 | code);
  flow.about = &offending;
  if (offending.dst->kind == DstKind::LocalIn || offending.dst->type == RouteType::Local) {
    flow.saddr = ip.daddr();
  } else if (host.sysctls.icmp_errors_use_inbound_ifaddr && offending.skb_iif != IfIndex::None) {
    flow.saddr = fib::select_addr(host, offending.skb_iif, ip.saddr(), kScopeLink);
  }
  return flow;
}

// The ICMP message, with the first `room` bytes of the packet that it is about.
std::vector<std::uint8_t> error_message(const Skb& offending, std::uint8_t type, std::uint8_t code,
                                        std::uint32_t info, std::size_t room) {
  const std::span<const std::uint8_t> quoted =
      offending.l3().first(std::min(offending.l3().size(), room));
  std::vector<std::uint8_t> message(8 + quoted.size());
  message[0] = type;
  message[1] = code;
  store_be32(message.data() + 4, info);
  std::copy(quoted.begin(), quoted.end(), message.begin() + 8);
  if (offending.without_socket) open_checksum(std::span(message).subspan(8));
  store_be16(message.data() + 2, checksum(message));
  return message;
}

}  // namespace

void send_icmp_error(Walk& walk, const Skb& offending, std::uint8_t type, std::uint8_t code,
                     std::uint32_t info) {
  if (!offending.dst) return;
  if (const char* const why = error_forbidden(offending)) return refuse(walk, why);
  if (walk.icmp_busy)
    return refuse(walk, "no ICMP error: the ICMP socket is busy with the message itself");
  const Host& host = walk.host();
  const std::optional<EchoedOptions> options = echo_options(host, offending);
  if (!options) return refuse(walk, "no ICMP error: the packet's IP options have no room for it");
  fib::Flow flow = error_flow(walk, offending, type, code, *options);
  Dst dst;
  if (fib::route_output(walk, flow, dst, nullptr) != RouteError::None) {
    return refuse(walk, "no ICMP error: no route back to the sender");
  }
  if (!icmp_rate_allows(walk, type, code, flow.daddr, dst.dev))
    return refuse(walk, "no ICMP error: rate limit");

  // As much of the packet as fits in 576 bytes; without more than its IP header it says nothing.
  const std::size_t mtu = std::min<std::size_t>(fib::mtu_of(host, dst), 576);
  const std::size_t headers = 20 + options->bytes.size() + 8;
  if (mtu <= headers + 20) return refuse(walk, "no ICMP error: the MTU has no room for one");
  const std::size_t room = mtu - headers;
  const std::vector<std::uint8_t> payload = error_message(offending, type, code, info, room);
  Skb error = make_ipv4({.src = flow.saddr,
                         .dst = flow.daddr,
                         .protocol = kProtoIcmp,
                         .tos = flow.tos,
                         .ttl = host.sysctls.ip_default_ttl,
                         .id = walk.state().local.next_ip_id++,
                         .options = options->bytes},
                        payload);
  complete_options(error, options->fields, walk.now());
  // A quote that the capture cut short makes the error itself incomplete.
  if (offending.missing != 0 && offending.l3().size() < room) {
    error.missing = std::min(room, offending.len()) - offending.l3().size();
  }
  error.mark = flow.mark;
  error.dst = dst;
  error.known_checksum = true;
  error.origin = type == 5 ? Origin::Redirect : Origin::IcmpError;
  attach_connection(error, offending);
  send_icmp(walk, std::move(error));
}

void send_icmp(Walk& walk, Skb message) {
  walk.icmp_busy = true;
  walk.send_child(std::move(message));
  walk.icmp_busy = false;
}

namespace {

// nf_reject_verify_csum() and nf_ip_checksum(): whatever is not known to have another kind of
// checksum must sum to zero.
bool rejected_checksum_wrong(const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  switch (ip.protocol()) {
    case kProtoGre:
    case kProtoAh:
    case kProtoEsp:
    case kProtoSctp:
    case kProtoUdpLite:
    case kProtoDccp:
      return false;
    case kProtoTcp:
    case kProtoUdp:
    case kProtoIcmp:
      return verify_transport_checksum(skb) == ChecksumState::Wrong;
    default:
      break;
  }
  const bool empty = skb.len() == ip.header_length();
  if (skb.missing != 0 || empty) return false;
  return finish_sum(sum_bytes(skb.l3().subspan(ip.header_length()))) != 0;
}

}  // namespace

void send_unreachable(Walk& walk, const Skb& offending, std::uint8_t code, Hook) {
  const Ipv4View ip(offending.l3().data());
  if (ip.fragment_offset() != 0) return refuse(walk, "no ICMP error: never about a later fragment");
  if (!offending.local && rejected_checksum_wrong(offending)) {
    return refuse(walk, "no ICMP error: the packet's own checksum is wrong");
  }
  send_icmp_error(walk, offending, 3, code);
}

namespace {

// The reset's TCP header: acknowledges what it answers.
std::vector<std::uint8_t> reset_segment(const Skb& offending, const TcpView& tcp) {
  const Ipv4View ip(offending.l3().data());
  std::vector<std::uint8_t> segment(20);
  store_be16(segment.data(), tcp.dport());
  store_be16(segment.data() + 2, tcp.sport());
  segment[12] = 5 << 4;
  segment[13] = kTcpRst;
  if (tcp.has(kTcpAck)) {
    store_be32(segment.data() + 4, tcp.ack());
  } else {
    const std::uint32_t payload =
        static_cast<std::uint32_t>(offending.len()) - ip.header_length() - tcp.header_length();
    store_be32(segment.data() + 8,
               tcp.seq() + (tcp.has(kTcpSyn) ? 1 : 0) + (tcp.has(kTcpFin) ? 1 : 0) + payload);
    segment[13] |= kTcpAck;
  }
  return segment;
}

std::optional<TcpView> tcp_of(const Skb& skb) {
  const std::span<const std::uint8_t> l3 = skb.l3();
  const Ipv4View ip(l3.data());
  if (ip.protocol() != kProtoTcp || ip.fragment_offset() != 0 || l3.size() < ip.header_length())
    return std::nullopt;
  return TcpView::at(l3.subspan(ip.header_length()));
}

}  // namespace

void send_tcp_reset_from_hook(Walk& walk, const Skb& offending, Hook) {
  const std::optional<TcpView> tcp = tcp_of(offending);
  if (!tcp) return refuse(walk, "no TCP reset: no TCP header here");
  if (tcp->has(kTcpRst)) return refuse(walk, "no TCP reset: never about another reset");
  if (!offending.local && verify_transport_checksum(offending) == ChecksumState::Wrong) {
    return refuse(walk, "no TCP reset: the segment's checksum is wrong");
  }
  if (offending.dst && (offending.dst->type == RouteType::Broadcast ||
                        offending.dst->type == RouteType::Multicast)) {
    return refuse(walk, "no TCP reset: never about a broadcast or multicast");
  }
  const Ipv4View ip(offending.l3().data());
  Skb reset = make_ipv4({.src = ip.daddr(),
                         .dst = ip.saddr(),
                         .protocol = kProtoTcp,
                         .ttl = walk.host().sysctls.ip_default_ttl,
                         .dont_fragment = true},
                        reset_segment(offending, *tcp));
  fill_transport_checksum(reset);
  reset.known_checksum = true;
  reset.origin = Origin::TcpReset;
  reset.without_socket = true;
  reset.mark = reply_mark(walk, offending);
  reset.dst = offending.dst;
  if (fib::reroute(walk, reset) != RouteError::None)
    return refuse(walk, "no TCP reset: no route back to the sender");
  attach_connection(reset, offending);
  walk.send_child(std::move(reset));
}

void send_tcp_reset(Walk& walk, const Skb& offending) {
  const std::optional<TcpView> tcp = tcp_of(offending);
  if (!tcp || tcp->has(kTcpRst)) return refuse(walk, "no TCP reset: never about another reset");
  if (offending.dst->type != RouteType::Local)
    return refuse(walk, "no TCP reset: not sent to an address of ours");
  const Ipv4View ip(offending.l3().data());
  const std::optional<EchoedOptions> options = echo_options(walk.host(), offending);
  if (!options) return refuse(walk, "no TCP reset: the packet's IP options have no room for it");
  Skb reset = make_ipv4(
      {.src = ip.daddr(),
       .dst = options->first_hop.value_or(ip.saddr()),
       .protocol = kProtoTcp,
       .tos = static_cast<std::uint8_t>(ip.tos() & 0xfc),  // the ECN bits are not answered
       .ttl = walk.host().sysctls.ip_default_ttl,
       .dont_fragment = true,
       .options = options->bytes},
      reset_segment(offending, *tcp));
  complete_options(reset, options->fields, walk.now());
  fill_transport_checksum(reset);
  reset.known_checksum = true;
  reset.origin = Origin::TcpReset;
  reset.mark = reply_mark(walk, offending);
  walk.send_child(std::move(reset));
}

}  // namespace pktwalk

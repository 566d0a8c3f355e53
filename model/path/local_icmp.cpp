// SPDX-License-Identifier: MIT
// ICMP messages to the host: echo and timestamp requests are answered, errors go to the sockets
// they concern.
//
// Kernel: net/ipv4/icmp.c:icmp_rcv(), icmp_echo(), icmp_timestamp(), icmp_reply(), icmp_unreach();
// net/ipv4/ping.c:ping_rcv() Differs: no-pmtu-learning (ICMP 3/4 and redirects to the host itself
// do not change its routes)
#include <vector>

#include "model/core/assert.h"
#include "model/packet/checksum.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/icmp.h"
#include "model/path/ip_options.h"
#include "model/path/local.h"
#include "model/path/packets.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr std::uint8_t kEchoReply = 0, kUnreachable = 3, kQuench = 4, kRedirect = 5, kEcho = 8,
                       kTimeExceeded = 11, kParameterProblem = 12, kTimestamp = 13,
                       kTimestampReply = 14, kAddress = 17, kAddressReply = 18, kExtEcho = 42,
                       kExtEchoReply = 43;

// icmp_reply(): back to the sender, from the address it asked.
void reply(Walk& walk, const Skb& skb, std::vector<std::uint8_t> message, std::size_t missing) {
  const Ipv4View ip(skb.l3().data());
  const Host& host = walk.host();
  PKTWALK_ASSERT(!walk.icmp_busy);  // a request is received, never sent by that socket
  const auto silent = [&](const char* why) {
    if (walk.recorder() != nullptr) walk.recorder()->step(NoteStep{why});
  };
  const std::optional<EchoedOptions> options = echo_options(host, skb);
  if (!options) return silent("no ICMP reply: the packet's IP options have no room for it");
  store_be16(message.data() + 2, 0);
  store_be16(message.data() + 2, checksum(message));
  fib::Flow flow;
  flow.daddr = options->first_hop.value_or(ip.saddr());
  flow.saddr = own_address(walk, skb);
  flow.mark = host.sysctls.fwmark_reflect ? skb.mark : 0;
  flow.tos = ip.tos();
  flow.proto = kProtoIcmp;
  Dst dst;
  if (fib::route_output(walk, flow, dst, nullptr) != RouteError::None)
    return silent("no ICMP reply: no route back to the sender");
  if (!icmp_rate_allows(walk, message[0], message[1], flow.daddr, dst.dev))
    return silent("no ICMP reply: rate limit");
  Skb answer = make_ipv4({.src = flow.saddr,
                          .dst = flow.daddr,
                          .protocol = kProtoIcmp,
                          .tos = ip.tos(),
                          .ttl = host.sysctls.ip_default_ttl,
                          .id = walk.state().local.next_ip_id++,
                          .options = options->bytes},
                         message);
  complete_options(answer, options->fields, walk.now());
  answer.missing = missing;
  answer.known_checksum = true;
  answer.mark = flow.mark;
  answer.dst = dst;
  answer.origin = Origin::IcmpReply;
  send_icmp(walk, std::move(answer));
}

Next echo(Walk& walk, Skb& skb, std::span<const std::uint8_t> l4) {
  if (walk.host().sysctls.icmp_echo_ignore_all) {
    if (walk.recorder() != nullptr) {
      walk.recorder()->step(CheckStep{Check::IcmpEchoIgnored, false, Value::boolean(false),
                                      Value::boolean(true), skb.dev});
    }
    return walk.deliver("icmp, which does not answer: icmp_echo_ignore_all is set");
  }
  std::vector<std::uint8_t> message(l4.begin(), l4.end());
  message[0] = kEchoReply;
  reply(walk, skb, std::move(message), skb.missing);
  return walk.deliver("icmp");
}

Next timestamp(Walk& walk, Skb& skb, std::span<const std::uint8_t> l4) {
  if (l4.size() < 12)
    return walk.drop(DropReason::PKT_TOO_SMALL, "the timestamp request is too short");
  std::vector<std::uint8_t> message(l4.begin(), l4.begin() + 12);
  message.resize(20);
  message[0] = kTimestampReply;
  message[1] = 0;  // the request's code is not repeated, other than in an echo reply
  const std::uint32_t now = milliseconds_of_day(walk.now());
  store_be32(message.data() + 12, now);
  store_be32(message.data() + 16, now);
  reply(walk, skb, std::move(message), 0);
  return walk.deliver("icmp");
}

// icmp_unreach(): the quoted header must be there.
Next error_message(Walk& walk, std::span<const std::uint8_t> l4) {
  if (l4.size() < 8 + 20)
    return walk.drop(DropReason::NOT_SPECIFIED, "the quoted IP header is cut off");
  if (Ipv4View(l4.data() + 8).header_length() < 20) {
    return walk.drop(DropReason::IP_INHDR, "the quoted IP header is malformed");
  }
  return walk.deliver("icmp");
}

}  // namespace

Next deliver_icmp(Walk& walk, Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  const std::span<const std::uint8_t> l4 = skb.l3().subspan(ip.header_length());
  Recorder* const recorder = walk.recorder();
  if (verify_transport_checksum(skb) == ChecksumState::Wrong) {
    if (recorder != nullptr) recorder->step(CheckStep{Check::IcmpChecksum, false, {}, {}, skb.dev});
    return walk.drop(DropReason::ICMP_CSUM, "the ICMP checksum is wrong");
  }
  const std::optional<IcmpView> icmp = IcmpView::at(l4);
  if (!icmp) {
    if (skb.missing != 0) return walk.unknown("the ICMP header was not captured");
    return walk.drop(DropReason::NOT_SPECIFIED, "the ICMP header is cut off");
  }
  const std::uint8_t type = icmp->type();
  // RFC 8335 PROBE
  if (type == kExtEcho) {
    if (walk.host().sysctl_texts.get("net.ipv4.icmp_echo_enable_probe", 0) != 0) {
      return walk.unknown("ICMP extended echo requests are not walked yet");
    }
    return walk.deliver("icmp, which does not answer: icmp_echo_enable_probe is off");
  }
  if (type == kExtEchoReply) {
    return walk.drop(DropReason::NO_SOCKET, "no ping socket waits for this echo reply");
  }
  if (type > kAddressReply)
    return walk.drop(DropReason::UNHANDLED_PROTO, "an ICMP type that Linux does not know");
  if (skb.dst->type == RouteType::Broadcast || skb.dst->type == RouteType::Multicast) {
    if ((type == kEcho || type == kTimestamp) && walk.host().sysctls.icmp_echo_ignore_broadcasts) {
      if (recorder != nullptr) {
        recorder->step(CheckStep{Check::IcmpBroadcastIgnored, false, Value::boolean(false),
                                 Value::boolean(true), skb.dev});
      }
      return walk.drop(DropReason::INVALID_PROTO, "broadcast echo requests are not answered");
    }
    if (type != kEcho && type != kTimestamp && type != kAddress && type != kAddressReply) {
      return walk.drop(DropReason::INVALID_PROTO, "this ICMP type is not accepted by broadcast");
    }
  }
  switch (type) {
    case kEcho:
      return echo(walk, skb, l4);
    case kTimestamp:
      return timestamp(walk, skb, l4);
    case kEchoReply:
      return walk.drop(DropReason::NO_SOCKET, "no ping socket waits for this echo reply");
    case kUnreachable:
    case kQuench:
    case kTimeExceeded:
    case kParameterProblem:
      return error_message(walk, l4);
    case kRedirect:
      if (l4.size() < 8 + 20)
        return walk.drop(DropReason::PKT_TOO_SMALL, "the quoted IP header is cut off");
      return walk.deliver("icmp");
    default:
      return walk.deliver("icmp");
  }
}

}  // namespace pktwalk

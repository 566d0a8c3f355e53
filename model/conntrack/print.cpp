// SPDX-License-Identifier: MIT
// The conntrack table as text: the lines of `conntrack -L -o extended`.
//
// Kernel: net/netfilter/nf_conntrack_netlink.c:ctnetlink_fill_info(); the words are those of
//         conntrack-tools 1.4.7
// Differs: entries come in order of their creation, the kernel's in the order of a random hash
#include <fmt/format.h>

#include <iterator>

#include "model/conntrack/conntrack.h"
#include "model/host/host.h"
#include "model/packet/headers.h"

namespace pktwalk::ct {
namespace {

using Out = std::back_insert_iterator<std::string>;

const char* name_of(std::uint8_t proto) {
  switch (proto) {
    case kProtoTcp:
      return "tcp";
    case kProtoUdp:
      return "udp";
    case kProtoUdpLite:
      return "udplite";
    case kProtoIcmp:
      return "icmp";
    case kProtoIcmpv6:
      return "icmpv6";
    case kProtoSctp:
      return "sctp";
    case kProtoDccp:
      return "dccp";
    case kProtoGre:
      return "gre";
    default:
      return "unknown";
  }
}

void print_tuple(Out out, const Tuple& t) {
  fmt::format_to(out, "src={} dst={} ", to_string(t.src), to_string(t.dst));
  switch (t.proto) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoSctp:
    case kProtoDccp:
      fmt::format_to(out, "sport={} dport={} ", t.src_id, t.dst_id);
      break;
    case kProtoIcmp:
    case kProtoIcmpv6:
      fmt::format_to(out, "type={} code={} id={} ", t.dst_id >> 8, t.dst_id & 0xff, t.src_id);
      break;
    case kProtoGre:
      fmt::format_to(out, "srckey={:#x} dstkey={:#x} ", t.src_id, t.dst_id);
      break;
    default:
      break;
  }
}

void print_entry(Out out, const Entry& entry, std::int64_t left, bool counters) {
  const Tuple& original = entry.tuple[0];
  const bool v4 = original.src.is_v4();
  fmt::format_to(out, "{:<8} {} {:<8} {} {} ", v4 ? "ipv4" : "ipv6", v4 ? 2 : 10,
                 name_of(original.proto), original.proto, left / kNsPerSecond);
  if (original.proto == kProtoTcp) fmt::format_to(out, "{} ", tcp_state_name(entry.tcp.state));
  if (original.proto == kProtoSctp) fmt::format_to(out, "{} ", sctp_state_name(entry.sctp.state));
  const bool one_zone = entry.zone_orig == entry.zone_reply;
  for (std::size_t dir = 0; dir < 2; ++dir) {
    print_tuple(out, entry.tuple[dir]);
    const std::uint16_t zone = dir == 0 ? entry.zone_orig : entry.zone_reply;
    if (!one_zone && zone != 0) {
      fmt::format_to(out, "zone-{}={} ", dir == 0 ? "orig" : "reply", zone);
    }
    if (counters) {
      fmt::format_to(out, "packets={} bytes={} ", entry.packets[dir], entry.bytes[dir]);
    }
    if (dir == 0 && !entry.has(kSeenReply)) fmt::format_to(out, "[UNREPLIED] ");
  }
  if (entry.has(kAssured)) fmt::format_to(out, "[ASSURED] ");
  fmt::format_to(out, "mark={} ", entry.mark);
  if (one_zone && entry.zone_orig != 0) fmt::format_to(out, "zone={} ", entry.zone_orig);
  fmt::format_to(out, "use=1\n");
}

}  // namespace

std::string print_table(const Table& table, Time now, const Host& host) {
  std::string text;
  table.for_each([&](CtId, const Entry& entry) {
    if (!entry.has(kConfirmed) || entry.has(kDying | kNatClash)) return;
    // Before the first packet the clock of loaded entries has not begun.
    const std::int64_t left = table.clock_started() ? entry.expires - now : entry.expires.ns;
    if (left <= 0) return;
    print_entry(std::back_inserter(text), entry, left, host.sysctls.ct_acct);
  });
  return text;
}

}  // namespace pktwalk::ct

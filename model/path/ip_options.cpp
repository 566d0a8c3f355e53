// SPDX-License-Identifier: MIT
// IPv4 options of received and forwarded packets.
//
// Kernel: net/ipv4/ip_options.c:__ip_options_compile(), ip_forward_options(),
// ip_options_fragment();
//         net/ipv4/ip_input.c:ip_rcv_options()
// Differs: source-route (an accepted source route is unknown)
#include "model/path/ip_options.h"

#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/icmp.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr std::uint8_t kEnd = 0, kNoop = 1, kRecordRoute = 7, kTimestamp = 68, kLooseSource = 131,
                       kStrictSource = 137, kRouterAlert = 148, kCipso = 134, kCopied = 0x80;

struct Scan {
  std::size_t bad = 0;           // offset in the IP header of what is wrong; 0 nothing
  std::size_t end = 0;           // offset of an End of Options List
  std::size_t record_route = 0;  // offset of the option
  std::size_t timestamp = 0;
  bool source_route = false;
  bool strict = false;
};

Scan scan(const std::uint8_t* ip, std::size_t header_length) {
  Scan found;
  std::size_t at = 20;
  while (at < header_length) {
    const std::uint8_t type = ip[at];
    if (type == kEnd) {
      found.end = at;
      break;
    }
    if (type == kNoop) {
      ++at;
      continue;
    }
    if (at + 1 >= header_length) return {.bad = at};
    const std::size_t length = ip[at + 1];
    if (length < 2 || at + length > header_length) return {.bad = at};
    switch (type) {
      case kLooseSource:
      case kStrictSource:
        if (length < 3) return {.bad = at + 1};
        if (ip[at + 2] < 4) return {.bad = at + 2};
        if (found.source_route) return {.bad = at};
        found.source_route = true;
        found.strict = type == kStrictSource;
        break;
      case kRecordRoute:
        if (found.record_route != 0) return {.bad = at};
        if (length < 3) return {.bad = at + 1};
        if (ip[at + 2] < 4) return {.bad = at + 2};
        if (ip[at + 2] <= length && ip[at + 2] + 3u > length) return {.bad = at + 2};
        found.record_route = at;
        break;
      case kTimestamp:
        if (found.timestamp != 0) return {.bad = at};
        if (length < 4) return {.bad = at + 1};
        if (ip[at + 2] < 5) return {.bad = at + 2};
        found.timestamp = at;
        break;
      case kRouterAlert:
        if (length < 4) return {.bad = at + 1};
        break;
      case kCipso:
      default:
        break;
    }
    at += length;
  }
  return found;
}

// The address this host gives as its own towards the sender (fib_compute_spec_dst()).
IpAddr own_address(Walk& walk, const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  if (skb.dst->kind == DstKind::LocalIn && skb.dst->type == RouteType::Local) return ip.daddr();
  return fib::select_addr(walk.host(), skb.dev, ip.saddr(), kScopeUniverse);
}

}  // namespace

bool has_strict_source_route(const Skb& skb) {
  const std::span<const std::uint8_t> l3 = skb.l3();
  return scan(l3.data(), Ipv4View(l3.data()).header_length()).strict;
}

Next receive_options(Walk& walk, Skb& skb) {
  std::uint8_t* const ip = skb.l3().data();
  const std::size_t header_length = Ipv4View(ip).header_length();
  const Scan found = scan(ip, header_length);
  Recorder* const recorder = walk.recorder();
  if (found.bad != 0) {
    if (recorder != nullptr) {
      recorder->step(
          CheckStep{Check::IpOptions, false, Value::dec(found.bad), Value::none(), skb.dev});
    }
    send_icmp_error(walk, skb, 12, 0, static_cast<std::uint32_t>(found.bad) << 24);
    return walk.drop(DropReason::IP_INHDR, "malformed IP options");
  }
  if (found.end != 0) {
    // What stands behind the end of the list is cleared.
    bool cleared = false;
    for (std::size_t i = found.end; i < header_length; ++i) {
      cleared |= ip[i] != kEnd;
      ip[i] = kEnd;
    }
    if (cleared) {
      fill_ip_checksum(skb);
      if (recorder != nullptr)
        recorder->step(NoteStep{"rubbish behind the end of the IP options is cleared"}, &skb);
    }
  }
  if (found.source_route) {
    const NetSysctls& sysctls = walk.host().sysctls;
    const bool accepted =
        sysctls.all.accept_source_route && sysctls.conf(skb.dev).accept_source_route;
    if (recorder != nullptr) {
      recorder->step(CheckStep{Check::SourceRoute, accepted, Value::boolean(accepted),
                               Value::boolean(true), skb.dev});
    }
    if (!accepted) return walk.drop(DropReason::NOT_SPECIFIED, "source-routed packets are refused");
    return walk.unknown("source-routed packets are not walked yet");
  }
  if (found.timestamp != 0) return walk.unknown("the IP timestamp option is not walked yet");
  if (found.record_route != 0) {
    std::uint8_t* const option = ip + found.record_route;
    if (option[2] <= option[1]) {
      store_be32(option + option[2] - 1, own_address(walk, skb).v4());
      option[2] = static_cast<std::uint8_t>(option[2] + 4);
      skb.record_route = found.record_route;
      fill_ip_checksum(skb);
      if (recorder != nullptr)
        recorder->step(NoteStep{"Record Route: our address was added"}, &skb);
    }
  }
  return Next::Continue;
}

void forward_options(Walk& walk, Skb& skb) {
  if (skb.record_route == 0) return;
  std::uint8_t* const ip = skb.l3().data();
  std::uint8_t* const option = ip + skb.record_route;
  IpAddr source = skb.dst->prefsrc;
  if (source.family() == Family::Unspec) {
    const IpAddr next =
        skb.dst->gateway.family() == Family::Unspec ? Ipv4View(ip).daddr() : skb.dst->gateway;
    source = fib::select_addr(walk.host(), skb.dst->dev, next, kScopeUniverse);
  }
  store_be32(option + option[2] - 5, source.v4());
  fill_ip_checksum(skb);
  if (walk.recorder() != nullptr) {
    walk.recorder()->step(
        NoteStep{"Record Route: the output device's address was written", Value::address(source)},
        &skb);
  }
}

void blank_uncopied_options(std::uint8_t* ip) {
  const std::size_t header_length = Ipv4View(ip).header_length();
  std::size_t at = 20;
  while (at < header_length) {
    const std::uint8_t type = ip[at];
    if (type == kEnd) return;
    if (type == kNoop) {
      ++at;
      continue;
    }
    if (at + 1 >= header_length) return;
    const std::size_t length = ip[at + 1];
    if (length < 2 || at + length > header_length) return;
    if ((type & kCopied) == 0) {
      for (std::size_t i = 0; i < length; ++i) ip[at + i] = kNoop;
    }
    at += length;
  }
}

}  // namespace pktwalk

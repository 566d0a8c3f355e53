// SPDX-License-Identifier: MIT
// IPv4 options of received and forwarded packets.
//
// Kernel: net/ipv4/ip_options.c:__ip_options_compile(), ip_forward_options(),
// ip_options_fragment(),
//         ip_options_rcv_srr(); net/ipv4/ip_input.c:ip_rcv_options()
// Differs: nothing known
#include "model/path/ip_options.h"

#include <utility>

#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/icmp.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

constexpr std::uint8_t kEnd = 0, kNoop = 1, kRecordRoute = 7, kTimestamp = 68, kLooseSource = 131,
                       kStrictSource = 137, kRouterAlert = 148, kCopied = 0x80;

// What ip_options_compile() found: the first thing that is wrong, or nothing.
struct Compiled {
  std::size_t bad = 0;   // offset in the IP header; 0 nothing
  bool cleared = false;  // rubbish stood behind the end of the list
};

// Fills one slot after another of the packet's options, as ip_options_compile() walks over them.
class Compiler {
 public:
  Compiler(Walk& walk, Skb& skb) : walk_(walk), skb_(skb), ip_(skb.l3().data()) {}
  Compiled run();

 private:
  std::size_t source_route(std::size_t at);
  std::size_t record_route(std::size_t at);
  std::size_t timestamp(std::size_t at);
  std::size_t stamp(std::size_t at, std::uint8_t* option);
  void write(std::uint8_t* to, std::uint32_t value) {
    store_be32(to, value);
    skb_.options.changed = true;
  }

  Walk& walk_;
  Skb& skb_;
  std::uint8_t* ip_;
};

// Each gives the offset of what is wrong with the option at `at`, or 0.
std::size_t Compiler::source_route(std::size_t at) {
  const std::uint8_t* const option = ip_ + at;
  if (option[1] < 3) return at + 1;
  if (option[2] < 4) return at + 2;
  if (skb_.options.source_route != 0) return at;
  skb_.options.strict = option[0] == kStrictSource;
  skb_.options.source_route = static_cast<std::uint8_t>(at);
  return 0;
}

std::size_t Compiler::record_route(std::size_t at) {
  std::uint8_t* const option = ip_ + at;
  if (skb_.options.record_route != 0) return at;
  if (option[1] < 3) return at + 1;
  if (option[2] < 4) return at + 2;
  if (option[2] <= option[1]) {
    if (option[2] + 3u > option[1]) return at + 2;
    write(option + option[2] - 1, own_address(walk_, skb_).v4());
    option[2] = static_cast<std::uint8_t>(option[2] + 4);
    skb_.options.record_addr = true;
  }
  skb_.options.record_route = static_cast<std::uint8_t>(at);
  return 0;
}

std::size_t Compiler::timestamp(std::size_t at) {
  std::uint8_t* const option = ip_ + at;
  if (skb_.options.timestamp != 0) return at;
  if (option[1] < 4) return at + 1;
  if (option[2] < 5) return at + 2;
  if (option[2] <= option[1]) return stamp(at, option);
  const unsigned overflow = option[3] >> 4;
  if (overflow == 15) return at + 3;
  option[3] = static_cast<std::uint8_t>((option[3] & 0xf) | (overflow + 1) << 4);
  skb_.options.timestamp = static_cast<std::uint8_t>(at);
  skb_.options.changed = true;
  return 0;
}

std::size_t Compiler::stamp(std::size_t at, std::uint8_t* option) {
  IpOptions& out = skb_.options;
  if (option[2] + 3u > option[1]) return at + 2;
  const unsigned kind = option[3] & 0xf;
  if (kind != kStampTime && kind != kStampAddress && kind != kStampPrespecified) return 0;
  if (kind != kStampTime && option[2] + 7u > option[1]) return at + 2;
  out.timestamp = static_cast<std::uint8_t>(at);
  std::uint8_t* time = option + option[2] - 1;
  if (kind == kStampPrespecified) {
    const IpAddr whose = IpAddr::v4(load_be32(time));
    if (fib::addr_type(walk_.host(), whose) == RouteType::Unicast) return 0;  // another router's
  }
  if (kind == kStampAddress) {
    write(time, own_address(walk_, skb_).v4());
    out.stamp_addr = true;
  }
  if (kind != kStampTime) time += 4;
  out.stamp_time = true;
  option[2] = static_cast<std::uint8_t>(option[2] + (kind == kStampTime ? 4 : 8));
  write(time, milliseconds_of_day(walk_.now()));
  return 0;
}

Compiled Compiler::run() {
  const std::size_t header_length = Ipv4View(ip_).header_length();
  std::size_t at = 20;
  while (at < header_length) {
    const std::uint8_t type = ip_[at];
    if (type == kEnd) {
      Compiled result;
      for (std::size_t i = at + 1; i < header_length; ++i) {
        if (ip_[i] == kEnd) continue;
        ip_[i] = kEnd;
        result.cleared = true;
        skb_.options.changed = true;
      }
      return result;
    }
    if (type == kNoop) {
      ++at;
      continue;
    }
    if (at + 1 >= header_length) return {.bad = at};
    const std::size_t length = ip_[at + 1];
    if (length < 2 || at + length > header_length) return {.bad = at};
    std::size_t bad = 0;
    if (type == kLooseSource || type == kStrictSource) bad = source_route(at);
    if (type == kRecordRoute) bad = record_route(at);
    if (type == kTimestamp) bad = timestamp(at);
    if (type == kRouterAlert && length < 4) bad = at + 1;
    if (bad != 0) return {.bad = bad};
    at += length;
  }
  return {};
}

// fib_result_prefsrc()
IpAddr source_of(const Host& host, const fib::Found& found) {
  if (found.route->prefsrc.family() != Family::Unspec) return found.route->prefsrc;
  if (found.hop == nullptr) return {};
  return fib::select_addr(host, found.hop->dev, found.hop->gateway, found.route->scope);
}

void note(Walk& walk, const Skb& skb, const char* text) {
  if (walk.recorder() != nullptr) walk.recorder()->step(NoteStep{text}, &skb);
}

// ip_options_rcv_srr()
Next follow_source_route(Walk& walk, Skb& skb) {
  const auto refuse = [&](const char* why) { return walk.drop(DropReason::NOT_SPECIFIED, why); };
  std::uint8_t* const ip = skb.l3().data();
  const std::uint8_t* const option = ip + skb.options.source_route;
  if (skb.pkt_type != PktType::Host) return refuse("a source-routed packet by broadcast");
  if (skb.dst->kind == DstKind::Forward && skb.dst->type == RouteType::Unicast) {
    if (!skb.options.strict) return Next::Continue;
    send_icmp_error(walk, skb, 12, 0, 16u << 24);
    return refuse("a strict source route, but the destination is another host");
  }
  if (skb.dst->type != RouteType::Local) return refuse("a source route to no single host");
  std::size_t at = option[2];
  for (; at <= option[1]; at += 4) {
    if (at + 3 > option[1]) {
      send_icmp_error(walk, skb, 12, 0, (skb.options.source_route + 2u) << 24);
      return refuse("the source route's last address is cut off");
    }
    const IpAddr next = IpAddr::v4(load_be32(option + at - 1));
    const std::optional<Dst> before = std::exchange(skb.dst, std::nullopt);
    const bool martian = fib::route_input(walk, skb, &next).has_value();
    const bool usable =
        !martian && (skb.dst->type == RouteType::Local ||
                     (skb.dst->kind == DstKind::Forward && skb.dst->type == RouteType::Unicast));
    if (!usable) {
      skb.dst = before;
      return refuse("there is no route to the source route's next hop");
    }
    skb.options.next_hop = next;
    if (skb.dst->type != RouteType::Local) break;
    store_be32(ip + 16, next.v4());  // the next hop is this host as well
    skb.options.changed = true;
  }
  if (at <= option[1]) {
    skb.options.route_hit = true;
    skb.options.changed = true;
    if (walk.recorder() != nullptr) {
      walk.recorder()->step(NoteStep{"source route: the next hop decides the route",
                                     Value::address(skb.options.next_hop)},
                            &skb);
    }
  }
  return Next::Continue;
}

// ip_rt_get_source(): the address of the way out.
IpAddr way_out(Walk& walk, const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  if (skb.dst->kind == DstKind::Output) return ip.saddr();
  if (skb.dst->prefsrc.family() != Family::Unspec) return skb.dst->prefsrc;
  const IpAddr next = skb.dst->gateway.family() == Family::Unspec ? ip.daddr() : skb.dst->gateway;
  return fib::select_addr(walk.host(), skb.dst->dev, next, skb.dst->scope);
}

// The pointer moved over the slot already: the address lies before it.
void write_slot(std::uint8_t* option, std::size_t back, const IpAddr& address) {
  store_be32(option + option[2] - back, address.v4());
}

}  // namespace

std::uint32_t milliseconds_of_day(Time now) {
  return static_cast<std::uint32_t>(now.ns / 1'000'000 % 86'400'000);
}

IpAddr own_address(Walk& walk, const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  const Host& host = walk.host();
  if (skb.dst->kind == DstKind::LocalIn && skb.dst->type == RouteType::Local) return ip.daddr();
  if (ip.saddr().is_v4_zeronet()) return fib::select_addr(host, skb.dev, ip.saddr(), kScopeLink);
  fib::Flow back;
  back.iif = fib::loopback_of(host);
  back.daddr = ip.saddr();
  back.tos = ip.tos();
  back.mark =
      host.sysctls.all.src_valid_mark || host.sysctls.conf(skb.dev).src_valid_mark ? skb.mark : 0;
  const fib::Found found = fib::lookup(host, back, nullptr);
  if (found.error == RouteError::None) return source_of(host, found);
  return fib::select_addr(host, skb.dev, ip.saddr(), kScopeUniverse);
}

Next receive_options(Walk& walk, Skb& skb) {
  skb.options = {};
  const Compiled compiled = Compiler(walk, skb).run();
  Recorder* const recorder = walk.recorder();
  if (compiled.bad != 0) {
    if (recorder != nullptr) {
      recorder->step(
          CheckStep{Check::IpOptions, false, Value::dec(compiled.bad), Value::none(), skb.dev});
    }
    send_icmp_error(walk, skb, 12, 0, static_cast<std::uint32_t>(compiled.bad) << 24);
    return walk.drop(DropReason::IP_INHDR, "malformed IP options");
  }
  if (compiled.cleared) note(walk, skb, "rubbish behind the end of the IP options is cleared");
  if (skb.options.record_addr) note(walk, skb, "Record Route: our address was added");
  if (skb.options.stamp_time) note(walk, skb, "Timestamp option: our time was added");
  if (skb.options.source_route == 0) return Next::Continue;
  const NetSysctls& sysctls = walk.host().sysctls;
  const bool accepted =
      sysctls.all.accept_source_route && sysctls.conf(skb.dev).accept_source_route;
  if (recorder != nullptr) {
    recorder->step(CheckStep{Check::SourceRoute, accepted, Value::boolean(accepted),
                             Value::boolean(true), skb.dev});
  }
  if (!accepted) return walk.drop(DropReason::NOT_SPECIFIED, "source-routed packets are refused");
  return follow_source_route(walk, skb);
}

void forward_options(Walk& walk, Skb& skb) {
  IpOptions& options = skb.options;
  std::uint8_t* const ip = skb.l3().data();
  if (options.record_addr) {
    const IpAddr source = way_out(walk, skb);
    write_slot(ip + options.record_route, 5, source);
    options.changed = true;
    if (walk.recorder() != nullptr) {
      walk.recorder()->step(
          NoteStep{"Record Route: the output device's address was written", Value::address(source)},
          &skb);
    }
  }
  if (options.route_hit) {
    std::uint8_t* const option = ip + options.source_route;
    std::size_t at = option[2];
    while (at + 3 <= option[1] && IpAddr::v4(load_be32(option + at - 1)) != options.next_hop)
      at += 4;
    if (at + 3 <= option[1]) {
      // The transport checksum was made for the last destination: it is left alone.
      store_be32(ip + 16, options.next_hop.v4());
      note(walk, skb, "source route: the next hop is the destination now");
      store_be32(option + at - 1, way_out(walk, skb).v4());
      option[2] = static_cast<std::uint8_t>(at + 4);
      options.changed = true;
    }
    if (options.stamp_addr) {
      write_slot(ip + options.timestamp, 9, way_out(walk, skb));
      options.changed = true;
    }
  }
  if (!options.changed) return;
  options.changed = false;
  fill_ip_checksum(skb);
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

// SPDX-License-Identifier: MIT
// The options of the host's own answers: copied from the packet that is answered, source routes
// reversed.
//
// Kernel:  net/ipv4/ip_options.c:__ip_options_echo(), ip_options_build()
// Differs: nothing known
#include <algorithm>

#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "model/path/ip_options.h"
#include "model/routing/fib.h"

namespace pktwalk {
namespace {

std::uint8_t next_offset(const EchoedOptions& out) {
  return static_cast<std::uint8_t>(20 + out.bytes.size());
}

bool echo_record_route(const std::uint8_t* option, const IpOptions& from, EchoedOptions& out) {
  const unsigned length = option[1], pointer = option[2];
  out.fields.record_route = next_offset(out);
  const std::size_t at = out.bytes.size();
  out.bytes.insert(out.bytes.end(), option, option + length);
  if (!from.record_addr || pointer > length) return true;
  if (pointer + 3 > length) return false;
  out.bytes[at + 2] = static_cast<std::uint8_t>(pointer + 4);
  out.fields.record_addr = true;
  return true;
}

bool echo_timestamp(const Host& host, const std::uint8_t* option, const IpOptions& from,
                    EchoedOptions& out) {
  const unsigned length = option[1];
  unsigned pointer = option[2];
  out.fields.timestamp = next_offset(out);
  const std::size_t at = out.bytes.size();
  out.bytes.insert(out.bytes.end(), option, option + length);
  if (pointer > length) return true;
  if (from.stamp_addr) {
    if (pointer + 3 > length) return false;
    out.fields.stamp_addr = true;
    pointer += 4;
  }
  if (from.stamp_time) {
    if (pointer + 3 > length) return false;
    if ((option[3] & 0xf) != kStampPrespecified) {
      out.fields.stamp_time = true;
      pointer += 4;
    } else if (pointer + 7 <= length &&
               fib::addr_type(host, IpAddr::v4(load_be32(option + pointer - 1))) !=
                   RouteType::Unicast) {
      out.fields.stamp_time = true;
      pointer += 8;
    }
  }
  out.bytes[at + 2] = static_cast<std::uint8_t>(pointer);
  return true;
}

// The hops so far, last one first: the answer goes to the last one, and in the end to the sender.
void echo_source_route(const std::uint8_t* option, const IpAddr& sender, const IpOptions& from,
                       EchoedOptions& out) {
  const unsigned length = option[1];
  const unsigned pointer = std::min<unsigned>(option[2], length + 1);
  if (pointer < 8) return;
  std::vector<std::uint32_t> hops;
  for (unsigned at = pointer - 4; at > 3; at -= 4) hops.push_back(load_be32(option + at - 1));
  const std::uint32_t first = hops.front();
  // A sender that listed itself as the first hop is named once only (RFC 1812).
  if (hops.back() == sender.v4()) hops.pop_back();
  if (hops.empty()) return;
  hops.erase(hops.begin());
  hops.push_back(sender.v4());
  out.fields.source_route = next_offset(out);
  out.fields.strict = from.strict;
  out.first_hop = IpAddr::v4(first);
  out.bytes.push_back(option[0]);
  out.bytes.push_back(static_cast<std::uint8_t>(3 + 4 * hops.size()));
  out.bytes.push_back(4);
  for (const std::uint32_t hop : hops) {
    for (int shift = 24; shift >= 0; shift -= 8)
      out.bytes.push_back(static_cast<std::uint8_t>(hop >> shift));
  }
}

}  // namespace

std::optional<EchoedOptions> echo_options(const Host& host, const Skb& about) {
  EchoedOptions out;
  const IpOptions& from = about.options;
  const std::uint8_t* const ip = about.l3().data();
  if (from.record_route != 0 && !echo_record_route(ip + from.record_route, from, out))
    return std::nullopt;
  if (from.timestamp != 0 && !echo_timestamp(host, ip + from.timestamp, from, out))
    return std::nullopt;
  if (from.source_route != 0)
    echo_source_route(ip + from.source_route, Ipv4View(ip).saddr(), from, out);
  while (out.bytes.size() % 4 != 0) out.bytes.push_back(0);
  return out;
}

void complete_options(Skb& answer, const IpOptions& fields, Time now) {
  std::uint8_t* const ip = answer.l3().data();
  const std::uint32_t source = Ipv4View(ip).saddr().v4();
  std::uint8_t* const record = ip + fields.record_route;
  std::uint8_t* const stamp = ip + fields.timestamp;
  if (fields.record_addr) store_be32(record + record[2] - 5, source);
  if (fields.stamp_addr) store_be32(stamp + stamp[2] - 9, source);
  if (fields.stamp_time) store_be32(stamp + stamp[2] - 5, milliseconds_of_day(now));
  fill_ip_checksum(answer);
}

}  // namespace pktwalk

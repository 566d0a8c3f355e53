// SPDX-License-Identifier: MIT
// Sets as `ipset save` prints them, and their directions as iptables does.
//
// Kernel:  net/netfilter/ipset/ip_set_core.c, ip_set_put_extensions()
// Differs: elements come in the order of the dump, new ones last; the kernel's order follows its
//          hash.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "model/netfilter/ipset_element.h"

namespace pktwalk {
namespace {

void print_options(const Host& host, const IpSet& set, const IpSetKey& key,
                   const IpSetElement& element, Time now, std::string& out) {
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "add {} {}", set.name, element_text(host, set, key, element));
  if (set.default_timeout) {
    std::int64_t left = element.waiting_timeout;
    if (element.expires) {
      left = std::max<std::int64_t>(1, (*element.expires - now) / kNsPerSecond);
    }
    fmt::format_to(to, " timeout {}", left);
  }
  if (element.nomatch) out += " nomatch";
  if (key.iface != 0 && (key.iface & IpSet::kLinkIface) == 0 &&
      set.ifaces[key.iface - 1].wildcard) {
    out += " wildcard";
  }
  if (set.counters) fmt::format_to(to, " packets {} bytes {}", element.packets, element.bytes);
  if (element.comment != 0) {
    fmt::format_to(to, " comment \"{}\"", set.comments[element.comment - 1]);
  }
  if (element.skbmark != 0 || element.skbmask != 0) {
    fmt::format_to(to, " skbmark 0x{:x}", element.skbmark);
    if (element.skbmask != 0xffffffff) fmt::format_to(to, "/0x{:x}", element.skbmask);
  }
  if (element.skbprio != 0) {
    fmt::format_to(to, " skbprio {:x}:{:x}", element.skbprio >> 16, element.skbprio & 0xffff);
  }
  if (element.skbqueue != 0) fmt::format_to(to, " skbqueue {}", element.skbqueue);
  out += '\n';
}

}  // namespace

std::string print_ipsets(const Host& host, const State& state, Time now) {
  std::string out;
  for (const auto& set : host.ipsets) {
    fmt::format_to(std::back_inserter(out), "create {} {}{}{}\n", set->name, set->type,
                   set->options.empty() ? "" : " ", set->options);
    for (const std::string& line : set->unread) out += line + '\n';
    if (!set->modelled()) continue;
    for (const auto* entry : state.ipsets[set->index].in_order()) {
      if (entry->second.expired(now)) continue;
      print_options(host, *set, entry->first, entry->second, now, out);
    }
  }
  return out;
}

std::optional<SetDirections> read_set_directions(std::string_view text) {
  constexpr std::size_t kMost = 6;
  SetDirections directions;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    if (directions.count == kMost || (word != "src" && word != "dst")) return std::nullopt;
    if (word == "src") {
      directions.src_bits = static_cast<std::uint8_t>(directions.src_bits | 1u << directions.count);
    }
    ++directions.count;
    if (comma == std::string_view::npos) return directions;
    text.remove_prefix(comma + 1);
  }
}

std::string to_string(const SetDirections& directions) {
  std::string text;
  for (std::size_t i = 0; i < directions.count; ++i) {
    if (i != 0) text += ',';
    text += directions.src(i) ? "src" : "dst";
  }
  return text;
}

}  // namespace pktwalk

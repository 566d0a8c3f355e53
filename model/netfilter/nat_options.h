// SPDX-License-Identifier: MIT
// What the NAT targets have in common: ranges of addresses and ports as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/conntrack/nat.h"
#include "model/netfilter/options.h"
#include "model/netfilter/target.h"

namespace pktwalk {

// What "--to-source", "--to-ports" and their like may hold.
enum class NatValue : std::uint8_t { AddressesAndPorts, AddressesAndShiftedPorts, Ports };

// Reads the value of one such option into the range.
Status read_nat_range(const Options& options, const GivenOption& given, NatValue kind,
                      ct::NatRange& range);
// "10.0.0.1-10.0.0.9:1000-2000/3000", as iptables-save prints it; "" when nothing is given.
std::string nat_range_text(const ct::NatRange& range, Family family);

// The parts of SNAT, DNAT, MASQUERADE and REDIRECT that are the same.
struct NatTargetOptions {
  ct::NatRange range;
  std::vector<ct::NatRange> more;  // further ranges, which kernels since 2.6.11 do not take
  Family family = Family::Ipv4;

  // --random, --random-fully, --persistent, and the value option `name` as often as it is given.
  Status read(const Options& options, std::string_view name, NatValue kind);
  void print(OptionPrinter& out, std::string_view name) const;
  // Why the target cannot be run; null when it can.
  const char* unmodelled() const;
};

inline HookContext hook_context(TargetContext& ctx) {
  return {ctx.walk, ctx.skb, ctx.hook, ctx.in, ctx.out};
}
inline Verdict unmodelled_target(TargetContext& ctx, const char* why) {
  ctx.unknown = why;
  return Verdict::Unknown;
}

}  // namespace pktwalk

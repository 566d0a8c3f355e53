// SPDX-License-Identifier: MIT
// -p icmpv6: type and code of an ICMPv6 message.
//
// Kernel:  net/netfilter/xt_tcpudp.c, icmp6_match() (before 6.x: net/ipv6/netfilter/ip6_tables.c)
// Differs: nothing known
#include "model/netfilter/evaluation.h"
#include "model/netfilter/icmp_type.h"
#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--icmpv6-type", .invertible = true}};

constexpr IcmpTypeName kNames[] = {
    {"destination-unreachable", 1},
    {"no-route", 1, 0, 0},
    {"communication-prohibited", 1, 1, 1},
    {"beyond-scope", 1, 2, 2},
    {"address-unreachable", 1, 3, 3},
    {"port-unreachable", 1, 4, 4},
    {"failed-policy", 1, 5, 5},
    {"reject-route", 1, 6, 6},
    {"packet-too-big", 2},
    {"time-exceeded", 3},
    {"ttl-exceeded", 3},
    {"ttl-zero-during-transit", 3, 0, 0},
    {"ttl-zero-during-reassembly", 3, 1, 1},
    {"parameter-problem", 4},
    {"bad-header", 4, 0, 0},
    {"unknown-header-type", 4, 1, 1},
    {"unknown-option", 4, 2, 2},
    {"echo-request", 128},
    {"ping", 128},
    {"echo-reply", 129},
    {"pong", 129},
    {"router-solicitation", 133},
    {"router-advertisement", 134},
    {"neighbour-solicitation", 135},
    {"neighbor-solicitation", 135},
    {"neighbour-advertisement", 136},
    {"neighbor-advertisement", 136},
    {"redirect", 137},
};

struct Icmp6Match final : Match {
  IcmpTypeValue want;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const TransportHeader header = transport_header(ctx, *this, 8, Field::IcmpType);
    if (!header) return header.answer;
    const IcmpView icmp(header.bytes);
    // Value::icmp() would name the types of IPv4.
    return ctx.answer(terms[0], Field::IcmpType, want.holds(icmp.type(), icmp.code()) != invert,
                      [&] { return Value::dec(icmp.type()); });
  }

  void print(OptionPrinter& out) const override {
    out.option("--icmpv6-type", icmp_type_text(want), invert);
  }
};

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoIcmpv6); !ok) return ok.error();
  const Result<const GivenOption*> option = required(in, "--icmpv6-type");
  if (!option) return option.error();
  const Result<IcmpTypeValue> want = read_icmp_type(in, **option, kNames);
  if (!want) return want.error();
  auto match = std::make_unique<Icmp6Match>();
  match->want = *want;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_icmp6;
const MatchDef match_icmp6{.name = "icmp6",
                           .options = kOptions,
                           .syntax = "[!] --icmpv6-type TYPE[/CODE]|NAME",
                           .kernel_ref = "net/netfilter/xt_tcpudp.c:icmp6_match",
                           .parse = parse,
                           .protocol = kProtoIcmpv6,
                           .family = Family::Ipv6};

}  // namespace pktwalk

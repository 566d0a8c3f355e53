// SPDX-License-Identifier: MIT
// -p icmp: type and code of an ICMP message.
//
// Kernel:  net/netfilter/xt_tcpudp.c, icmp_match() (before 6.x: net/ipv4/netfilter/ip_tables.c)
// Differs: nothing known
#include "model/netfilter/evaluation.h"
#include "model/netfilter/icmp_type.h"
#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--icmp-type", .invertible = true}};
constexpr std::uint8_t kAnyType = 255;

constexpr IcmpTypeName kNames[] = {
    {"any", kAnyType},
    {"echo-reply", 0},
    {"pong", 0},
    {"destination-unreachable", 3},
    {"network-unreachable", 3, 0, 0},
    {"host-unreachable", 3, 1, 1},
    {"protocol-unreachable", 3, 2, 2},
    {"port-unreachable", 3, 3, 3},
    {"fragmentation-needed", 3, 4, 4},
    {"source-route-failed", 3, 5, 5},
    {"network-unknown", 3, 6, 6},
    {"host-unknown", 3, 7, 7},
    {"network-prohibited", 3, 9, 9},
    {"host-prohibited", 3, 10, 10},
    {"TOS-network-unreachable", 3, 11, 11},
    {"TOS-host-unreachable", 3, 12, 12},
    {"communication-prohibited", 3, 13, 13},
    {"host-precedence-violation", 3, 14, 14},
    {"precedence-cutoff", 3, 15, 15},
    {"source-quench", 4},
    {"redirect", 5},
    {"network-redirect", 5, 0, 0},
    {"host-redirect", 5, 1, 1},
    {"TOS-network-redirect", 5, 2, 2},
    {"TOS-host-redirect", 5, 3, 3},
    {"echo-request", 8},
    {"ping", 8},
    {"router-advertisement", 9},
    {"router-solicitation", 10},
    {"time-exceeded", 11},
    {"ttl-exceeded", 11},
    {"ttl-zero-during-transit", 11, 0, 0},
    {"ttl-zero-during-reassembly", 11, 1, 1},
    {"parameter-problem", 12},
    {"ip-header-bad", 12, 0, 0},
    {"required-option-missing", 12, 1, 1},
    {"timestamp-request", 13},
    {"timestamp-reply", 14},
    {"address-mask-request", 17},
    {"address-mask-reply", 18},
};

struct IcmpMatch final : Match {
  IcmpTypeValue want;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    const TransportHeader header = transport_header(ctx, *this, 8, Field::IcmpType);
    if (!header) return header.answer;
    const IcmpView icmp(header.bytes);
    const bool hit = (want.type == kAnyType || want.holds(icmp.type(), icmp.code())) != invert;
    return ctx.answer(terms[0], Field::IcmpType, hit,
                      [&] { return Value::icmp(icmp.type(), icmp.code()); });
  }

  void print(OptionPrinter& out) const override {
    out.option("--icmp-type", want.type == kAnyType ? "any" : icmp_type_text(want), invert);
  }
};

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoIcmp); !ok) return ok.error();
  const Result<const GivenOption*> option = required(in, "--icmp-type");
  if (!option) return option.error();
  const Result<IcmpTypeValue> want = read_icmp_type(in, **option, kNames);
  if (!want) return want.error();
  auto match = std::make_unique<IcmpMatch>();
  match->want = *want;
  match->invert = (*option)->negated;
  add_term(*match, *option);
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_icmp;
const MatchDef match_icmp{.name = "icmp",
                          .options = kOptions,
                          .syntax = "[!] --icmp-type TYPE[/CODE]|NAME",
                          .kernel_ref = "net/netfilter/xt_tcpudp.c:icmp_match",
                          .parse = parse,
                          .protocol = kProtoIcmp,
                          .family = Family::Ipv4};

}  // namespace pktwalk

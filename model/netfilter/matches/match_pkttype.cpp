// SPDX-License-Identifier: MIT
// -m pkttype: whether the frame was sent to this host, to all, or to a group on the link.
//
// A packet that the router looped back to itself has no such type: the kernel then looks at the
// destination address.
//
// Kernel:  net/netfilter/xt_pkttype.c, pkttype_mt()
// Differs: nothing known
#include "model/netfilter/option_values.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--pkt-type", .invertible = true}};

struct Name {
  std::string_view name;
  PktType type;
};
constexpr Name kNames[] = {
    {"unicast", PktType::Host},        {"broadcast", PktType::Broadcast},
    {"multicast", PktType::Multicast}, {"bcast", PktType::Broadcast},
    {"mcast", PktType::Multicast},     {"host", PktType::Host},
};

Value type_value(PktType type) {
  switch (type) {
    case PktType::Host:
      return Value::literal("unicast");
    case PktType::Broadcast:
      return Value::literal("broadcast");
    case PktType::Multicast:
      return Value::literal("multicast");
    case PktType::OtherHost:
      return Value::literal("other host");
    case PktType::Outgoing:
      return Value::literal("outgoing");
    case PktType::Loopback:
      return Value::literal("loopback");
  }
  return Value::none();
}

struct PktTypeMatch final : Match {
  PktType want = PktType::Host;
  std::string_view name;
  bool invert = false;

  Outcome evaluate(MatchContext& ctx) const override {
    PktType type = ctx.skb.pkt_type;
    if (type == PktType::Loopback) {
      const IpAddr to = destination_address(ctx);
      const bool group = to.is_v4() ? to.is_v4_multicast() : true;
      type = group ? PktType::Multicast : PktType::Broadcast;
    }
    return ctx.answer(terms[0], Field::SkbPktType, (type == want) != invert,
                      [type] { return type_value(type); });
  }
  void print(OptionPrinter& out) const override { out.option("--pkt-type", name, invert); }
};

Result<MatchPtr> parse(Options& in) {
  const Result<const GivenOption*> option = required(in, "--pkt-type");
  if (!option) return option.error();
  for (const Name& known : kNames) {
    if (!same_word(known.name, (*option)->arg())) continue;
    auto match = std::make_unique<PktTypeMatch>();
    match->want = known.type;
    match->name = type_value(known.type).text;
    match->invert = (*option)->negated;
    add_term(*match, *option);
    return MatchPtr(std::move(match));
  }
  return in.error(**option, "unknown packet type \"" + (*option)->arg() + "\"",
                  "the types are unicast, broadcast and multicast");
}

}  // namespace

extern const MatchDef match_pkttype;
const MatchDef match_pkttype{.name = "pkttype",
                             .options = kOptions,
                             .syntax = "[!] --pkt-type unicast|broadcast|multicast",
                             .kernel_ref = "net/netfilter/xt_pkttype.c:pkttype_mt",
                             .parse = parse};

}  // namespace pktwalk

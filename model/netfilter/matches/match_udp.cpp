// SPDX-License-Identifier: MIT
// -p udp: ports of the UDP header.
//
// A packet that ends within the UDP header is dropped at once, whatever the rule says.
//
// Kernel:  net/netfilter/xt_tcpudp.c, udp_mt()
// Differs: nothing known
#include "model/netfilter/evaluation.h"
#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--sport", .invertible = true, .alias = "--source-port"},
    {.name = "--dport", .invertible = true, .alias = "--destination-port"},
};

struct UdpMatch final : Match {
  PortOption sport, dport;

  Outcome evaluate(MatchContext& ctx) const override {
    const TransportHeader header = transport_header(ctx, *this, 8, Field::UdpLength);
    if (!header) return header.answer;
    const UdpView udp(header.bytes);
    Evaluation tried(ctx, *this);
    if (!tried.term(sport.term, Field::UdpSport, sport.hit(udp.sport()),
                    [&] { return Value::dec(udp.sport()); })) {
      return Outcome::NoMatch;
    }
    if (!tried.term(dport.term, Field::UdpDport, dport.hit(udp.dport()),
                    [&] { return Value::dec(udp.dport()); })) {
      return Outcome::NoMatch;
    }
    return tried.outcome();
  }

  void print(OptionPrinter& out) const override {
    if (!sport.all_ports()) print_port_option(out, "--sport", sport);
    if (!dport.all_ports()) print_port_option(out, "--dport", dport);
  }
};

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoUdp); !ok) return ok.error();
  auto match = std::make_unique<UdpMatch>();
  if (const Status ok = read_port_option(in, "--sport", false, *match, match->sport); !ok) {
    return ok.error();
  }
  if (const Status ok = read_port_option(in, "--dport", false, *match, match->dport); !ok) {
    return ok.error();
  }
  add_name_term(*match, "udp");
  return MatchPtr(std::move(match));
}

}  // namespace

extern const MatchDef match_udp;
const MatchDef match_udp{.name = "udp",
                         .options = kOptions,
                         .syntax = "[!] --sport PORT[:PORT], [!] --dport PORT[:PORT]",
                         .kernel_ref = "net/netfilter/xt_tcpudp.c:udp_mt",
                         .parse = parse,
                         .protocol = kProtoUdp};

}  // namespace pktwalk

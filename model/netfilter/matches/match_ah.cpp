// SPDX-License-Identifier: MIT
// -p ah: the security parameters index of an IPv4 packet with an authentication header.
//
// Kernel:  net/ipv4/netfilter/ipt_ah.c, ah_mt()
// Differs: nothing known
#include "model/netfilter/option_values.h"
#include "model/netfilter/spi_range.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--ahspi", .invertible = true}};
constexpr SpiHeader kHeader{.match = "ah",
                            .option = "--ahspi",
                            .length = 12,
                            .offset = 4,
                            .width = 4,
                            .field = Field::AhSpi,
                            .otherwise = {0, 0xffffffff}};

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoAh); !ok) return ok.error();
  return parse_spi_match(in, kHeader);
}

}  // namespace

extern const MatchDef match_ah;
const MatchDef match_ah{.name = "ah",
                        .options = kOptions,
                        .syntax = "[!] --ahspi NUMBER[:NUMBER]",
                        .kernel_ref = "net/ipv4/netfilter/ipt_ah.c:ah_mt",
                        .parse = parse,
                        .protocol = kProtoAh,
                        .family = Family::Ipv4};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -p ipcomp: the compression parameter index of an IPComp packet; 0 when none is given.
//
// Kernel:  net/netfilter/xt_ipcomp.c, comp_mt()
// Differs: nothing known
#include "model/netfilter/option_values.h"
#include "model/netfilter/spi_range.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr std::uint8_t kProtoIpcomp = 108;
constexpr OptionSpec kOptions[] = {{.name = "--ipcompspi", .invertible = true},
                                   {.name = "--compres", .args = OptionSpec::Args::None}};
constexpr SpiHeader kHeader{.match = "ipcomp",
                            .option = "--ipcompspi",
                            .length = 4,
                            .offset = 2,
                            .width = 2,
                            .field = Field::Other,
                            .otherwise = {0, 0},
                            .unused = "--compres"};

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoIpcomp); !ok) return ok.error();
  return parse_spi_match(in, kHeader);
}

}  // namespace

extern const MatchDef match_ipcomp;
const MatchDef match_ipcomp{.name = "ipcomp",
                            .options = kOptions,
                            .syntax = "[!] --ipcompspi NUMBER[:NUMBER] [--compres]",
                            .kernel_ref = "net/netfilter/xt_ipcomp.c:comp_mt",
                            .parse = parse,
                            .protocol = kProtoIpcomp};

}  // namespace pktwalk

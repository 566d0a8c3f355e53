// SPDX-License-Identifier: MIT
// -p esp: the security parameters index of an ESP packet.
//
// Kernel:  net/netfilter/xt_esp.c, esp_mt()
// Differs: nothing known
#include "model/netfilter/option_values.h"
#include "model/netfilter/spi_range.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--espspi", .invertible = true}};
constexpr SpiHeader kHeader{.match = "esp",
                            .option = "--espspi",
                            .length = 8,
                            .offset = 0,
                            .width = 4,
                            .field = Field::EspSpi,
                            .otherwise = {0, 0xffffffff}};

Result<MatchPtr> parse(Options& in) {
  if (const Status ok = needs_protocol(in, kProtoEsp); !ok) return ok.error();
  return parse_spi_match(in, kHeader);
}

}  // namespace

extern const MatchDef match_esp;
const MatchDef match_esp{.name = "esp",
                         .options = kOptions,
                         .syntax = "[!] --espspi NUMBER[:NUMBER]",
                         .kernel_ref = "net/netfilter/xt_esp.c:esp_mt",
                         .parse = parse,
                         .protocol = kProtoEsp};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -m hl: the hop limit of an IPv6 packet.
//
// Kernel:  net/netfilter/xt_hl.c, hl_mt6()
// Differs: nothing known
#include "model/netfilter/hop_limit.h"
#include "model/netfilter/match.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--hl-eq", .invertible = true, .alias = "--hl"},
    {.name = "--hl-lt"},
    {.name = "--hl-gt"},
};

Result<MatchPtr> parse(Options& in) {
  return parse_hop_limit(in, {"--hl-eq", "--hl-lt", "--hl-gt"});
}

}  // namespace

extern const MatchDef match_hl;
const MatchDef match_hl{.name = "hl",
                        .options = kOptions,
                        .syntax = "[!] --hl-eq LIMIT | --hl-lt LIMIT | --hl-gt LIMIT",
                        .kernel_ref = "net/netfilter/xt_hl.c:hl_mt6",
                        .parse = parse,
                        .family = Family::Ipv6};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -m ttl: the time to live of an IPv4 packet.
//
// Kernel:  net/netfilter/xt_hl.c, ttl_mt()
// Differs: nothing known
#include "model/netfilter/hop_limit.h"
#include "model/netfilter/match.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--ttl-eq", .invertible = true, .alias = "--ttl"},
    {.name = "--ttl-lt"},
    {.name = "--ttl-gt"},
};

Result<MatchPtr> parse(Options& in) {
  return parse_hop_limit(in, {"--ttl-eq", "--ttl-lt", "--ttl-gt"});
}

}  // namespace

extern const MatchDef match_ttl;
const MatchDef match_ttl{.name = "ttl",
                         .options = kOptions,
                         .syntax = "[!] --ttl-eq TTL | --ttl-lt TTL | --ttl-gt TTL",
                         .kernel_ref = "net/netfilter/xt_hl.c:ttl_mt",
                         .parse = parse,
                         .family = Family::Ipv4};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -j TTL: sets, raises or lowers the TTL.
//
// Kernel: net/netfilter/xt_HL.c:ttl_tg()
// Differs: nothing known
#include "model/netfilter/hop_limit.h"
#include "model/netfilter/target.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--ttl-set"}, {.name = "--ttl-inc"}, {.name = "--ttl-dec"}};

Result<TargetPtr> parse(Options& in) {
  return parse_set_hop_limit(in, {"--ttl-set", "--ttl-inc", "--ttl-dec"});
}

}  // namespace

extern const TargetDef target_TTL;
const TargetDef target_TTL{.name = "TTL",
                           .options = kOptions,
                           .syntax = "--ttl-set n | --ttl-inc n | --ttl-dec n",
                           .kernel_ref = "net/netfilter/xt_HL.c:ttl_tg",
                           .parse = parse,
                           .family = Family::Ipv4,
                           .tables = "mangle"};

}  // namespace pktwalk

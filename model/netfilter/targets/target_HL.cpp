// SPDX-License-Identifier: MIT
// -j HL: sets, raises or lowers the hop limit of IPv6.
//
// Kernel: net/netfilter/xt_HL.c:hl_tg6()
// Differs: nothing known
#include "model/netfilter/hop_limit.h"
#include "model/netfilter/target.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "--hl-set"}, {.name = "--hl-inc"}, {.name = "--hl-dec"}};

Result<TargetPtr> parse(Options& in) {
  return parse_set_hop_limit(in, {"--hl-set", "--hl-inc", "--hl-dec"});
}

}  // namespace

extern const TargetDef target_HL;
const TargetDef target_HL{.name = "HL",
                          .options = kOptions,
                          .syntax = "--hl-set n | --hl-inc n | --hl-dec n",
                          .kernel_ref = "net/netfilter/xt_HL.c:hl_tg6",
                          .parse = parse,
                          .family = Family::Ipv6,
                          .tables = "mangle"};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -j NOTRACK: the packet is not tracked.
//
// Kernel: net/netfilter/xt_CT.c:notrack_tg()
// Differs: nothing known
#include "model/conntrack/conntrack.h"
#include "model/netfilter/target.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

struct NotrackTarget final : Target {
  Verdict act(TargetContext& ctx) const override {
    ct::set_untracked(ctx.skb);
    return Verdict::Continue;
  }
  void print(OptionPrinter&) const override {}
};

Result<TargetPtr> parse(Options&) { return TargetPtr(std::make_unique<NotrackTarget>()); }

}  // namespace

extern const TargetDef target_NOTRACK;
const TargetDef target_NOTRACK{.name = "NOTRACK",
                               .options = {},
                               .syntax = "",
                               .kernel_ref = "net/netfilter/xt_CT.c:notrack_tg",
                               .parse = parse,
                               .tables = "raw"};

}  // namespace pktwalk

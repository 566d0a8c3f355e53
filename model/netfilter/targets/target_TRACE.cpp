// SPDX-License-Identifier: MIT
// -j TRACE: the kernel logs every rule this packet meets. It has no influence on the path.
//
// Kernel: net/netfilter/xt_TRACE.c:trace_tg()
// Differs: nothing known
#include "model/conntrack/conntrack.h"
#include "model/netfilter/target.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

struct TraceTarget final : Target {
  Verdict act(TargetContext& ctx) const override {
    ctx.skb.nf_trace = true;
    return Verdict::Continue;
  }
  void print(OptionPrinter&) const override {}
};

Result<TargetPtr> parse(Options&) { return TargetPtr(std::make_unique<TraceTarget>()); }

}  // namespace

extern const TargetDef target_TRACE;
const TargetDef target_TRACE{.name = "TRACE",
                             .options = {},
                             .syntax = "",
                             .kernel_ref = "net/netfilter/xt_TRACE.c:trace_tg",
                             .parse = parse,
                             .tables = "raw"};

}  // namespace pktwalk

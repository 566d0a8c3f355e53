// SPDX-License-Identifier: MIT
// -j CHECKSUM: fills in a checksum that the sender left to its network card.
//
// Kernel: net/netfilter/xt_CHECKSUM.c:checksum_tg()
// Differs: nothing known
#include "model/netfilter/target.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--checksum-fill", .args = OptionSpec::Args::None}};

struct ChecksumTarget final : Target {
  Verdict act(TargetContext& ctx) const override {
    // Received packets have CHECKSUM_NONE: only those of local senders are filled in, and ours are
    // right already.
    if (Recorder* const r = ctx.walk.recorder())
      r->step(NoteStep{"only checksums that a local sender left open are filled in"});
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override { out.option("--checksum-fill"); }
};

Result<TargetPtr> parse(Options& in) {
  if (!in.has("--checksum-fill")) return in.error("CHECKSUM needs --checksum-fill");
  return TargetPtr(std::make_unique<ChecksumTarget>());
}

}  // namespace

extern const TargetDef target_CHECKSUM;
const TargetDef target_CHECKSUM{.name = "CHECKSUM",
                                .options = kOptions,
                                .syntax = "--checksum-fill",
                                .kernel_ref = "net/netfilter/xt_CHECKSUM.c:checksum_tg",
                                .parse = parse,
                                .tables = "mangle"};

}  // namespace pktwalk

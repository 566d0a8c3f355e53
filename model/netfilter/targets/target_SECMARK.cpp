// SPDX-License-Identifier: MIT
// -j SECMARK: labels the packet for a security module. What that module refuses later is its own
// business; netfilter lets the packet pass.
//
// Kernel: net/netfilter/xt_SECMARK.c:secmark_tg()
// Differs: secmark (the number that the security module has for the label is not known: the mark
//          stays as it was)
#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--selctx"}};
constexpr std::size_t kMaxLabel = 255;  // SECMARK_SECCTX_MAX - 1

struct SecmarkTarget final : Target {
  std::string label;
  Verdict act(TargetContext& ctx) const override {
    if (Recorder* const r = ctx.walk.recorder()) {
      r->step(NoteStep{"the packet is labelled for the security module", Value::literal(label)});
    }
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override { out.option("--selctx", label); }
};

Result<TargetPtr> parse(Options& in) {
  const Result<const GivenOption*> label = required(in, "--selctx");
  if (!label) return label.error();
  if ((*label)->arg().size() > kMaxLabel) {
    return in.error(**label, "a security context is at most 255 characters long");
  }
  auto target = std::make_unique<SecmarkTarget>();
  target->label = (*label)->arg();
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_SECMARK;
const TargetDef target_SECMARK{.name = "SECMARK",
                               .options = kOptions,
                               .syntax = "--selctx context",
                               .kernel_ref = "net/netfilter/xt_SECMARK.c:secmark_tg",
                               .parse = parse,
                               .tables = "mangle,security"};

}  // namespace pktwalk

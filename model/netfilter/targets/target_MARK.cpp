// SPDX-License-Identifier: MIT
// -j MARK: sets the skb's mark, which rules and policy routing read.
//
// Kernel: net/netfilter/xt_mark.c:mark_tg()
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/mark_options.h"
#include "model/netfilter/target.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--set-xmark"},
                                   {.name = "--set-mark"},
                                   {.name = "--and-mark"},
                                   {.name = "--or-mark"},
                                   {.name = "--xor-mark"}};

struct MarkTarget final : Target {
  MaskedValue change;
  Verdict act(TargetContext& ctx) const override {
    set_mark(ctx.skb, (ctx.skb.mark & ~change.mask) ^ change.value, ctx.walk.recorder());
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override {
    out.option("--set-xmark", value_and_mask_text(change));
  }
};

Result<TargetPtr> parse(Options& in) {
  const Result<MaskedValue> change = read_mark_change(in);
  if (!change) return change.error();
  auto target = std::make_unique<MarkTarget>();
  target->change = *change;
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_MARK;
const TargetDef target_MARK{
    .name = "MARK",
    .options = kOptions,
    .syntax = "--set-xmark value[/mask] | --set-mark | --and-mark | --or-mark | --xor-mark",
    .kernel_ref = "net/netfilter/xt_mark.c:mark_tg",
    .parse = parse};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -j CONNMARK: sets the connection's mark, or copies it from and to the skb's.
//
// Kernel: net/netfilter/xt_connmark.c:connmark_tg_shift()
// Differs: connmark-shift (--left-shift and --right-shift are not known to iptables 1.8.9 here)
#include <fmt/format.h>

#include "model/conntrack/conntrack.h"
#include "model/netfilter/mark_options.h"
#include "model/netfilter/target.h"
#include "model/packet/mangle.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {{.name = "--set-xmark"},
                                   {.name = "--set-mark"},
                                   {.name = "--and-mark"},
                                   {.name = "--or-mark"},
                                   {.name = "--xor-mark"},
                                   {.name = "--save-mark", .args = Args::None},
                                   {.name = "--restore-mark", .args = Args::None},
                                   {.name = "--nfmask"},
                                   {.name = "--ctmask"},
                                   {.name = "--mask"}};

struct ConnmarkTarget final : Target {
  enum class Mode : std::uint8_t { Set, Save, Restore };
  Mode mode = Mode::Set;
  MaskedValue change;  // Set
  std::uint32_t nfmask = 0xffffffff, ctmask = 0xffffffff;

  Verdict act(TargetContext& ctx) const override {
    ct::Entry* const entry = ct::entry_of(ctx.skb, ctx.walk.state());
    Recorder* const recorder = ctx.walk.recorder();
    if (entry == nullptr) {
      if (recorder != nullptr)
        recorder->step(NoteStep{"the packet has no connection: nothing to mark"});
      return Verdict::Continue;
    }
    const std::uint32_t before = entry->mark;
    switch (mode) {
      case Mode::Set:
        entry->mark = (entry->mark & ~change.mask) ^ change.value;
        break;
      case Mode::Save:
        entry->mark = (entry->mark & ~ctmask) ^ (ctx.skb.mark & nfmask);
        break;
      case Mode::Restore:
        set_mark(ctx.skb, (ctx.skb.mark & ~nfmask) ^ (entry->mark & ctmask), recorder);
        return Verdict::Continue;
    }
    if (recorder != nullptr && before != entry->mark) {
      recorder->step(ChangeStep{Field::CtMark, Value::hex(before), Value::hex(entry->mark)},
                     &ctx.skb);
    }
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override {
    if (mode == Mode::Set) return out.option("--set-xmark", value_and_mask_text(change));
    out.option(mode == Mode::Save ? "--save-mark" : "--restore-mark");
    out.option("--nfmask", fmt::format("{:#x}", nfmask));
    out.option("--ctmask", fmt::format("{:#x}", ctmask));
  }
};

Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<ConnmarkTarget>();
  const bool save = in.has("--save-mark"), restore = in.has("--restore-mark");
  if (save && restore) return in.error("--save-mark and --restore-mark exclude each other");
  if (save || restore) {
    if (has_mark_change(in)) return in.error("a mark is either set, saved or restored");
    target->mode = save ? ConnmarkTarget::Mode::Save : ConnmarkTarget::Mode::Restore;
    for (const GivenOption& option : in.all()) {
      if (option.args.empty()) continue;
      const std::optional<std::uint64_t> mask = read_number(option.arg(), 0xffffffff);
      if (!mask) return in.error(option, "\"" + option.arg() + "\" is no mask");
      if (option.name() != "--ctmask") target->nfmask = static_cast<std::uint32_t>(*mask);
      if (option.name() != "--nfmask") target->ctmask = static_cast<std::uint32_t>(*mask);
    }
    return TargetPtr(std::move(target));
  }
  const Result<MaskedValue> change = read_mark_change(in);
  if (!change) return change.error();
  target->change = *change;
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_CONNMARK;
const TargetDef target_CONNMARK{
    .name = "CONNMARK",
    .options = kOptions,
    .syntax =
        "--set-xmark value[/mask] | --save-mark | --restore-mark [--nfmask mask] [--ctmask mask]",
    .kernel_ref = "net/netfilter/xt_connmark.c:connmark_tg_shift",
    .parse = parse,
    .needs_conntrack = true};

}  // namespace pktwalk

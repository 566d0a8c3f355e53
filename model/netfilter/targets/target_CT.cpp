// SPDX-License-Identifier: MIT
// -j CT: no tracking, or a zone, helper or timeouts for a connection to be.
//
// Kernel: net/netfilter/xt_CT.c:xt_ct_target()
// Differs: ct-helper (a helper is named, its expectations are not made)
#include <fmt/format.h>

#include "model/conntrack/conntrack.h"
#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

using Args = OptionSpec::Args;
constexpr OptionSpec kOptions[] = {{.name = "--notrack", .args = Args::None},
                                   {.name = "--helper"},
                                   {.name = "--timeout"},
                                   {.name = "--ctevents"},
                                   {.name = "--expevents"},
                                   {.name = "--zone"},
                                   {.name = "--zone-orig"},
                                   {.name = "--zone-reply"}};

struct CtTarget final : Target {
  bool notrack = false;
  std::string helper, timeout, ctevents, expevents, zone_option;
  std::uint32_t zone = 0;
  bool mark_zone = false;

  Verdict act(TargetContext& ctx) const override {
    if (notrack) {
      ct::set_untracked(ctx.skb);
      return Verdict::Continue;
    }
    if (ctx.skb.ct != CtId::None || ctx.skb.ctinfo == CtInfo::Untracked) return Verdict::Continue;
    if (!timeout.empty()) {
      ctx.unknown = "CT with a timeout policy is not modelled";
      return Verdict::Unknown;
    }
    if (ctx.skb.ct_template) return Verdict::Continue;  // the first CT rule counts
    ctx.skb.ct_template = true;
    ctx.skb.ct_template_zone = static_cast<std::uint16_t>(mark_zone ? ctx.skb.mark : zone);
    ctx.skb.ct_template_from_mark = mark_zone;
    ctx.skb.ct_template_dirs = dirs();
    if (Recorder* const r = ctx.walk.recorder()) {
      r->step(ChangeStep{Field::CtZone, Value::dec(0), Value::dec(ctx.skb.ct_template_zone)},
              &ctx.skb);
      if (!helper.empty())
        r->step(NoteStep{"a helper is set; what it would expect is not modelled",
                         Value::literal(helper)});
    }
    return Verdict::Continue;
  }
  bool registers_conntrack() const override { return !notrack; }
  // The directions that the zone is for: bit 0 original, bit 1 reply.
  std::uint8_t dirs() const {
    if (zone_option == "--zone-orig") return 1;
    return zone_option == "--zone-reply" ? 2 : 3;
  }
  void print(OptionPrinter& out) const override {
    if (notrack) out.option("--notrack");
    if (!helper.empty()) out.option("--helper", helper);
    if (!timeout.empty()) out.option("--timeout", timeout);
    if (!ctevents.empty()) out.option("--ctevents", ctevents);
    if (!expevents.empty()) out.option("--expevents", expevents);
    if (!zone_option.empty())
      out.option(zone_option, mark_zone ? std::string("mark") : fmt::format("{}", zone));
  }
};

Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<CtTarget>();
  for (const GivenOption& o : in.all()) {
    if (o.name() == "--notrack") target->notrack = true;
    if (o.name() == "--helper") target->helper = o.arg();
    if (o.name() == "--timeout") target->timeout = o.arg();
    if (o.name() == "--ctevents") target->ctevents = o.arg();
    if (o.name() == "--expevents") target->expevents = o.arg();
    if (!o.name().starts_with("--zone")) continue;
    target->zone_option = o.name();
    if (o.arg() == "mark") {
      target->mark_zone = true;
      continue;
    }
    const Result<std::uint32_t> n = number_value(in, o, 0, 65535);
    if (!n) return n.error();
    target->zone = *n;
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_CT;
const TargetDef target_CT{.name = "CT",
                          .options = kOptions,
                          .syntax = "--notrack | [--zone n] [--helper name] [--timeout name]",
                          .kernel_ref = "net/netfilter/xt_CT.c:xt_ct_target",
                          .parse = parse,
                          .needs_conntrack = true,
                          .tables = "raw"};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -j CT: no tracking, or a zone, helper or timeouts for a connection to be.
//
// Kernel: net/netfilter/xt_CT.c:xt_ct_target()
// Differs: ct-helpers (a helper is named, its expectations are not made); ct-timeout (the times of
// a
//          timeout policy are in no dump)
#include <fmt/format.h>

#include <algorithm>

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

constexpr const char* kTimeoutPolicy =
    "target CT with a timeout policy: the dumps do not have its times";

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
      ctx.unknown = kTimeoutPolicy;
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

// Both lists are saved in this order, whatever the order given.
constexpr std::string_view kCtEvents[] = {"new",        "related",   "destroy", "reply",
                                          "assured",    "protoinfo", "helper",  "mark",
                                          "natseqinfo", "secmark"};
constexpr std::string_view kExpectEvents[] = {"new"};

Result<std::string> event_list(const Options& in, const GivenOption& option,
                               std::span<const std::string_view> names) {
  std::uint32_t wanted = 0;
  for (std::string_view rest = option.arg(); !rest.empty();) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
    const auto at = std::find(names.begin(), names.end(), word);
    if (at == names.end()) return in.error(option, fmt::format("\"{}\" is no event", word));
    wanted |= 1u << (at - names.begin());
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if ((wanted >> i & 1) == 0) continue;
    if (!text.empty()) text += ',';
    text += names[i];
  }
  return text;
}

Status read_zone(const Options& in, const GivenOption& option, CtTarget& target) {
  target.zone_option = option.name();
  target.mark_zone = option.arg() == "mark";
  if (target.mark_zone) return Ok{};
  const Result<std::uint32_t> n = number_value(in, option, 0, 65535);
  if (!n) return n.error();
  target.zone = *n;
  return Ok{};
}

// A zone that is given twice is the later one's, and zone 0 is none.
Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<CtTarget>();
  for (const GivenOption& o : in.all()) {
    if (o.name() == "--notrack") target->notrack = true;
    if (o.name() == "--helper") target->helper = o.arg();
    if (o.name() == "--timeout") target->timeout = o.arg();
    if (o.name() == "--ctevents" || o.name() == "--expevents") {
      const bool expected = o.name() == "--expevents";
      const Result<std::string> list =
          expected ? event_list(in, o, kExpectEvents) : event_list(in, o, kCtEvents);
      if (!list) return list.error();
      (expected ? target->expevents : target->ctevents) = *list;
    }
    if (!o.name().starts_with("--zone")) continue;
    if (const Status status = read_zone(in, o, *target); !status) return status.error();
  }
  if (!target->mark_zone && target->zone == 0) target->zone_option.clear();
  const ParseContext& context = in.context();
  const bool per_protocol = !target->helper.empty() || !target->timeout.empty();
  if (per_protocol && (context.protocol == 0 || context.protocol_negated)) {
    return in.error("CT with a helper or a timeout policy is for one protocol",
                    "write -p PROTOCOL in the rule");
  }
  if (!target->timeout.empty() && !target->notrack) in.context().unmodelled = kTimeoutPolicy;
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

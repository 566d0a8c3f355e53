// SPDX-License-Identifier: MIT
// -j ULOG: hands a copy to a logging program, as NFLOG does in kernels of today (ULOG went with
// Linux 3.17). It has no influence on the path.
//
// Kernel: net/ipv4/netfilter/ipt_ULOG.c:ulog_tg() of Linux 3.16
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--ulog-nlgroup"},
                                   {.name = "--ulog-prefix"},
                                   {.name = "--ulog-cprange"},
                                   {.name = "--ulog-qthreshold"}};

struct UlogTarget final : Target {
  std::string prefix;
  std::uint32_t group = 1, range = 0, threshold = 1;
  Verdict act(TargetContext& ctx) const override {
    if (Recorder* const r = ctx.walk.recorder())
      r->step(NoteStep{"a copy goes to the logging program", Value::literal(prefix)});
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override {
    if (!prefix.empty()) out.quoted("--ulog-prefix", prefix);
    if (group != 1) out.option("--ulog-nlgroup", fmt::format("{}", group));
    if (range != 0) out.option("--ulog-cprange", fmt::format("{}", range));
    if (threshold != 1) out.option("--ulog-qthreshold", fmt::format("{}", threshold));
  }
};

Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<UlogTarget>();
  for (const GivenOption& option : in.all()) {
    if (option.name() == "--ulog-prefix") {
      target->prefix = option.arg().substr(0, 31);
      continue;
    }
    const bool group = option.name() == "--ulog-nlgroup";
    const bool threshold = option.name() == "--ulog-qthreshold";
    const Result<std::uint32_t> n = number_value(in, option, group || threshold ? 1 : 0,
                                                 group       ? 32
                                                 : threshold ? 50
                                                             : 0xffffffff);
    if (!n) return n.error();
    (group ? target->group : threshold ? target->threshold : target->range) = *n;
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_ULOG;
const TargetDef target_ULOG{
    .name = "ULOG",
    .options = kOptions,
    .syntax = "[--ulog-nlgroup n] [--ulog-prefix text] [--ulog-cprange n] [--ulog-qthreshold n]",
    .kernel_ref = "net/ipv4/netfilter/ipt_ULOG.c:ulog_tg",
    .parse = parse,
    .family = Family::Ipv4};

}  // namespace pktwalk

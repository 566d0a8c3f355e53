// SPDX-License-Identifier: MIT
// -j NFLOG: hands a copy to a logging program. It has no influence on the path.
//
// Kernel: net/netfilter/xt_NFLOG.c:nflog_tg()
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"
#include "model/path/walk.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--nflog-group"},
                                   {.name = "--nflog-prefix"},
                                   {.name = "--nflog-range"},
                                   {.name = "--nflog-size"},
                                   {.name = "--nflog-threshold"}};

struct NflogTarget final : Target {
  std::string prefix;
  std::uint32_t group = 0, length = 0, threshold = 0;
  bool size = false, range = false;
  Verdict act(TargetContext& ctx) const override {
    if (Recorder* const r = ctx.walk.recorder())
      r->step(NoteStep{"a copy goes to the logging program", Value::literal(prefix)});
    return Verdict::Continue;
  }
  void print(OptionPrinter& out) const override {
    if (!prefix.empty()) out.quoted("--nflog-prefix", prefix);
    if (group != 0) out.option("--nflog-group", fmt::format("{}", group));
    if (size || range)
      out.option(size ? "--nflog-size" : "--nflog-range", fmt::format("{}", length));
    if (threshold != 0) out.option("--nflog-threshold", fmt::format("{}", threshold));
  }
};

Result<TargetPtr> parse(Options& in) {
  auto target = std::make_unique<NflogTarget>();
  for (const GivenOption& option : in.all()) {
    if (option.name() == "--nflog-prefix") {
      target->prefix = option.arg().substr(0, 63);
      continue;
    }
    const bool small = option.name() == "--nflog-group" || option.name() == "--nflog-threshold";
    const Result<std::uint32_t> n = number_value(in, option, 0, small ? 65535 : 0xffffffff);
    if (!n) return n.error();
    if (option.name() == "--nflog-group") target->group = *n;
    if (option.name() == "--nflog-threshold") target->threshold = *n;
    if (option.name() == "--nflog-size") target->length = *n, target->size = true;
    if (option.name() == "--nflog-range") target->length = *n, target->range = true;
  }
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_NFLOG;
const TargetDef target_NFLOG{
    .name = "NFLOG",
    .options = kOptions,
    .syntax = "[--nflog-group n] [--nflog-prefix text] [--nflog-size n] [--nflog-threshold n]",
    .kernel_ref = "net/netfilter/xt_NFLOG.c:nflog_tg",
    .parse = parse};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -j CONNSECMARK: carries the security label between packet and connection. It has no influence on
// the path, but it makes the kernel track connections.
//
// Kernel: net/netfilter/xt_CONNSECMARK.c:connsecmark_tg()
// Differs: secmark (labels are not kept)
#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--save", .args = OptionSpec::Args::None},
                                   {.name = "--restore", .args = OptionSpec::Args::None}};

struct ConnsecmarkTarget final : Target {
  bool save = false;
  Verdict act(TargetContext&) const override { return Verdict::Continue; }
  void print(OptionPrinter& out) const override { out.option(save ? "--save" : "--restore"); }
};

Result<TargetPtr> parse(Options& in) {
  if (const Status one = exactly_one(in, {"--save", "--restore"}); !one) return one.error();
  auto target = std::make_unique<ConnsecmarkTarget>();
  target->save = in.has("--save");
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_CONNSECMARK;
const TargetDef target_CONNSECMARK{.name = "CONNSECMARK",
                                   .options = kOptions,
                                   .syntax = "--save | --restore",
                                   .kernel_ref = "net/netfilter/xt_CONNSECMARK.c:connsecmark_tg",
                                   .parse = parse,
                                   .needs_conntrack = true,
                                   .tables = "mangle,security"};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// -j AUDIT: writes a record to the audit log. It has no influence on the path.
//
// Kernel: net/netfilter/xt_AUDIT.c:audit_tg()
// Differs: nothing known
#include "model/netfilter/option_values.h"
#include "model/netfilter/target.h"

namespace pktwalk {
namespace {

constexpr OptionSpec kOptions[] = {{.name = "--type"}};

struct AuditTarget final : Target {
  std::string type;
  Verdict act(TargetContext&) const override { return Verdict::Continue; }
  void print(OptionPrinter& out) const override { out.option("--type", type); }
};

Result<TargetPtr> parse(Options& in) {
  const Result<const GivenOption*> type = required(in, "--type");
  if (!type) return type.error();
  const std::string& word = (*type)->arg();
  if (!same_word(word, "accept") && !same_word(word, "drop") && !same_word(word, "reject")) {
    return in.error(**type, "\"" + word + "\" is no audit type",
                    "accept, drop or reject is expected");
  }
  auto target = std::make_unique<AuditTarget>();
  target->type = same_word(word, "accept") ? "accept" : same_word(word, "drop") ? "drop" : "reject";
  return TargetPtr(std::move(target));
}

}  // namespace

extern const TargetDef target_AUDIT;
const TargetDef target_AUDIT{.name = "AUDIT",
                             .options = kOptions,
                             .syntax = "--type accept|drop|reject",
                             .kernel_ref = "net/netfilter/xt_AUDIT.c:audit_tg",
                             .parse = parse};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// The kinds of answer that REJECT sends.
//
// Kernel: net/ipv4/netfilter/ipt_REJECT.c, reject_tg_check()
// Differs: nothing known
#include "model/netfilter/reject_kinds.h"

#include <fmt/format.h>

#include "model/netfilter/option_values.h"
#include "model/packet/headers.h"

namespace pktwalk {

Result<const RejectKind*> read_reject_kind(const Options& in, std::span<const RejectKind> kinds,
                                           const RejectKind* otherwise) {
  const GivenOption* const option = in.find("--reject-with");
  if (option == nullptr) return otherwise;
  for (const RejectKind& kind : kinds) {
    if (!begins_word(kind.name, option->arg()) && !begins_word(kind.alias, option->arg())) continue;
    const ParseContext& context = in.context();
    if (kind.code == kTcpResetKind && (context.protocol != kProtoTcp || context.protocol_negated)) {
      return in.error(*option, "a TCP reset can answer TCP packets only",
                      "write -p tcp in the rule");
    }
    return &kind;
  }
  std::string names;
  for (const RejectKind& kind : kinds) {
    if (!names.empty()) names += ", ";
    names += kind.name;
  }
  return in.error(*option, fmt::format("unknown reject type \"{}\"", option->arg()),
                  "the types are " + names);
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// The kinds of answer that REJECT sends, for both families.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/netfilter/options.h"

namespace pktwalk {

inline constexpr int kTcpResetKind = -1;

struct RejectKind {
  std::string_view name;   // as iptables-save writes it
  std::string_view alias;  // also read
  int code = 0;            // of the destination-unreachable message; kTcpResetKind
};

// --reject-with: a name, an alias, or a beginning of one, upper and lower case alike; the first in
// the list that fits. `otherwise` when the option was not given. Errors: an unknown kind; a reset
// in a rule that is not for tcp.
Result<const RejectKind*> read_reject_kind(const Options& in, std::span<const RejectKind> kinds,
                                           const RejectKind* otherwise);

}  // namespace pktwalk

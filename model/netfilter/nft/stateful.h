// SPDX-License-Identifier: MIT
// Statements that remember: counter, limit, quota, ct count, last. A rule has one; so may every
// element of a set.
#pragma once

#include "model/netfilter/nft/expression.h"
#include "model/netfilter/nft/statement_state.h"

namespace pktwalk::nft {

class Stateful : public Statement {
 public:
  // Decides with, and changes, the given memory; in a probe it changes nothing.
  virtual Flow evaluate(EvalContext& ctx, std::uint32_t state) const = 0;
  Flow run(EvalContext& ctx) const override { return evaluate(ctx, own); }
  // The memory of one that begins now.
  virtual StatementState begin() const = 0;
  // The same, kept by the rule or object that it stands in.
  std::uint32_t own = 0;
};

}  // namespace pktwalk::nft

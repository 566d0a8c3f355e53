// SPDX-License-Identifier: MIT
// A statement that asks one thing of the packet: it has one term, and passes or breaks the rule.
#pragma once

#include "model/netfilter/nft/expression.h"

namespace pktwalk::nft {

class Question : public Statement {
 public:
  void explain(EvalContext& ctx) const override { run(ctx); }
  bool harmless() const override { return true; }

 protected:
  // Loads the value that is asked about. False: the answer is settled, in `flow`, and reported.
  bool load(EvalContext& ctx, const Load& load, Data& value, Flow& flow) const {
    ctx.broke_on = Value::none();
    ctx.broke_field = load.field;
    switch (load.load(ctx, value)) {
      case Loaded::Value:
        return true;
      case Loaded::Break:
        report(ctx, ctx.broke_field, Outcome::NoMatch, [&] { return ctx.broke_on; });
        flow = Flow::Break;
        return false;
      case Loaded::Unknown:
        report(ctx, load.field, Outcome::Unknown, [] { return Value::none(); });
        flow = Flow::Unknown;
        return false;
    }
    return false;
  }
  Flow answer(EvalContext& ctx, const Load& load, const Data& value, bool hit) const {
    report(ctx, load.field, hit ? Outcome::Match : Outcome::NoMatch,
           [&] { return load.shown(value); });
    return hit ? Flow::Next : Flow::Break;
  }
  template <typename Seen>
  void report(EvalContext& ctx, Field field, Outcome outcome, Seen&& seen) const {
    if (ctx.recorder == nullptr) return;
    ctx.recorder->term({&terms[0], field, seen(), outcome, ctx.probe});
  }
};

}  // namespace pktwalk::nft

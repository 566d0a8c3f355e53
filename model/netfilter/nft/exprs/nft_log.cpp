// SPDX-License-Identifier: MIT
// Statements that leave the packet alone, and those that take it away: log, secmark, queue.
//
// Kernel:  net/netfilter/nft_log.c, nft_queue.c
// Differs: nfqueue-listener (a queue is taken to have one)
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"

namespace pktwalk::nft {
namespace {

using ast::StmtKind;

class Nothing final : public Statement {
 public:
  Flow run(EvalContext&) const override { return Flow::Next; }
  bool harmless() const override { return true; }
};

class Queue final : public Statement {
 public:
  Flow run(EvalContext& ctx) const override {
    ctx.verdict = Verdict::Queue;
    return Flow::Decide;
  }
};

Result<StatementPtr> statement(Builder&, const ast::Stmt& stmt) {
  if (stmt.kind == StmtKind::Queue) return StatementPtr(std::make_unique<Queue>());
  return StatementPtr(std::make_unique<Nothing>());
}

constexpr StmtKind kStatements[] = {StmtKind::Log, StmtKind::Queue, StmtKind::Secmark};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_log;
const nft::ExpressionDef nft_log{.kernel_ref = "net/netfilter/nft_log.c:nft_log_eval",
                                 .statements = nft::kStatements,
                                 .statement = nft::statement};
}  // namespace pktwalk

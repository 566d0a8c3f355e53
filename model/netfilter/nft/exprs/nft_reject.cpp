// SPDX-License-Identifier: MIT
// reject: drops the packet and tells its sender, with an ICMP error or a TCP reset.
//
// Kernel: net/ipv4/netfilter/nft_reject_ipv4.c, net/netfilter/nft_reject_inet.c, nft_reject.c
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/packet/headers.h"
#include "model/path/icmp.h"

namespace pktwalk::nft {
namespace {

class Reject final : public Statement {
 public:
  bool reset = false;
  std::uint8_t code = 3;  // of the destination-unreachable message: port-unreachable

  Flow run(EvalContext& ctx) const override {
    if (!ctx.ipv4 || ctx.hook == Hook::Ingress || ctx.hook == Hook::Egress) {
      ctx.unknown = "reject at a device's hook is not modelled";
      return Flow::Unknown;
    }
    if (reset) {
      send_tcp_reset_from_hook(ctx.walk, ctx.skb, ctx.hook);
    } else {
      send_unreachable(ctx.walk, ctx.skb, code, ctx.hook);
    }
    ctx.verdict = Verdict::Drop;
    return Flow::Decide;
  }
};

// nft_reject_icmp_code(): what icmpx means in IPv4.
std::optional<std::uint8_t> icmpx_to_icmp(std::uint64_t code) {
  switch (code) {
    case 0:  // no-route
      return 0;
    case 1:  // port-unreachable
      return 3;
    case 2:  // host-unreachable
      return 1;
    case 3:  // admin-prohibited
      return 13;
    default:
      return std::nullopt;
  }
}

Result<StatementPtr> statement(Builder& builder, const ast::Stmt& stmt) {
  auto reject = std::make_unique<Reject>();
  std::string type;
  for (const auto& [name, value] : stmt.options) {
    if (name == "type") type = value;
  }
  if (type == "tcp reset") {
    reject->reset = true;
  } else if (!stmt.args.empty() && stmt.args[0] != nullptr) {
    const bool x = type == "icmpx";
    const bool v6 = type == "icmpv6";
    const Result<Data> code = builder.constant(*stmt.args[0],
                                               x    ? types::kIcmpxCode
                                               : v6 ? types::kIcmpv6Code
                                                    : types::kIcmpCode,
                                               8);
    if (!code) return code.error();
    if (v6) return builder.unmodelled(ast::print(stmt));
    const std::optional<std::uint8_t> mapped =
        x ? icmpx_to_icmp(code->number()) : static_cast<std::uint8_t>(code->number());
    if (!mapped) return builder.error(stmt.at, fmt::format("icmpx has no code {}", code->number()));
    reject->code = *mapped;
  }
  return StatementPtr(std::move(reject));
}

constexpr ast::StmtKind kStatements[] = {ast::StmtKind::Reject};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_reject;
const nft::ExpressionDef nft_reject{
    .kernel_ref = "net/netfilter/nft_reject_inet.c:nft_reject_inet_eval",
    .statements = nft::kStatements,
    .statement = nft::statement};
}  // namespace pktwalk

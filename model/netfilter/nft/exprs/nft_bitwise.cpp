// SPDX-License-Identifier: MIT
// Calculations and concatenations: "meta mark & 0xff", "ct mark or 0x1", "ip saddr . tcp dport".
//
// Kernel: net/netfilter/nft_bitwise.c, nft_bitwise_eval()
// Differs: nothing known
#include <fmt/format.h>

#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/netfilter/nft/simple_loads.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

class Calculation final : public Load {
 public:
  LoadPtr left, right;
  char op = '&';  // & | ^ < >

  Loaded load(EvalContext& ctx, Data& value) const override {
    Data b;
    if (const Loaded l = left->load(ctx, value); l != Loaded::Value) return l;
    if (const Loaded l = right->load(ctx, b); l != Loaded::Value) return l;
    if (op == '<' || op == '>') {
      const std::uint64_t by = b.number();
      const std::uint64_t v = value.number();
      const std::uint64_t shifted = by >= 64 ? 0 : op == '<' ? v << by : v >> by;
      value = Data::number(shifted, value.size());
      return Loaded::Value;
    }
    const auto x = value.bytes();
    const auto y = b.bytes();
    for (std::size_t i = 0; i < x.size(); ++i) {
      // Operands of another width are numbers: their ends stand below each other.
      const std::size_t behind = x.size() - i;
      const std::uint8_t other = behind <= y.size() ? y[y.size() - behind] : 0;
      x[i] = static_cast<std::uint8_t>(op == '&'   ? x[i] & other
                                       : op == '|' ? x[i] | other
                                                   : x[i] ^ other);
    }
    return Loaded::Value;
  }
};

Result<LoadPtr> concat(Builder& builder, const ast::Expr& expr) {
  auto load = std::make_unique<ConcatLoad>();
  std::size_t size = 0;
  for (const ast::ExprPtr& arg : expr.args) {
    Result<LoadPtr> part = builder.load(*arg);
    if (!part) return part.error();
    size += (bytes_of((*part)->bits) + 3) / 4 * 4;
    load->parts.push_back(std::move(*part));
  }
  if (size > kMaxData)
    return builder.error(expr.at, fmt::format("the concatenation has {} bytes", size),
                         fmt::format("the kernel takes {}", kMaxData));
  load->bits = static_cast<unsigned>(size * 8);
  load->text = ast::print(expr);
  return LoadPtr(std::move(load));
}

Result<LoadPtr> load(Builder& builder, const ast::Expr& expr) {
  if (expr.kind == ExprKind::Concat) return concat(builder, expr);
  Result<LoadPtr> left = builder.load(*expr.args[0]);
  if (!left) return left.error();
  const bool shift = expr.text == "<<" || expr.text == ">>";
  const Datatype& type = *(*left)->type;
  const unsigned bits = (*left)->bits;
  Result<LoadPtr> right =
      builder.value(*expr.args[1], shift ? types::kInteger : type, shift ? 32 : bits);
  if (!right) return right.error();
  auto load = std::make_unique<Calculation>();
  load->type = &type;
  load->bits = bits;
  load->field = (*left)->field;
  load->left = std::move(*left);
  load->right = std::move(*right);
  load->op = expr.text[0];
  load->text = ast::print(expr);
  return LoadPtr(std::move(load));
}

constexpr ExprKind kLoads[] = {ExprKind::Binary, ExprKind::Concat};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_bitwise;
const nft::ExpressionDef nft_bitwise{.kernel_ref = "net/netfilter/nft_bitwise.c:nft_bitwise_eval",
                                     .loads = nft::kLoads,
                                     .load = nft::load};
}  // namespace pktwalk

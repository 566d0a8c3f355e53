// SPDX-License-Identifier: MIT
// snat, dnat, masquerade, redirect.
//
// The rules of base chains of type nat are asked for a connection's first packet only: see
// model/conntrack/nat.cpp.
//
// Kernel: net/netfilter/nft_nat.c, nft_nat_eval(); nft_masq.c; nft_redir.c
// Differs: nothing known
#include <fmt/format.h>

#include "model/conntrack/conntrack.h"
#include "model/conntrack/nat.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/netfilter/nft/map_load.h"
#include "model/netfilter/nft/simple_loads.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

// A value from..to: constants, a load (both the same), or a map whose data may be ranges.
struct RangeLoad {
  std::optional<Interval> constant;
  LoadPtr load;
  std::unique_ptr<MapLoad> map;
  explicit operator bool() const { return constant || load != nullptr || map != nullptr; }

  Loaded get(EvalContext& ctx, Interval& value) const {
    if (constant) {
      value = *constant;
      return Loaded::Value;
    }
    if (map != nullptr) return map->load_range(ctx, value.first, value.last);
    const Loaded loaded = load->load(ctx, value.first);
    value.last = value.first;
    return loaded;
  }
};

enum class Kind : std::uint8_t { Snat, Dnat, Masquerade, Redirect };

IpAddr address(const Data& data) { return IpAddr::v4(static_cast<std::uint32_t>(data.number())); }

class Nat final : public Statement {
 public:
  Kind kind = Kind::Snat;
  RangeLoad addr, port;
  bool both = false;  // `addr` gives address and port side by side
  ct::NatRange flags;

  Flow run(EvalContext& ctx) const override {
    ct::NatRange range = flags;
    if (const Loaded loaded = read(ctx, range); loaded != Loaded::Value)
      return loaded == Loaded::Break ? Flow::Break : Flow::Unknown;
    HookContext hook = ctx.hook_context();
    switch (kind) {
      case Kind::Snat:
      case Kind::Dnat:
        break;
      case Kind::Masquerade:
        if (!masquerade(ctx, range))
          return decide(ctx, ctx.walk.unknown_why != nullptr ? Verdict::Drop : Verdict::Accept);
        break;
      case Kind::Redirect:
        if (!redirect(ctx, range)) return decide(ctx, Verdict::Drop);
        break;
    }
    const bool source = kind == Kind::Snat || kind == Kind::Masquerade;
    return decide(ctx, ct::setup(hook, range, source ? ct::Manip::Source : ct::Manip::Destination));
  }

 private:
  static Flow decide(EvalContext& ctx, Verdict verdict) {
    ctx.verdict = verdict;
    return Flow::Decide;
  }
  Loaded read(EvalContext& ctx, ct::NatRange& range) const {
    Interval value;
    if (addr) {
      if (const Loaded loaded = addr.get(ctx, value); loaded != Loaded::Value) return loaded;
      range.map_ips = true;
      if (both) {
        range.min_addr = address(Data::from(value.first.bytes().first(4)));
        range.max_addr = address(Data::from(value.last.bytes().first(4)));
        range.proto_specified = true;
        range.min_port = port_at(value.first, 4);
        range.max_port = port_at(value.last, 4);
      } else {
        range.min_addr = address(value.first);
        range.max_addr = address(value.last);
      }
    }
    if (port) {
      if (const Loaded loaded = port.get(ctx, value); loaded != Loaded::Value) return loaded;
      range.proto_specified = true;
      range.min_port = static_cast<std::uint16_t>(value.first.number());
      range.max_port = static_cast<std::uint16_t>(value.last.number());
    }
    return Loaded::Value;
  }
  static std::uint16_t port_at(const Data& data, std::size_t at) {
    return static_cast<std::uint16_t>(Data::from(data.bytes().subspan(at, 2)).number());
  }
  // nf_nat_masquerade_ipv4()
  static bool masquerade(EvalContext& ctx, ct::NatRange& range) {
    ct::Entry* const entry = ct::entry_of(ctx.skb, ctx.state());
    if (entry == nullptr || ctx.out == nullptr || entry->tuple[0].src.is_unspecified())
      return false;
    const IpAddr own = ct::masquerade_address(ctx.host(), ctx.skb, *ctx.out);
    if (own.family() == Family::Unspec) {
      ctx.walk.unknown_why = "masquerade: the output device has no address";
      return false;
    }
    entry->masq_dev = ctx.out->index;
    range.map_ips = true;
    range.min_addr = range.max_addr = own;
    return true;
  }
  // nf_nat_redirect_ipv4()
  static bool redirect(EvalContext& ctx, ct::NatRange& range) {
    IpAddr own = IpAddr::v4(0x7f000001);
    if (ctx.hook != Hook::Output) {
      own = IpAddr{};
      for (const IfAddr& a : ctx.host().addresses) {
        if (a.dev == ctx.skb.dev && a.net.addr.is_v4()) {
          own = a.net.addr;
          break;
        }
      }
      if (own.family() == Family::Unspec) {
        ctx.walk.unknown_why = "redirect: the input device has no address";
        return false;
      }
    }
    range.map_ips = true;
    range.min_addr = range.max_addr = own;
    return true;
  }
};

Result<RangeLoad> range_load(Builder& builder, const ast::Expr& expr,
                             const std::vector<SetField>& fields) {
  RangeLoad range;
  if (builder.is_constant(expr)) {
    const Result<Interval> constant = builder.interval(expr, fields);
    if (!constant) return constant.error();
    range.constant = *constant;
  } else if (expr.kind == ExprKind::Map) {
    Result<std::unique_ptr<MapLoad>> map = make_map_load(builder, expr, fields);
    if (!map) return map.error();
    range.map = std::move(*map);
  } else {
    Result<LoadPtr> load = builder.value(expr, *fields[0].type, fields[0].bits);
    if (!load) return load.error();
    range.load = std::move(*load);
  }
  return range;
}

// Whether the address, or the first of a map, is one of IPv6: nft then knows the family.
bool is_ipv6(const ast::Expr& expr) {
  if (expr.kind == ExprKind::Symbol) return expr.text.find(':') != std::string::npos;
  return expr.kind != ExprKind::Map && !expr.args.empty() && expr.args[0] != nullptr &&
         is_ipv6(*expr.args[0]);
}

// "10.0.0.1 . 80", by itself or as the data of a map in braces.
bool gives_port(const ast::Expr& expr) {
  if (expr.kind == ExprKind::Concat) return true;
  if (expr.kind != ExprKind::Map || expr.args[1]->kind != ExprKind::Set) return false;
  const std::vector<ast::ExprPtr>& elements = expr.args[1]->args;
  return !elements.empty() && elements[0]->kind == ExprKind::Element &&
         elements[0]->args.size() > 1 && elements[0]->args[1] != nullptr &&
         elements[0]->args[1]->kind == ExprKind::Concat;
}

// Translation of IPv6 leaves packets of IPv4 alone: the next statement, and so the next rule, has
// its turn (nft_nat_inet_eval()).
class Ipv6Nat final : public Statement {
 public:
  Flow run(EvalContext& ctx) const override {
    if (ctx.ipv4) return Flow::Next;
    ctx.unknown = "translation of IPv6 is not modelled";
    return Flow::Unknown;
  }
};

Result<StatementPtr> statement(Builder& builder, const ast::Stmt& stmt) {
  builder.needs_conntrack();
  auto nat = std::make_unique<Nat>();
  nat->kind = stmt.text == "snat"         ? Kind::Snat
              : stmt.text == "dnat"       ? Kind::Dnat
              : stmt.text == "masquerade" ? Kind::Masquerade
                                          : Kind::Redirect;
  bool concat = false;
  for (const auto& [flag, value] : stmt.options) {
    if (flag == "random") nat->flags.random = true;
    if (flag == "fully-random") nat->flags.random_fully = true;
    if (flag == "persistent") nat->flags.persistent = true;
    if (flag == "prefix") nat->flags.netmap = true;
    if (flag == "concat") concat = true;
  }
  const ast::Expr* const addr = !stmt.args.empty() ? stmt.args[0].get() : nullptr;
  const ast::Expr* const port = stmt.args.size() > 1 ? stmt.args[1].get() : nullptr;
  const bool ipv6 = stmt.text2 == "ip6" || builder.family() == TableFamily::Ip6 ||
                    (stmt.text2.empty() && addr != nullptr && is_ipv6(*addr));
  if (ipv6) return StatementPtr(std::make_unique<Ipv6Nat>());
  const SetField address_field{&types::kIpv4Addr, 32}, port_field{&types::kInetService, 16};
  if (addr != nullptr) {
    std::vector<SetField> fields{address_field};
    if (concat || gives_port(*addr)) fields.push_back(port_field);
    Result<RangeLoad> range = range_load(builder, *addr, fields);
    if (!range) return range.error();
    // A named map knows for itself what it gives.
    nat->both = fields.size() == 2 || (range->map != nullptr && range->map->set->data.size() == 2);
    nat->addr = std::move(*range);
  }
  if (port != nullptr) {
    Result<RangeLoad> range = range_load(builder, *port, {port_field});
    if (!range) return range.error();
    nat->port = std::move(*range);
  }
  return StatementPtr(std::move(nat));
}

constexpr ast::StmtKind kStatements[] = {ast::StmtKind::Nat};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_nat;
const nft::ExpressionDef nft_nat{.kernel_ref = "net/netfilter/nft_nat.c:nft_nat_eval",
                                 .statements = nft::kStatements,
                                 .statement = nft::statement};
}  // namespace pktwalk

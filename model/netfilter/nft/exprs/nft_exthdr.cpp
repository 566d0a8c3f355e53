// SPDX-License-Identifier: MIT
// Options: "tcp option maxseg size", "ip option rr exists"; and setting TCP options.
//
// Kernel: net/netfilter/nft_exthdr.c, nft_exthdr_tcp_eval(), nft_exthdr_tcp_set_eval(),
//         nft_exthdr_ipv4_eval()
// Differs: nothing known
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/core/bytes.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

struct OptionField {
  std::string_view name;
  std::uint16_t offset, bits;  // bytes from the option's kind, bits
};
struct OptionInfo {
  std::string_view name;
  std::uint8_t kind;
};

constexpr OptionInfo kTcpOptions[] = {
    {"eol", 0},       {"nop", 1},     {"maxseg", 2}, {"window", 3},    {"sack-perm", 4},
    {"sack", 5},      {"sack0", 5},   {"sack1", 5},  {"sack2", 5},     {"sack3", 5},
    {"timestamp", 8}, {"md5sig", 19}, {"mptcp", 30}, {"fastopen", 34}, {"echo", 8}};
constexpr OptionInfo kIpOptions[] = {{"lsrr", 131}, {"rr", 7}, {"ssrr", 137}, {"ra", 148}};

// Where the fields are; "left" and "right" depend on which block of a SACK option is meant.
std::optional<OptionField> tcp_field(std::string_view option, std::string_view field) {
  if (field == "kind") return OptionField{field, 0, 8};
  if (field == "length") return OptionField{field, 1, 8};
  if (field == "size") return OptionField{field, 2, 16};
  if (field == "count") return OptionField{field, 2, 8};
  if (field == "tsval") return OptionField{field, 2, 32};
  if (field == "tsecr") return OptionField{field, 6, 32};
  if (field == "subtype") return OptionField{field, 2, 4};
  if (field == "left" || field == "right") {
    const int block = option.size() == 5 ? option[4] - '0' : 0;
    return OptionField{field,
                       static_cast<std::uint16_t>(2 + block * 8 + (field == "right" ? 4 : 0)), 32};
  }
  return std::nullopt;
}
std::optional<OptionField> ip_field(std::string_view field) {
  if (field == "type") return OptionField{field, 0, 8};
  if (field == "length") return OptionField{field, 1, 8};
  if (field == "ptr") return OptionField{field, 2, 8};
  if (field == "value") return OptionField{field, 2, 16};
  if (field == "addr") return OptionField{field, 3, 32};
  return std::nullopt;
}

// The place of an option of this kind in a list of options [begin, end) of skb.data.
std::optional<std::size_t> find_option(const EvalContext& ctx, std::size_t begin, std::size_t end,
                                       std::uint8_t kind) {
  const std::vector<std::uint8_t>& data = ctx.skb.data;
  for (std::size_t at = begin; at < end && at < data.size();) {
    const std::uint8_t here = data[at];
    const std::size_t length = here <= 1 ? 1 : at + 1 < data.size() ? data[at + 1] : 0;
    if (here == kind) return at;
    if (here == 0 && kind != 0) return std::nullopt;
    if (length == 0 || (here > 1 && length < 2)) return std::nullopt;
    at += length;
  }
  return std::nullopt;
}

class OptionLoad final : public Load {
 public:
  bool tcp = true, present = false;
  std::uint8_t kind = 0;
  std::uint16_t offset = 0;

  Loaded load(EvalContext& ctx, Data& value) const override {
    std::optional<std::size_t> at;
    std::size_t end = 0;
    if (const Loaded loaded = find(ctx, at, end); loaded != Loaded::Value) {
      // A packet that is not TCP has no option, so it is missing.
      if (!tcp || !present || loaded == Loaded::Unknown) return loaded;
    }
    if (present) {
      value = Data::number(at ? 1 : 0, 1);
      return Loaded::Value;
    }
    if (!at) return ctx.breaks(field, Value::none());
    const std::size_t first = *at + offset;
    if (first + bytes_of(bits) > end) return ctx.breaks(field, Value::literal("a shorter option"));
    const std::uint8_t* const bytes = ctx.bytes(first, bytes_of(bits));
    if (bytes == nullptr) return ctx.not_there();
    value = Data::from(std::span(bytes, bytes_of(bits)));
    if (bits == 4) value = Data::number(value.number() >> 4, 1);
    return Loaded::Value;
  }

  // Where the option begins; nothing: there is none. `end` of the list of options.
  Loaded find(EvalContext& ctx, std::optional<std::size_t>& at, std::size_t& end) const {
    if (!ctx.ipv4) return Loaded::Break;
    std::size_t begin = 0;
    if (tcp) {
      if (!ctx.has_protocol || ctx.protocol != kProtoTcp)
        return ctx.breaks(Field::IpProtocol, Value::proto(ctx.protocol));
      if (ctx.frag_offset != 0)
        return ctx.breaks(Field::IpFrag, Value::literal("a later fragment"));
      const std::uint8_t* const header = ctx.bytes(ctx.transport, 20);
      if (header == nullptr) return ctx.not_there();
      const std::size_t size = static_cast<std::size_t>(header[12] >> 4) * 4;
      if (size < 20) return Loaded::Break;
      if (ctx.bytes(ctx.transport, size) == nullptr) return ctx.not_there();
      begin = ctx.transport + 20;
      end = ctx.transport + size;
    } else {
      begin = ctx.skb.network + 20;
      end = ctx.transport;
      if (ctx.bytes(ctx.skb.network, end - ctx.skb.network) == nullptr) return ctx.not_there();
    }
    at = find_option(ctx, begin, end, kind);
    return Loaded::Value;
  }
};

std::optional<std::uint8_t> number_of(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || std::from_chars(text.data(), end, value).ptr != end || value > 255)
    return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

Result<std::unique_ptr<OptionLoad>> make(Builder& builder, const ast::Expr& expr) {
  auto load = std::make_unique<OptionLoad>();
  load->tcp = expr.kind == ExprKind::TcpOption;
  load->field = load->tcp ? Field::TcpOption : Field::IpOptions;
  load->text = ast::print(expr);
  load->bits = 8;
  if (expr.text == "@") {
    load->kind = static_cast<std::uint8_t>(expr.number);
    if (expr.number2 % 8 != 0 || expr.number3 % 8 != 0 || expr.number3 == 0 || expr.number3 > 64)
      return builder.error(expr.at, "only whole bytes, at most 8, of an option can be loaded");
    load->offset = static_cast<std::uint16_t>(expr.number2 / 8);
    load->bits = static_cast<unsigned>(expr.number3);
    return load;
  }
  const std::span<const OptionInfo> options = load->tcp ? std::span<const OptionInfo>(kTcpOptions)
                                                        : std::span<const OptionInfo>(kIpOptions);
  const auto known = std::find_if(options.begin(), options.end(),
                                  [&](const OptionInfo& o) { return o.name == expr.text; });
  if (known != options.end()) {
    load->kind = known->kind;
  } else if (const std::optional<std::uint8_t> number = number_of(expr.text)) {
    load->kind = *number;
  } else {
    return builder.error(expr.at, fmt::format("there is no option \"{}\"", expr.text));
  }
  if (expr.text2.empty()) {
    load->present = true;
    load->type = &types::kBoolean;
    return load;
  }
  const std::optional<OptionField> field =
      load->tcp ? tcp_field(expr.text, expr.text2) : ip_field(expr.text2);
  if (!field)
    return builder.error(expr.at,
                         fmt::format("option {} has no field \"{}\"", expr.text, expr.text2));
  load->offset = field->offset;
  load->bits = field->bits;
  if (field->name == "addr") load->type = &types::kIpv4Addr;
  if (field->name == "size") load->field = Field::TcpMss;
  return load;
}

// An extension header of IPv6: an IPv4 packet has none (nft_exthdr_ipv6_eval()).
class ExtensionHeader final : public Load {
 public:
  Loaded load(EvalContext& ctx, Data&) const override {
    if (ctx.ipv4) return ctx.breaks(Field::EthType, Value::literal("ip"));
    return ctx.cannot_know("extension headers of IPv6 are not modelled");
  }
};

Result<LoadPtr> load(Builder& builder, const ast::Expr& expr) {
  if (expr.kind == ExprKind::Exthdr) {
    auto header = std::make_unique<ExtensionHeader>();
    header->bits = 128;
    if (expr.text2.empty()) header->type = &types::kBoolean;
    if (expr.text2 == "nexthdr") header->type = &types::kInetProto;
    if (expr.text2 == "addr" || expr.text2 == "sid") header->type = &types::kIpv6Addr;
    return LoadPtr(std::move(header));
  }
  Result<std::unique_ptr<OptionLoad>> made = make(builder, expr);
  if (!made) return made.error();
  return LoadPtr(std::move(*made));
}

class OptionSet final : public Statement {
 public:
  std::unique_ptr<OptionLoad> option;
  LoadPtr value;

  Flow run(EvalContext& ctx) const override {
    Data wanted;
    if (const Loaded loaded = value->load(ctx, wanted); loaded != Loaded::Value)
      return loaded == Loaded::Break ? Flow::Break : Flow::Unknown;
    std::optional<std::size_t> at;
    std::size_t end = 0;
    if (const Loaded loaded = option->find(ctx, at, end); loaded != Loaded::Value)
      return loaded == Loaded::Break ? Flow::Break : Flow::Unknown;
    // A packet without the option goes on.
    if (!at) return Flow::Next;
    const std::size_t first = *at + option->offset;
    if (option->bits != 16 || first + 2 > end) return Flow::Break;
    const auto now = static_cast<std::uint16_t>(wanted.number());
    // The maximum segment size is only made smaller.
    if (option->kind == 2 && load_be16(ctx.skb.data.data() + first) <= now) return Flow::Next;
    set_tcp_word(ctx.skb, first - ctx.transport, now, Field::TcpMss, ctx.recorder);
    return Flow::Next;
  }
};

Result<StatementPtr> set(Builder& builder, const ast::Expr& what, const ast::Stmt& stmt) {
  if (what.kind != ExprKind::TcpOption) return builder.unmodelled(ast::print(stmt));
  Result<std::unique_ptr<OptionLoad>> option = make(builder, what);
  if (!option) return option.error();
  if ((*option)->bits != 16) return builder.unmodelled(ast::print(stmt));
  Result<LoadPtr> value = builder.value(*stmt.args[1], *(*option)->type, (*option)->bits);
  if (!value) return value.error();
  auto set = std::make_unique<OptionSet>();
  set->option = std::move(*option);
  set->value = std::move(*value);
  return StatementPtr(std::move(set));
}

constexpr ExprKind kLoads[] = {ExprKind::TcpOption, ExprKind::IpOption, ExprKind::Exthdr};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_exthdr;
const nft::ExpressionDef nft_exthdr{.kernel_ref = "net/netfilter/nft_exthdr.c:nft_exthdr_tcp_eval",
                                    .loads = nft::kLoads,
                                    .load = nft::load,
                                    .set = nft::set};
}  // namespace pktwalk

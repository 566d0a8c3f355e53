// SPDX-License-Identifier: MIT
// Header fields: "tcp dport", "ip saddr", "@th,16,16"; and writing them.
//
// A field is there only when the packet has that header: nft puts the question before it ("meta
// l4proto tcp"), which is part of the load here. A later fragment has no transport header; a packet
// that ends too early does not have the bytes. In all these cases the rule breaks off, whatever is
// asked.
//
// Kernel: net/netfilter/nft_payload.c, nft_payload_eval(), nft_payload_set_eval()
// Differs: nothing known
#include <fmt/format.h>

#include "model/core/bytes.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/netfilter/nft/payload_fields.h"
#include "model/packet/checksum.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

// Where the field is, in bits.
struct Place {
  PayloadBase base = PayloadBase::Network;
  std::uint32_t offset = 0;
  std::uint32_t bits = 0;
  std::uint8_t protocol = 0;    // of the transport header; 0: any
  std::uint16_t ethertype = 0;  // 0: any
  bool raw = false;             // "@th,16,16": writing it renews no checksum

  std::size_t first_byte() const { return offset / 8; }
  std::size_t bytes() const { return (offset % 8 + bits + 7) / 8; }
  bool whole_bytes() const { return offset % 8 == 0 && bits % 8 == 0; }
  // Short, aligned fields have a load of their own that does not look whether the packet is a later
  // fragment: it reads what stands there. Kernel: nf_tables_core.c:nft_payload_fast_eval()
  bool is_fast() const {
    const std::size_t size = bytes();
    return (size == 1 || size == 2 || size == 4) && first_byte() % size == 0;
  }
};

bool there(const EvalContext& ctx, const Place& place) {
  return ctx.transport + place.first_byte() + place.bytes() <= ctx.skb.data.size();
}

// The offset of the header in skb.data; nothing: the packet has no such header.
std::optional<std::size_t> header_at(EvalContext& ctx, const Place& place) {
  switch (place.base) {
    case PayloadBase::Link:
      if (ctx.hook == Hook::Egress) {
        ctx.unknown = "the link header of a leaving packet is not modelled at its egress hook";
        return std::nullopt;
      }
      // A packet of our own has no link header before it leaves.
      if (!ctx.skb.has_mac) return std::nullopt;
      return ctx.skb.mac;
    case PayloadBase::Network:
      return ctx.skb.network;
    case PayloadBase::Transport:
      if (!ctx.has_protocol) return std::nullopt;
      if (ctx.frag_offset != 0 && !(place.is_fast() && there(ctx, place))) return std::nullopt;
      return ctx.transport;
    case PayloadBase::Inner: {
      // nft_payload_inner_offset()
      if (!ctx.has_protocol || ctx.frag_offset != 0) return std::nullopt;
      switch (ctx.protocol) {
        case kProtoUdp:
          return ctx.transport + 8;
        case kProtoTcp: {
          const std::uint8_t* const doff = ctx.bytes(ctx.transport + 12, 1);
          if (doff == nullptr) return std::nullopt;
          return ctx.transport + static_cast<std::size_t>(*doff >> 4) * 4;
        }
        default:
          return std::nullopt;
      }
    }
  }
  return std::nullopt;
}

// The questions that nft puts before the field.
bool has_protocols(EvalContext& ctx, const Place& place) {
  if (place.ethertype != 0 && (place.ethertype == 0x0800) != ctx.ipv4) {
    ctx.breaks(Field::EthType, Value::literal(ctx.ipv4 ? "ip" : "not ip"));
    return false;
  }
  if (place.protocol != 0 && (!ctx.has_protocol || ctx.protocol != place.protocol)) {
    ctx.breaks(Field::IpProtocol, ctx.has_protocol ? Value::proto(ctx.protocol) : Value::none());
    return false;
  }
  return true;
}

class PayloadLoad final : public Load {
 public:
  explicit PayloadLoad(const Place& place) : place_(place) { bits = place.bits; }

  Loaded load(EvalContext& ctx, Data& value) const override {
    if (!has_protocols(ctx, place_)) return Loaded::Break;
    const std::optional<std::size_t> header = header_at(ctx, place_);
    if (!header) {
      if (ctx.unknown != nullptr) return Loaded::Unknown;
      if (place_.base == PayloadBase::Transport && ctx.frag_offset != 0)
        return ctx.breaks(Field::IpFrag, Value::literal("a later fragment"));
      return Loaded::Break;
    }
    const std::uint8_t* const at = ctx.bytes(*header + place_.first_byte(), place_.bytes());
    if (at == nullptr) return ctx.not_there();
    if (place_.whole_bytes()) {
      value.clear();
      value.append(std::span(at, place_.bytes()));
      return Loaded::Value;
    }
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < place_.bytes(); ++i) number = number << 8 | at[i];
    number >>= place_.bytes() * 8 - place_.offset % 8 - place_.bits;
    number &= (std::uint64_t{1} << place_.bits) - 1;
    value = Data::number(number, bytes_of(place_.bits));
    return Loaded::Value;
  }
  const Place& place() const { return place_; }

 private:
  Place place_;
};

Result<std::unique_ptr<PayloadLoad>> make_load(Builder& builder, const ast::Expr& expr) {
  Place place;
  const Datatype* type = &types::kInteger;
  Field field = Field::Other;
  if (expr.kind == ExprKind::RawPayload) {
    place.base = expr.text == "ll"   ? PayloadBase::Link
                 : expr.text == "nh" ? PayloadBase::Network
                 : expr.text == "th" ? PayloadBase::Transport
                                     : PayloadBase::Inner;
    if (expr.number2 == 0 || expr.number2 > kMaxData * 8)
      return builder.error(expr.at, fmt::format("{} bits cannot be loaded", expr.number2));
    place.offset = static_cast<std::uint32_t>(expr.number);
    place.bits = static_cast<std::uint32_t>(expr.number2);
    place.raw = true;
  } else {
    const PayloadHeader* const header = find_header(expr.text);
    if (header == nullptr)
      return builder.error(expr.at, fmt::format("nftables has no header \"{}\"", expr.text));
    const PayloadField* const named = header->find(expr.text2);
    if (named == nullptr)
      return builder.error(expr.at, fmt::format("{} has no field \"{}\"", expr.text, expr.text2));
    place = {.base = header->base,
             .offset = named->offset,
             .bits = named->bits,
             .protocol = header->protocol,
             .ethertype = header->ethertype};
    type = named->type;
    field = named->field;
  }
  auto load = std::make_unique<PayloadLoad>(place);
  load->type = type;
  load->field = field;
  load->text = ast::print(expr);
  return load;
}

Result<LoadPtr> load(Builder& builder, const ast::Expr& expr) {
  Result<std::unique_ptr<PayloadLoad>> made = make_load(builder, expr);
  if (!made) return made.error();
  return LoadPtr(std::move(*made));
}

// Where the transport checksum stands, from its header; nothing: none.
std::optional<std::size_t> transport_checksum(std::uint8_t protocol) {
  switch (protocol) {
    case kProtoTcp:
      return 16;
    case kProtoUdp:
    case kProtoUdpLite:
      return 6;
    case kProtoIcmp:
      return 2;
    default:
      return std::nullopt;
  }
}

class PayloadSet final : public Statement {
 public:
  PayloadSet(std::unique_ptr<PayloadLoad> field, LoadPtr value)
      : field_(std::move(field)), value_(std::move(value)) {}

  Flow run(EvalContext& ctx) const override {
    const Place& place = field_->place();
    Data value;
    if (const Loaded loaded = value_->load(ctx, value); loaded != Loaded::Value)
      return loaded == Loaded::Break ? Flow::Break : Flow::Unknown;
    Data before;
    if (const Loaded loaded = field_->load(ctx, before); loaded != Loaded::Value)
      return loaded == Loaded::Break ? Flow::Break : Flow::Unknown;
    const std::size_t at = *header_at(ctx, place) + place.first_byte();
    write(ctx, place, at, value);
    if (ctx.recorder != nullptr && !(before == value)) {
      ctx.recorder->step(ChangeStep{field_->field, field_->shown(before), field_->shown(value)},
                         &ctx.skb);
    }
    return Flow::Next;
  }

 private:
  // The bytes, and the checksums that cover them.
  static void write(EvalContext& ctx, const Place& place, std::size_t at, const Data& value) {
    std::vector<std::uint8_t>& data = ctx.skb.data;
    // Checksums are over 16-bit words: take those that the field lies in.
    const std::size_t base = place.base == PayloadBase::Transport ? ctx.transport : ctx.skb.network;
    const std::size_t begin = place.base == PayloadBase::Link ? at : at - (at - base) % 2;
    std::size_t end = at + place.bytes();
    if (place.base != PayloadBase::Link && (end - base) % 2 != 0) ++end;
    std::vector<std::uint8_t> old(
        data.begin() + static_cast<std::ptrdiff_t>(begin),
        data.begin() + static_cast<std::ptrdiff_t>(std::min(end, data.size())));
    if (place.whole_bytes()) {
      std::copy(value.bytes().begin(), value.bytes().end(),
                data.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      std::uint64_t number = 0;
      for (std::size_t i = 0; i < place.bytes(); ++i) number = number << 8 | data[at + i];
      const std::uint64_t shift = place.bytes() * 8 - place.offset % 8 - place.bits;
      const std::uint64_t mask = ((std::uint64_t{1} << place.bits) - 1) << shift;
      number = (number & ~mask) | (value.number() << shift & mask);
      for (std::size_t i = place.bytes(); i-- > 0; number >>= 8)
        data[at + i] = static_cast<std::uint8_t>(number);
    }
    if (place.base == PayloadBase::Link || place.raw || !ctx.ipv4) return;
    const auto word = [](const std::uint8_t* p, std::size_t left) {
      return left >= 2 ? load_be16(p) : static_cast<std::uint16_t>(*p << 8);
    };
    for (std::size_t i = 0; i < old.size(); i += 2) {
      const std::uint16_t from = word(old.data() + i, old.size() - i);
      const std::uint16_t to = word(data.data() + begin + i, old.size() - i);
      if (from == to) continue;
      const std::size_t offset = begin + i;
      if (place.base == PayloadBase::Network) {
        update(data, ctx.skb.network + 10, offset, from, to);
        // Addresses are part of the pseudo header; a UDP checksum of zero is none there.
        if (offset - ctx.skb.network >= 12 && ctx.protocol != kProtoIcmp && has_checksum(ctx))
          fix_transport(ctx, offset, from, to);
      } else if (place.base == PayloadBase::Transport) {
        fix_transport(ctx, offset, from, to);
      }
    }
  }
  // nft_payload_udp_checksum()
  static bool has_checksum(const EvalContext& ctx) {
    if (ctx.protocol != kProtoUdp || ctx.transport + 8 > ctx.skb.data.size()) return true;
    return load_be16(ctx.skb.data.data() + ctx.transport + 6) != 0;
  }
  static void fix_transport(EvalContext& ctx, std::size_t changed, std::uint16_t from,
                            std::uint16_t to) {
    if (ctx.frag_offset != 0) return;
    if (const std::optional<std::size_t> check = transport_checksum(ctx.protocol))
      update(ctx.skb.data, ctx.transport + *check, changed, from, to);
  }
  // nft_payload_csum_inet()
  static void update(std::vector<std::uint8_t>& data, std::size_t check, std::size_t changed,
                     std::uint16_t from, std::uint16_t to) {
    if (check == changed || check + 2 > data.size()) return;
    const std::uint16_t now = update_checksum(load_be16(data.data() + check), from, to);
    store_be16(data.data() + check, now == 0 ? std::uint16_t{0xffff} : now);
  }

  std::unique_ptr<PayloadLoad> field_;
  LoadPtr value_;
};

Result<StatementPtr> set(Builder& builder, const ast::Expr& what, const ast::Stmt& stmt) {
  Result<std::unique_ptr<PayloadLoad>> field = make_load(builder, what);
  if (!field) return field.error();
  Result<LoadPtr> value = builder.value(*stmt.args[1], *(*field)->type, (*field)->bits);
  if (!value) return value.error();
  return StatementPtr(std::make_unique<PayloadSet>(std::move(*field), std::move(*value)));
}

constexpr ExprKind kLoads[] = {ExprKind::Payload, ExprKind::RawPayload};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_payload;
const nft::ExpressionDef nft_payload{.kernel_ref = "net/netfilter/nft_payload.c:nft_payload_eval",
                                     .loads = nft::kLoads,
                                     .load = nft::load,
                                     .set = nft::set};
}  // namespace pktwalk

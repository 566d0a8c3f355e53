// SPDX-License-Identifier: MIT
// The packet's connection: "ct state", "ct mark", "ct original ip saddr"; and setting it.
//
// `ct state` has an answer for every packet; all else breaks off when there is no connection.
//
// Kernel:  net/netfilter/nft_ct.c, nft_ct_get_eval(), nft_ct_set_eval(), nft_ct_set_zone_eval(),
//          nft_notrack_eval()
// Differs: ct-helpers (no helper is ever attached)
#include <algorithm>

#include "model/conntrack/conntrack.h"
#include "model/host/state.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

enum class Key : std::uint8_t {
  State,
  Direction,
  Status,
  Mark,
  Secmark,
  Expiration,
  Helper,
  Label,
  Bytes,
  Packets,
  Avgpkt,
  Zone,
  L3proto,
  Protocol,
  Saddr,
  Daddr,
  ProtoSrc,
  ProtoDst,
  Id,
};

struct KeyInfo {
  std::string_view name;
  Key key;
  const Datatype* type;
  std::uint16_t bits;
  Field field;
};
constexpr KeyInfo kKeys[] = {
    {"state", Key::State, &types::kCtState, 32, Field::CtState},
    {"direction", Key::Direction, &types::kCtDir, 8, Field::CtDirection},
    {"status", Key::Status, &types::kCtStatus, 32, Field::CtStatus},
    {"mark", Key::Mark, &types::kMark, 32, Field::CtMark},
    {"secmark", Key::Secmark, &types::kInteger, 32, Field::Other},
    {"expiration", Key::Expiration, &types::kTime, 32, Field::CtExpires},
    {"helper", Key::Helper, &types::kString, 128, Field::CtHelper},
    {"label", Key::Label, &types::kCtLabel, 128, Field::CtLabels},
    {"bytes", Key::Bytes, &types::kInteger, 64, Field::CtBytes},
    {"packets", Key::Packets, &types::kInteger, 64, Field::CtBytes},
    {"avgpkt", Key::Avgpkt, &types::kInteger, 64, Field::CtBytes},
    {"zone", Key::Zone, &types::kInteger, 16, Field::CtZone},
    {"l3proto", Key::L3proto, &types::kNfProto, 8, Field::Other},
    {"protocol", Key::Protocol, &types::kInetProto, 8, Field::CtProto},
    {"saddr", Key::Saddr, &types::kIpv4Addr, 32, Field::CtOrigSrc},
    {"daddr", Key::Daddr, &types::kIpv4Addr, 32, Field::CtOrigDst},
    {"proto-src", Key::ProtoSrc, &types::kInetService, 16, Field::CtOrigSport},
    {"proto-dst", Key::ProtoDst, &types::kInetService, 16, Field::CtOrigDport},
    {"id", Key::Id, &types::kInteger, 32, Field::Other},
};

const KeyInfo* find_key(std::string_view name) {
  const auto found = std::find_if(std::begin(kKeys), std::end(kKeys),
                                  [&](const KeyInfo& key) { return key.name == name; });
  return found == std::end(kKeys) ? nullptr : &*found;
}

Field reply_field(Key key, Field field) {
  if (key == Key::Saddr) return Field::CtReplSrc;
  if (key == Key::Daddr) return Field::CtReplDst;
  if (key == Key::ProtoSrc) return Field::CtReplSport;
  if (key == Key::ProtoDst) return Field::CtReplDport;
  return field;
}

class CtLoad final : public Load {
 public:
  Key key = Key::State;
  std::int8_t dir = -1;  // 0 original, 1 reply, -1 not given

  Loaded load(EvalContext& ctx, Data& value) const override {
    if (key == Key::State) return give(value, state_bits(ctx));
    const ct::Entry* const entry = ct::entry_of(ctx.skb, ctx.state());
    if (entry == nullptr)
      return ctx.breaks(field, Value::literal("the packet belongs to no connection"));
    const auto own = static_cast<std::size_t>(dir >= 0 ? dir : ct::direction(ctx.skb));
    const ct::Tuple& tuple = entry->tuple[own];
    switch (key) {
      case Key::Direction:
        return give(value, ct::direction(ctx.skb));
      case Key::Status:
        return give(value, entry->status);
      case Key::Mark:
        return give(value, entry->mark);
      case Key::Secmark:
        return give(value, entry->secmark);
      case Key::Expiration: {
        // An entry that is not confirmed yet has its timeout, not a time (nf_ct_expires()).
        const std::int64_t left = entry->has(ct::kConfirmed) ? entry->expires - ctx.now() : 0;
        return give(value, static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0) / 1'000'000));
      }
      case Key::Helper:
        return Loaded::Break;
      case Key::Label:
        value = Data::number(entry->labels[1], 8);
        value.append(Data::number(entry->labels[0], 8).bytes());
        return Loaded::Value;
      case Key::Bytes:
        return give(value, sum(entry->bytes));
      case Key::Packets:
        return give(value, sum(entry->packets));
      case Key::Avgpkt: {
        const std::uint64_t packets = sum(entry->packets);
        return give(value, packets == 0 ? 0 : sum(entry->bytes) / packets);
      }
      case Key::Zone:
        return give(value, own == 0 ? entry->zone_orig : entry->zone_reply);
      case Key::L3proto:
        return give(value, 2);
      case Key::Protocol:
        return give(value, tuple.proto);
      case Key::Saddr:
        return give(value, tuple.src.v4());
      case Key::Daddr:
        return give(value, tuple.dst.v4());
      case Key::ProtoSrc:
        return give(value, tuple.src_id);
      case Key::ProtoDst:
        return give(value, tuple.dst_id);
      case Key::Id:
        return ctx.cannot_know("the kernel makes this number from a secret");
      case Key::State:
        break;
    }
    return Loaded::Break;
  }

 private:
  Loaded give(Data& value, std::uint64_t number) const {
    value = Data::number(number, bytes_of(bits));
    return Loaded::Value;
  }
  std::uint64_t sum(const std::array<std::uint64_t, 2>& both) const {
    return dir >= 0 ? both[static_cast<std::size_t>(dir)] : both[0] + both[1];
  }
  // NF_CT_STATE_BIT(): established 2, related 4, new 8; invalid 1, untracked 64.
  static std::uint32_t state_bits(const EvalContext& ctx) {
    const std::uint32_t bits = ct::state_bits(ctx.skb, ctx.state());
    if ((bits & kCtStateEstablished) != 0) return 2;
    if ((bits & kCtStateRelated) != 0) return 4;
    if ((bits & kCtStateNew) != 0) return 8;
    return (bits & kCtStateUntracked) != 0 ? 64 : 1;
  }
};

Result<LoadPtr> load(Builder& builder, const ast::Expr& expr) {
  builder.needs_conntrack();
  const KeyInfo* const key = find_key(expr.text);
  if (key == nullptr) return builder.unmodelled_load(ast::print(expr), types::kInteger, 32);
  const bool address = key->key == Key::Saddr || key->key == Key::Daddr;
  if (address && (expr.text3 == "ip6" || builder.family() == TableFamily::Ip6))
    return builder.unmodelled_load(ast::print(expr), types::kIpv6Addr, 128);
  auto load = std::make_unique<CtLoad>();
  load->key = key->key;
  load->dir = static_cast<std::int8_t>(expr.text2 == "original" ? 0
                                       : expr.text2 == "reply"  ? 1
                                                                : -1);
  load->type = key->type;
  load->bits = key->bits;
  load->field = load->dir == 1 ? reply_field(key->key, key->field) : key->field;
  load->text = ast::print(expr);
  return LoadPtr(std::move(load));
}

class CtSet final : public Statement {
 public:
  Key key = Key::Mark;
  std::int8_t dir = -1;
  LoadPtr value;

  Flow run(EvalContext& ctx) const override {
    Data data;
    if (const Loaded loaded = value->load(ctx, data); loaded != Loaded::Value)
      return loaded == Loaded::Break ? Flow::Break : Flow::Unknown;
    if (key == Key::Zone) {
      set_zone(ctx.skb, static_cast<std::uint16_t>(data.number()));
      return Flow::Next;
    }
    ct::Entry* const entry = ct::entry_of(ctx.skb, ctx.state());
    if (entry == nullptr) return Flow::Next;
    if (key == Key::Mark) {
      const auto mark = static_cast<std::uint32_t>(data.number());
      if (ctx.recorder != nullptr && mark != entry->mark)
        ctx.recorder->step(ChangeStep{Field::CtMark, Value::hex(entry->mark), Value::hex(mark)},
                           &ctx.skb);
      entry->mark = mark;
    } else if (key == Key::Label) {
      // The bits are added to those that are there (nf_connlabels_replace() with its own mask).
      const auto bytes = data.bytes();
      std::uint64_t high = 0;
      for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i) high = high << 8 | bytes[i];
      entry->labels[0] |= data.number();
      entry->labels[1] |= high;
    }
    return Flow::Next;
  }

 private:
  void set_zone(Skb& skb, std::uint16_t zone) const {
    if (skb.ct != CtId::None || skb.ctinfo == CtInfo::Untracked) return;
    skb.ct_template = true;
    skb.ct_template_zone = zone;
    skb.ct_template_dirs = static_cast<std::uint8_t>(dir < 0 ? 3 : 1 << dir);
    skb.ct_template_from_mark = false;
  }
};

Result<StatementPtr> set(Builder& builder, const ast::Expr& what, const ast::Stmt& stmt) {
  builder.needs_conntrack();
  const KeyInfo* const key = find_key(what.text);
  if (what.text == "event") return builder.unmodelled(ast::print(stmt));
  if (key == nullptr || (key->key != Key::Mark && key->key != Key::Label && key->key != Key::Zone))
    return builder.unmodelled(ast::print(stmt));
  Result<LoadPtr> value = builder.value(*stmt.args[1], *key->type, key->bits);
  if (!value) return value.error();
  auto set = std::make_unique<CtSet>();
  set->key = key->key;
  set->dir = static_cast<std::int8_t>(what.text2 == "original" ? 0
                                      : what.text2 == "reply"  ? 1
                                                               : -1);
  set->value = std::move(*value);
  return StatementPtr(std::move(set));
}

class Notrack final : public Statement {
 public:
  Flow run(EvalContext& ctx) const override {
    if (ctx.skb.ct == CtId::None && ctx.skb.ctinfo != CtInfo::Untracked) ct::set_untracked(ctx.skb);
    return Flow::Next;
  }
};

// "ct helper set": no helper is attached, so the packet goes on as it is.
class NoHelper final : public Statement {
 public:
  Flow run(EvalContext& ctx) const override {
    if (ctx.recorder != nullptr)
      ctx.recorder->step(NoteStep{.text = "conntrack helpers are not modelled: what this "
                                          "connection announces is not expected"});
    return Flow::Next;
  }
};

Result<StatementPtr> statement(Builder& builder, const ast::Stmt& stmt) {
  if (stmt.kind == ast::StmtKind::Notrack) return StatementPtr(std::make_unique<Notrack>());
  builder.needs_conntrack();
  if (stmt.text == "helper") return StatementPtr(std::make_unique<NoHelper>());
  return builder.unmodelled(ast::print(stmt));
}

constexpr ExprKind kLoads[] = {ExprKind::Ct};
constexpr ast::StmtKind kStatements[] = {ast::StmtKind::Notrack, ast::StmtKind::CtObject};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_ct;
const nft::ExpressionDef nft_ct{.kernel_ref = "net/netfilter/nft_ct.c:nft_ct_get_eval",
                                .loads = nft::kLoads,
                                .load = nft::load,
                                .statements = nft::kStatements,
                                .statement = nft::statement,
                                .set = nft::set};
}  // namespace pktwalk

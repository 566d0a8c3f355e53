// SPDX-License-Identifier: MIT
// What the stack knows of the packet: "iifname", "meta mark", "meta l4proto"; and setting it.
//
// Kernel:  net/netfilter/nft_meta.c, nft_meta_get_eval(), nft_meta_set_eval()
// Differs: owner-unknown (the owner of a local process's packet); nft-clock (hour and day are taken
//          as UTC)
#include <fmt/format.h>

#include <algorithm>

#include "model/host/state.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"
#include "model/netfilter/nft/question.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

constexpr std::size_t kNameSize = 16;  // IFNAMSIZ

Data name_data(std::string_view name) {
  Data d = Data::from(std::span(reinterpret_cast<const std::uint8_t*>(name.data()),
                                std::min(name.size(), kNameSize)));
  static constexpr std::uint8_t kZero[1] = {0};
  while (d.size() < kNameSize) d.append(kZero);
  return d;
}

using Getter = Loaded (*)(EvalContext& ctx, Data& value);

Loaded give(Data& value, std::uint64_t number, std::size_t bytes) {
  value = Data::number(number, bytes);
  return Loaded::Value;
}
Loaded device_index(const Link* link, Data& value) {
  return give(value, link != nullptr ? static_cast<std::uint32_t>(link->index) : 0, 4);
}
Loaded device_name(const Link* link, Data& value) {
  value = name_data(link != nullptr ? std::string_view(link->name) : std::string_view{});
  return Loaded::Value;
}
Loaded device_type(const Link* link, Data& value) {
  if (link == nullptr) return Loaded::Break;
  return give(value, link->loopback ? 772 : link->ether ? 1 : 65534, 2);
}
Loaded device_kind(const Link* link, Data& value) {
  if (link == nullptr || link->kind.empty()) return Loaded::Break;
  value = name_data(link->kind);
  return Loaded::Value;
}
Loaded device_group(EvalContext& ctx, const Link* link, Data& value) {
  if (link == nullptr) return Loaded::Break;
  if (link->group == "default") return give(value, 0, 4);
  if (!link->group.empty() && std::all_of(link->group.begin(), link->group.end(),
                                          [](char c) { return c >= '0' && c <= '9'; }))
    return give(value, std::stoul(link->group), 4);
  return ctx.cannot_know("the number of this device's group is not known");
}

// Who owns the socket that sends it: only the host's own packets have one.
Loaded owner(EvalContext& ctx, const std::optional<std::uint32_t>& id, Data& value) {
  const Skb& skb = ctx.skb;
  const bool process = skb.local && skb.origin == Origin::Local && !skb.without_socket;
  if (!process) return Loaded::Break;
  if (!id) return ctx.cannot_know("the owner of this packet's socket is not known");
  return give(value, *id, 4);
}

// nft_meta_get_eval_pkttype(): a copy that looped back counts as what it was sent as.
Loaded packet_type(EvalContext& ctx, Data& value) {
  PktType type = ctx.skb.pkt_type;
  if (type == PktType::Loopback && ctx.ipv4) {
    const bool multicast = Ipv4View(ctx.skb.l3().data()).daddr().is_v4_multicast();
    type = multicast ? PktType::Multicast : PktType::Broadcast;
  }
  return give(value, static_cast<std::uint8_t>(type), 1);
}

std::uint16_t protocol_of(const Skb& skb) {
  if (skb.has_mac && skb.mac + 14 <= skb.network) {
    return load_be16(skb.data.data() + skb.network - 2);
  }
  return skb.protocol;
}

constexpr std::int64_t kDay = 86'400;

struct Key {
  std::string_view name;
  const Datatype* type;
  std::uint16_t bits;
  Field field;
  Getter get;  // null: not modelled
};

constexpr Key kKeys[] = {
    {"length", &types::kInteger, 32, Field::SkbLen,
     [](EvalContext& c, Data& v) { return give(v, c.skb.len(), 4); }},
    {"protocol", &types::kEtherType, 16, Field::EthType,
     [](EvalContext& c, Data& v) { return give(v, protocol_of(c.skb), 2); }},
    {"nfproto", &types::kNfProto, 8, Field::Other,
     [](EvalContext& c, Data& v) {
       const bool device = c.hook == Hook::Ingress || c.hook == Hook::Egress;
       return give(v, device && c.base.table->family == TableFamily::Netdev ? 5 : 2, 1);
     }},
    {"l4proto", &types::kInetProto, 8, Field::IpProtocol,
     [](EvalContext& c, Data& v) {
       if (!c.has_protocol) return Loaded::Break;
       return give(v, c.protocol, 1);
     }},
    {"priority", &types::kClassId, 32, Field::SkbPriority,
     [](EvalContext& c, Data& v) { return give(v, c.skb.priority, 4); }},
    {"mark", &types::kMark, 32, Field::SkbMark,
     [](EvalContext& c, Data& v) { return give(v, c.skb.mark, 4); }},
    {"iif", &types::kIfIndex, 32, Field::SkbIif,
     [](EvalContext& c, Data& v) { return device_index(c.in, v); }},
    {"oif", &types::kIfIndex, 32, Field::SkbOif,
     [](EvalContext& c, Data& v) { return device_index(c.out, v); }},
    {"iifname", &types::kIfName, 128, Field::SkbIif,
     [](EvalContext& c, Data& v) { return device_name(c.in, v); }},
    {"oifname", &types::kIfName, 128, Field::SkbOif,
     [](EvalContext& c, Data& v) { return device_name(c.out, v); }},
    {"iiftype", &types::kIfaceType, 16, Field::Other,
     [](EvalContext& c, Data& v) { return device_type(c.in, v); }},
    {"oiftype", &types::kIfaceType, 16, Field::Other,
     [](EvalContext& c, Data& v) { return device_type(c.out, v); }},
    {"iifkind", &types::kIfName, 128, Field::Other,
     [](EvalContext& c, Data& v) { return device_kind(c.in, v); }},
    {"oifkind", &types::kIfName, 128, Field::Other,
     [](EvalContext& c, Data& v) { return device_kind(c.out, v); }},
    {"iifgroup", &types::kDevGroup, 32, Field::Other,
     [](EvalContext& c, Data& v) { return device_group(c, c.in, v); }},
    {"oifgroup", &types::kDevGroup, 32, Field::Other,
     [](EvalContext& c, Data& v) { return device_group(c, c.out, v); }},
    {"skuid", &types::kUid, 32, Field::SkbUid,
     [](EvalContext& c, Data& v) { return owner(c, c.skb.uid, v); }},
    {"skgid", &types::kGid, 32, Field::SkbGid,
     [](EvalContext& c, Data& v) { return owner(c, c.skb.gid, v); }},
    {"nftrace", &types::kInteger, 1, Field::NfTrace,
     [](EvalContext& c, Data& v) { return give(v, c.skb.nf_trace ? 1 : 0, 1); }},
    {"rtclassid", &types::kRealm, 32, Field::Realm,
     [](EvalContext& c, Data& v) {
       if (!c.skb.dst) return Loaded::Break;
       return give(v, c.skb.dst->realm, 4);
     }},
    {"secmark", &types::kInteger, 32, Field::SkbSecmark,
     [](EvalContext& c, Data& v) { return give(v, c.skb.secmark, 4); }},
    {"pkttype", &types::kPktType, 8, Field::SkbPktType, packet_type},
    {"cpu", &types::kInteger, 32, Field::SkbCpu,
     [](EvalContext& c, Data&) { return c.cannot_know("a capture does not tell the processor"); }},
    {"cgroup", &types::kCgroup, 32, Field::Other,
     [](EvalContext& c, Data&) {
       if (!c.skb.local || c.skb.without_socket) return Loaded::Break;
       return c.cannot_know("the cgroup of this packet's socket is not known");
     }},
    {"random", &types::kInteger, 32, Field::Other,
     [](EvalContext& c, Data&) { return c.cannot_know("the kernel draws this number at random"); }},
    {"ipsec", &types::kBoolean, 8, Field::PolicyDir,
     [](EvalContext&, Data& v) { return give(v, 0, 1); }},
    {"time", &types::kTimeOfDay, 64, Field::Time,
     [](EvalContext& c, Data& v) { return give(v, static_cast<std::uint64_t>(c.now().ns), 8); }},
    {"hour", &types::kHour, 32, Field::Time,
     [](EvalContext& c, Data& v) {
       return give(v, static_cast<std::uint64_t>(c.now().seconds() % kDay), 4);
     }},
    {"day", &types::kDay, 8, Field::Time,
     [](EvalContext& c, Data& v) {
       return give(v, static_cast<std::uint64_t>((c.now().seconds() / kDay + 4) % 7), 1);
     }},
    {"sdif", &types::kIfIndex, 32, Field::Other,
     [](EvalContext&, Data& v) { return give(v, 0, 4); }},
    {"sdifname", &types::kIfName, 128, Field::Other,
     [](EvalContext&, Data& v) { return device_name(nullptr, v); }},
};

const Key* find_key(std::string_view name) {
  const auto found = std::find_if(std::begin(kKeys), std::end(kKeys),
                                  [&](const Key& key) { return key.name == name; });
  return found == std::end(kKeys) ? nullptr : &*found;
}

class MetaLoad final : public Load {
 public:
  explicit MetaLoad(const Key& key) : key_(key) {
    type = key.type;
    bits = key.bits;
    field = key.field;
  }
  Loaded load(EvalContext& ctx, Data& value) const override { return key_.get(ctx, value); }

 private:
  const Key& key_;
};

Result<LoadPtr> load(Builder& builder, const ast::Expr& expr) {
  const Key* const key = find_key(expr.text);
  if (key == nullptr) return builder.unmodelled_load(ast::print(expr), types::kInteger, 32);
  LoadPtr load = std::make_unique<MetaLoad>(*key);
  load->text = ast::print(expr);
  return load;
}

class MetaSet final : public Statement {
 public:
  std::string key;
  LoadPtr value;

  Flow run(EvalContext& ctx) const override {
    Data data;
    if (const Loaded loaded = value->load(ctx, data); loaded != Loaded::Value)
      return loaded == Loaded::Break ? Flow::Break : Flow::Unknown;
    const auto number = static_cast<std::uint32_t>(data.number());
    Skb& skb = ctx.skb;
    if (key == "mark") {
      set_mark(skb, number, ctx.recorder);
    } else if (key == "priority") {
      set_priority(skb, number, ctx.recorder);
    } else if (key == "nftrace") {
      skb.nf_trace = number != 0;
    } else if (key == "pkttype") {
      // Only from one of ours to another (skb_pkt_type_ok()).
      if (static_cast<std::uint8_t>(skb.pkt_type) <= 3 && number <= 3)
        skb.pkt_type = static_cast<PktType>(number);
    }
    return Flow::Next;
  }
  bool harmless() const override { return key == "nftrace"; }
};

Result<StatementPtr> set(Builder& builder, const ast::Expr& what, const ast::Stmt& stmt) {
  static constexpr std::string_view kSettable[] = {"mark", "priority", "nftrace", "pkttype"};
  if (std::find(std::begin(kSettable), std::end(kSettable), what.text) == std::end(kSettable))
    return builder.unmodelled(ast::print(stmt));
  const Key* const key = find_key(what.text);
  Result<LoadPtr> value = builder.value(*stmt.args[1], *key->type, key->bits);
  if (!value) return value.error();
  auto set = std::make_unique<MetaSet>();
  set->key = what.text;
  set->value = std::move(*value);
  return StatementPtr(std::move(set));
}

constexpr ExprKind kLoads[] = {ExprKind::Meta};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_meta;
const nft::ExpressionDef nft_meta{.kernel_ref = "net/netfilter/nft_meta.c:nft_meta_get_eval",
                                  .loads = nft::kLoads,
                                  .load = nft::load,
                                  .set = nft::set};
}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Numbers for sharing out: "numgen inc mod 2", "jhash ip saddr mod 8 seed 0xdead", "symhash mod 2".
//
// Kernel: net/netfilter/nft_numgen.c, nft_ng_inc_gen(); nft_hash.c, nft_jhash_eval();
//         include/linux/jhash.h
// Differs: nothing known
#include <algorithm>
#include <bit>

#include "model/host/state.h"
#include "model/netfilter/nft/ast_print.h"
#include "model/netfilter/nft/builder.h"

namespace pktwalk::nft {
namespace {

using ast::ExprKind;

class Counting final : public Load {
 public:
  std::uint32_t modulus = 1, offset = 0, state = 0;
  Loaded load(EvalContext& ctx, Data& value) const override {
    std::uint32_t& count = ctx.state().statements[state].number;
    const std::uint32_t next = count + 1 < modulus ? count + 1 : 0;
    if (!ctx.probe) count = next;
    value = Data::number(next + offset, 4);
    return Loaded::Value;
  }
};

class Random final : public Load {
 public:
  std::uint32_t modulus = 1, offset = 0;
  Loaded load(EvalContext& ctx, Data& value) const override {
    if (modulus != 1) return ctx.cannot_know("the kernel draws this number at random");
    value = Data::number(offset, 4);
    return Loaded::Value;
  }
};

// Bob Jenkins' lookup3, as the kernel uses it (jhash()).
std::uint32_t jhash(std::span<const std::uint8_t> bytes, std::uint32_t seed) {
  const auto word = [&](std::size_t at) {
    std::uint32_t w = 0;
    for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i)
      w |= static_cast<std::uint32_t>(bytes[at + i]) << (8 * i);
    return w;
  };
  std::uint32_t a = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size()) + seed;
  std::uint32_t b = a, c = a;
  std::size_t at = 0;
  for (; bytes.size() - at > 12; at += 12) {
    a += word(at);
    b += word(at + 4);
    c += word(at + 8);
    a = (a - c) ^ std::rotl(c, 4);
    c += b;
    b = (b - a) ^ std::rotl(a, 6);
    a += c;
    c = (c - b) ^ std::rotl(b, 8);
    b += a;
    a = (a - c) ^ std::rotl(c, 16);
    c += b;
    b = (b - a) ^ std::rotl(a, 19);
    a += c;
    c = (c - b) ^ std::rotl(b, 4);
    b += a;
  }
  if (bytes.size() == at) return c;
  a += word(at);
  b += word(at + 4);
  c += word(at + 8);
  c = (c ^ b) - std::rotl(b, 14);
  a = (a ^ c) - std::rotl(c, 11);
  b = (b ^ a) - std::rotl(a, 25);
  c = (c ^ b) - std::rotl(b, 16);
  a = (a ^ c) - std::rotl(c, 4);
  b = (b ^ a) - std::rotl(a, 14);
  return (c ^ b) - std::rotl(b, 24);
}

class Hash final : public Load {
 public:
  LoadPtr key;
  std::vector<SetField> fields;
  std::uint32_t modulus = 1, offset = 0;
  std::optional<std::uint32_t> seed;

  Loaded load(EvalContext& ctx, Data& value) const override {
    Data data;
    if (const Loaded loaded = key->load(ctx, data); loaded != Loaded::Value) return loaded;
    if (modulus == 1) {
      value = Data::number(offset, 4);
      return Loaded::Value;
    }
    if (!seed) return ctx.cannot_know("the kernel drew this hash's seed at random");
    to_memory(data);
    const std::uint64_t hash = jhash(data.bytes(), *seed);
    value = Data::number((hash * modulus >> 32) + offset, 4);
    return Loaded::Value;
  }

 private:
  // Fields in the host's order lie in memory the other way round (on a little-endian machine).
  void to_memory(Data& data) const {
    std::size_t at = 0;
    for (const SetField& one : fields) {
      if (one.type->order == ByteOrder::Host && !one.type->string)
        std::reverse(data.bytes().begin() + static_cast<std::ptrdiff_t>(at),
                     data.bytes().begin() + static_cast<std::ptrdiff_t>(at + one.bytes()));
      at += one.padded();
    }
  }
};

class FlowHash final : public Load {
 public:
  std::uint32_t modulus = 1, offset = 0;
  Loaded load(EvalContext& ctx, Data& value) const override {
    if (modulus != 1) return ctx.cannot_know("the kernel's flow hash has a key drawn at random");
    value = Data::number(offset, 4);
    return Loaded::Value;
  }
};

template <typename T>
std::unique_ptr<T> with_modulus(const ast::Expr& expr) {
  auto load = std::make_unique<T>();
  load->modulus = static_cast<std::uint32_t>(expr.number);
  load->offset = static_cast<std::uint32_t>(expr.number2);
  return load;
}

Result<LoadPtr> load(Builder& builder, const ast::Expr& expr) {
  if (expr.number == 0) return builder.error(expr.at, "a modulus of 0 leaves nothing to choose");
  if (expr.kind == ExprKind::Symhash) return LoadPtr(with_modulus<FlowHash>(expr));
  if (expr.kind == ExprKind::Numgen) {
    if (expr.text == "random") return LoadPtr(with_modulus<Random>(expr));
    auto load = with_modulus<Counting>(expr);
    load->state = builder.add_state({.number = load->modulus - 1});
    return LoadPtr(std::move(load));
  }
  Result<LoadPtr> key = builder.load(*expr.args[0]);
  if (!key) return key.error();
  auto load = with_modulus<Hash>(expr);
  load->fields = Builder::fields_of(**key);
  load->key = std::move(*key);
  if (expr.seed) load->seed = static_cast<std::uint32_t>(*expr.seed);
  return LoadPtr(std::move(load));
}

constexpr ExprKind kLoads[] = {ExprKind::Numgen, ExprKind::Jhash, ExprKind::Symhash};

}  // namespace
}  // namespace pktwalk::nft

namespace pktwalk {
extern const nft::ExpressionDef nft_numgen;
const nft::ExpressionDef nft_numgen{.kernel_ref = "net/netfilter/nft_numgen.c:nft_ng_inc_eval",
                                    .loads = nft::kLoads,
                                    .load = nft::load};
}  // namespace pktwalk

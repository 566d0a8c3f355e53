// SPDX-License-Identifier: MIT
// What a rule of nftables consists of: statements, and the loads that give them values.
//
// Each kind is a file exprs/nft_X.cpp that defines `const ExpressionDef nft_X`, after the kernel's
// module that does the work (nft_payload, nft_meta, nft_ct ...).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/core/registry.h"
#include "model/core/result.h"
#include "model/netfilter/nft/ast.h"
#include "model/netfilter/nft/data.h"
#include "model/netfilter/nft/datatype.h"
#include "model/netfilter/term.h"
#include "model/path/stage.h"
#include "model/trace/field.h"
#include "model/trace/value.h"

namespace pktwalk::nft {

struct Chain;
struct Rule;
class Builder;  // builder.h

enum class Loaded : std::uint8_t { Value, Break, Unknown };

// What an expression works on (struct nft_pktinfo), and where it leaves its verdict.
struct EvalContext {
  Walk& walk;
  Skb& skb;
  const Chain& base;  // the base chain that the packet walks
  Hook hook;
  const Link* in = nullptr;  // null: the hook has no input device
  const Link* out = nullptr;
  // Kernel: nft_set_pktinfo_ipv4(). Not IPv4 (ARP at ingress): no transport, no protocol.
  bool ipv4 = false;
  bool has_protocol = false;
  std::uint8_t protocol = 0;      // of the IP header
  std::uint16_t frag_offset = 0;  // bytes
  std::size_t transport = 0;      // offset of the transport header in skb.data

  Recorder* recorder = nullptr;
  // Explanation of a rule that already failed: look at every term, change nothing.
  bool probe = false;
  const char* unknown = nullptr;  // why, with Flow::Unknown: static text
  // Why a load broke off: what the packet has instead ("ip.protocol is udp"). Kept for a recorder.
  Value broke_on{};
  Field broke_field = Field::Other;

  Verdict verdict = Verdict::Continue;  // with Flow::Decide
  const Chain* target = nullptr;        // of Jump and Goto

  State& state() const { return walk.state(); }
  const Host& host() const { return walk.host(); }
  Time now() const { return walk.now(); }
  HookContext hook_context() const { return {walk, skb, hook, in, out}; }

  // Bytes of the packet; null when they are not there: `unknown` is set when the capture, not the
  // packet, ends before them.
  const std::uint8_t* bytes(std::size_t offset, std::size_t length);
  // "The packet is no such thing": for Load::load().
  Loaded breaks(Field field, const Value& has) {
    broke_field = field;
    if (recorder != nullptr) broke_on = has;
    return Loaded::Break;
  }
  // Bytes that bytes() did not give.
  Loaded not_there() const { return unknown != nullptr ? Loaded::Unknown : Loaded::Break; }
  Loaded cannot_know(const char* why) {
    unknown = why;
    return Loaded::Unknown;
  }
};

// Gives a value. Break: the packet has no such thing, and the rule does not match whatever is asked
// about it (NFT_BREAK).
class Load : public ValueFormat {
 public:
  virtual Loaded load(EvalContext& ctx, Data& value) const = 0;
  // As a step shows it.
  Value shown(const Data& value) const { return Value::typed(*this, value.bytes()); }
  std::string format(std::span<const std::uint8_t> bytes) const override {
    return print_data(*type, Data::from(bytes));
  }

  const Datatype* type = &types::kInteger;
  unsigned bits = 32;
  Field field = Field::Other;
  std::string text;  // in nft's words: "tcp dport"
};
using LoadPtr = std::unique_ptr<Load>;

// How the rule goes on behind a statement.
enum class Flow : std::uint8_t {
  Next,     // the next statement
  Break,    // this rule does not match: the next rule
  Decide,   // ctx.verdict
  Unknown,  // cannot be known: ctx.unknown says why
};

class Statement {
 public:
  virtual ~Statement() = default;
  virtual Flow run(EvalContext& ctx) const = 0;
  // In a probe: the terms that would be looked at, without side effects. Statements that ask
  // nothing have none.
  virtual void explain(EvalContext& ctx) const { static_cast<void>(ctx); }
  // Whether it does nothing that a later rule or the packet's way could see (log, counter): where
  // it is not known whether it runs, nothing depends on it.
  virtual bool harmless() const { return false; }
  std::vector<Term> terms;
};
using StatementPtr = std::unique_ptr<Statement>;

struct ExpressionDef {
  std::string_view kernel_ref;  // "net/netfilter/nft_meta.c:nft_meta_get_eval"
  // Which nodes of the syntax tree it reads; the others are null.
  std::span<const ast::ExprKind> loads{};
  Result<LoadPtr> (*load)(Builder& builder, const ast::Expr& expr) = nullptr;
  std::span<const ast::StmtKind> statements{};
  Result<StatementPtr> (*statement)(Builder& builder, const ast::Stmt& stmt) = nullptr;
  // "X set Y" where X is one of `loads`.
  Result<StatementPtr> (*set)(Builder& builder, const ast::Expr& what,
                              const ast::Stmt& stmt) = nullptr;
};

}  // namespace pktwalk::nft

namespace pktwalk {
template <>
std::span<const nft::ExpressionDef* const> registered<nft::ExpressionDef>();
}

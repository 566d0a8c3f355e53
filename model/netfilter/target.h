// SPDX-License-Identifier: MIT
// What a target extension (-j NAME) is. Each one is a file targets/target_X.cpp that defines `const
// TargetDef target_X`. The standard verdicts ACCEPT, DROP, QUEUE, RETURN and jumps to chains are
// the traversal's own business.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "model/core/registry.h"
#include "model/netfilter/match.h"

namespace pktwalk {

class Walk;  // model/path/walk.h

// What a target works on.
struct TargetContext {
  Walk& walk;  // host, state, recorder, sending packets of our own
  Skb& skb;
  Hook hook = Hook::Prerouting;
  const Link* in = nullptr;
  const Link* out = nullptr;
  std::uint8_t protocol = 0;
  std::uint16_t frag_offset = 0;  // bytes
  std::size_t transport = 0;      // offset in skb.data
  const char* unknown = nullptr;  // why, with Verdict::Unknown
};

class Target {
 public:
  virtual ~Target() = default;
  // Acts and decides: Continue (next rule), Accept, Drop, Queue, Stolen, Return or Unknown. Changes
  // are reported to walk.recorder() through model/packet/mangle.h or ChangeStep.
  virtual Verdict act(TargetContext& ctx) const = 0;
  virtual void print(OptionPrinter& out) const = 0;  // options after "-j NAME"
  // A target that ends the table for this packet whatever happens ("REJECT", "DNAT"): for lint and
  // near misses.
  virtual bool terminal() const { return false; }
  // Of a TargetDef with needs_conntrack: whether this one makes the kernel track connections (CT
  // --notrack does not).
  virtual bool registers_conntrack() const { return true; }
};

using TargetPtr = std::unique_ptr<Target>;

struct TargetDef {
  std::string_view name;  // "MARK"
  std::span<const OptionSpec> options;
  std::string_view syntax;
  std::string_view kernel_ref;
  Result<TargetPtr> (*parse)(Options& options) = nullptr;
  Family family = Family::Unspec;
  bool needs_conntrack = false;
  std::string_view tables = {};  // "nat": comma list of the tables it may stand in; empty: any
};

template <>
std::span<const TargetDef* const> registered<TargetDef>();

}  // namespace pktwalk

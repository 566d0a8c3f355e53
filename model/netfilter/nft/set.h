// SPDX-License-Identifier: MIT
// Sets, maps and verdict maps of nftables.
//
// What the dump holds stays in the Host with an index for look-ups. A set that packets change
// (flags dynamic) lives in the State instead: see set_contents.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/host/source.h"
#include "model/netfilter/nft/data.h"
#include "model/netfilter/nft/expression.h"
#include "model/netfilter/nft/set_contents.h"
#include "model/netfilter/nft/set_index.h"
#include "model/netfilter/nft/stateful.h"

namespace pktwalk::nft {

struct Chain;
struct Table;

// One field of a key, or of a map's data.
struct SetField {
  const Datatype* type = nullptr;
  unsigned bits = 0;
  std::size_t bytes() const { return bytes_of(bits); }
  std::size_t padded() const { return (bytes() + 3) / 4 * 4; }
};

struct Element {
  Data first, last;  // field by field inclusive; equal for a single value
  Mapped mapped;
  std::optional<std::int64_t> timeout;  // ns: its own, which its update renews
  std::optional<std::int64_t> expires;  // ns behind the first packet
  std::uint32_t states = 0;             // index of its first statement's state in State::statements
  bool has_states = false;              // it carries statements: its own, or those of the set
  std::vector<std::unique_ptr<Stateful>> statements;  // its own, empty: the set's
  std::string text;                                   // as written
  SourceLine at;
};

struct Set {
  std::string name;  // "__set0" for an anonymous one
  const Table* table = nullptr;
  bool anonymous = false;
  bool map = false, verdict_map = false, object_map = false;
  bool interval = false, dynamic = false, has_timeout = false, auto_merge = false;
  std::vector<SetField> key, data;
  std::string object_kind;                            // of an object map: "counter"
  std::int64_t timeout = 0;                           // ns: of elements that give none; 0 never
  std::uint32_t size = 0;                             // most elements; 0: no limit
  std::vector<std::unique_ptr<Stateful>> statements;  // that every element carries
  std::vector<Element> elements;                      // of the dump
  std::optional<std::uint32_t> catch_all;             // "*": index of that element
  SetIndex index;                                     // of `elements`; not of a dynamic set
  std::uint32_t contents = 0;                         // a dynamic set: index in State::nft_sets
  const char* unmodelled = nullptr;                   // it cannot be asked, and why
  std::string text;                                   // "@web" or "{ 22, 80 }"
  SourceLine at;

  std::size_t key_size() const;  // bytes in registers
};

// What a look-up found.
struct Hit {
  bool found = false;
  const Mapped* mapped = nullptr;
  const Element* element = nullptr;  // null: it was added by a packet
  std::optional<std::uint32_t> states;
};

// nft_set_ops.lookup: the element that holds the key and has not expired. Valid until the set
// changes.
Hit find(const Set& set, const Data& key, const EvalContext& ctx);
// The statements that an element carries, when it was found by a rule (nft_set_elem_update_expr()).
Flow run_element(EvalContext& ctx, const Set& set, const Hit& hit);
// Tells a recorder what a look-up found.
void report_lookup(EvalContext& ctx, const Set& set, const Hit& hit);

}  // namespace pktwalk::nft

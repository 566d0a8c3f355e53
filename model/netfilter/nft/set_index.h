// SPDX-License-Identifier: MIT
// Which element of a set holds a key?
//
// Three kinds, none of which slows down with the number of elements by more than a logarithm:
// - exact keys: a hash table;
// - ranges of one field: sorted, found by halving;
// - concatenations with ranges: every range is cut into prefixes, as the kernel does for its own
//   look-up, and every combination of prefix lengths that occurs has a hash table of masked keys,
//   each of which a look-up asks. That is fast where few combinations occur (an address, a /24 with
//   a port) and slow where prefixes of many lengths meet odd ranges of ports: then hundreds are
//   asked.
//
// Kernel: net/netfilter/nft_set_hash.c, nft_set_rbtree.c, nft_set_pipapo.c
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "model/netfilter/nft/data.h"

namespace pktwalk::nft {

struct SetRange {
  Data first, last;  // field by field, both included; equal for a single key
  std::uint32_t element = 0;
};

struct SetShape {
  std::vector<std::size_t> fields;  // bytes of each field in the key, padding included
  bool interval = false;
  bool merge = false;  // overlapping ranges of one field become one, as nft joins them itself
};

// Two elements that hold a common key: the kernel refuses such a set.
struct SetConflict {
  std::uint32_t first = 0, second = 0;
};

// Cheap to copy: the contents do not change and are shared.
class SetIndex {
 public:
  SetIndex() = default;
  // The same element twice counts once. Conflicts of concatenations are not looked for.
  static std::variant<SetIndex, SetConflict> build(const SetShape& shape,
                                                   std::vector<SetRange> ranges);
  std::optional<std::uint32_t> find(const Data& key) const;

  class Contents;

 private:
  std::shared_ptr<const Contents> contents_;
};

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// The conntrack table: entries by id, confirmed ones found by either tuple.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/conntrack/entry.h"
#include "model/core/assert.h"

namespace pktwalk::ct {

// A confirmed entry and which of its tuples was found.
struct Found {
  CtId id = CtId::None;
  std::uint8_t dir = 0;  // 0 original, 1 reply
};

class Table {
 public:
  // Ids stay valid until the entry is removed; references only until the next insert.
  Entry& at(CtId id) { return entries_[index(id)]; }
  const Entry& at(CtId id) const { return entries_[index(id)]; }

  CtId create();          // an unconfirmed entry, not found by look-ups
  void confirm(CtId id);  // links both tuples
  void remove(CtId id);   // unlinks and frees, confirmed or not
  // Confirmed entry with this tuple; expired ones are not found (and count as removed).
  std::optional<Found> find(const Tuple& tuple, std::uint16_t zone, Time now) const;
  // Removes entries that expired at or before `now`.
  void expire(Time now);
  std::size_t confirmed_count() const { return confirmed_; }
  bool empty() const { return confirmed_ == 0; }

  // Entries in order of creation. f(CtId, const Entry&)
  template <typename F>
  void for_each(F&& f) const;

  bool operator==(const Table& other) const;  // same entries, whatever the layout

 private:
  std::size_t index(CtId id) const {
    const std::size_t i = static_cast<std::size_t>(id) - 1;
    PKTWALK_ASSERT(i < entries_.size() && entries_[i].in_use);
    return i;
  }
  struct Bucket {
    std::uint32_t entry_dir = 0;
  };  // (index + 1) << 1 | dir; 0 empty, 1 deleted
  void link(std::uint32_t entry_dir);
  void grow();

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::vector<Bucket> buckets_;  // open addressing, power of two
  std::size_t used_buckets_ = 0;
  std::size_t confirmed_ = 0;
  std::uint32_t next_order_ = 0;
};

template <typename F>
void Table::for_each(F&& f) const {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].in_use) order.push_back(i);
  }
  // Creation order: small insertion keys, sorted once.
  for (std::size_t i = 1; i < order.size(); ++i) {
    for (std::size_t j = i; j > 0 && entries_[order[j]].order < entries_[order[j - 1]].order; --j) {
      std::swap(order[j], order[j - 1]);
    }
  }
  for (const std::uint32_t i : order) f(static_cast<CtId>(i + 1), entries_[i]);
}

}  // namespace pktwalk::ct

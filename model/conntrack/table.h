// SPDX-License-Identifier: MIT
// The conntrack table: entries by id, confirmed ones found by either tuple.
//
// A copy is a few flat arrays, so that a timeline can keep many of them. Look-up is one probe into
// an open-addressing table. Entries are also on two lists: in order of creation, and by their
// original source for NAT.
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

// struct nf_conntrack_zone, resolved: the zone that counts for each direction.
struct Zone {
  std::uint16_t original = 0;
  std::uint16_t reply = 0;
  Zone() = default;
  Zone(std::uint16_t both) : original(both), reply(both) {}  // NOLINT(google-explicit-constructor)
  Zone(std::uint16_t orig, std::uint16_t repl) : original(orig), reply(repl) {}
  std::uint16_t of(std::uint8_t dir) const { return dir == 0 ? original : reply; }
  bool operator==(const Zone&) const = default;
};

class Table {
 public:
  // Ids stay valid until the entry is removed; references only until the next create().
  Entry& at(CtId id) { return slots_[index(id)].entry; }
  const Entry& at(CtId id) const { return slots_[index(id)].entry; }
  bool valid(CtId id) const {
    const std::size_t i = static_cast<std::size_t>(id) - 1;
    return i < slots_.size() && slots_[i].entry.in_use;
  }

  CtId create();          // an unconfirmed entry, not found by look-ups
  void confirm(CtId id);  // links both tuples; nothing with these tuples may be there
  // A NAT clash: only the reply tuple is found, and the entry is not printed (IPS_NAT_CLASH).
  void confirm_reply_only(CtId id);
  // Not found any more, but still there for the packet that holds it (nf_ct_delete); remove() frees
  // it.
  void kill(CtId id);
  void remove(CtId id);  // unlinks and frees, confirmed or not

  // Confirmed entry with this tuple; expired ones are not found. (nf_conntrack_find_get)
  std::optional<Found> find(const Tuple& tuple, Zone zone, Time now) const;
  // As find(), but passes over `ignored` and over entries with the same original tuple as
  // `ignored`. (nf_conntrack_tuple_taken)
  bool taken(const Tuple& reply, CtId ignored, Time now) const;

  // The clock of the packets has reached `now`. The first call starts the clock of entries that
  // were loaded from a dump, whose `expires` counts from then. Every call looks at a few entries
  // and frees those that expired.
  void expire(Time now);
  // Frees all entries that expired at or before `now`.
  void expire_all(Time now);
  bool clock_started() const { return clock_started_; }

  std::size_t confirmed_count() const { return confirmed_; }
  std::size_t size() const { return in_use_; }  // unconfirmed ones included
  bool empty() const { return confirmed_ == 0; }

  // Entries in order of creation, unconfirmed ones too. f(CtId, const Entry&); f must not change
  // the table.
  template <typename F>
  void for_each(F&& f) const {
    for (std::uint32_t i = first_; i != kNil; i = slots_[i].next) f(id_of(i), slots_[i].entry);
  }

  // Source mappings (nf_nat_bysource): entries whose source side NAT has set up, latest first. f
  // returns true to stop.
  void add_source(CtId id);
  template <typename F>
  void for_each_source(const Tuple& original, F&& f) const {
    if (sources_.empty()) return;
    for (std::uint32_t i = sources_[source_bucket(original)]; i != kNil;
         i = slots_[i].source_next) {
      if (f(id_of(i), slots_[i].entry)) return;
    }
  }

  bool operator==(const Table& other) const;  // same entries, whatever the layout

 private:
  static constexpr std::uint32_t kNil = ~0u;
  struct Slot {
    Entry entry;
    std::uint32_t next = kNil, prev = kNil;  // order of creation
    std::uint32_t source_next = kNil, source_prev = kNil;
    bool on_source_list = false;
    bool mirrored = false;    // both tuples are the same: look-ups find the reply
    std::uint8_t linked = 0;  // bit 0: original tuple, bit 1: reply tuple
  };
  // (index + 1) << 1 | dir; 0 empty. `tag`: upper bits of the hash, to skip strangers unseen.
  struct Bucket {
    std::uint32_t entry_dir = 0;
    std::uint32_t tag = 0;
  };

  static CtId id_of(std::uint32_t i) { return static_cast<CtId>(i + 1); }
  std::size_t index(CtId id) const {
    const std::size_t i = static_cast<std::size_t>(id) - 1;
    PKTWALK_ASSERT(i < slots_.size() && slots_[i].entry.in_use);
    return i;
  }
  static std::size_t hash_of(const Entry& entry, std::uint8_t dir) {
    return hash(entry.tuple[dir], dir == 0 ? entry.zone_orig : entry.zone_reply);
  }
  bool expired(const Entry& entry, Time now) const {
    return clock_started_ && entry.expires <= now;
  }
  template <typename F>
  std::optional<Found> probe(const Tuple& tuple, std::uint16_t zone, F&& accept) const;
  void link(std::uint32_t i, std::uint8_t dir);
  void unlink(std::uint32_t i, std::uint8_t dir);
  void place(std::size_t hash, std::uint32_t entry_dir);
  void grow();
  void unlink_both(std::uint32_t i);
  std::size_t source_bucket(const Tuple& original) const;
  void push_source(std::uint32_t i);
  void remove_source(std::uint32_t i);

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<Bucket> buckets_;         // linear probing, power of two, at most half full
  std::vector<std::uint32_t> sources_;  // heads of the source lists, power of two
  std::size_t used_buckets_ = 0;
  std::size_t in_sources_ = 0;
  std::size_t confirmed_ = 0;
  std::size_t in_use_ = 0;
  std::uint32_t first_ = kNil, last_ = kNil;
  std::uint32_t next_order_ = 0;
  std::uint32_t cursor_ = 0;  // the slot that expire() looks at next
  bool clock_started_ = false;
};

}  // namespace pktwalk::ct

// SPDX-License-Identifier: MIT
// The conntrack table: where connections are kept and found.
//
// Kernel: net/netfilter/nf_conntrack_core.c (____nf_conntrack_find(), __nf_conntrack_hash_insert(),
//         nf_ct_delete(), nf_conntrack_tuple_taken(), gc_worker())
// Differs: entries are freed at the first packet after their end, the kernel's worker may take up
//          to two minutes longer; a dead entry is never found in either.
#include "model/conntrack/table.h"

namespace pktwalk::ct {

CtId Table::create() {
  std::uint32_t i;
  if (free_.empty()) {
    i = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    i = free_.back();
    free_.pop_back();
    slots_[i] = Slot{};
  }
  Slot& slot = slots_[i];
  slot.entry.in_use = true;
  slot.entry.order = next_order_++;
  slot.prev = last_;
  if (last_ == kNil) {
    first_ = i;
  } else {
    slots_[last_].next = i;
  }
  last_ = i;
  ++in_use_;
  return id_of(i);
}

void Table::confirm(CtId id) {
  const std::uint32_t i = static_cast<std::uint32_t>(index(id));
  link(i, 0);
  link(i, 1);
  Entry& entry = slots_[i].entry;
  // The kernel puts the reply in front of its list, so that it is met first.
  slots_[i].mirrored = entry.tuple[0] == entry.tuple[1] && entry.zone_orig == entry.zone_reply;
  entry.status |= kConfirmed;
  ++confirmed_;
}

void Table::confirm_reply_only(CtId id) {
  const std::uint32_t i = static_cast<std::uint32_t>(index(id));
  link(i, 1);
  slots_[i].entry.status |= kConfirmed | kNatClash | kFixedTimeout;
  ++confirmed_;
}

void Table::unlink_both(std::uint32_t i) {
  Slot& slot = slots_[i];
  if (slot.linked == 0) return;
  if ((slot.linked & 1) != 0) unlink(i, 0);
  if ((slot.linked & 2) != 0) unlink(i, 1);
  slot.linked = 0;
  --confirmed_;
}

void Table::kill(CtId id) {
  const std::uint32_t i = static_cast<std::uint32_t>(index(id));
  unlink_both(i);
  remove_source(i);
  slots_[i].entry.status |= kDying;
}

void Table::remove(CtId id) {
  const std::uint32_t i = static_cast<std::uint32_t>(index(id));
  unlink_both(i);
  remove_source(i);
  Slot& slot = slots_[i];
  (slot.prev == kNil ? first_ : slots_[slot.prev].next) = slot.next;
  (slot.next == kNil ? last_ : slots_[slot.next].prev) = slot.prev;
  slot.entry = Entry{};
  free_.push_back(i);
  --in_use_;
}

template <typename F>
std::optional<Found> Table::probe(const Tuple& tuple, std::uint16_t zone, F&& accept) const {
  if (buckets_.empty()) return std::nullopt;
  const std::size_t h = hash(tuple, zone);
  const std::uint32_t tag = static_cast<std::uint32_t>(h >> 32);
  const std::size_t mask = buckets_.size() - 1;
  for (std::size_t b = h & mask;; b = (b + 1) & mask) {
    const Bucket& bucket = buckets_[b];
    if (bucket.entry_dir == 0) return std::nullopt;
    if (bucket.tag != tag) continue;
    const std::uint8_t dir = bucket.entry_dir & 1;
    const std::uint32_t i = (bucket.entry_dir >> 1) - 1;
    const Entry& entry = slots_[i].entry;
    if (entry.tuple[dir] != tuple || !accept(id_of(i), entry, dir)) continue;
    return Found{id_of(i), slots_[i].mirrored ? std::uint8_t{1} : dir};
  }
}

std::optional<Found> Table::find(const Tuple& tuple, Zone zone, Time now) const {
  const auto alive_in_zone = [&](CtId, const Entry& entry, std::uint8_t dir) {
    const std::uint16_t own = dir == 0 ? entry.zone_orig : entry.zone_reply;
    return own == zone.of(dir) && !expired(entry, now);
  };
  if (const std::optional<Found> found = probe(tuple, zone.original, alive_in_zone)) return found;
  if (zone.original == zone.reply) return std::nullopt;
  return probe(tuple, zone.reply, alive_in_zone);
}

bool Table::taken(const Tuple& reply, CtId ignored, Time now) const {
  const Entry& own = at(ignored);
  const Zone zone(own.zone_orig, own.zone_reply);
  return probe(reply, zone.reply,
               [&](CtId id, const Entry& entry, std::uint8_t dir) {
                 if (id == ignored || expired(entry, now)) return false;
                 const std::uint16_t entry_zone = dir == 0 ? entry.zone_orig : entry.zone_reply;
                 if (entry_zone != zone.of(dir)) return false;
                 // The same flow twice: its clash is resolved at confirmation.
                 return !(own.tuple[0] == entry.tuple[0] && entry.zone_orig == zone.original);
               })
      .has_value();
}

void Table::expire(Time now) {
  if (!clock_started_) {
    clock_started_ = true;
    for (Slot& slot : slots_) {
      if (!slot.entry.in_use) continue;
      slot.entry.expires = now + slot.entry.expires.ns;
      // A flow that is ASSURED is not new.
      slot.entry.created = slot.entry.has(kAssured) ? Time{} : now;
    }
  }
  // Two slots a packet keep up with a table that at most grows by one entry a packet.
  for (int n = 0; n < 2 && !slots_.empty(); ++n) {
    if (cursor_ >= slots_.size()) cursor_ = 0;
    const Slot& slot = slots_[cursor_];
    if (slot.linked != 0 && slot.entry.expires <= now) remove(id_of(cursor_));
    ++cursor_;
  }
}

void Table::expire_all(Time now) {
  if (!clock_started_) expire(now);
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].linked != 0 && slots_[i].entry.expires <= now) remove(id_of(i));
  }
}

void Table::link(std::uint32_t i, std::uint8_t dir) {
  if ((used_buckets_ + 1) * 2 > buckets_.size()) grow();
  place(hash_of(slots_[i].entry, dir), (i + 1) << 1 | dir);
  ++used_buckets_;
  slots_[i].linked = static_cast<std::uint8_t>(slots_[i].linked | 1u << dir);
}

void Table::place(std::size_t hash, std::uint32_t entry_dir) {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t b = hash & mask;
  while (buckets_[b].entry_dir != 0) b = (b + 1) & mask;
  buckets_[b] = {entry_dir, static_cast<std::uint32_t>(hash >> 32)};
}

// Closes the gap by moving later members of the run forward, so that no tombstones pile up.
void Table::unlink(std::uint32_t i, std::uint8_t dir) {
  const std::size_t mask = buckets_.size() - 1;
  const std::uint32_t wanted = (i + 1) << 1 | dir;
  std::size_t gap = hash_of(slots_[i].entry, dir) & mask;
  while (buckets_[gap].entry_dir != wanted) {
    PKTWALK_ASSERT(buckets_[gap].entry_dir != 0);
    gap = (gap + 1) & mask;
  }
  for (std::size_t b = (gap + 1) & mask; buckets_[b].entry_dir != 0; b = (b + 1) & mask) {
    const std::uint32_t member = buckets_[b].entry_dir;
    const std::size_t home =
        hash_of(slots_[(member >> 1) - 1].entry, static_cast<std::uint8_t>(member & 1)) & mask;
    if (((b - home) & mask) < ((b - gap) & mask)) continue;  // it would stand before its home
    buckets_[gap] = buckets_[b];
    gap = b;
  }
  buckets_[gap] = {};
  --used_buckets_;
}

void Table::grow() {
  const std::vector<Bucket> old = std::move(buckets_);
  buckets_.assign(old.empty() ? 64 : old.size() * 2, Bucket{});
  for (const Bucket& bucket : old) {
    if (bucket.entry_dir == 0) continue;
    const Entry& entry = slots_[(bucket.entry_dir >> 1) - 1].entry;
    place(hash_of(entry, static_cast<std::uint8_t>(bucket.entry_dir & 1)), bucket.entry_dir);
  }
}

std::size_t Table::source_bucket(const Tuple& original) const {
  Tuple source;
  source.src = original.src;
  source.src_id = original.src_id;
  source.proto = original.proto;
  return hash(source, 0) & (sources_.size() - 1);
}

void Table::push_source(std::uint32_t i) {
  Slot& slot = slots_[i];
  std::uint32_t& head = sources_[source_bucket(slot.entry.tuple[0])];
  slot.source_prev = kNil;
  slot.source_next = head;
  if (head != kNil) slots_[head].source_prev = i;
  head = i;
}

void Table::add_source(CtId id) {
  const std::uint32_t i = static_cast<std::uint32_t>(index(id));
  if (slots_[i].on_source_list) return;
  slots_[i].on_source_list = true;
  if (++in_sources_ > sources_.size()) {
    sources_.assign(sources_.empty() ? 64 : sources_.size() * 2, kNil);
    // Entries are set up in the packet that creates them: creation order is list order.
    for (std::uint32_t n = first_; n != kNil; n = slots_[n].next) {
      if (slots_[n].on_source_list) push_source(n);
    }
    return;
  }
  push_source(i);
}

void Table::remove_source(std::uint32_t i) {
  Slot& slot = slots_[i];
  if (!slot.on_source_list) return;
  slot.on_source_list = false;
  --in_sources_;
  (slot.source_prev == kNil ? sources_[source_bucket(slot.entry.tuple[0])]
                            : slots_[slot.source_prev].source_next) = slot.source_next;
  if (slot.source_next != kNil) slots_[slot.source_next].source_prev = slot.source_prev;
}

bool Table::operator==(const Table& other) const {
  if (in_use_ != other.in_use_ || confirmed_ != other.confirmed_ ||
      clock_started_ != other.clock_started_ || next_order_ != other.next_order_) {
    return false;
  }
  std::uint32_t i = first_;
  std::uint32_t j = other.first_;
  while (i != kNil && j != kNil) {
    const Slot& a = slots_[i];
    const Slot& b = other.slots_[j];
    if (a.linked != b.linked || a.on_source_list != b.on_source_list || a.entry != b.entry) {
      return false;
    }
    i = a.next;
    j = b.next;
  }
  return i == j;
}

}  // namespace pktwalk::ct

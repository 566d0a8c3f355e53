// SPDX-License-Identifier: MIT
#include "model/netfilter/nft/set_index.h"

#include <algorithm>
#include <map>

namespace pktwalk::nft {
namespace {

constexpr std::uint32_t kNone = ~0u;

std::uint64_t hash_of(const Data& key) {
  std::uint64_t h = 0x9e3779b97f4a7c15u ^ key.size();
  const std::span<const std::uint8_t> bytes = key.bytes();
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
    h = (h ^ word) * 0xff51afd7ed558ccdu;
    h ^= h >> 32;
  }
  return h;
}

// Keys to elements; open addressing, at most half full.
class KeyTable {
 public:
  void reserve(std::size_t keys) {
    std::size_t size = 8;
    while (size < keys * 2) size *= 2;
    slots_.assign(size, kNone);
    keys_.reserve(keys);
  }
  // The element that has this key already, or kNone.
  std::uint32_t insert(const Data& key, std::uint32_t element) {
    if ((keys_.size() + 1) * 2 > slots_.size()) grow();
    std::size_t at = hash_of(key) & (slots_.size() - 1);
    for (; slots_[at] != kNone; at = (at + 1) & (slots_.size() - 1)) {
      if (keys_[slots_[at]].key == key) return keys_[slots_[at]].element;
    }
    slots_[at] = static_cast<std::uint32_t>(keys_.size());
    keys_.push_back({key, element});
    return kNone;
  }
  std::optional<std::uint32_t> find(const Data& key) const {
    if (slots_.empty()) return std::nullopt;
    std::size_t at = hash_of(key) & (slots_.size() - 1);
    for (; slots_[at] != kNone; at = (at + 1) & (slots_.size() - 1)) {
      if (keys_[slots_[at]].key == key) return keys_[slots_[at]].element;
    }
    return std::nullopt;
  }

 private:
  struct Entry {
    Data key;
    std::uint32_t element;
  };
  void grow() {
    std::vector<Entry> old = std::move(keys_);
    keys_.clear();
    reserve(std::max<std::size_t>(8, old.size() * 2));
    for (const Entry& entry : old) insert(entry.key, entry.element);
  }
  std::vector<std::uint32_t> slots_;  // indexes into keys_
  std::vector<Entry> keys_;
};

bool bit(std::span<const std::uint8_t> bytes, std::size_t at) {
  return (bytes[at / 8] >> (7 - at % 8) & 1) != 0;
}
void set_bit(std::span<std::uint8_t> bytes, std::size_t at, bool on) {
  const auto mask = static_cast<std::uint8_t>(1u << (7 - at % 8));
  bytes[at / 8] = static_cast<std::uint8_t>(on ? bytes[at / 8] | mask : bytes[at / 8] & ~mask);
}
void mask_behind(std::span<std::uint8_t> bytes, std::size_t length) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i * 8 + 8 <= length) continue;
    const std::size_t keep = length > i * 8 ? length - i * 8 : 0;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & ~(0xffu >> keep));
  }
}

struct Piece {
  Data base;
  std::size_t length = 0;  // of the prefix, in bits
};

// Cuts a range into prefixes: from its beginning, always the largest block that is aligned and
// fits.
void cut(Data first, const Data& last, std::vector<Piece>& pieces) {
  const std::size_t bits = first.size() * 8;
  while (true) {
    // The block at `first` may have as many free bits as `first` has zeros at its end.
    std::size_t length = bits;
    Data end = first;
    while (length > 0 && !bit(first.bytes(), length - 1)) {
      Data wider = end;
      set_bit(wider.bytes(), length - 1, true);
      if (wider > last) break;
      end = wider;
      --length;
    }
    pieces.push_back({first, length});
    if (end == last) return;
    first = end;
    for (std::size_t i = bits; i-- > 0;) {  // + 1
      const bool one = bit(first.bytes(), i);
      set_bit(first.bytes(), i, !one);
      if (!one) break;
    }
  }
}

}  // namespace

class SetIndex::Contents {
 public:
  enum class Kind : std::uint8_t { Exact, Ranges, Prefixes };
  Kind kind = Kind::Exact;
  std::vector<std::size_t> fields;
  KeyTable exact;
  std::vector<SetRange> ranges;  // ascending
  struct Lengths {
    std::vector<std::size_t> bits;  // of each field
    KeyTable keys;
  };
  std::vector<Lengths> prefixes;

  void mask(Data& key, const std::vector<std::size_t>& bits) const {
    std::size_t at = 0;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      mask_behind(key.bytes().subspan(at, fields[f]), bits[f]);
      at += fields[f];
    }
  }
  void add(const SetRange& range, std::map<std::vector<std::size_t>, std::size_t>& known);
};

// Every combination of the prefixes of its fields.
void SetIndex::Contents::add(const SetRange& range,
                             std::map<std::vector<std::size_t>, std::size_t>& known) {
  std::vector<std::vector<Piece>> pieces(fields.size());
  std::size_t at = 0;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    cut(Data::from(range.first.bytes().subspan(at, fields[f])),
        Data::from(range.last.bytes().subspan(at, fields[f])), pieces[f]);
    at += fields[f];
  }
  std::vector<std::size_t> choice(fields.size(), 0);
  while (true) {
    Data key;
    std::vector<std::size_t> bits;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      key.append(pieces[f][choice[f]].base.bytes());
      bits.push_back(pieces[f][choice[f]].length);
    }
    const auto [found, fresh] = known.try_emplace(bits, prefixes.size());
    if (fresh) prefixes.push_back({bits, {}});
    prefixes[found->second].keys.insert(key, range.element);
    std::size_t f = 0;
    while (f < fields.size() && ++choice[f] == pieces[f].size()) choice[f++] = 0;
    if (f == fields.size()) return;
  }
}

std::variant<SetIndex, SetConflict> SetIndex::build(const SetShape& shape,
                                                    std::vector<SetRange> ranges) {
  auto contents = std::make_shared<Contents>();
  contents->fields = shape.fields;
  if (!shape.interval) {
    contents->exact.reserve(ranges.size());
    for (const SetRange& range : ranges) contents->exact.insert(range.first, range.element);
  } else if (shape.fields.size() == 1) {
    contents->kind = Contents::Kind::Ranges;
    std::stable_sort(ranges.begin(), ranges.end(),
                     [](const SetRange& a, const SetRange& b) { return a.first < b.first; });
    for (SetRange& range : ranges) {
      if (!contents->ranges.empty()) {
        SetRange& before = contents->ranges.back();
        if (before.first == range.first && before.last == range.last) continue;
        if (range.first <= before.last) {
          if (!shape.merge) return SetConflict{before.element, range.element};
          before.last = std::max(before.last, range.last);
          continue;
        }
      }
      contents->ranges.push_back(range);
    }
  } else {
    contents->kind = Contents::Kind::Prefixes;
    std::map<std::vector<std::size_t>, std::size_t> known;
    for (const SetRange& range : ranges) contents->add(range, known);
  }
  SetIndex index;
  index.contents_ = std::move(contents);
  return index;
}

std::optional<std::uint32_t> SetIndex::find(const Data& key) const {
  if (contents_ == nullptr) return std::nullopt;
  const Contents& c = *contents_;
  switch (c.kind) {
    case Contents::Kind::Exact:
      return c.exact.find(key);
    case Contents::Kind::Ranges: {
      auto after = std::upper_bound(c.ranges.begin(), c.ranges.end(), key,
                                    [](const Data& k, const SetRange& r) { return k < r.first; });
      if (after == c.ranges.begin()) return std::nullopt;
      --after;
      if (key > after->last) return std::nullopt;
      return after->element;
    }
    case Contents::Kind::Prefixes:
      break;
  }
  for (const Contents::Lengths& lengths : c.prefixes) {
    Data masked = key;
    c.mask(masked, lengths.bits);
    if (const std::optional<std::uint32_t> found = lengths.keys.find(masked)) return found;
  }
  return std::nullopt;
}

}  // namespace pktwalk::nft

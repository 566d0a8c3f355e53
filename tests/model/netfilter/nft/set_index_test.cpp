// SPDX-License-Identifier: MIT
#include "model/netfilter/nft/set_index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace pktwalk::nft {
namespace {

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t operator()() { return static_cast<std::uint32_t>(engine_()); }

 private:
  std::mt19937 engine_;
};

Data key_of(std::uint32_t address, std::uint16_t port) {
  Data key = Data::number(address, 4);
  key.append(Data::number(port, 2).bytes());
  key.pad();
  return key;
}

bool holds(const SetRange& range, const std::vector<std::size_t>& fields, const Data& key) {
  std::size_t at = 0;
  for (const std::size_t size : fields) {
    const Data k = Data::from(key.bytes().subspan(at, size));
    if (k < Data::from(range.first.bytes().subspan(at, size)) ||
        k > Data::from(range.last.bytes().subspan(at, size)))
      return false;
    at += size;
  }
  return true;
}

SetIndex built(const SetShape& shape, const std::vector<SetRange>& ranges) {
  std::variant<SetIndex, SetConflict> index = SetIndex::build(shape, ranges);
  REQUIRE(std::holds_alternative<SetIndex>(index));
  return std::get<SetIndex>(index);
}

// Whatever is asked, the index says what looking at every element says.
void same_as_looking(const SetShape& shape, const std::vector<SetRange>& ranges,
                     const std::vector<Data>& keys) {
  const SetIndex index = built(shape, ranges);
  for (const Data& key : keys) {
    const auto slow = std::find_if(ranges.begin(), ranges.end(),
                                   [&](const SetRange& r) { return holds(r, shape.fields, key); });
    const std::optional<std::uint32_t> found = index.find(key);
    REQUIRE(found.has_value() == (slow != ranges.end()));
    if (found) REQUIRE(holds(ranges[*found], shape.fields, key));
  }
}

TEST_CASE("set index: exact keys") {
  Random random(1);
  std::vector<SetRange> ranges;
  std::vector<Data> keys;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const Data key = Data::number(random() % 5000, 4);
    ranges.push_back({key, key, i});
    keys.push_back(Data::number(random() % 6000, 4));
  }
  same_as_looking({.fields = {4}, .interval = false}, ranges, keys);
}

TEST_CASE("set index: ranges of one field") {
  std::vector<SetRange> ranges;
  std::vector<Data> keys;
  for (std::uint32_t i = 0; i < 500; ++i) {
    ranges.push_back({Data::number(i * 10, 4), Data::number(i * 10 + i % 10, 4), i});
  }
  for (std::uint32_t k = 0; k < 5100; ++k) keys.push_back(Data::number(k, 4));
  same_as_looking({.fields = {4}, .interval = true}, ranges, keys);
  const SetIndex all = built({.fields = {4}, .interval = true},
                             {{Data::number(0, 4), Data::number(0xffffffff, 4), 7}});
  CHECK(all.find(Data::number(0, 4)) == 7);
  CHECK(all.find(Data::number(0xffffffff, 4)) == 7);
}

TEST_CASE("set index: concatenations of ranges") {
  Random random(2);
  std::vector<SetRange> ranges;
  // Networks that do not overlap, each with a range of ports that is cut at odd places.
  for (std::uint32_t i = 0; i < 300; ++i) {
    const std::uint32_t net = 0x0a000000u + i * 256;
    const auto low = static_cast<std::uint16_t>(random() % 60000);
    const auto high = static_cast<std::uint16_t>(low + random() % 5000);
    const std::uint32_t first = net + random() % 100;
    ranges.push_back({key_of(first, low), key_of(first + random() % 150, high), i});
  }
  std::vector<Data> keys;
  for (int i = 0; i < 20000; ++i)
    keys.push_back(
        key_of(0x0a000000u + random() % (300 * 256), static_cast<std::uint16_t>(random())));
  for (const SetRange& r : ranges) {
    keys.push_back(r.first);
    keys.push_back(r.last);
  }
  same_as_looking({.fields = {4, 4}, .interval = true}, ranges, keys);
}

TEST_CASE("set index: what overlaps is told, or joined where nft joins it") {
  const std::vector<SetRange> overlapping = {{Data::number(10, 4), Data::number(20, 4), 0},
                                             {Data::number(20, 4), Data::number(30, 4), 1}};
  const auto refused = SetIndex::build({.fields = {4}, .interval = true}, overlapping);
  REQUIRE(std::holds_alternative<SetConflict>(refused));
  CHECK(std::get<SetConflict>(refused).first == 0);
  CHECK(std::get<SetConflict>(refused).second == 1);
  const SetIndex joined = built({.fields = {4}, .interval = true, .merge = true}, overlapping);
  CHECK(joined.find(Data::number(25, 4)).has_value());
  CHECK_FALSE(joined.find(Data::number(31, 4)).has_value());
}

}  // namespace
}  // namespace pktwalk::nft

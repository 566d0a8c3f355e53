// SPDX-License-Identifier: MIT
#include "model/conntrack/table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace pktwalk::ct {
namespace {

Tuple flow(std::uint32_t src, std::uint16_t sport, std::uint32_t dst, std::uint16_t dport) {
  Tuple t;
  t.src = IpAddr::v4(src);
  t.dst = IpAddr::v4(dst);
  t.proto = 6;
  t.src_id = sport;
  t.dst_id = dport;
  return t;
}

CtId add(Table& table, const Tuple& original, Time expires, std::uint16_t zone = 0) {
  const CtId id = table.create();
  Entry& entry = table.at(id);
  entry.tuple[0] = original;
  entry.tuple[1] = flow(original.dst.v4(), original.dst_id, original.src.v4(), original.src_id);
  entry.expires = expires;
  entry.zone_orig = entry.zone_reply = zone;
  table.confirm(id);
  return id;
}

constexpr Time at_second(std::int64_t n) { return {n * kNsPerSecond}; }

TEST_CASE("conntrack table: an entry is found by both of its tuples, with the direction") {
  Table table;
  table.expire(at_second(1));
  const Tuple there = flow(1, 1000, 2, 80);
  const CtId id = add(table, there, at_second(10));
  CHECK(table.find(there, 0, at_second(2))->id == id);
  CHECK(table.find(there, 0, at_second(2))->dir == 0);
  CHECK(table.find(flow(2, 80, 1, 1000), 0, at_second(2))->dir == 1);
  CHECK_FALSE(table.find(flow(1, 1001, 2, 80), 0, at_second(2)).has_value());
}

TEST_CASE("conntrack table: an unconfirmed entry is not found") {
  Table table;
  const CtId id = table.create();
  table.at(id).tuple[0] = flow(1, 1, 2, 2);
  CHECK_FALSE(table.find(flow(1, 1, 2, 2), 0, at_second(0)).has_value());
  CHECK(table.size() == 1);
  CHECK(table.empty());
}

TEST_CASE("conntrack table: an entry ends exactly at its expiry") {
  Table table;
  table.expire(at_second(1));
  add(table, flow(1, 1, 2, 2), at_second(10));
  CHECK(table.find(flow(1, 1, 2, 2), 0, {at_second(10).ns - 1}).has_value());
  CHECK_FALSE(table.find(flow(1, 1, 2, 2), 0, at_second(10)).has_value());
}

TEST_CASE("conntrack table: zones keep equal tuples apart") {
  Table table;
  table.expire(at_second(1));
  const CtId a = add(table, flow(1, 1, 2, 2), at_second(10), 1);
  const CtId b = add(table, flow(1, 1, 2, 2), at_second(10), 2);
  CHECK(table.find(flow(1, 1, 2, 2), 1, at_second(2))->id == a);
  CHECK(table.find(flow(1, 1, 2, 2), 2, at_second(2))->id == b);
  CHECK_FALSE(table.find(flow(1, 1, 2, 2), 0, at_second(2)).has_value());
}

TEST_CASE("conntrack table: a zone for one direction only") {
  Table table;
  table.expire(at_second(1));
  const CtId id = add(table, flow(1, 1, 2, 2), at_second(10), 5);
  table.remove(id);
  const CtId one_way = table.create();
  Entry& entry = table.at(one_way);
  entry.tuple[0] = flow(1, 1, 2, 2);
  entry.tuple[1] = flow(2, 2, 1, 1);
  entry.expires = at_second(10);
  entry.zone_orig = 5;
  table.confirm(one_way);
  CHECK(table.find(flow(1, 1, 2, 2), Zone(5, 0), at_second(2))->id == one_way);
  CHECK(table.find(flow(2, 2, 1, 1), 0, at_second(2))->dir == 1);  // replies have no zone
  CHECK_FALSE(table.find(flow(1, 1, 2, 2), 0, at_second(2)).has_value());
}

TEST_CASE("conntrack table: a packet from a host to itself, same port, is met as a reply") {
  Table table;
  table.expire(at_second(1));
  add(table, flow(1, 7, 1, 7), at_second(10));
  CHECK(table.find(flow(1, 7, 1, 7), 0, at_second(2))->dir == 1);
}

TEST_CASE("conntrack table: loaded entries start their clock with the first packet") {
  Table table;
  add(table, flow(1, 1, 2, 2), at_second(30));
  table.expire(at_second(1'700'000'000));
  CHECK(table.find(flow(1, 1, 2, 2), 0, at_second(1'700'000'029)).has_value());
  CHECK_FALSE(table.find(flow(1, 1, 2, 2), 0, at_second(1'700'000'030)).has_value());
}

TEST_CASE("conntrack table: a killed entry is not found but stays for its packet") {
  Table table;
  table.expire(at_second(1));
  const CtId id = add(table, flow(1, 1, 2, 2), at_second(10));
  table.kill(id);
  CHECK_FALSE(table.find(flow(1, 1, 2, 2), 0, at_second(2)).has_value());
  CHECK(table.valid(id));
  CHECK(table.at(id).has(kDying));
  table.remove(id);
  CHECK_FALSE(table.valid(id));
}

TEST_CASE("conntrack table: a clashing entry is found by its reply only") {
  Table table;
  table.expire(at_second(1));
  const CtId id = table.create();
  table.at(id).tuple[0] = flow(1, 1, 2, 2);
  table.at(id).tuple[1] = flow(3, 3, 1, 1);
  table.at(id).expires = at_second(10);
  table.confirm_reply_only(id);
  CHECK_FALSE(table.find(flow(1, 1, 2, 2), 0, at_second(2)).has_value());
  CHECK(table.find(flow(3, 3, 1, 1), 0, at_second(2))->id == id);
  table.remove(id);
  CHECK(table.empty());
}

TEST_CASE("conntrack table: iteration is in order of creation, whatever was freed between") {
  Table table;
  table.expire(at_second(1));
  const CtId a = add(table, flow(1, 1, 2, 2), at_second(10));
  const CtId b = add(table, flow(1, 2, 2, 2), at_second(10));
  table.remove(a);
  const CtId c = add(table, flow(1, 3, 2, 2), at_second(10));  // takes the slot of a
  std::vector<CtId> seen;
  table.for_each([&](CtId id, const Entry&) { seen.push_back(id); });
  CHECK(seen == std::vector<CtId>{b, c});
}

TEST_CASE("conntrack table: sources are listed latest first and forget removed entries") {
  Table table;
  table.expire(at_second(1));
  const CtId a = add(table, flow(1, 7, 2, 2), at_second(10));
  const CtId b = add(table, flow(1, 7, 3, 2), at_second(10));
  const CtId other = add(table, flow(1, 8, 3, 2), at_second(10));
  for (const CtId id : {a, b, other}) table.add_source(id);
  const auto list = [&] {
    std::vector<CtId> seen;
    table.for_each_source(flow(1, 7, 99, 99), [&](CtId id, const Entry& entry) {
      if (entry.tuple[0].src_id == 7) seen.push_back(id);
      return false;
    });
    return seen;
  };
  CHECK(list() == std::vector<CtId>{b, a});
  table.remove(b);
  CHECK(list() == std::vector<CtId>{a});
}

// Random adds, kills and look-ups against a plain list.
TEST_CASE("conntrack table: agrees with a list under random changes, also after copying") {
  Table table;
  table.expire(at_second(0));
  std::mt19937 random(7);
  std::vector<std::pair<Tuple, CtId>> list;
  for (int round = 0; round < 4000; ++round) {
    const Tuple t = flow(random() % 8, static_cast<std::uint16_t>(random() % 64), 9, 80);
    const auto same = [&](const auto& item) { return item.first == t; };
    const auto known = std::find_if(list.begin(), list.end(), same);
    CHECK(table.find(t, 0, at_second(1)).has_value() == (known != list.end()));
    if (known == list.end()) {
      list.emplace_back(t, add(table, t, at_second(100)));
      if (random() % 2 == 0) table.add_source(list.back().second);
    } else if (random() % 3 != 0) {
      table.remove(known->second);
      list.erase(known);
    }
    if (round % 1000 == 0) {
      const Table copy = table;
      CHECK(copy == table);
      table = copy;
    }
  }
  CHECK(table.confirmed_count() == list.size());
  for (const auto& [tuple, id] : list) CHECK(table.find(tuple, 0, at_second(1))->id == id);
}

TEST_CASE("conntrack table: expired entries are freed little by little") {
  Table table;
  table.expire(at_second(0));
  for (std::uint16_t i = 0; i < 100; ++i) add(table, flow(1, i, 2, 2), at_second(5));
  for (int i = 0; i < 50; ++i) table.expire(at_second(6));
  CHECK(table.empty());
  add(table, flow(1, 1, 2, 2), at_second(7));
  add(table, flow(1, 2, 2, 2), at_second(9));
  table.expire_all(at_second(8));
  CHECK(table.confirmed_count() == 1);
}

TEST_CASE("conntrack table: tables with different entries differ") {
  Table a;
  Table b;
  add(a, flow(1, 1, 2, 2), at_second(5));
  CHECK_FALSE(a == b);
  add(b, flow(1, 1, 2, 2), at_second(5));
  CHECK(a == b);
  b.at(static_cast<CtId>(1)).mark = 4;
  CHECK_FALSE(a == b);
}

}  // namespace
}  // namespace pktwalk::ct

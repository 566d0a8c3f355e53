// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/conntrack/conntrack.h"
#include "tests/support/packets.h"

namespace pktwalk::ct {
namespace {
using namespace pktwalk::testing;

struct Answer {
  bool ok = false;
  Tuple tuple;
};

Answer tuple_of_skb(const Skb& skb) {
  Answer answer;
  answer.ok = tuple_of(skb.l3().data(), skb.l3().size(), answer.tuple);
  return answer;
}

TEST_CASE("tuple: what makes a packet's connection") {
  struct Row {
    const char* name;
    Skb skb;
    bool ok;
    std::uint16_t src_id, dst_id;
  };
  const Row rows[] = {
      {"TCP has ports", make_tcp({.sport = 40000, .dport = 80}), true, 40000, 80},
      {"UDP has ports", make_udp({.sport = 1, .dport = 53}), true, 1, 53},
      {"UDP-Lite has ports", make_ip({}, 136, {0, 1, 0, 2}), true, 1, 2},
      {"SCTP has ports", make_ip({}, 132, {0, 1, 0, 2}), true, 1, 2},
      {"four bytes of TCP are enough", make_ip({}, 6, {0, 1, 0, 2}), true, 1, 2},
      {"three bytes of TCP are not", make_ip({}, 6, {0, 1, 0}), false, 0, 0},
      {"ICMP has identifier, type and code", make_icmp({.type = 8, .code = 3, .id = 9}), true, 9,
       0x0803},
      {"seven bytes of ICMP are too short", make_ip({}, 1, {8, 0, 0, 0, 0, 9, 0}), false, 0, 0},
      {"a later fragment has none", make_fragment(17, 1480), false, 0, 0},
      {"a first fragment has ports",
       make_udp({.ip = {.more_fragments = true}, .sport = 1, .dport = 2}), true, 1, 2},
      {"DCCP is like any other protocol", make_ip({}, 33, {0, 1, 0, 2}), true, 0, 0},
      {"ESP has no numbers", make_ip({}, 50, {1, 2, 3, 4, 5, 6, 7, 8}), true, 0, 0},
      {"a protocol without payload", make_ip({}, 50, {}), true, 0, 0},
      {"GRE version 0", make_ip({}, 47, {0, 0, 8, 0}), true, 0, 0},
      {"PPTP's GRE has the call id", make_ip({}, 47, {0x30, 1, 0x88, 0x0b, 0, 4, 0x12, 0x34}), true,
       0, 0x1234},
      {"GRE version 1 with another payload", make_ip({}, 47, {0x30, 1, 8, 0, 0, 4, 0x12, 0x34}),
       false, 0, 0},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) {
      const Answer got = tuple_of_skb(row.skb);
      CHECK(got.ok == row.ok);
      if (!row.ok) return;
      CHECK(got.tuple.src == IpAddr::parse("10.0.0.9"));
      CHECK(got.tuple.dst == IpAddr::parse("192.0.2.80"));
      CHECK(got.tuple.src_id == row.src_id);
      CHECK(got.tuple.dst_id == row.dst_id);
    }
  }
}

TEST_CASE("tuple: the inverse is what an answer looks like") {
  Tuple inverse;
  SUBCASE("addresses and ports change sides") {
    const Tuple t = tuple_of_skb(make_tcp({.sport = 40000, .dport = 80})).tuple;
    REQUIRE(invert(t, inverse));
    CHECK(inverse.src == t.dst);
    CHECK(inverse.dst == t.src);
    CHECK(inverse.src_id == 80);
    CHECK(inverse.dst_id == 40000);
    Tuple back;
    REQUIRE(invert(inverse, back));
    CHECK(back == t);
  }
  SUBCASE("an echo request is answered by an echo reply with the same identifier") {
    const Tuple t = tuple_of_skb(make_icmp({.type = 8, .id = 9})).tuple;
    REQUIRE(invert(t, inverse));
    CHECK(inverse.src_id == 9);
    CHECK(inverse.dst_id == 0);
  }
  SUBCASE("types 13 to 18 answer each other, types 9, 10, 12 and 19 have no answer") {
    for (int type = 0; type < 32; ++type) {
      Tuple t = tuple_of_skb(make_icmp({.type = 8})).tuple;
      t.dst_id = static_cast<std::uint16_t>(type << 8);
      const bool has_answer = type == 0 || type == 8 || (type >= 13 && type <= 18);
      INFO("type ", type);
      CHECK(invert(t, inverse) == has_answer);
    }
  }
}

}  // namespace
}  // namespace pktwalk::ct

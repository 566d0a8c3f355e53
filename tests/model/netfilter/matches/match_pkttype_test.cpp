// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match pkttype: syntax") {
  const SyntaxRow rows[] = {
      {"-m pkttype --pkt-type unicast"},
      {"-m pkttype ! --pkt-type multicast"},
      {"-m pkttype --pkt-type bcast", "-m pkttype --pkt-type broadcast"},
      {"-m pkttype --pkt-type mcast", "-m pkttype --pkt-type multicast"},
      {"-m pkttype --pkt-type host", "-m pkttype --pkt-type unicast"},
      {"-m pkttype --pkt-type BROADCAST", "-m pkttype --pkt-type broadcast"},
      {"-m pkttype --pkt-type foo", "", "unknown packet type \"foo\""},
      {"-m pkttype", "", "pkttype needs --pkt-type"},
  };
  check_syntax(rows);
}

TEST_CASE("match pkttype: evaluate") {
  struct Case {
    const char* name;
    const char* match;
    PktType type;
    Outcome want;
  };
  const Case cases[] = {
      {"to us", "--pkt-type unicast", PktType::Host, Outcome::Match},
      {"to all", "--pkt-type broadcast", PktType::Broadcast, Outcome::Match},
      {"to all is not to us", "--pkt-type unicast", PktType::Broadcast, Outcome::NoMatch},
      {"to a group", "--pkt-type multicast", PktType::Multicast, Outcome::Match},
      {"negated", "! --pkt-type multicast", PktType::Multicast, Outcome::NoMatch},
      {"negated, another type", "! --pkt-type multicast", PktType::Host, Outcome::Match},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      Skb skb = make_tcp({});
      skb.pkt_type = c.type;
      const MatchAnswer got = f.match(std::string("-m pkttype ") + c.match, skb);
      INFO(got.text());
      CHECK(got.outcome == c.want);
    }
  }
}

TEST_CASE("match pkttype: a packet looped back counts by its destination address") {
  XtFixture f;
  Skb group = make_udp({.ip = {.dst = "224.0.0.251"}});
  group.pkt_type = PktType::Loopback;
  CHECK(f.match("-m pkttype --pkt-type multicast", group).outcome == Outcome::Match);
  Skb all = make_udp({.ip = {.dst = "10.0.0.255"}});
  all.pkt_type = PktType::Loopback;
  CHECK(f.match("-m pkttype --pkt-type broadcast", all).outcome == Outcome::Match);
}

}  // namespace pktwalk::testing

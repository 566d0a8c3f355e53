// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match dscp: syntax") {
  const SyntaxRow rows[] = {
      {"-m dscp --dscp 10", "-m dscp --dscp 0x0a"},
      {"-m dscp ! --dscp 0x00"},
      {"-m dscp --dscp 63", "-m dscp --dscp 0x3f"},
      {"-m dscp --dscp-class ef", "-m dscp --dscp 0x2e"},
      {"-m dscp --dscp-class AF41", "-m dscp --dscp 0x22"},
      {"-m dscp --dscp-class BE", "-m dscp --dscp 0x00"},
      {"-m dscp ! --dscp-class CS7", "-m dscp ! --dscp 0x38"},
      {"-m dscp --dscp 64", "", "from 0 to 63"},
      {"-m dscp --dscp-class CS8", "", "unknown DSCP class \"CS8\""},
      {"-m dscp --dscp 1 --dscp-class EF", "", "cannot be used together"},
      {"-m dscp", "", "needs one of"},
  };
  check_syntax(rows);
}

TEST_CASE("match dscp: the two ECN bits do not count") {
  XtFixture f;
  const Skb skb = make_tcp({.ip = {.tos = 0xb8 | 3}});
  const MatchAnswer got = f.match("-m dscp --dscp-class EF", skb);
  CHECK(got.outcome == Outcome::Match);
  REQUIRE(got.terms.size() == 1);
  CHECK(got.terms[0].seen == "0x2e");
  CHECK(f.match("-m dscp ! --dscp-class EF", skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m dscp --dscp 0x2f", skb).outcome == Outcome::NoMatch);
}

TEST_CASE("match dscp: the traffic class of IPv6 lies across two bytes") {
  XtFixture f;
  f.family = Family::Ipv6;
  const Skb skb = make_udp({.ip = {.src = "2001:db8::9", .dst = "2001:db8::1", .tos = 0xb8}});
  CHECK(f.match("-m dscp --dscp-class EF", skb).outcome == Outcome::Match);
}

}  // namespace pktwalk::testing

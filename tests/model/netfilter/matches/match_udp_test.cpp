// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match udp: syntax") {
  const SyntaxRow rows[] = {
      {"-p udp -m udp"},
      {"-p udp -m udp ! --dport domain", "-p udp -m udp ! --dport 53"},
      {"-p udp -m udp --sport 0:65535", "-p udp -m udp"},
      {"-p udp -m udp --dport 90:80"},  // accepted, and holds no port
      {"-p udp -m udp --dport 5: --sport :7", "-p udp -m udp --sport 0:7 --dport 5:65535"},
      {"-p udp -m udp --dport 65536", "", "not \"65536\""},
      {"-p udp -m udp --dport", "", "needs an argument"},
      {"-p tcp -m udp --dport 5", "", "for protocol udp only"},
  };
  check_syntax(rows);
  check_syntax(rows, Family::Ipv6);
}

TEST_CASE("match udp: evaluate") {
  struct Case {
    const char* name;
    const char* match;
    Outcome want;
  };
  // 40000 > 53
  const Case cases[] = {
      {"no term", "", Outcome::Match},
      {"the port", "--dport 53", Outcome::Match},
      {"another port", "--dport 54", Outcome::NoMatch},
      {"not the port", "! --dport 53", Outcome::NoMatch},
      {"both ports", "--sport 40000 --dport 53", Outcome::Match},
      {"the wrong source port", "--sport 40001 --dport 53", Outcome::NoMatch},
      {"a range that holds nothing", "--dport 60:50", Outcome::NoMatch},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      const MatchAnswer got = f.match(std::string("-p udp -m udp ") + c.match, make_udp({}));
      INFO(got.text());
      CHECK(got.outcome == c.want);
    }
  }
}

TEST_CASE("match udp: fragments and short headers") {
  XtFixture f;
  const char* const text = "-p udp -m udp --dport 53";
  CHECK(f.match(text, make_fragment(kProtoUdp, 8)).outcome == Outcome::NoMatch);
  CHECK(f.match(text, shortened(make_udp({}), 27)).outcome == Outcome::Hotdrop);
  CHECK(f.match(text, shortened(make_udp({}), 28)).outcome == Outcome::Match);
  CHECK(f.match(text, captured(make_udp({}), 27)).outcome == Outcome::Unknown);
}

TEST_CASE("match udp: a probe goes on after the failed source port") {
  XtFixture f;
  f.probe = true;
  const MatchAnswer got = f.match("-p udp -m udp --sport 1 --dport 53", make_udp({}));
  CHECK(got.outcome == Outcome::NoMatch);
  REQUIRE(got.terms.size() == 2);
  CHECK(got.terms[1].outcome == Outcome::Match);
}

}  // namespace pktwalk::testing

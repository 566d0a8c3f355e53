// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match iprange: syntax") {
  const SyntaxRow rows[] = {
      {"-m iprange --src-range 10.0.0.1-10.0.0.9"},
      {"-m iprange ! --src-range 10.0.0.1-10.0.0.9 ! --dst-range 1.1.1.1-1.1.1.2"},
      {"-m iprange --dst-range 1.1.1.1-1.1.1.2 --src-range 10.0.0.1-10.0.0.9",
       "-m iprange --src-range 10.0.0.1-10.0.0.9 --dst-range 1.1.1.1-1.1.1.2"},
      {"-m iprange --src-range 10.0.0.1", "-m iprange --src-range 10.0.0.1-10.0.0.1"},
      {"-m iprange --src-range 10-10.0.0.5", "-m iprange --src-range 10.0.0.0-10.0.0.5"},
      {"-m iprange --src-range 10.0.0.9-10.0.0.1"},
      {"-m iprange --src-range 10.0.0.1-", "", "wants ADDRESS-ADDRESS"},
      {"-m iprange --dst-range -10.0.0.1", "", "wants ADDRESS-ADDRESS"},
      {"-m iprange --src-range 10.0.0.1-10.0.0.5-10.0.0.7", "", "wants ADDRESS-ADDRESS"},
      {"-m iprange --src-range 10.0.0.0/8", "", "wants ADDRESS-ADDRESS"},
      {"-m iprange", "", "needs --src-range or --dst-range"},
  };
  check_syntax(rows);
  const SyntaxRow rows6[] = {
      {"-m iprange --src-range ::1-::9"},
      {"-m iprange --src-range 2001:db8:0::1-2001:DB8::ffff",
       "-m iprange --src-range 2001:db8::1-2001:db8::ffff"},
      {"-m iprange --src-range 10.0.0.1-10.0.0.2", "", "wants ADDRESS-ADDRESS"},
  };
  check_syntax(rows6, Family::Ipv6);
}

TEST_CASE("match iprange: evaluate") {
  struct Case {
    const char* name;
    const char* match;
    Outcome want;
  };
  // 10.0.0.9 > 192.0.2.80
  const Case cases[] = {
      {"first of the range", "--src-range 10.0.0.9-10.0.0.20", Outcome::Match},
      {"last of the range", "--src-range 10.0.0.1-10.0.0.9", Outcome::Match},
      {"just below", "--src-range 10.0.0.10-10.0.0.20", Outcome::NoMatch},
      {"just above", "--src-range 10.0.0.1-10.0.0.8", Outcome::NoMatch},
      {"negated, within", "! --src-range 10.0.0.1-10.0.0.20", Outcome::NoMatch},
      {"negated, outside", "! --src-range 10.0.0.1-10.0.0.8", Outcome::Match},
      {"destination", "--dst-range 192.0.2.80-192.0.2.80", Outcome::Match},
      {"a range that holds nothing", "--src-range 10.0.0.20-10.0.0.1", Outcome::NoMatch},
      {"addresses are numbers, not bytes", "--src-range 9.255.255.255-200.0.0.0", Outcome::Match},
      {"both", "--src-range 10.0.0.9-10.0.0.9 --dst-range 192.0.2.1-192.0.2.90", Outcome::Match},
      {"the destination fails", "--src-range 10.0.0.9-10.0.0.9 --dst-range 1.1.1.1-1.1.1.2",
       Outcome::NoMatch},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      const MatchAnswer got = f.match(std::string("-m iprange ") + c.match, make_tcp({}));
      INFO(got.text());
      CHECK(got.outcome == c.want);
    }
  }
}

TEST_CASE("match iprange: a range that holds no address is warned of") {
  XtFixture f;
  CHECK(f.parse("-m iprange --src-range 10.0.0.9-10.0.0.1").has_value());
  REQUIRE(f.diagnostics().size() == 1);
  CHECK(f.diagnostics()[0].what == "the range 10.0.0.9-10.0.0.1 holds no address");
}

TEST_CASE("match iprange: IPv6") {
  XtFixture f;
  f.family = Family::Ipv6;
  const Skb skb = make_udp({.ip = {.src = "2001:db8::9", .dst = "2001:db8::1"}});
  CHECK(f.match("-m iprange --src-range 2001:db8::1-2001:db8::9", skb).outcome == Outcome::Match);
  CHECK(f.match("-m iprange --src-range 2001:db8::a-2001:db8:1::", skb).outcome ==
        Outcome::NoMatch);
}

}  // namespace pktwalk::testing

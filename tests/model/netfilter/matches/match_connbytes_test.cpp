// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/connections.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("match connbytes: evaluate") {
  // 3 packets and 300 bytes there, 1 packet and 50 bytes back.
  struct Case {
    const char* rule;
    const char* seen;
    Outcome want;
  };
  const Case cases[] = {
      {"--connbytes 3 --connbytes-mode packets --connbytes-dir original", "3", Outcome::Match},
      {"--connbytes 4 --connbytes-mode packets --connbytes-dir original", "3", Outcome::NoMatch},
      {"--connbytes 0:2 --connbytes-mode packets --connbytes-dir original", "3", Outcome::NoMatch},
      {"! --connbytes 0:2 --connbytes-mode packets --connbytes-dir original", "3", Outcome::Match},
      {"! --connbytes 3:4 --connbytes-mode packets --connbytes-dir original", "3",
       Outcome::NoMatch},
      {"--connbytes 1:1 --connbytes-mode packets --connbytes-dir reply", "1", Outcome::Match},
      {"--connbytes 350:350 --connbytes-mode bytes --connbytes-dir both", "350", Outcome::Match},
      {"--connbytes 87:87 --connbytes-mode avgpkt --connbytes-dir both", "87", Outcome::Match},
      {"--connbytes 100:100 --connbytes-mode avgpkt --connbytes-dir original", "100",
       Outcome::Match},
  };
  for (const Case& c : cases) {
    SUBCASE(c.rule) {
      XtFixture f;
      f.host.sysctls.ct_acct = true;
      Skb skb = make_tcp({});
      ct::Entry& entry = track(f.state, skb);
      entry.packets = {3, 1};
      entry.bytes = {300, 50};
      const MatchAnswer answer = f.match(std::string("-m connbytes ") + c.rule, skb);
      INFO(answer.text());
      CHECK(answer.outcome == c.want);
      REQUIRE(answer.terms.size() == 1);
      CHECK(answer.terms[0].seen == c.seen);
    }
  }
}

TEST_CASE("match connbytes: what is printed as 0 is 0:0 or 0: and nobody knows which") {
  XtFixture f;
  f.host.sysctls.ct_acct = true;
  Skb skb = make_tcp({});
  track(f.state, skb);
  const char* rule = "-m connbytes --connbytes 0 --connbytes-mode packets --connbytes-dir reply";
  CHECK(f.match(rule, skb).outcome == Outcome::Match);
  f.state.conntrack.at(skb.ct).packets = {3, 1};
  CHECK(f.match(rule, skb).outcome == Outcome::Unknown);
  CHECK(f.match("-m connbytes --connbytes 0:1 --connbytes-mode packets --connbytes-dir reply", skb)
            .outcome == Outcome::Match);
  CHECK(f.match("-m connbytes ! --connbytes 0 --connbytes-mode packets --connbytes-dir reply", skb)
            .outcome == Outcome::NoMatch);
}

TEST_CASE("match connbytes: without accounting or connection the answer is no") {
  XtFixture f;
  const char* rule = "-m connbytes ! --connbytes 5:9 --connbytes-mode packets --connbytes-dir both";
  f.host.sysctls.ct_acct = true;
  CHECK(f.match(rule, make_tcp({})).outcome == Outcome::NoMatch);
  f.host.sysctls.ct_acct = false;
  Skb skb = make_tcp({});
  track(f.state, skb);
  CHECK(f.match(rule, skb).outcome == Outcome::NoMatch);
}

TEST_CASE("match connbytes: a rule switches accounting on, unless the dump says otherwise") {
  const char* rule = "-m connbytes --connbytes 5 --connbytes-mode packets --connbytes-dir both";
  const char* name = "net.netfilter.nf_conntrack_acct";
  XtFixture f;
  REQUIRE(f.parse(rule).has_value());
  CHECK(f.host.sysctl_texts.get(name, 0) == 1);
  XtFixture g;
  g.host.sysctl_texts.set(name, "0", {});
  REQUIRE(g.parse(rule).has_value());
  CHECK(g.host.sysctl_texts.get(name, 1) == 0);
}

TEST_CASE("match connbytes: syntax") {
  const SyntaxRow rows[] = {
      {"-m connbytes --connbytes 0:1000 --connbytes-mode packets --connbytes-dir original"},
      {"-m connbytes ! --connbytes 100:200 --connbytes-mode bytes --connbytes-dir reply"},
      {"-m connbytes ! --connbytes 100 --connbytes-mode avgpkt --connbytes-dir both"},
      {"-m connbytes --connbytes : --connbytes-mode packets --connbytes-dir original",
       "-m connbytes --connbytes 0 --connbytes-mode packets --connbytes-dir original"},
      {"-m connbytes --connbytes :1000 --connbytes-mode packets --connbytes-dir original",
       "-m connbytes --connbytes 0:1000 --connbytes-mode packets --connbytes-dir original"},
      {"-m connbytes --connbytes 1000: --connbytes-mode packets --connbytes-dir original",
       "-m connbytes --connbytes 1000 --connbytes-mode packets --connbytes-dir original"},
      {"-m connbytes ! --connbytes 5:5 --connbytes-mode packets --connbytes-dir both",
       "-m connbytes --connbytes 5:5 --connbytes-mode packets --connbytes-dir both"},
      {"-m connbytes --connbytes 1000:0 --connbytes-mode packets --connbytes-dir both", "",
       "1000:0"},
      {"-m connbytes --connbytes -1:0 --connbytes-mode packets --connbytes-dir both", "", "-1:0"},
      {"-m connbytes --connbytes 0:18446744073709551616 --connbytes-mode bytes --connbytes-dir "
       "both",
       "", "--connbytes"},
      {"-m connbytes --connbytes 0 --connbytes-mode wrong --connbytes-dir both", "", "wrong"},
      {"-m connbytes --connbytes 0 --connbytes-mode bytes --connbytes-dir ORIGINAL", "",
       "ORIGINAL"},
      {"-m connbytes --connbytes 0 --connbytes-mode bytes", "", "--connbytes-dir"},
      {"-m connbytes --connbytes 0", "", "--connbytes-mode"},
      {"-m connbytes", "", "--connbytes"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

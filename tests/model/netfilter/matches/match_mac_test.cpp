// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match mac: syntax") {
  const SyntaxRow rows[] = {
      {"-m mac --mac-source 00:11:22:aa:bb:cc"},
      {"-m mac ! --mac-source 00:11:22:AA:BB:CC", "-m mac ! --mac-source 00:11:22:aa:bb:cc"},
      {"-m mac --mac-source 0:1:2:3:4:5", "-m mac --mac-source 00:01:02:03:04:05"},
      {"-m mac --mac-source 00-11-22-33-44-55", "", "wants XX:XX:XX:XX:XX:XX"},
      {"-m mac --mac-source 00:11:22:aa:bb", "", "wants XX:XX:XX:XX:XX:XX"},
      {"-m mac --mac-source 000:11:22:aa:bb:cc", "", "wants XX:XX:XX:XX:XX:XX"},
      {"-m mac --mac-source 00:11:22:aa:bb:cc:dd", "", "wants XX:XX:XX:XX:XX:XX"},
      {"-m mac", "", "mac needs --mac-source"},
  };
  check_syntax(rows);
}

TEST_CASE("match mac: not in the chains of packets that leave") {
  XtFixture f;
  f.hook = Hook::Output;
  CHECK(f.print_of("-m mac --mac-source 02:00:00:00:00:01")
            .find("PREROUTING, INPUT and FORWARD only") != std::string::npos);
}

TEST_CASE("match mac: evaluate") {
  XtFixture f;
  const Skb skb = with_mac(make_tcp({}), "02:00:00:00:00:99", "02:00:00:00:00:10");
  const char* const same = "-m mac --mac-source 02:00:00:00:00:99";
  const char* const other = "-m mac --mac-source 02:00:00:00:00:98";
  const char* const not_other = "-m mac ! --mac-source 02:00:00:00:00:98";
  CHECK(f.match(same, skb).outcome == Outcome::Match);
  CHECK(f.match(other, skb).outcome == Outcome::NoMatch);
  CHECK(f.match(not_other, skb).outcome == Outcome::Match);
  SUBCASE("lo has no Ethernet addresses, and the negation does not match either") {
    f.in = "lo";
    CHECK(f.match(same, skb).outcome == Outcome::NoMatch);
    CHECK(f.match(not_other, skb).outcome == Outcome::NoMatch);
  }
  SUBCASE("a hook without an input device") {
    f.in.clear();
    CHECK(f.match(not_other, skb).outcome == Outcome::NoMatch);
  }
  SUBCASE("a capture without link headers does not tell") {
    const MatchAnswer got = f.match(same, make_tcp({}));
    CHECK(got.outcome == Outcome::Unknown);
    CHECK(got.unknown == "the capture has no link-layer addresses");
  }
}

}  // namespace pktwalk::testing

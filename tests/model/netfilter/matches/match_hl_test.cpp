// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match hl: syntax") {
  const SyntaxRow rows[] = {
      {"-m hl --hl-eq 5"},           {"-m hl --hl 5", "-m hl --hl-eq 5"},
      {"-m hl ! --hl-eq 5"},         {"-m hl --hl-lt 5"},
      {"-m hl --hl-gt 5"},           {"-m hl ! --hl-lt 5", "", "cannot be negated"},
      {"-m hl", "", "needs one of"},
  };
  check_syntax(rows, Family::Ipv6);
}

TEST_CASE("match hl: evaluate") {
  XtFixture f;
  f.family = Family::Ipv6;
  const Skb skb = make_udp({.ip = {.src = "2001:db8::9", .dst = "2001:db8::1", .ttl = 255}});
  CHECK(f.match("-m hl --hl-eq 255", skb).outcome == Outcome::Match);
  CHECK(f.match("-m hl --hl-lt 255", skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m hl ! --hl-eq 254", skb).outcome == Outcome::Match);
}

}  // namespace pktwalk::testing

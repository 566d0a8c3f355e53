// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match icmp6: syntax") {
  const SyntaxRow rows[] = {
      {"-p ipv6-icmp -m icmp6 --icmpv6-type 128"},
      {"-p ipv6-icmp -m icmp6 --icmpv6-type 128/0"},
      {"-p ipv6-icmp -m icmp6 --icmpv6-type 255"},
      {"-p icmpv6 -m icmp6 ! --icmpv6-type no-route", "-p ipv6-icmp -m icmp6 ! --icmpv6-type 1/0"},
      {"-p ipv6-icmp -m icmp6 --icmpv6-type bad-header", "-p ipv6-icmp -m icmp6 --icmpv6-type 4/0"},
      {"-p ipv6-icmp -m icmp6 --icmpv6-type neighbor-advertisement",
       "-p ipv6-icmp -m icmp6 --icmpv6-type 136"},
      {"-p ipv6-icmp -m icmp6 --icmpv6-type any", "", "not \"any\""},
      {"-p ipv6-icmp -m icmp6 --icmpv6-type router-", "", "may mean"},
      {"-p ipv6-icmp -m icmp6", "", "icmp6 needs --icmpv6-type"},
      {"-p tcp -m icmp6 --icmpv6-type 1", "", "for protocol ipv6-icmp only"},
  };
  check_syntax(rows, Family::Ipv6);
}

TEST_CASE("match icmp6: evaluate") {
  XtFixture f;
  f.family = Family::Ipv6;
  const auto outcome = [&](const char* match, std::uint8_t type, std::uint8_t code) {
    const Icmp message{
        .ip = {.src = "2001:db8::9", .dst = "2001:db8:1::80"}, .type = type, .code = code};
    return f.match(std::string("-p ipv6-icmp -m icmp6 ") + match, make_icmp(message)).outcome;
  };
  CHECK(outcome("--icmpv6-type 128", 128, 3) == Outcome::Match);
  CHECK(outcome("--icmpv6-type 128", 129, 0) == Outcome::NoMatch);
  CHECK(outcome("--icmpv6-type 1/4", 1, 4) == Outcome::Match);
  CHECK(outcome("--icmpv6-type 1/4", 1, 3) == Outcome::NoMatch);
  CHECK(outcome("! --icmpv6-type 1/4", 1, 3) == Outcome::Match);
  CHECK(outcome("--icmpv6-type 255", 128, 0) == Outcome::NoMatch);  // no "any" here
}

}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match length: syntax") {
  const SyntaxRow rows[] = {
      {"-m length --length 100"},
      {"-m length --length 100:200"},
      {"-m length ! --length 5"},
      {"-m length --length :200", "-m length --length 0:200"},
      {"-m length --length 100:", "-m length --length 100:65535"},
      {"-m length --length 200:100"},  // accepted, and holds no length
      {"-m length --length 0:65535"},
      {"-m length --length 65536", "", "up to 65535"},
      {"-m length", "", "length needs --length"},
  };
  check_syntax(rows);
}

TEST_CASE("match length: evaluate") {
  XtFixture f;
  const auto outcome = [&](const char* match) {
    return f.match(std::string("-m length ") + match, make_tcp({})).outcome;  // 40 bytes
  };
  CHECK(outcome("--length 40") == Outcome::Match);
  CHECK(outcome("--length 39") == Outcome::NoMatch);
  CHECK(outcome("--length 40:50") == Outcome::Match);
  CHECK(outcome("--length 30:40") == Outcome::Match);
  CHECK(outcome("--length 41:50") == Outcome::NoMatch);
  CHECK(outcome("--length 30:39") == Outcome::NoMatch);
  CHECK(outcome("! --length 40") == Outcome::NoMatch);
  CHECK(outcome("--length 50:30") == Outcome::NoMatch);
}

TEST_CASE("match length: the header's length counts, not what was captured") {
  XtFixture f;
  const Skb skb = captured(make_tcp({.payload = Bytes(60, 'x')}), 40);
  const MatchAnswer got = f.match("-m length --length 100", skb);
  CHECK(got.outcome == Outcome::Match);
  REQUIRE(got.terms.size() == 1);
  CHECK(got.terms[0].seen == "100");
}

TEST_CASE("match length: an IPv6 packet counts with its header") {
  XtFixture f;
  f.family = Family::Ipv6;
  const Skb skb = make_udp({.ip = {.src = "2001:db8::9", .dst = "2001:db8::1"}});
  CHECK(f.match("-m length --length 48", skb).outcome == Outcome::Match);
}

}  // namespace pktwalk::testing

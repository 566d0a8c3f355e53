// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

Skb of_length(std::size_t bytes) { return make_udp({.payload = Bytes(bytes - 28)}); }

TEST_CASE("match quota: ends with the first packet that does not fit any more") {
  XtFixture f;
  const Result<MatchPtr> m = f.parse("-m quota --quota 100");
  REQUIRE(m.has_value());
  f.probe = true;
  CHECK(f.match(**m, of_length(100)).outcome == Outcome::Match);
  f.probe = false;
  CHECK(f.match(**m, of_length(50)).outcome == Outcome::Match);
  CHECK(f.match(**m, of_length(50)).outcome == Outcome::Match);
  CHECK(f.match(**m, of_length(30)).outcome == Outcome::NoMatch);
}

TEST_CASE("match quota: what is left is lost to a packet that is too long; inverted") {
  XtFixture f;
  const Result<MatchPtr> m = f.parse("-m quota ! --quota 100");
  REQUIRE(m.has_value());
  CHECK(f.match(**m, of_length(60)).outcome == Outcome::NoMatch);
  const MatchAnswer answer = f.match(**m, of_length(41));
  CHECK(answer.outcome == Outcome::Match);
  REQUIRE(answer.terms.size() == 1);
  CHECK(answer.terms[0].seen == "40");
  CHECK(f.match(**m, of_length(28)).outcome == Outcome::Match);
}

TEST_CASE("match quota: syntax") {
  const SyntaxRow rows[] = {
      {"-m quota --quota 5000"},
      {"-m quota ! --quota 0"},
      {"-m quota --quota 0x10", "-m quota --quota 16"},
      {"-m quota --quota much", "", "much"},
      {"-m quota", "", "--quota"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

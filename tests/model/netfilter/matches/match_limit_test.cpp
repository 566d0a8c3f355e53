// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

constexpr std::int64_t kMs = 1'000'000;

TEST_CASE("match limit: the burst is spent, then the rate refills it; a probe spends nothing") {
  XtFixture f;
  const Result<MatchPtr> m = f.parse("-m limit --limit 1/sec --limit-burst 2");
  REQUIRE(m.has_value());
  const auto ask = [&] { return f.match(**m, make_tcp({})).outcome; };
  f.probe = true;
  for (int i = 0; i < 5; ++i) CHECK(ask() == Outcome::Match);
  f.probe = false;
  CHECK(ask() == Outcome::Match);
  CHECK(ask() == Outcome::Match);
  CHECK(ask() == Outcome::NoMatch);
  f.now = f.now + 996 * kMs;
  CHECK(ask() == Outcome::NoMatch);
  f.now = f.now + 4 * kMs;
  CHECK(ask() == Outcome::Match);
  CHECK(ask() == Outcome::NoMatch);
}

TEST_CASE("match limit: credit is counted in ticks of 4 ms") {
  XtFixture f;
  const Result<MatchPtr> m = f.parse("-m limit --limit 100/sec --limit-burst 1");
  REQUIRE(m.has_value());
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::Match);
  f.now = f.now + 11 * kMs;  // two whole ticks and a half do not earn what 10 ms cost
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::NoMatch);
  f.now = f.now + 1 * kMs;
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::Match);
}

TEST_CASE("match limit: the burst is never exceeded, and the term shows what is left") {
  XtFixture f;
  const Result<MatchPtr> m = f.parse("-m limit --limit 10/sec --limit-burst 3");
  REQUIRE(m.has_value());
  f.match(**m, make_tcp({}));
  f.now = f.now + 60 * 1000 * kMs;
  const MatchAnswer answer = f.match(**m, make_tcp({}));
  REQUIRE(answer.terms.size() == 1);
  CHECK(answer.terms[0].term == "--limit 10/sec --limit-burst 3");
  CHECK(answer.terms[0].field == "credit");
  CHECK(answer.terms[0].seen == "3");
}

TEST_CASE("match limit: going back to an earlier state gives the credit back") {
  XtFixture f;
  const Result<MatchPtr> m = f.parse("-m limit --limit 1/hour --limit-burst 1");
  REQUIRE(m.has_value());
  const State before = f.state;
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::Match);
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::NoMatch);
  CHECK_FALSE(f.state == before);
  f.state = before;
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::Match);
}

TEST_CASE("match limit: syntax") {
  const SyntaxRow rows[] = {
      {"-m limit", "-m limit --limit 3/hour"},
      {"-m limit --limit 5", "-m limit --limit 5/sec"},
      {"-m limit --limit 3/minute --limit-burst 5", "-m limit --limit 3/min"},
      {"-m limit --limit 10/sec --limit-burst 20"},
      {"-m limit --limit 7/hou", "-m limit --limit 7/hour"},
      {"-m limit --limit 90/min"},
      {"-m limit --limit 60/min", "-m limit --limit 1/sec"},
      {"-m limit --limit 1.5/m", "-m limit --limit 1/min"},
      {"-m limit --limit 3333/sec"},
      {"-m limit --limit 1/day --limit-burst 5000"},
      {"-m limit --limit 5/s --limit-burst 10000", "-m limit --limit 5/sec --limit-burst 10000"},
      {"-m limit --limit often", "", "often"},
      {"-m limit --limit 7/x", "", "is no rate"},
      {"-m limit --limit 5/", "", "is no rate"},
      {"-m limit --limit 0/sec", "", "is no rate"},
      {"-m limit --limit 20000/sec", "", "is no rate"},
      {"-m limit --limit 5/s --limit-burst 10001", "", "--limit-burst"},
      {"-m limit --limit 5/s --limit-burst 0", "", "range"},
      {"-m limit --limit 1/day --limit-burst 100", "", "range"},
      {"-m limit ! --limit 5/sec", "", "cannot be negated"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

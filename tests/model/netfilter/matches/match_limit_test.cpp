// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match limit: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m limit --limit 3/minute --limit-burst 5", .canonical = "-m limit --limit 3/min"},
      {.input = "-m limit --limit 10/sec --limit-burst 20",
       .canonical = "-m limit --limit 10/sec --limit-burst 20"},
      {.input = "-m limit --limit often", .canonical = "", .failure = "often"},
  };
  check_syntax(rows);
}

TEST_CASE("match limit: the burst is spent, then the rate refills it; a probe spends nothing") {
  XtFixture f;
  const Result<MatchPtr> m = f.parse("-m limit --limit 1/sec --limit-burst 2");
  REQUIRE(m.has_value());
  f.probe = true;
  for (int i = 0; i < 5; ++i) CHECK(f.match(**m, make_tcp({})).outcome == Outcome::Match);
  f.probe = false;
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::Match);
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::Match);
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::NoMatch);
  f.now = f.now + kNsPerSecond;
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::Match);
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::NoMatch);
}

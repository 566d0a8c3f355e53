// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match statistic: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m statistic --mode nth --every 2 --packet 0",
       .canonical = "-m statistic --mode nth --every 2 --packet 0"},
      {.input = "-m statistic --mode random --probability 0.5",
       .canonical = "-m statistic --mode random --probability 0.50000000000"},
      {.input = "-m statistic --mode sometimes", .canonical = "", .failure = "sometimes"},
  };
  check_syntax(rows);
}

TEST_CASE("match statistic: every third packet, beginning with the second") {
  XtFixture f;
  const Result<MatchPtr> m = f.parse("-m statistic --mode nth --every 3 --packet 1");
  REQUIRE(m.has_value());
  std::string answers;
  for (int i = 0; i < 6; ++i)
    answers += f.match(**m, make_tcp({})).outcome == Outcome::Match ? "+" : "-";
  CHECK(answers == "-+--+-");
}

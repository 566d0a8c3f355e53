// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("match statistic: every n-th packet") {
  struct Case {
    const char* name;
    const char* rule;
    const char* want;
  };
  const Case cases[] = {
      {"every third, beginning with the second", "--every 3 --packet 1", "-+--+-"},
      {"every third, beginning with the first", "--every 3 --packet 0", "+--+--"},
      {"every third, beginning with the third", "--every 3 --packet 2", "--+--+"},
      {"every one", "--every 1 --packet 0", "++++++"},
      {"all but every second", "! --every 2 --packet 0", "-+-+-+"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      const Result<MatchPtr> m = f.parse(std::string("-m statistic --mode nth ") + c.rule);
      REQUIRE(m.has_value());
      std::string answers;
      for (int i = 0; i < 6; ++i) {
        answers += f.match(**m, make_tcp({})).outcome == Outcome::Match ? '+' : '-';
      }
      CHECK(answers == c.want);
    }
  }
}

TEST_CASE("match statistic: a probe counts nothing") {
  XtFixture f;
  const Result<MatchPtr> m = f.parse("-m statistic --mode nth --every 2 --packet 1");
  REQUIRE(m.has_value());
  f.probe = true;
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::NoMatch);
  CHECK(f.match(**m, make_tcp({})).outcome == Outcome::NoMatch);
}

TEST_CASE("match statistic: at random") {
  SUBCASE("never and always are no choice") {
    XtFixture f;
    const State before = f.state;
    CHECK(f.match("-m statistic --mode random --probability 0", make_tcp({})).outcome ==
          Outcome::NoMatch);
    CHECK(f.match("-m statistic --mode random --probability 1", make_tcp({})).outcome ==
          Outcome::Match);
    CHECK(f.match("-m statistic --mode random ! --probability 1", make_tcp({})).outcome ==
          Outcome::NoMatch);
    CHECK(f.state.choices == before.choices);
  }
  SUBCASE("a share is drawn from the state's choices, the same each time") {
    XtFixture f;
    const Result<MatchPtr> m = f.parse("-m statistic --mode random --probability 0.25");
    REQUIRE(m.has_value());
    const State before = f.state;
    int hits = 0;
    for (int i = 0; i < 1000; ++i) hits += f.match(**m, make_tcp({})).outcome == Outcome::Match;
    CHECK(hits > 200);
    CHECK(hits < 300);
    const Choices after = f.state.choices;
    f.state = before;
    for (int i = 0; i < 1000; ++i) f.match(**m, make_tcp({}));
    CHECK(f.state.choices == after);
  }
}

TEST_CASE("match statistic: syntax") {
  const SyntaxRow rows[] = {
      {"-m statistic --mode nth --every 2 --packet 0"},
      {"-m statistic --mode nth ! --every 5 --packet 2"},
      {"-m statistic --mode random --probability 0.5",
       "-m statistic --mode random --probability 0.50000000000"},
      {"-m statistic --mode random --probability 0.333",
       "-m statistic --mode random --probability 0.33300000010"},
      {"-m statistic --mode random ! --probability 0.1",
       "-m statistic --mode random ! --probability 0.10000000009"},
      {"-m statistic --mode random --probability 1e-3",
       "-m statistic --mode random --probability 0.00100000016"},
      {"-m statistic --mode random --probability 1",
       "-m statistic --mode random --probability 1.00000000000"},
      {"-m statistic --mode sometimes", "", "sometimes"},
      {"-m statistic", "", "--mode"},
      {"-m statistic --mode random --probability 1.1", "", "no probability"},
      {"-m statistic --mode random --probability 0.1 --every 3", "", "does not go with"},
      {"-m statistic --mode nth --every 5", "", "--packet"},
      {"-m statistic --mode nth --every 5 --packet 5", "", "--packet"},
      {"-m statistic --mode nth --every 0 --packet 0", "", "--every"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

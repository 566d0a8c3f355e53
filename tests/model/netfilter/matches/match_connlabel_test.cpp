// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/connections.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("match connlabel: labels belong to the connection") {
  XtFixture f;
  Skb skb = make_tcp({});
  track(f.state, skb);
  CHECK(f.match("-m connlabel --label 127", skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m connlabel ! --label 127", skb).outcome == Outcome::Match);
  f.probe = true;
  CHECK(f.match("-m connlabel --label 127 --set", skb).outcome == Outcome::Match);
  f.probe = false;
  CHECK(f.match("-m connlabel --label 127", skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m connlabel --label 127 --set", skb).outcome == Outcome::Match);
  CHECK(f.match("-m connlabel --label 127", skb).outcome == Outcome::Match);
  CHECK(f.match("-m connlabel --label 63", skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m connlabel ! --label 3 --set", skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m connlabel --label 3", skb).outcome == Outcome::Match);
}

TEST_CASE("match connlabel: without a connection") {
  XtFixture f;
  CHECK(f.match("-m connlabel --label 1 --set", make_tcp({})).outcome == Outcome::NoMatch);
  CHECK(f.match("-m connlabel ! --label 1", make_tcp({})).outcome == Outcome::Match);
}

TEST_CASE("match connlabel: labels by name") {
  XtFixture f;
  Skb skb = make_tcp({});
  track(f.state, skb);
  const Result<MatchPtr> set = f.parse("-m connlabel --label web --set");
  const Result<MatchPtr> same = f.parse("-m connlabel --label web");
  const Result<MatchPtr> other = f.parse("-m connlabel --label mail");
  REQUIRE(set.has_value());
  REQUIRE(same.has_value());
  REQUIRE(other.has_value());
  CHECK(f.match(**same, skb).outcome == Outcome::NoMatch);
  CHECK(f.match(**set, skb).outcome == Outcome::Match);
  CHECK(f.match(**same, skb).outcome == Outcome::Match);
  CHECK(f.match(**other, skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m connlabel --label 126", skb).error.find("by name and by number") !=
        std::string::npos);
}

TEST_CASE("match connlabel: what a connection of the dump had is not known") {
  XtFixture f;
  Skb skb = make_tcp({});
  track(f.state, skb);
  f.state.conntrack.at(skb.ct).from_dump = true;
  CHECK(f.match("-m connlabel --label 1", skb).outcome == Outcome::Unknown);
  CHECK(f.match("-m connlabel ! --label 1 --set", skb).outcome == Outcome::Unknown);
}

TEST_CASE("match connlabel: syntax") {
  const SyntaxRow rows[] = {
      {"-m connlabel --label 5", "-m connlabel --label \"5\""},
      {"-m connlabel ! --label \"127\" --set"},
      {"-m connlabel --label 128", "", "128"},
      {"-m connlabel --label 12a", "", "12a"},
      {"-m connlabel", "", "--label"},
  };
  check_syntax(rows);
  const SyntaxRow by_name[] = {
      {"-m connlabel ! --label web --set", "-m connlabel ! --label \"web\" --set"}};
  check_syntax(by_name);
}

}  // namespace
}  // namespace pktwalk::testing

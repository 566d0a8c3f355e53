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

TEST_CASE("match connlabel: syntax") {
  const SyntaxRow rows[] = {
      {"-m connlabel --label 5", "-m connlabel --label \"5\""},
      {"-m connlabel ! --label \"127\" --set"},
      {"-m connlabel --label 128", "", "128"},
      {"-m connlabel --label web", "", "web"},
      {"-m connlabel", "", "--label"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

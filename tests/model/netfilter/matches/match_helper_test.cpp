// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/connections.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("match helper: connections that nobody expected match the inverted form only") {
  XtFixture f;
  Skb skb = make_tcp({});
  CHECK(f.match("-m helper --helper ftp", skb).outcome == Outcome::NoMatch);
  track(f.state, skb);
  CHECK(f.match("-m helper --helper ftp", skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m helper ! --helper ftp", skb).outcome == Outcome::Match);
}

TEST_CASE("match helper: a connection that was expected is unknown") {
  XtFixture f;
  Skb skb = make_tcp({});
  track(f.state, skb).status |= ct::kExpected;
  const MatchAnswer answer = f.match("-m helper --helper ftp", skb);
  CHECK(answer.outcome == Outcome::Unknown);
  CHECK(answer.unknown == "conntrack helpers are not modelled");
}

TEST_CASE("match helper: syntax") {
  const SyntaxRow rows[] = {
      {"-m helper --helper ftp"},
      {"-m helper ! --helper ftp-21"},
      {"-m helper --helper \"\""},
      {"-m helper", "", "--helper"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

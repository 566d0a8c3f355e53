// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match owner: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m owner --uid-owner 1000", .canonical = "-m owner --uid-owner 1000"},
      {.input = "-m owner ! --gid-owner 5-9", .canonical = "-m owner ! --gid-owner 5-9"},
      {.input = "-m owner", .canonical = "", .failure = "owner needs"},
  };
  check_syntax(rows);
}

TEST_CASE("match owner: a packet without a socket matches the inverted form only") {
  XtFixture f;
  CHECK(f.match("-m owner --uid-owner 0", make_tcp({})).outcome == Outcome::NoMatch);
  CHECK(f.match("-m owner ! --uid-owner 0", make_tcp({})).outcome == Outcome::Match);
  Skb own = make_tcp({});
  own.local = true;
  own.uid = 1000;
  CHECK(f.match("-m owner --uid-owner 1000", own).outcome == Outcome::Match);
  CHECK(f.match("-m owner --uid-owner 1001-1002", own).outcome == Outcome::NoMatch);
}

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match connmark: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m connmark --mark 0x1/0xff", .canonical = "-m connmark --mark 0x1/0xff"},
      {.input = "-m connmark ! --mark 1", .canonical = "-m connmark ! --mark 0x1"},
      {.input = "-m connmark", .canonical = "", .failure = "mark"},
  };
  check_syntax(rows);
}

TEST_CASE("match connmark: a packet without a connection never matches, not even inverted") {
  XtFixture f;
  CHECK(f.match("-m connmark --mark 0", make_tcp({})).outcome == Outcome::NoMatch);
  CHECK(f.match("-m connmark ! --mark 0", make_tcp({})).outcome == Outcome::NoMatch);
}

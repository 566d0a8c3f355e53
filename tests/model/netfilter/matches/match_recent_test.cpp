// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match recent: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m recent --set --name r1",
       .canonical = "-m recent --set --name r1 --mask 255.255.255.255 --rsource"},
      {.input = "-m recent ! --rcheck --seconds 60 --hitcount 3 --rttl --rdest",
       .canonical = "-m recent ! --rcheck --seconds 60 --hitcount 3 --rttl --name DEFAULT --mask "
                    "255.255.255.255 --rdest"},
      {.input = "-m recent --set --update", .canonical = "", .failure = "--set"},
  };
  check_syntax(rows);
}

TEST_CASE("match recent: three hits within a minute, then silence") {
  XtFixture f;
  const Result<MatchPtr> set = f.parse("-m recent --set --name x");
  REQUIRE(set.has_value());
  CHECK(f.match(**set, make_tcp({})).outcome == Outcome::Match);
}

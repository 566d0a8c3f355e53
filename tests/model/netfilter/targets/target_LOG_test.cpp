// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target LOG: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j LOG --log-prefix x", .canonical = "-j LOG --log-prefix x"},
      {.input = "-j LOG --log-prefix \"a b: \" --log-level warning",
       .canonical = "-j LOG --log-prefix \"a b: \""},
      {.input = "-j LOG --log-level debug --log-uid",
       .canonical = "-j LOG --log-level 7 --log-uid"},
      {.input = "-j LOG --log-level loud", .canonical = "", .failure = "loud"},
  };
  check_syntax(rows);
}

TEST_CASE("target LOG: goes on") {
  XtFixture f;
  CHECK(f.target("-j LOG --log-prefix x", make_tcp({})).verdict == Verdict::Continue);
}

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target CLASSIFY: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j CLASSIFY --set-class 1:20", .canonical = "-j CLASSIFY --set-class 0001:0020"},
      {.input = "-j CLASSIFY --set-class 1", .canonical = "", .failure = "class"},
  };
  check_syntax(rows);
}

TEST_CASE("target CLASSIFY: sets the priority") {
  XtFixture f;
  CHECK(f.target("-j CLASSIFY --set-class 1:20", make_tcp({})).skb.priority == 0x10020);
}

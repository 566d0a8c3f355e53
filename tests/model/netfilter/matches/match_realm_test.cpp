// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match realm: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m realm --realm 0x1/0x2a", .canonical = "-m realm --realm 0x1/0x2a"},
      {.input = "-m realm", .canonical = "", .failure = "realm"},
  };
  check_syntax(rows);
}

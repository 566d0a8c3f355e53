// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match physdev: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m physdev --physdev-in eth0", .canonical = "-m physdev --physdev-in eth0"},
      {.input = "-m physdev", .canonical = "", .failure = "physdev"},
  };
  check_syntax(rows);
}

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match ecn: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m ecn --ecn-ip-ect 0", .canonical = "-m ecn --ecn-ip-ect 0"},
      {.input = "-m ecn --ecn-ip-ect 4", .canonical = "", .failure = "ect"},
  };
  check_syntax(rows);
}

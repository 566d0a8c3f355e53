// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match cpu: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m cpu --cpu 2", .canonical = "-m cpu --cpu 2"},
      {.input = "-m cpu", .canonical = "", .failure = "cpu"},
  };
  check_syntax(rows);
}

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match policy: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m policy --dir in --pol none", .canonical = "-m policy --dir in --pol none"},
      {.input = "-m policy --dir sideways --pol none", .canonical = "", .failure = "dir"},
  };
  check_syntax(rows);
}

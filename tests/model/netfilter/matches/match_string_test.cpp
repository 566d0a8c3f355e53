// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match string: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m string --string SECRET --algo bm",
       .canonical = "-m string --string \"SECRET\" --algo bm"},
      {.input = "-m string --algo bm", .canonical = "", .failure = "string"},
  };
  check_syntax(rows);
}

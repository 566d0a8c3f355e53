// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match ah: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-p ah -m ah --ahspi 0", .canonical = "-p ah -m ah --ahspi 0"},
      {.input = "-p ah -m ah --ahspi x", .canonical = "", .failure = "spi"},
  };
  check_syntax(rows);
}

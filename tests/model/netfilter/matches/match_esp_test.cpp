// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match esp: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-p esp -m esp --espspi 0", .canonical = "-p esp -m esp --espspi 0"},
      {.input = "-p esp -m esp --espspi x", .canonical = "", .failure = "spi"},
  };
  check_syntax(rows);
}

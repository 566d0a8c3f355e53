// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match ipcomp: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-p 108 -m ipcomp --ipcompspi 18",
       .canonical = "-p ipcomp -m ipcomp --ipcompspi 18"},
      {.input = "-p 108 -m ipcomp --ipcompspi x", .canonical = "", .failure = "spi"},
  };
  check_syntax(rows);
}

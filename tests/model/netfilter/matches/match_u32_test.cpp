// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match u32: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m u32 --u32 0x0=0x0", .canonical = "-m u32 --u32 \"0x0=0x0\""},
      {.input = "-m u32", .canonical = "", .failure = "u32"},
  };
  check_syntax(rows);
}

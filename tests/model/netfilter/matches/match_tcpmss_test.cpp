// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match tcpmss: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-p tcp -m tcpmss --mss 500:600", .canonical = "-p tcp -m tcpmss --mss 500:600"},
      {.input = "-p tcp -m tcpmss", .canonical = "", .failure = "mss"},
  };
  check_syntax(rows);
}

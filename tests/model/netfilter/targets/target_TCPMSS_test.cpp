// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target TCPMSS: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-p tcp -j TCPMSS --set-mss 1400", .canonical = "-p tcp -j TCPMSS --set-mss 1400"},
      {.input = "-p tcp -j TCPMSS --clamp-mss-to-pmtu",
       .canonical = "-p tcp -j TCPMSS --clamp-mss-to-pmtu"},
      {.input = "-p tcp -j TCPMSS", .canonical = "", .failure = "mss"},
  };
  check_syntax(rows);
}

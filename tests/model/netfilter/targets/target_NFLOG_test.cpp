// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target NFLOG: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j NFLOG --nflog-group 5 --nflog-prefix x",
       .canonical = "-j NFLOG --nflog-prefix x --nflog-group 5"},
      {.input = "-j NFLOG --nflog-group 70000", .canonical = "", .failure = "nflog-group"},
  };
  check_syntax(rows);
}

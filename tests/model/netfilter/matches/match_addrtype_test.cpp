// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match addrtype: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-m addrtype --dst-type LOCAL", .canonical = "-m addrtype --dst-type LOCAL"},
      {.input = "-m addrtype ! --src-type local,unicast",
       .canonical = "-m addrtype ! --src-type UNICAST,LOCAL"},
      {.input = "-m addrtype --dst-type HERE", .canonical = "", .failure = "HERE"},
  };
  check_syntax(rows);
}

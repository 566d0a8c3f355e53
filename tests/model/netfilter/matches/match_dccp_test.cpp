// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match dccp: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-p dccp -m dccp --dport 80", .canonical = "-p dccp -m dccp --dport 80"},
      {.input = "-p dccp -m dccp --dport 70000", .canonical = "", .failure = "port"},
  };
  check_syntax(rows);
}

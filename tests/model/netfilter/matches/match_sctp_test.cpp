// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("match sctp: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-p sctp -m sctp --dport 80", .canonical = "-p sctp -m sctp --dport 80"},
      {.input = "-p sctp -m sctp --dport 70000", .canonical = "", .failure = "port"},
  };
  check_syntax(rows);
}

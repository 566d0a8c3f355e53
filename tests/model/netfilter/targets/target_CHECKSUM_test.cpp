// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target CHECKSUM: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j CHECKSUM --checksum-fill", .canonical = "-j CHECKSUM --checksum-fill"},
      {.input = "-j CHECKSUM", .canonical = "", .failure = "checksum-fill"},
  };
  check_syntax(rows);
}

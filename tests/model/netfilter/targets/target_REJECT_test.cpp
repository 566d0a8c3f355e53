// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target REJECT: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j REJECT", .canonical = "-j REJECT --reject-with icmp-port-unreachable"},
      {.input = "-p tcp -j REJECT --reject-with tcp-reset",
       .canonical = "-p tcp -j REJECT --reject-with tcp-reset"},
      {.input = "-j REJECT --reject-with icmp-admin-prohibited",
       .canonical = "-j REJECT --reject-with icmp-admin-prohibited"},
      {.input = "-j REJECT --reject-with nonsense", .canonical = "", .failure = "nonsense"},
  };
  check_syntax(rows);
}

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target NOTRACK: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j NOTRACK", .canonical = "-j NOTRACK"},
  };
  check_syntax(rows);
}

TEST_CASE("target NOTRACK: the packet is UNTRACKED") {
  XtFixture f;
  CHECK(f.target("-j NOTRACK", make_tcp({})).skb.ctinfo == CtInfo::Untracked);
}

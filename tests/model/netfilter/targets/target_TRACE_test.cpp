// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target TRACE: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j TRACE", .canonical = "-j TRACE"},
  };
  check_syntax(rows);
}

TEST_CASE("target TRACE: marks the packet and goes on") {
  XtFixture f;
  const TargetAnswer a = f.target("-j TRACE", make_tcp({}));
  CHECK(a.skb.nf_trace);
  CHECK(a.verdict == Verdict::Continue);
}

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target DSCP: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j DSCP --set-dscp 10", .canonical = "-j DSCP --set-dscp 0x0a"},
      {.input = "-j DSCP --set-dscp-class EF", .canonical = "-j DSCP --set-dscp 0x2e"},
      {.input = "-j DSCP --set-dscp 64", .canonical = "", .failure = "64"},
  };
  check_syntax(rows);
}

TEST_CASE("target DSCP: the ECN bits stay") {
  XtFixture f;
  const Skb skb = f.target("-j DSCP --set-dscp 0x2e", make_tcp({})).skb;
  CHECK(Ipv4View(skb.l3().data()).tos() == 0x2e << 2);
}

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target TOS: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j TOS --set-tos 0x08/0x3f", .canonical = "-j TOS --set-tos 0x08/0x3f"},
      {.input = "-j TOS --set-tos Minimize-Delay", .canonical = "-j TOS --set-tos 0x10/0x3f"},
      {.input = "-j TOS --set-tos 300", .canonical = "", .failure = "300"},
  };
  check_syntax(rows);
}

TEST_CASE("target TOS: only the bits of the mask change") {
  XtFixture f;
  const Skb skb = f.target("-j TOS --set-tos 0x08/0x3f", make_tcp({})).skb;
  CHECK(Ipv4View(skb.l3().data()).tos() == 0x08);
}

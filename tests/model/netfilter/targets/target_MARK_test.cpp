// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target MARK: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j MARK --set-xmark 0x2/0xff", .canonical = "-j MARK --set-xmark 0x2/0xff"},
      {.input = "-j MARK --set-mark 1", .canonical = "-j MARK --set-xmark 0x1/0xffffffff"},
      {.input = "-j MARK --and-mark 0xf0", .canonical = "-j MARK --set-xmark 0x0/0xffffff0f"},
      {.input = "-j MARK", .canonical = "", .failure = "mark"},
  };
  check_syntax(rows);
}

TEST_CASE("target MARK: only the bits of the mask change") {
  XtFixture f;
  Skb skb = make_tcp({});
  skb.mark = 0x1234;
  CHECK(f.target("-j MARK --set-xmark 0x2/0xff", skb).skb.mark == 0x1202);
  CHECK(f.target("-j MARK --xor-mark 0x30", skb).skb.mark == 0x1204);
}

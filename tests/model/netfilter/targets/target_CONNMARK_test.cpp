// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target CONNMARK: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j CONNMARK --set-mark 1", .canonical = "-j CONNMARK --set-xmark 0x1/0xffffffff"},
      {.input = "-j CONNMARK --save-mark",
       .canonical = "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff"},
      {.input = "-j CONNMARK --restore-mark --mask 0xff",
       .canonical = "-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff"},
      {.input = "-j CONNMARK --save-mark --restore-mark", .canonical = "", .failure = "exclude"},
  };
  check_syntax(rows);
}

TEST_CASE("target CONNMARK: a packet without a connection stays as it is") {
  XtFixture f;
  const TargetAnswer a = f.target("-j CONNMARK --restore-mark", make_tcp({}));
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.changes.empty());
}

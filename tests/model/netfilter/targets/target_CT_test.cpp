// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target CT: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j CT --notrack", .canonical = "-j CT --notrack"},
      {.input = "-j CT --zone 7", .canonical = "-j CT --zone 7"},
      {.input = "-j CT --zone 70000", .canonical = "", .failure = "zone"},
  };
  check_syntax(rows);
}

TEST_CASE("target CT: no tracking, or a zone") {
  XtFixture f;
  CHECK(f.target("-j CT --notrack", make_tcp({})).skb.ctinfo == CtInfo::Untracked);
  CHECK(f.target("-j CT --zone 7", make_tcp({})).skb.ct_template_zone == 7);
}

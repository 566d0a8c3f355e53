// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target IDLETIMER: syntax") {
  const SyntaxRow rows[] = {
      {"-j IDLETIMER --timeout 42 --label foo"},
      {"-j IDLETIMER --label foo --timeout 42 --alarm",
       "-j IDLETIMER --timeout 42 --label foo --alarm"},
      {"-j IDLETIMER --timeout 42", "", "--label"},
      {"-j IDLETIMER --label foo", "", "--timeout"},
      {"-j IDLETIMER --timeout 0 --label foo", "", "--timeout"},
      {"-j IDLETIMER --timeout 42 --label abcdefghijklmnopqrstuvwxyz0",
       "-j IDLETIMER --timeout 42 --label abcdefghijklmnopqrstuvwxyz0"},
      {"-j IDLETIMER --timeout 42 --label abcdefghijklmnopqrstuvwxyz01", "", "label"},
  };
  check_syntax(rows, Family::Ipv4, "filter");
}

TEST_CASE("target IDLETIMER: goes on and changes nothing") {
  XtFixture f;
  f.table = "filter";
  const Skb skb = make_tcp({});
  const TargetAnswer a = f.target("-j IDLETIMER --timeout 42 --label foo", skb);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.changes.empty());
  CHECK(a.skb.data == skb.data);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target AUDIT: syntax") {
  const SyntaxRow rows[] = {
      {"-j AUDIT --type accept"}, {"-j AUDIT --type drop"},
      {"-j AUDIT --type reject"}, {"-j AUDIT --type ACCEPT", "-j AUDIT --type accept"},
      {"-j AUDIT", "", "--type"}, {"-j AUDIT --type wrong", "", "wrong"},
  };
  check_syntax(rows, Family::Ipv4, "filter");
}

TEST_CASE("target AUDIT: goes on and changes nothing") {
  XtFixture f;
  f.table = "filter";
  const Skb skb = make_tcp({});
  const TargetAnswer a = f.target("-j AUDIT --type drop", skb);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.changes.empty());
  CHECK(a.skb.data == skb.data);
}

}  // namespace
}  // namespace pktwalk::testing

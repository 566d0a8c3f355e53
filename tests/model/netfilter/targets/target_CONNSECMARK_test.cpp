// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target CONNSECMARK: syntax") {
  const SyntaxRow rows[] = {
      {"-j CONNSECMARK --save"},
      {"-j CONNSECMARK --restore"},
      {"-j CONNSECMARK", "", "--save"},
      {"-j CONNSECMARK --save --restore", "", "--restore"},
  };
  check_syntax(rows, Family::Ipv4, "security");
}

TEST_CASE("target CONNSECMARK: goes on and changes nothing") {
  XtFixture f;
  f.table = "security";
  const Skb skb = make_tcp({});
  const TargetAnswer a = f.target("-j CONNSECMARK --save", skb);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.changes.empty());
  CHECK(a.skb.data == skb.data);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target CLASSIFY: syntax") {
  const SyntaxRow rows[] = {
      {"-j CLASSIFY --set-class 0001:0020"},
      {"-j CLASSIFY --set-class 1:20", "-j CLASSIFY --set-class 0001:0020"},
      {"-j CLASSIFY --set-class ffff:ffff"},
      {"-j CLASSIFY --set-class 1", "", "1"},
      {"-j CLASSIFY --set-class 10000:1", "", "10000:1"},
      {"-j CLASSIFY --set-class 1:g", "", "1:g"},
      {"-j CLASSIFY", "", "--set-class"},
  };
  check_syntax(rows, Family::Ipv4, "mangle");
}

TEST_CASE("target CLASSIFY: sets the priority, not the packet") {
  XtFixture f;
  const Skb skb = make_tcp({});
  const TargetAnswer a = f.target("-j CLASSIFY --set-class 1:20", skb);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.skb.priority == 0x10020);
  CHECK(a.skb.data == skb.data);
}

}  // namespace
}  // namespace pktwalk::testing

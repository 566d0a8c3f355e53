// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target LED: syntax") {
  const SyntaxRow rows[] = {
      {R"(-j LED --led-trigger-id "foo")"},
      {"-j LED --led-trigger-id foo", R"(-j LED --led-trigger-id "foo")"},
      {R"(-j LED --led-trigger-id "foo" --led-delay 42 --led-always-blink)"},
      {R"(-j LED --led-trigger-id "foo" --led-delay inf)"},
      {R"(-j LED --led-trigger-id "foo" --led-delay 0)", R"(-j LED --led-trigger-id "foo")"},
      {"-j LED", "", "--led-trigger-id"},
      {"-j LED --led-trigger-id foo --led-delay soon", "", "soon"},
  };
  check_syntax(rows, Family::Ipv4, "filter");
}

TEST_CASE("target LED: goes on and changes nothing") {
  XtFixture f;
  f.table = "filter";
  const Skb skb = make_tcp({});
  const TargetAnswer a = f.target("-j LED --led-trigger-id foo", skb);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.changes.empty());
  CHECK(a.skb.data == skb.data);
}

}  // namespace
}  // namespace pktwalk::testing

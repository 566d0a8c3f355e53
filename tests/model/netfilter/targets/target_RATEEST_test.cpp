// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target RATEEST: syntax") {
  const SyntaxRow rows[] = {
      {"-j RATEEST --rateest-name RE1 --rateest-interval 250.0ms --rateest-ewmalog 500.0ms"},
      {"-j RATEEST --rateest-name RE2 --rateest-interval 250ms --rateest-ewmalog 1s",
       "-j RATEEST --rateest-name RE2 --rateest-interval 250.0ms --rateest-ewmalog 1.0s"},
      {"-j RATEEST --rateest-name RE3 --rateest-interval 8s --rateest-ewmalog 16s",
       "-j RATEEST --rateest-name RE3 --rateest-interval 8.0s --rateest-ewmalog 16.0s"},
      {"-j RATEEST --rateest-name RE4 --rateest-interval 300ms --rateest-ewmalog 800ms",
       "-j RATEEST --rateest-name RE4 --rateest-interval 500.0ms --rateest-ewmalog 1.0s"},
      {"-j RATEEST --rateest-name RE5 --rateest-interval 3s --rateest-ewmalog 9s",
       "-j RATEEST --rateest-name RE5 --rateest-interval 4.0s --rateest-ewmalog 8.0s"},
      {"-j RATEEST --rateest-name RE5", "", "--rateest-interval"},
      {"-j RATEEST --rateest-name RE5 --rateest-interval 9s --rateest-ewmalog 20s", "",
       "at most 8s"},
      {"-j RATEEST --rateest-name RE5 --rateest-interval 1s --rateest-ewmalog 250ms", "",
       "out of range"},
      {"-j RATEEST --rateest-name RE5 --rateest-interval soon --rateest-ewmalog 20s", "", "soon"},
  };
  check_syntax(rows, Family::Ipv4, "filter");
}

TEST_CASE("target RATEEST: goes on and changes nothing") {
  XtFixture f;
  f.table = "filter";
  const Skb skb = make_tcp({});
  const TargetAnswer a = f.target(
      "-j RATEEST --rateest-name RE1 --rateest-interval 250ms --rateest-ewmalog 500ms", skb);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.changes.empty());
  CHECK(a.skb.data == skb.data);
}

}  // namespace
}  // namespace pktwalk::testing

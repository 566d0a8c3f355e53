// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target ULOG: syntax") {
  const SyntaxRow rows[] = {
      {"-j ULOG"},
      {R"(-j ULOG --ulog-prefix "a b" --ulog-nlgroup 5 --ulog-cprange 100 --ulog-qthreshold 20)"},
      {"-j ULOG --ulog-nlgroup 1 --ulog-qthreshold 1 --ulog-cprange 0", "-j ULOG"},
      {"-j ULOG --ulog-nlgroup 32"},
      {"-j ULOG --ulog-nlgroup 33", "", "--ulog-nlgroup"},
      {"-j ULOG --ulog-nlgroup 0", "", "--ulog-nlgroup"},
      {"-j ULOG --ulog-qthreshold 51", "", "--ulog-qthreshold"},
  };
  check_syntax(rows, Family::Ipv4, "filter");
}

TEST_CASE("target ULOG: goes on and changes nothing") {
  XtFixture f;
  f.table = "filter";
  const Skb skb = make_tcp({});
  const TargetAnswer a = f.target("-j ULOG", skb);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.changes.empty());
  CHECK(a.skb.data == skb.data);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target NFLOG: syntax") {
  const SyntaxRow rows[] = {
      {"-j NFLOG"},
      {"-j NFLOG --nflog-group 0", "-j NFLOG"},
      {"-j NFLOG --nflog-group 65535"},
      {"-j NFLOG --nflog-group 65536", "", "65536"},
      {R"(-j NFLOG --nflog-prefix "a b" --nflog-group 2)"},
      {"-j NFLOG --nflog-range 4294967295"},
      {"-j NFLOG --nflog-size 0"},
      {"-j NFLOG --nflog-size 0 --nflog-threshold 7"},
      {"-j NFLOG --nflog-threshold 1"},
      {"-j NFLOG --nflog-threshold 0", "-j NFLOG"},
      {"-j NFLOG --nflog-threshold 65536", "", "65536"},
      {"-j NFLOG --nflog-size -1", "", "--nflog-size"},
  };
  check_syntax(rows);
}

TEST_CASE("target NFLOG: goes on and says what is logged") {
  XtFixture f;
  const Skb skb = make_tcp({});
  const TargetAnswer a = f.target("-j NFLOG --nflog-prefix x", skb);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.skb.data == skb.data);
  CHECK(a.notes.size() == 1);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target CHECKSUM: syntax") {
  const SyntaxRow rows[] = {
      {"-j CHECKSUM --checksum-fill"},
      {"-j CHECKSUM", "", "checksum-fill"},
  };
  check_syntax(rows, Family::Ipv4, "mangle");
}

TEST_CASE("target CHECKSUM: leaves received packets alone, wrong checksums too") {
  XtFixture f;
  Skb wrong = make_udp({});
  wrong.data.back() ^= 0xff;
  for (const Skb& skb : {make_udp({}), make_udp({.zero_checksum = true}), wrong}) {
    const TargetAnswer a = f.target("-j CHECKSUM --checksum-fill", skb);
    CHECK(a.verdict == Verdict::Continue);
    CHECK(a.skb.data == skb.data);
  }
}

}  // namespace
}  // namespace pktwalk::testing

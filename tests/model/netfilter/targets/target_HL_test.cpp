// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target HL: syntax") {
  const SyntaxRow rows[] = {
      {"-j HL --hl-set 42"},
      {"-j HL --hl-set 0"},
      {"-j HL --hl-inc 1"},
      {"-j HL --hl-dec 255"},
      {"-j HL --hl-set 256", "", "256"},
      {"-j HL --hl-inc 0", "", "--hl-inc"},
      {"-j HL --hl-dec 0", "", "--hl-dec"},
      {"-j HL --hl-dec 1 --hl-inc 1", "", "--hl-inc"},
      {"-j HL", "", "--hl-set"},
  };
  check_syntax(rows, Family::Ipv6, "mangle");
}

TEST_CASE("target HL: is of IPv6 only") {
  CHECK(find_target("HL", Family::Ipv4) == nullptr);
  CHECK(find_target("TTL", Family::Ipv6) == nullptr);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target TTL: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j TTL --ttl-set 64", .canonical = "-j TTL --ttl-set 64"},
      {.input = "-j TTL --ttl-inc 1", .canonical = "-j TTL --ttl-inc 1"},
      {.input = "-j TTL --ttl-set 256", .canonical = "", .failure = "256"},
  };
  check_syntax(rows);
}

TEST_CASE("target TTL: sets the field") {
  XtFixture f;
  const Skb skb = f.target("-j TTL --ttl-set 7", make_tcp({})).skb;
  CHECK(Ipv4View(skb.l3().data()).ttl() == 7);
}

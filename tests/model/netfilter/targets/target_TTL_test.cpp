// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target TTL: syntax") {
  const SyntaxRow rows[] = {
      {"-j TTL --ttl-set 64"},
      {"-j TTL --ttl-set 0"},
      {"-j TTL --ttl-inc 1"},
      {"-j TTL --ttl-dec 255"},
      {"-j TTL --ttl-set 256", "", "256"},
      {"-j TTL --ttl-inc 0", "", "--ttl-inc"},
      {"-j TTL --ttl-dec 0", "", "--ttl-dec"},
      {"-j TTL --ttl-set 1 --ttl-inc 1", "", "--ttl-inc"},
      {"-j TTL", "", "--ttl-set"},
  };
  check_syntax(rows, Family::Ipv4, "mangle");
}

TEST_CASE("target TTL: the field before and after") {
  struct Case {
    const char* options;
    std::uint8_t before, after;
  };
  const Case cases[] = {
      {"--ttl-set 7", 64, 7},    {"--ttl-set 64", 64, 64},  {"--ttl-set 0", 1, 0},
      {"--ttl-inc 1", 254, 255}, {"--ttl-inc 1", 255, 255}, {"--ttl-inc 255", 2, 255},
      {"--ttl-dec 1", 1, 0},     {"--ttl-dec 1", 0, 0},     {"--ttl-dec 2", 1, 0},
      {"--ttl-dec 5", 6, 1},     {"--ttl-dec 255", 255, 0}, {"--ttl-inc 10", 250, 255},
  };
  for (const Case& c : cases) {
    CAPTURE(c.options);
    CAPTURE(c.before);
    XtFixture f;
    const TargetAnswer a =
        f.target(std::string("-j TTL ") + c.options, make_tcp({.ip = {.ttl = c.before}}));
    CHECK(a.verdict == Verdict::Continue);
    CHECK(Ipv4View(a.skb.l3().data()).ttl() == c.after);
    CHECK(checksums_right(a.skb));
    CHECK(a.changes.size() == (c.before == c.after ? 0u : 1u));
  }
}

}  // namespace
}  // namespace pktwalk::testing

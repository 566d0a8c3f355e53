// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target DSCP: syntax") {
  const SyntaxRow rows[] = {
      {"-j DSCP --set-dscp 0x0a"},
      {"-j DSCP --set-dscp 10", "-j DSCP --set-dscp 0x0a"},
      {"-j DSCP --set-dscp 63", "-j DSCP --set-dscp 0x3f"},
      {"-j DSCP --set-dscp-class EF", "-j DSCP --set-dscp 0x2e"},
      {"-j DSCP --set-dscp-class cs0", "-j DSCP --set-dscp 0x00"},
      {"-j DSCP --set-dscp-class AF43", "-j DSCP --set-dscp 0x26"},
      {"-j DSCP --set-dscp-class AF44", "", "AF44"},
      {"-j DSCP --set-dscp 64", "", "64"},
      {"-j DSCP --set-dscp 1 --set-dscp-class EF", "", "--set-dscp"},
      {"-j DSCP", "", "--set-dscp"},
  };
  check_syntax(rows, Family::Ipv4, "mangle");
}

TEST_CASE("target DSCP: the upper six bits; the ECN bits stay") {
  struct Case {
    const char* options;
    std::uint8_t before, after;
  };
  const Case cases[] = {
      {"--set-dscp 0x2e", 0x00, 0xb8}, {"--set-dscp 0x2e", 0x03, 0xbb},
      {"--set-dscp 0", 0xff, 0x03},    {"--set-dscp 0x3f", 0x01, 0xfd},
      {"--set-dscp 0x3f", 0xfe, 0xfe}, {"--set-dscp-class CS1", 0x02, 0x22},
  };
  for (const Case& c : cases) {
    CAPTURE(c.options);
    CAPTURE(c.before);
    XtFixture f;
    const TargetAnswer a =
        f.target(std::string("-j DSCP ") + c.options, make_udp({.ip = {.tos = c.before}}));
    CHECK(a.verdict == Verdict::Continue);
    CHECK(Ipv4View(a.skb.l3().data()).tos() == c.after);
    CHECK(checksums_right(a.skb));
    CHECK(a.changes.size() == (c.before == c.after ? 0u : 1u));
  }
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target TOS: syntax") {
  const SyntaxRow rows[] = {
      {"-j TOS --set-tos 0x08/0x3f"},
      {"-j TOS --set-tos Minimize-Delay", "-j TOS --set-tos 0x10/0x3f"},
      {"-j TOS --set-tos 8", "-j TOS --set-tos 0x08/0xff"},
      {"-j TOS --and-tos 0x12", "-j TOS --set-tos 0x00/0xed"},
      {"-j TOS --or-tos 0x12", "-j TOS --set-tos 0x12/0x12"},
      {"-j TOS --xor-tos 0x12", "-j TOS --set-tos 0x12/0x00"},
      {"-j TOS --set-tos 300", "", "300"},
      {"-j TOS --set-tos nosuch", "", "nosuch"},
      {"-j TOS --and-tos 1 --or-tos 2", "", "--or-tos"},
      {"-j TOS", "", "--set-tos"},
  };
  check_syntax(rows, Family::Ipv4, "mangle");
}

TEST_CASE("target TOS: bits under a mask are cleared, then the value is xored in") {
  struct Case {
    const char* options;
    std::uint8_t before, after;
  };
  const Case cases[] = {
      {"--set-tos 0x08/0xff", 0x03, 0x08}, {"--set-tos 0x10/0x3f", 0xff, 0xd0},
      {"--set-tos 0x10/0x00", 0x10, 0x00}, {"--set-tos 0x10/0x00", 0x01, 0x11},
      {"--and-tos 0x0f", 0xff, 0x0f},      {"--or-tos 0x28", 0x01, 0x29},
      {"--xor-tos 0x0f", 0x3c, 0x33},      {"--set-tos 0x08/0xff", 0x08, 0x08},
      {"--set-tos 0x00/0x3f", 0xc0, 0xc0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.options);
    CAPTURE(c.before);
    XtFixture f;
    const TargetAnswer a =
        f.target(std::string("-j TOS ") + c.options, make_udp({.ip = {.tos = c.before}}));
    CHECK(a.verdict == Verdict::Continue);
    CHECK(Ipv4View(a.skb.l3().data()).tos() == c.after);
    CHECK(checksums_right(a.skb));
    CHECK(a.changes.size() == (c.before == c.after ? 0u : 1u));
  }
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target MARK: syntax") {
  const SyntaxRow rows[] = {
      {"-j MARK --set-xmark 0x2/0xff"},
      {"-j MARK --set-xmark 0xfeedcafe/0xfeedcafe"},
      {"-j MARK --set-xmark 0x0", "-j MARK --set-xmark 0x0/0xffffffff"},
      {"-j MARK --set-mark 1", "-j MARK --set-xmark 0x1/0xffffffff"},
      {"-j MARK --set-mark 1/0xf0", "-j MARK --set-xmark 0x1/0xf1"},
      {"-j MARK --and-mark 0xf0", "-j MARK --set-xmark 0x0/0xffffff0f"},
      {"-j MARK --or-mark 0xf0", "-j MARK --set-xmark 0xf0/0xf0"},
      {"-j MARK --xor-mark 0xf0", "-j MARK --set-xmark 0xf0/0x0"},
      {"-j MARK --set-xmark 4294967296", "", "4294967296"},
      {"-j MARK --set-xmark 0x1 --or-mark 1", "", "mark"},
      {"-j MARK", "", "mark"},
  };
  check_syntax(rows);
}

TEST_CASE("target MARK: the mark before and after") {
  struct Case {
    const char* options;
    std::uint32_t before, after;
  };
  const Case cases[] = {
      {"--set-xmark 0x2/0xff", 0x1234, 0x1202},
      {"--set-xmark 0x2/0x0", 0x1234, 0x1236},
      {"--set-xmark 0x100/0xff", 0x1134, 0x1000},  // a value beyond its mask is xored in
      {"--set-mark 0x100/0xff", 0x1134, 0x1100},   // --set-mark takes it into the mask
      {"--set-mark 7", 0xffffffff, 7},
      {"--and-mark 0xf0", 0x1234, 0x30},
      {"--or-mark 0xf0", 0x1204, 0x12f4},
      {"--xor-mark 0x30", 0x1234, 0x1204},
      {"--set-mark 0", 0, 0},
      {"--set-mark 0xffffffff", 0, 0xffffffff},
  };
  for (const Case& c : cases) {
    CAPTURE(c.options);
    XtFixture f;
    Skb skb = make_tcp({});
    skb.mark = c.before;
    const std::vector<std::uint8_t> bytes = skb.data;
    const TargetAnswer a = f.target(std::string("-j MARK ") + c.options, skb);
    CHECK(a.verdict == Verdict::Continue);
    CHECK(a.skb.mark == c.after);
    CHECK(a.skb.data == bytes);
    CHECK(a.changes.size() == (c.before == c.after ? 0u : 1u));
  }
}

}  // namespace
}  // namespace pktwalk::testing

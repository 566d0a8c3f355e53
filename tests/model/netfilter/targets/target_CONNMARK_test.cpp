// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/conntrack/conntrack.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target CONNMARK: syntax") {
  const SyntaxRow rows[] = {
      {"-j CONNMARK --set-xmark 0x1/0xff"},
      {"-j CONNMARK --set-mark 1", "-j CONNMARK --set-xmark 0x1/0xffffffff"},
      {"-j CONNMARK --set-mark 1/0xf0", "-j CONNMARK --set-xmark 0x1/0xf1"},
      {"-j CONNMARK --and-mark 0xf0", "-j CONNMARK --set-xmark 0x0/0xffffff0f"},
      {"-j CONNMARK --save-mark",
       "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff"},
      {"-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff00"},
      {"-j CONNMARK --restore-mark --mask 0xff",
       "-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff"},
      {"-j CONNMARK --save-mark --restore-mark", "", "exclude"},
      {"-j CONNMARK --save-mark --set-mark 1", "", "either"},
      {"-j CONNMARK --save-mark --nfmask x", "", "x"},
      {"-j CONNMARK", "", "mark"},
  };
  check_syntax(rows);
}

TEST_CASE("target CONNMARK: both marks before and after") {
  struct Case {
    const char* options;
    std::uint32_t skb_before, ct_before, skb_after, ct_after;
  };
  const Case cases[] = {
      {"--set-mark 7", 1, 0x1234, 1, 7},
      {"--set-xmark 0x2/0xff", 1, 0x1234, 1, 0x1202},
      {"--xor-mark 0x30", 1, 0x1234, 1, 0x1204},
      {"--save-mark", 0x55, 0x1234, 0x55, 0x55},
      {"--save-mark --nfmask 0xf --ctmask 0xff", 0x55, 0x1234, 0x55, 0x1205},
      {"--save-mark --nfmask 0xff --ctmask 0x0", 0x55, 0x1234, 0x55, 0x1261},
      {"--restore-mark", 0x55, 0x1234, 0x1234, 0x1234},
      {"--restore-mark --nfmask 0xf --ctmask 0xff", 0x1255, 0x34, 0x1264, 0x34},
      {"--restore-mark --mask 0x0", 0x55, 0x1234, 0x55, 0x1234},
  };
  for (const Case& c : cases) {
    CAPTURE(c.options);
    XtFixture f;
    Skb skb = make_tcp({});
    skb.mark = c.skb_before;
    skb.ct = f.state.conntrack.create();
    skb.ctinfo = CtInfo::New;
    f.state.conntrack.at(skb.ct).mark = c.ct_before;
    const TargetAnswer a = f.target(std::string("-j CONNMARK ") + c.options, skb);
    CHECK(a.verdict == Verdict::Continue);
    CHECK(a.skb.mark == c.skb_after);
    CHECK(f.state.conntrack.at(skb.ct).mark == c.ct_after);
  }
}

TEST_CASE("target CONNMARK: a packet without a connection stays as it is") {
  XtFixture f;
  for (const char* const options : {"--restore-mark", "--save-mark", "--set-mark 1"}) {
    Skb skb = make_tcp({});
    skb.mark = 9;
    const TargetAnswer a = f.target(std::string("-j CONNMARK ") + options, skb);
    CHECK(a.verdict == Verdict::Continue);
    CHECK(a.changes.empty());
    CHECK(a.skb.mark == 9);
  }
}

}  // namespace
}  // namespace pktwalk::testing

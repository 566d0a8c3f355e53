// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/netfilter/xtables/table.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target CT: syntax") {
  const SyntaxRow rows[] = {
      {"-j CT --notrack"},
      {"-j CT"},
      {"-j CT --zone 7"},
      {"-j CT --zone 0", "-j CT"},
      {"-j CT --zone 65535"},
      {"-j CT --zone 65536", "", "65536"},
      {"-j CT --zone-orig 5"},
      {"-j CT --zone-reply mark"},
      {"-j CT --zone 5 --zone-orig 6", "-j CT --zone-orig 6"},
      {"-j CT --zone 3 --notrack", "-j CT --notrack --zone 3"},
      {"-p tcp -j CT --helper ftp"},
      {"-j CT --helper ftp", "", "one protocol"},
      {"! -p tcp -j CT --helper ftp", "", "one protocol"},
      {"-p udp -j CT --timeout short"},
      {"-j CT --timeout short", "", "one protocol"},
      {"-j CT --ctevents destroy,new", "-j CT --ctevents new,destroy"},
      {"-j CT --ctevents new,nosuch", "", "nosuch"},
      {"-j CT --expevents new"},
      {"-j CT --expevents destroy", "", "destroy"},
  };
  check_syntax(rows, Family::Ipv4, "raw");
}

TEST_CASE("target CT: what it leaves at the packet") {
  struct Case {
    const char* name;
    const char* options;
    bool untracked;
    int zone;  // -1: no template
    std::uint8_t dirs = 3;
  };
  const Case cases[] = {
      {"no tracking", "--notrack", true, -1},
      {"nothing: a template for zone 0", "", false, 0},
      {"a zone", "--zone 7", false, 7},
      {"for the original direction", "--zone-orig 7", false, 7, 1},
      {"for the reply direction", "--zone-reply 7", false, 7, 2},
      {"by the mark, of which 16 bits count", "--zone mark", false, 0x2345},
      {"a helper", "-", false, 0},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      f.table = "raw";
      Skb skb = make_tcp({});
      skb.mark = 0x12345;
      const std::string rule = c.options[0] == '-' && c.options[1] == 0
                                   ? "-p tcp -j CT --helper ftp"
                                   : std::string("-j CT ") + c.options;
      const TargetAnswer a = f.target(rule, skb);
      CHECK(a.verdict == Verdict::Continue);
      CHECK((a.skb.ctinfo == CtInfo::Untracked) == c.untracked);
      CHECK(a.skb.ct_template == (c.zone >= 0));
      if (c.zone < 0) continue;
      CHECK(a.skb.ct_template_zone == c.zone);
      CHECK(a.skb.ct_template_dirs == c.dirs);
    }
  }
}

TEST_CASE("target CT: the first rule counts") {
  XtFixture f;
  f.table = "raw";
  const Skb zone = f.target("-j CT --zone 7", make_tcp({})).skb;
  CHECK(f.target("-j CT --zone 8", zone).skb.ct_template_zone == 7);
  CHECK(f.target("-j CT --notrack", zone).skb.ctinfo != CtInfo::Untracked);
  const Skb untracked = f.target("-j CT --notrack", make_tcp({})).skb;
  CHECK_FALSE(f.target("-j CT --zone 8", untracked).skb.ct_template);
}

TEST_CASE("target CT: a timeout policy is in no dump") {
  XtFixture f;
  f.table = "raw";
  CHECK(f.target("-p tcp -j CT --timeout short", make_tcp({})).verdict == Verdict::Unknown);
}

TEST_CASE("target CT: only what tracks makes the kernel track") {
  Router none("*raw\n-A PREROUTING -j CT --notrack\nCOMMIT\n");
  CHECK_FALSE(none.host.iptables->uses_conntrack);
  Router zone("*raw\n-A PREROUTING -j CT --zone 3\nCOMMIT\n");
  CHECK(zone.host.iptables->uses_conntrack);
}

TEST_CASE("target CT: zones keep equal connections apart") {
  struct Case {
    const char* name;
    const char* option;
    bool found;  // whether the answer, which no rule gives a zone, finds the connection
  };
  const Case cases[] = {
      {"one zone for both directions: the answer finds nothing there", "--zone 3", false},
      {"a zone for the original direction: the answer belongs to it", "--zone-orig 3", true},
      {"a zone for the reply direction: it does not", "--zone-reply 3", false},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Router r(std::string("*raw\n-A PREROUTING -i eth0 -j CT ") + c.option +
               "\nCOMMIT\n*filter\n-A FORWARD -m conntrack --ctstate INVALID\nCOMMIT\n");
      r.send("eth0", make_tcp({}));
      CHECK(r.ct == "NEW");
      r.send("eth1", make_tcp({.ip = {.src = "192.0.2.80", .dst = "10.0.0.9"},
                               .sport = 80,
                               .dport = 40000,
                               .flags = kTcpSyn | kTcpAck,
                               .seq = 7000,
                               .ack = 1001}));
      CHECK(r.ct == (c.found ? "ESTABLISHED" : "INVALID: SYN/ACK without a SYN before it"));
    }
  }
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/ipsets.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

// The packet of every row: TCP 10.0.0.9:40000 > 192.0.2.80:80, 40 bytes, in eth0, out eth1.
TEST_CASE("target SET: sets after one packet") {
  struct Case {
    const char* name;
    const char* set;
    const char* rule;
    const char* want;  // elements afterwards
  };
  const Case cases[] = {
      {"adds the source", "create s hash:ip\n", "--add-set s src", "add s 10.0.0.9\n"},
      {"adds what the directions say", "create s hash:ip,port\n", "--add-set s dst,src",
       "add s 192.0.2.80,tcp:40000\n"},
      {"a packet's element counts that packet", "create s hash:ip counters\n", "--add-set s src",
       "add s 10.0.0.9 packets 1 bytes 40\n"},
      {"takes the set's timeout", "create s hash:ip timeout 60\n", "--add-set s src",
       "add s 10.0.0.9 timeout 60\n"},
      {"takes its own timeout", "create s hash:ip timeout 60\n", "--add-set s src --timeout 9",
       "add s 10.0.0.9 timeout 9\n"},
      {"timeout 0 stays", "create s hash:ip timeout 60\n", "--add-set s src --timeout 0",
       "add s 10.0.0.9 timeout 0\n"},
      {"leaves an element alone", "create s hash:ip timeout 60\nadd s 10.0.0.9 timeout 5\n",
       "--add-set s src", "add s 10.0.0.9 timeout 5\n"},
      {"--exist refreshes it", "create s hash:ip timeout 60\nadd s 10.0.0.9 timeout 5\n",
       "--add-set s src --exist", "add s 10.0.0.9 timeout 60\n"},
      {"a full set takes no more", "create s hash:ip maxelem 1\nadd s 10.0.0.1\n",
       "--add-set s src", "add s 10.0.0.1\n"},
      {"hash:net: a host when the set is empty", "create s hash:net\n", "--add-set s src",
       "add s 10.0.0.9\n"},
      {"hash:net: else the longest prefix that is there",
       "create s hash:net\nadd s 10.1.0.0/16\nadd s 10.2.0.0/8\n", "--add-set s src",
       "add s 10.1.0.0/16\nadd s 10.0.0.0/8\nadd s 10.0.0.0/16\n"},
      {"hash:ip with a netmask", "create s hash:ip netmask 24\n", "--add-set s src",
       "add s 10.0.0.0\n"},
      {"hash:net,iface", "create s hash:net,iface\n", "--add-set s src,dst",
       "add s 10.0.0.9,eth1\n"},
      {"deletes", "create s hash:ip\nadd s 10.0.0.9\nadd s 10.0.0.1\n", "--del-set s src",
       "add s 10.0.0.1\n"},
      {"fewer directions than parts do nothing", "create s hash:ip,port\n", "--add-set s src", ""},
      {"an element outside a bitmap's range", "create s bitmap:ip range 10.0.0.0/24\n",
       "--add-set s dst", ""},
      {"bitmap:port", "create s bitmap:port range 0-99\n", "--add-set s dst", "add s 80\n"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      load_ipsets(f, c.set);
      REQUIRE(f.host.diagnostics.empty());
      const TargetAnswer answer = f.target(std::string("-j SET ") + c.rule, make_tcp({}));
      INFO(answer.text());
      CHECK(answer.verdict == Verdict::Continue);
      const std::string all = print_ipsets(f);
      CHECK(all.substr(all.find('\n') + 1) == c.want);
    }
  }
}

TEST_CASE("target SET: a list takes into its first member that can") {
  XtFixture f;
  load_ipsets(f,
              "create a hash:ip family inet6\ncreate b hash:ip\nadd b 10.0.0.9\ncreate c hash:ip\n"
              "create s list:set\nadd s a\nadd s b\nadd s c\n");
  f.target("-j SET --add-set s src", make_tcp({}));
  CHECK(print_ipsets(f).find("create c hash:ip\nadd c 10.0.0.9\n") != std::string::npos);
}

TEST_CASE("target SET: expired elements make room and come back") {
  XtFixture f;
  load_ipsets(f, "create s hash:ip timeout 60 maxelem 1\nadd s 10.0.0.1 timeout 5\n");
  f.now = f.now + 6 * kNsPerSecond;
  f.target("-j SET --add-set s src", make_tcp({}));
  CHECK(print_ipsets(f) == "create s hash:ip timeout 60 maxelem 1\nadd s 10.0.0.9 timeout 60\n");
}

TEST_CASE("target SET: forceadd makes room at random and says so") {
  XtFixture f;
  load_ipsets(f, "create s hash:ip maxelem 2 forceadd\nadd s 10.0.0.1\nadd s 10.0.0.2\n");
  const TargetAnswer answer = f.target("-j SET --add-set s src", make_tcp({}));
  CHECK(f.state.ipsets[0].size() == 2);
  CHECK(print_ipsets(f).find("add s 10.0.0.9\n") != std::string::npos);
  REQUIRE(answer.notes.size() == 1);
  CHECK(answer.notes[0].find("choice") != std::string::npos);
}

TEST_CASE("target SET: maps skbinfo to the packet") {
  XtFixture f;
  f.table = "mangle";
  load_ipsets(f,
              "create s hash:ip skbinfo\nadd s 10.0.0.9 skbmark 0x5/0xff skbprio 1:10\n"
              "create t hash:ip skbinfo\n");
  Skb skb = make_tcp({});
  skb.mark = 0x123;
  SUBCASE("mark under its mask, and priority") {
    const TargetAnswer answer = f.target("-j SET --map-set s src --map-mark --map-prio", skb);
    CHECK(answer.skb.mark == 0x105);
    CHECK(answer.skb.priority == 0x10010);
    CHECK(answer.changes.size() == 2);
  }
  SUBCASE("only what is asked for") {
    const TargetAnswer answer = f.target("-j SET --map-set s src --map-prio", skb);
    CHECK(answer.skb.mark == 0x123);
    CHECK(answer.skb.priority == 0x10010);
  }
  SUBCASE("no element, no change") {
    const TargetAnswer answer = f.target("-j SET --map-set t src --map-mark", skb);
    CHECK(answer.skb.mark == 0x123);
    CHECK(answer.changes.empty());
  }
}

TEST_CASE("target SET: what cannot be known") {
  XtFixture f;
  load_ipsets(f, "create s hash:ip,frob\ncreate p hash:ip,port\n");
  CHECK(f.target("-j SET --add-set s src,dst", make_tcp({})).verdict == Verdict::Unknown);
  const TargetAnswer missing = f.target("-j SET --del-set nx src", make_tcp({}));
  CHECK(missing.verdict == Verdict::Unknown);
  CHECK(missing.unknown == "set nx is not in the dump");
  CHECK(f.target("-j SET --add-set p src,dst", captured(make_tcp({}), 21)).verdict ==
        Verdict::Unknown);
}

TEST_CASE("target SET: syntax") {
  const SyntaxRow rows[] = {
      {"-j SET --add-set s src"},
      {"-j SET --add-set s src --exist --timeout 5"},
      {"-j SET --add-set s src --timeout 5 --exist --del-set s dst",
       "-j SET --add-set s src --exist --timeout 5 --del-set s dst"},
      {"-j SET --map-set s src,dst --map-mark --map-prio --map-queue"},
      {"-j SET --add-set s src --timeout 0"},
      {"-j SET", "", "needs --add-set"},
      {"-j SET --exist", "", "needs --add-set"},
      {"-j SET --del-set s src --exist", "", "--exist goes with --add-set"},
      {"-j SET --del-set s src --timeout 5", "", "--timeout goes with --add-set"},
      {"-j SET --map-set s src", "", "--map-mark"},
      {"-j SET --add-set s src --map-mark", "", "--map-set"},
      {"-j SET --add-set s src --timeout 4294967295", "", "--timeout"},
      {"-j SET --add-set s foo", "", "src and dst"},
      {"-j SET --add-set s src --add-set s dst", "", "more than once"},
  };
  check_syntax(rows, Family::Ipv4, "mangle");
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
// How a packet walks a table: order, jumps, counters, what is told about it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/printers.h"
#include "tests/support/rules.h"

namespace pktwalk {
namespace {

using testing::captured;
using testing::make_fragment;
using testing::make_icmp;
using testing::make_tcp;
using testing::make_udp;
using testing::RulesFixture;
using testing::shortened;
using testing::TableWalk;
using Strings = std::vector<std::string>;

std::string dump(const std::string& rules, const std::string& policy = "ACCEPT") {
  return "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD " + policy +
         " [0:0]\n:OUTPUT ACCEPT [0:0]\n:user - [0:0]\n:deep - [0:0]\n" + rules + "COMMIT\n";
}

Verdict verdict(const std::string& rules, const Skb& skb, Hook hook = Hook::Forward) {
  RulesFixture f(dump(rules));
  for (const Diagnostic& d : f.router.host.diagnostics) MESSAGE(d.what);
  const Verdict recorded = f.walk("filter", hook, skb).verdict;
  CHECK(f.walk("filter", hook, skb, false).verdict == recorded);  // the recorder changes nothing
  return recorded;
}

TEST_CASE("traverse: each fixed part of a rule, plain and negated") {
  struct Case {
    const char* part;
    Skb matching;
    Skb other;
  };
  const Case cases[] = {
      {"-s 10.0.0.0/30", make_tcp({.ip = {.src = "10.0.0.3"}}),
       make_tcp({.ip = {.src = "10.0.0.4"}})},
      {"-d 192.0.2.80", make_tcp({.ip = {.dst = "192.0.2.80"}}),
       make_tcp({.ip = {.dst = "192.0.2.81"}})},
      {"-s 0.2.0.4/0.255.0.255", make_tcp({.ip = {.src = "9.2.9.4"}}),
       make_tcp({.ip = {.src = "9.2.9.5"}})},
      {"-p tcp", make_tcp({}), make_udp({})},
      {"-f", make_fragment(kProtoUdp, 1480), make_udp({.ip = {.more_fragments = true}})},
  };
  for (const Case& c : cases) {
    CAPTURE(c.part);
    const std::string part = c.part;
    CHECK(verdict("-A FORWARD " + part + " -j DROP\n", c.matching) == Verdict::Drop);
    CHECK(verdict("-A FORWARD " + part + " -j DROP\n", c.other) == Verdict::Accept);
    CHECK(verdict("-A FORWARD ! " + part + " -j DROP\n", c.matching) == Verdict::Accept);
    CHECK(verdict("-A FORWARD ! " + part + " -j DROP\n", c.other) == Verdict::Drop);
  }
}

TEST_CASE("traverse: interfaces by name and by beginning") {
  struct Case {
    const char* name;
    const char* part;
    Hook hook;
    Verdict want;
  };
  const Case cases[] = {
      {"the input device", "-i eth0", Hook::Forward, Verdict::Drop},
      {"not the output device", "-i eth1", Hook::Forward, Verdict::Accept},
      {"a beginning", "-i eth+", Hook::Forward, Verdict::Drop},
      {"the whole name as a beginning", "-i eth0+", Hook::Forward, Verdict::Drop},
      {"a name is not a beginning", "-i eth", Hook::Forward, Verdict::Accept},
      {"another beginning", "-i ppp+", Hook::Forward, Verdict::Accept},
      {"the output device", "-o eth1", Hook::Forward, Verdict::Drop},
      {"negated", "! -o eth1", Hook::Forward, Verdict::Accept},
      {"every device", "-i +", Hook::Forward, Verdict::Drop},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(verdict("-A FORWARD " + std::string(c.part) + " -j DROP\n", make_tcp({}), c.hook) ==
          c.want);
  }
  // A hook without the device: its name is empty, as a rule of a user chain can find out.
  CHECK(verdict("-A user -i eth0 -j DROP\n-A OUTPUT -j user\n", make_tcp({}), Hook::Output) ==
        Verdict::Accept);
  CHECK(verdict("-A user ! -i eth0 -j DROP\n-A OUTPUT -j user\n", make_tcp({}), Hook::Output) ==
        Verdict::Drop);
}

TEST_CASE("traverse: rules in order, jumps, RETURN, goto and the policy") {
  struct Case {
    const char* name;
    const char* rules;
    Strings steps;
  };
  const Case cases[] = {
      {"the first rule that decides wins",
       "-A FORWARD -j ACCEPT\n-A FORWARD -j DROP\n",
       {"FORWARD:1 match, accept"}},
      {"a rule without a target only counts",
       "-A FORWARD -p tcp\n",
       {"FORWARD:1 match, continue", "policy FORWARD accept"}},
      {"a chain's end leads back behind the jump",
       "-A FORWARD -j user\n-A FORWARD -j DROP\n-A user -p udp -j DROP\n",
       {"FORWARD:1 match, jump", "user:1 no match", "return user to FORWARD",
        "FORWARD:2 match, drop"}},
      {"RETURN leads back as well",
       "-A FORWARD -j user\n-A FORWARD -j DROP\n-A user -j RETURN\n-A user -j ACCEPT\n",
       {"FORWARD:1 match, jump", "user:1 match, return", "return user to FORWARD",
        "FORWARD:2 match, drop"}},
      {"RETURN in a base chain is its policy",
       "-A FORWARD -j RETURN\n-A FORWARD -j DROP\n",
       {"FORWARD:1 match, return", "policy FORWARD accept"}},
      {"goto does not come back here",
       "-A FORWARD -g user\n-A FORWARD -j DROP\n",
       {"FORWARD:1 match, goto", "return user to FORWARD", "policy FORWARD accept"}},
      {"goto within a chain comes back to that chain's caller",
       "-A FORWARD -j user\n-A FORWARD -j ACCEPT\n-A user -g deep\n-A user -j DROP\n",
       {"FORWARD:1 match, jump", "user:1 match, goto", "return deep to FORWARD",
        "FORWARD:2 match, accept"}},
      {"two levels",
       "-A FORWARD -j user\n-A user -j deep\n-A user -j DROP\n-A deep -p udp -j ACCEPT\n",
       {"FORWARD:1 match, jump", "user:1 match, jump", "deep:1 no match", "return deep to user",
        "user:2 match, drop"}},
      {"QUEUE", "-A FORWARD -j QUEUE\n", {"FORWARD:1 match, queue"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    RulesFixture f(dump(c.rules));
    CHECK(f.router.host.diagnostics.empty());
    CHECK(f.walk("filter", Hook::Forward, make_tcp({})).steps == c.steps);
  }
}

TEST_CASE("traverse: more jumps than the stack keeps in place") {
  std::string text = "*filter\n:FORWARD DROP [0:0]\n";
  for (int i = 0; i < 40; ++i) text += ":c" + std::to_string(i) + " - [0:0]\n";
  text += "-A FORWARD -j c0\n-A FORWARD -p tcp -j ACCEPT\n";
  for (int i = 0; i < 39; ++i) {
    text += "-A c" + std::to_string(i) + " -j c" + std::to_string(i + 1) + "\n";
  }
  RulesFixture f(text + "COMMIT\n");
  const TableWalk walk = f.walk("filter", Hook::Forward, make_tcp({}));
  CHECK(walk.verdict == Verdict::Accept);
  CHECK(walk.steps.size() == 1 + 39 + 40 + 1);
  CHECK(walk.steps.back() == "FORWARD:2 match, accept");
}

TEST_CASE("traverse: counters count what matched, with the length of the IP packet") {
  RulesFixture f(
      dump("[5:500] -A FORWARD -p tcp -j user\n-A FORWARD -p udp -j DROP\n"
           "-A user -p tcp\n",
           "DROP"));
  CHECK(f.counter("filter", "FORWARD", 1) == "[5:500]");
  f.walk("filter", Hook::Forward, make_tcp({}));
  CHECK(f.counter("filter", "FORWARD", 1) == "[6:540]");
  CHECK(f.counter("filter", "FORWARD", 2) == "[0:0]");
  CHECK(f.counter("filter", "user", 1) == "[1:40]");
  CHECK(f.counter("filter", "FORWARD", 0) == "[1:40]");
  // Bytes that were not captured count: they were on the wire.
  f.walk("filter", Hook::Forward, captured(make_udp({.payload = testing::Bytes(100)}), 28));
  CHECK(f.counter("filter", "FORWARD", 2) == "[1:128]");
}

TEST_CASE("traverse: who decided is told") {
  RulesFixture f(dump("-A FORWARD -p tcp -j DROP\n-A FORWARD -p icmp -j QUEUE\n", "DROP"));
  CHECK(f.walk("filter", Hook::Forward, make_tcp({})).decided_by == "-A FORWARD -p tcp -j DROP");
  CHECK(f.walk("filter", Hook::Forward, make_udp({})).decided_by == "policy");
  CHECK(f.walk("filter", Hook::Forward, make_icmp({})).decided_by == "-A FORWARD -p icmp -j QUEUE");
  CHECK(f.walk("filter", Hook::Output, make_udp({})).decided_by.empty());
}

TEST_CASE("traverse: after the first term that fails the others are looked at, and marked") {
  RulesFixture f(
      dump("-A FORWARD -s 10.0.0.9/32 -i lo -p tcp -m tcp --sport 1 --dport 80 -j ACCEPT\n"));
  const TableWalk walk = f.walk("filter", Hook::Forward, make_tcp({.sport = 40000, .dport = 80}));
  CHECK(walk.terms(0) == Strings{"-s 10.0.0.9/32: match, 10.0.0.9", "-i lo: no match, eth0",
                                 "-p tcp: match, tcp (probed)",
                                 "--sport 1: no match, 40000 (probed)",
                                 "--dport 80: match, 80 (probed)"});
}

TEST_CASE("traverse: a match that is not modelled") {
  struct Case {
    const char* name;
    const char* rules;
    Verdict want;
  };
  const Case cases[] = {
      {"reached: nobody knows", "-A FORWARD -m osf --genre Linux -j DROP\n", Verdict::Unknown},
      {"a term before it fails", "-A FORWARD -p udp -m osf --genre Linux -j DROP\n",
       Verdict::Accept},
      {"a match behind it fails: no match either way",
       "-A FORWARD -p tcp -m osf --genre Linux -m tcp --dport 22 -j DROP\n", Verdict::Accept},
      {"a match behind it holds",
       "-A FORWARD -p tcp -m osf --genre Linux -m tcp --dport 80 -j DROP\n", Verdict::Unknown},
      {"one that counts packets cannot settle it",
       "-A FORWARD -m osf --genre Linux -m statistic --mode nth --every 2 --packet 1 -j DROP\n",
       Verdict::Unknown},
      {"no target: the walk goes on", "-A FORWARD -m osf --genre Linux\n", Verdict::Accept},
      {"LOG: the walk goes on", "-A FORWARD -m osf --genre Linux -j LOG\n", Verdict::Accept},
      {"a jump: nobody knows", "-A FORWARD -m osf --genre Linux -j user\n", Verdict::Unknown},
      {"an earlier rule decides", "-A FORWARD -j ACCEPT\n-A FORWARD -m osf --genre Linux -j DROP\n",
       Verdict::Accept},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(verdict(c.rules, make_tcp({})) == c.want);
  }
  RulesFixture f(dump("-A FORWARD -m osf --genre Linux -j DROP\n"));
  const TableWalk walk = f.walk("filter", Hook::Forward, make_tcp({}));
  CHECK(walk.unknown == "match osf");
  CHECK(walk.decided_by == "-A FORWARD -m osf --genre Linux -j DROP");
  CHECK(walk.steps == Strings{"FORWARD:1 unknown"});
  CHECK(f.counter("filter", "FORWARD", 1) == "[0:0]");
}

TEST_CASE("traverse: a target that is not modelled") {
  RulesFixture f(dump("-A FORWARD -p tcp -j WEIRD\n-A FORWARD -p icmp -j ACCOUNT\n"));
  const TableWalk unknown = f.walk("filter", Hook::Forward, make_tcp({}));
  CHECK(unknown.verdict == Verdict::Unknown);
  CHECK(unknown.unknown == "target WEIRD");
  CHECK(f.walk("filter", Hook::Forward, make_udp({})).verdict == Verdict::Accept);
  // ACCOUNT counts the packet and goes on.
  CHECK(f.walk("filter", Hook::Forward, make_icmp({})).verdict == Verdict::Accept);
}

TEST_CASE("traverse: a rule that could not be read makes packets unknown that it may match") {
  RulesFixture f(dump("-A FORWARD -p udp -s www.example.org -j DROP\n"));
  CHECK(f.walk("filter", Hook::Forward, make_udp({})).verdict == Verdict::Unknown);
  CHECK(f.walk("filter", Hook::Forward, make_tcp({})).verdict == Verdict::Accept);
}

TEST_CASE("traverse: hotdrop ends the walk at once and counts nothing") {
  // A TCP header that is cut short inside an unfragmented packet: -m tcp drops it.
  RulesFixture f(dump("-A FORWARD -p tcp -m tcp --dport 22 -j ACCEPT\n-A FORWARD -j ACCEPT\n"));
  const TableWalk walk = f.walk("filter", Hook::Forward, shortened(make_tcp({}), 30));
  CHECK(walk.verdict == Verdict::Drop);
  CHECK(walk.steps.size() == 1);
  CHECK(walk.decided_by == "-A FORWARD -p tcp -m tcp --dport 22 -j ACCEPT");
  CHECK(f.counter("filter", "FORWARD", 1) == "[0:0]");
}

TEST_CASE("traverse: a target that changes the packet stands before the change") {
  RulesFixture f(
      "*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j MARK --set-xmark 0x1/0xffffffff\n"
      "-A FORWARD -m mark --mark 0x1 -j DROP\nCOMMIT\n");
  const TableWalk walk = f.walk("mangle", Hook::Forward, make_tcp({}));
  CHECK(walk.steps ==
        Strings{"FORWARD:1 match, continue", "change skb.mark", "FORWARD:2 match, drop"});
  CHECK(walk.skb.mark == 1);
}

TEST_CASE("traverse: a hook where the table has no chain accepts") {
  RulesFixture f("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n");
  CHECK(f.walk("nat", Hook::Input, make_tcp({})).verdict == Verdict::Accept);
}

}  // namespace
}  // namespace pktwalk

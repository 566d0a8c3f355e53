// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/ipsets.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

// The packet of every row: TCP 10.0.0.9:40000 > 192.0.2.80:80, in eth0, out eth1.
struct Case {
  const char* name;
  const char* set;  // lines of ipset save; the set is called s
  const char* rule;
  Outcome want;
};

void check_cases(std::span<const Case> cases, const Skb& skb) {
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      load_ipsets(f, c.set);
      REQUIRE(f.host.diagnostics.empty());
      const MatchAnswer answer = f.match(std::string("-m set ") + c.rule, skb);
      INFO(answer.text());
      CHECK(answer.outcome == c.want);
    }
  }
}

TEST_CASE("match set: types") {
  using enum Outcome;
  const Case cases[] = {
      {"hash:ip, source", "create s hash:ip\nadd s 10.0.0.9\n", "--match-set s src", Match},
      {"hash:ip, destination", "create s hash:ip\nadd s 10.0.0.9\n", "--match-set s dst", NoMatch},
      {"inverted", "create s hash:ip\nadd s 10.0.0.9\n", "! --match-set s dst", Match},
      {"more directions than parts", "create s hash:ip\nadd s 10.0.0.9\n", "--match-set s src,dst",
       Match},
      {"fewer directions than parts never match", "create s hash:ip,port\nadd s 10.0.0.9,80\n",
       "--match-set s src", NoMatch},
      {"hash:ip with a netmask", "create s hash:ip netmask 24\nadd s 10.0.0.77\n",
       "--match-set s src", Match},
      {"hash:ip with a bitmask", "create s hash:ip bitmask 255.0.0.255\nadd s 10.7.7.9\n",
       "--match-set s src", Match},
      {"hash:ip of the other family", "create s hash:ip family inet6\nadd s 2001:db8::1\n",
       "--match-set s src", NoMatch},
      {"hash:ip,port", "create s hash:ip,port\nadd s 10.0.0.9,80\n", "--match-set s src,dst",
       Match},
      {"hash:ip,port, other protocol", "create s hash:ip,port\nadd s 10.0.0.9,udp:80\n",
       "--match-set s src,dst", NoMatch},
      {"hash:ip,port, source port", "create s hash:ip,port\nadd s 10.0.0.9,40000\n",
       "--match-set s src,src", Match},
      {"hash:ip,port,ip", "create s hash:ip,port,ip\nadd s 10.0.0.9,80,192.0.2.80\n",
       "--match-set s src,dst,dst", Match},
      {"hash:ip,port,ip, third part", "create s hash:ip,port,ip\nadd s 10.0.0.9,80,192.0.2.81\n",
       "--match-set s src,dst,dst", NoMatch},
      {"hash:ip,port,net", "create s hash:ip,port,net\nadd s 10.0.0.9,80,192.0.2.0/24\n",
       "--match-set s src,dst,dst", Match},
      {"hash:net,port", "create s hash:net,port\nadd s 10.0.0.0/8,80\n", "--match-set s src,dst",
       Match},
      {"hash:net,port: the longer prefix is there for another port",
       "create s hash:net,port\nadd s 10.0.0.0/8,80\nadd s 10.0.0.0/24,81\n",
       "--match-set s src,dst", Match},
      {"hash:net,net", "create s hash:net,net\nadd s 10.0.0.0/8,192.0.0.0/8\n",
       "--match-set s src,dst", Match},
      {"hash:net,net, second part", "create s hash:net,net\nadd s 10.0.0.0/8,193.0.0.0/8\n",
       "--match-set s src,dst", NoMatch},
      {"hash:net,port,net", "create s hash:net,port,net\nadd s 10.0.0.0/8,80,192.0.0.0/8\n",
       "--match-set s src,dst,dst", Match},
      {"hash:net,iface, in", "create s hash:net,iface\nadd s 10.0.0.0/8,eth0\n",
       "--match-set s src,src", Match},
      {"hash:net,iface, out", "create s hash:net,iface\nadd s 10.0.0.0/8,eth0\n",
       "--match-set s src,dst", NoMatch},
      {"hash:net,iface, wildcard", "create s hash:net,iface\nadd s 10.0.0.0/8,eth wildcard\n",
       "--match-set s src,dst", Match},
      {"hash:net,iface, all networks", "create s hash:net,iface\nadd s 0.0.0.0/0,eth1\n",
       "--match-set s src,dst", Match},
      {"hash:net,iface: a longer network with another device hides the shorter one",
       "create s hash:net,iface\nadd s 10.0.0.0/8,eth0\nadd s 10.0.0.0/24,eth1\n",
       "--match-set s src,src", NoMatch},
      {"hash:net,iface: physdev needs a bridge",
       "create s hash:net,iface\nadd s 10.0.0.0/8,physdev:eth0\n", "--match-set s src,src",
       NoMatch},
      {"hash:ip,mark", "create s hash:ip,mark markmask 0xff\nadd s 10.0.0.9,0x100\n",
       "--match-set s src,src", Match},
      {"bitmap:ip", "create s bitmap:ip range 10.0.0.0/24\nadd s 10.0.0.9\n", "--match-set s src",
       Match},
      {"bitmap:ip, outside", "create s bitmap:ip range 10.0.0.0/24\nadd s 10.0.0.9\n",
       "--match-set s dst", NoMatch},
      {"bitmap:ip with a netmask",
       "create s bitmap:ip range 10.0.0.0/16 netmask 24\nadd s "
       "10.0.0.1\n",
       "--match-set s src", Match},
      {"bitmap:port", "create s bitmap:port range 0-1024\nadd s 80\n", "--match-set s dst", Match},
      {"bitmap:port, outside", "create s bitmap:port range 0-1024\nadd s 80\n", "--match-set s src",
       NoMatch},
      {"bitmap:ip,mac",
       "create s bitmap:ip,mac range 10.0.0.0/24\nadd s "
       "10.0.0.9,02:00:00:00:00:aa\n",
       "--match-set s src,src", Match},
      {"bitmap:ip,mac, another MAC",
       "create s bitmap:ip,mac range 10.0.0.0/24\nadd s "
       "10.0.0.9,02:00:00:00:00:ab\n",
       "--match-set s src,src", NoMatch},
      {"hash:mac", "create s hash:mac\nadd s 02:00:00:00:00:aa\n", "--match-set s src", Match},
      {"hash:ip,mac", "create s hash:ip,mac\nadd s 10.0.0.9,02:00:00:00:00:aa\n",
       "--match-set s src,src", Match},
      {"list:set, second member",
       "create a hash:ip\ncreate b hash:ip,port\nadd b 10.0.0.9,80\n"
       "create s list:set\nadd s a\nadd s b\n",
       "--match-set s src,dst", Match},
      {"list:set, no member", "create a hash:ip\ncreate s list:set\nadd s a\n",
       "--match-set s src,dst", NoMatch},
      {"an empty set", "create s hash:net\n", "--match-set s src", NoMatch},
  };
  check_cases(cases, with_mac(make_tcp({}), "02:00:00:00:00:aa", "02:00:00:00:00:10"));
}

TEST_CASE("match set: nomatch elements and --return-nomatch") {
  using enum Outcome;
  const char* set = "create s hash:net\nadd s 10.0.0.0/8\nadd s 10.0.0.0/24 nomatch\n";
  const Case cases[] = {
      {"the longest prefix decides", set, "--match-set s src", NoMatch},
      {"return-nomatch matches the exception", set, "--match-set s src --return-nomatch", Match},
      {"and not the rule", "create s hash:net\nadd s 10.0.0.0/8\n",
       "--match-set s src --return-nomatch", NoMatch},
      {"inverted", set, "! --match-set s src", Match},
      {"a type without nomatch is not inverted", "create s hash:ip\nadd s 10.0.0.9\n",
       "--match-set s src --return-nomatch", Match},
      {"an exception of the exception",
       "create s hash:net\nadd s 10.0.0.0/8\nadd s 10.0.0.0/24 "
       "nomatch\nadd s 10.0.0.9\n",
       "--match-set s src", Match},
  };
  check_cases(cases, make_tcp({}));
}

TEST_CASE("match set: ports of other packets") {
  XtFixture f;
  load_ipsets(f,
              "create s hash:ip,port\nadd s 10.0.0.9,icmp:8/0\nadd s 10.0.0.9,gre:0\n"
              "add s 10.0.0.9,sctp:5\n");
  const Result<MatchPtr> match = f.parse("-m set --match-set s src,dst");
  REQUIRE(match.has_value());
  SUBCASE("ICMP has its type and code") {
    CHECK(f.match(**match, make_icmp({})).outcome == Outcome::Match);
    CHECK(f.match(**match, make_icmp({.type = 0})).outcome == Outcome::NoMatch);
  }
  SUBCASE("a protocol without ports has port 0") {
    CHECK(f.match(**match, make_ip({}, kProtoGre, Bytes(4, 9))).outcome == Outcome::Match);
  }
  SUBCASE("the kernel wants the whole SCTP header") {
    Bytes sctp{0, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(f.match(**match, make_ip({}, kProtoSctp, sctp)).outcome == Outcome::Match);
    sctp.pop_back();
    CHECK(f.match(**match, make_ip({}, kProtoSctp, sctp)).outcome == Outcome::NoMatch);
  }
  SUBCASE("a later fragment has no ports") {
    CHECK(f.match(**match, make_fragment(kProtoTcp, 64)).outcome == Outcome::NoMatch);
    CHECK(f.match(**match, make_fragment(kProtoGre, 64)).outcome == Outcome::Match);
  }
}

TEST_CASE("match set: a capture that was cut") {
  XtFixture f;
  load_ipsets(f, "create s hash:ip,port\nadd s 10.0.0.9,80\n");
  const Result<MatchPtr> match = f.parse("-m set ! --match-set s src,dst");
  REQUIRE(match.has_value());
  CHECK(f.match(**match, captured(make_tcp({}), 24)).outcome == Outcome::NoMatch);
  const MatchAnswer cut = f.match(**match, captured(make_tcp({}), 22));
  CHECK(cut.outcome == Outcome::Unknown);
  CHECK(cut.unknown == "bytes beyond the captured length");
  CHECK(f.match(**match, shortened(make_tcp({}), 30)).outcome == Outcome::Match);
}

TEST_CASE("match set: timeouts run with the capture") {
  XtFixture f;
  load_ipsets(f, "create s hash:ip timeout 30\nadd s 10.0.0.9 timeout 10\n");
  const Result<MatchPtr> match = f.parse("-m set --match-set s src");
  REQUIRE(match.has_value());
  f.now = f.now + 10 * kNsPerSecond;
  CHECK(f.match(**match, make_tcp({})).outcome == Outcome::Match);
  f.now = f.now + 1;
  CHECK(f.match(**match, make_tcp({})).outcome == Outcome::NoMatch);
}

TEST_CASE("match set: counters") {
  XtFixture f;
  load_ipsets(f, "create s hash:ip counters\nadd s 10.0.0.9 packets 4 bytes 100\n");
  const Skb skb = make_tcp({});  // 40 bytes
  SUBCASE("count the packet, then compare") {
    const MatchAnswer answer = f.match("-m set --match-set s src --packets-gt 4", skb);
    CHECK(answer.outcome == Outcome::Match);
    REQUIRE(answer.terms.size() == 1);
    CHECK(answer.terms[0].term == "--match-set s src --packets-gt 4");
    CHECK(answer.terms[0].seen == "10.0.0.9");
    CHECK(print_ipsets(f).find("10.0.0.9 packets 5 bytes 140\n") != std::string::npos);
  }
  SUBCASE("count also when they do not fit") {
    CHECK(f.match("-m set --match-set s src --packets-eq 4", skb).outcome == Outcome::NoMatch);
    CHECK(print_ipsets(f).find("packets 5 bytes 140\n") != std::string::npos);
  }
  SUBCASE("inverted equality, bytes") {
    CHECK(f.match("-m set --match-set s src ! --packets-eq 4 --bytes-lt 141", skb).outcome ==
          Outcome::Match);
    CHECK(f.match("-m set --match-set s src --bytes-lt 180", skb).outcome == Outcome::NoMatch);
  }
  SUBCASE("do not count when told so") {
    const char* rule = "-m set --match-set s src ! --update-counters --packets-eq 4";
    CHECK(f.match(rule, skb).outcome == Outcome::Match);
    CHECK(print_ipsets(f).find("packets 4 bytes 100\n") != std::string::npos);
  }
  SUBCASE("a probe counts nothing, and answers what would be") {
    f.probe = true;
    CHECK(f.match("-m set --match-set s src --packets-eq 5", skb).outcome == Outcome::Match);
    CHECK(print_ipsets(f).find("packets 4 bytes 100\n") != std::string::npos);
  }
  SUBCASE("an earlier copy of the state stays what it was") {
    const State before = f.state;
    f.match("-m set --match-set s src", skb);
    CHECK_FALSE(before == f.state);
    f.state = before;
    CHECK(print_ipsets(f).find("packets 4 bytes 100\n") != std::string::npos);
  }
}

TEST_CASE("match set: counters of a list and of its members") {
  XtFixture f;
  load_ipsets(f,
              "create m hash:ip counters\nadd m 10.0.0.9\ncreate s list:set counters\nadd s m\n");
  SUBCASE("both count") {
    f.match("-m set --match-set s src", make_tcp({}));
    CHECK(print_ipsets(f) ==
          "create m hash:ip counters\nadd m 10.0.0.9 packets 1 bytes 40\n"
          "create s list:set counters\nadd s m packets 1 bytes 40\n");
  }
  SUBCASE("the member does not") {
    f.match("-m set --match-set s src ! --update-subcounters", make_tcp({}));
    CHECK(print_ipsets(f) ==
          "create m hash:ip counters\nadd m 10.0.0.9 packets 0 bytes 0\n"
          "create s list:set counters\nadd s m packets 1 bytes 40\n");
  }
}

TEST_CASE("match set: bitmap:ip,mac learns a MAC address and starts its time") {
  XtFixture f;
  load_ipsets(f, "create s bitmap:ip,mac range 10.0.0.0/24 timeout 60\nadd s 10.0.0.9 timeout 7\n");
  const Skb skb = with_mac(make_tcp({}), "02:00:00:00:00:aa", "02:00:00:00:00:10");
  f.now = f.now + 100 * kNsPerSecond;
  CHECK(f.match("-m set --match-set s src,src", skb).outcome == Outcome::Match);
  CHECK(print_ipsets(f).find("add s 10.0.0.9,02:00:00:00:00:aa timeout 7\n") != std::string::npos);
}

TEST_CASE("match set: what cannot be known") {
  XtFixture f;
  load_ipsets(f, "create s hash:ip,frob\ncreate l list:set\nadd l s\n");
  SUBCASE("a type that is not modelled") {
    const MatchAnswer answer = f.match("-m set ! --match-set s src,dst", make_tcp({}));
    CHECK(answer.outcome == Outcome::Unknown);
    CHECK(answer.unknown.find("not modelled") != std::string::npos);
  }
  SUBCASE("within a list") {
    CHECK(f.match("-m set --match-set l src,dst", make_tcp({})).outcome == Outcome::Unknown);
  }
  SUBCASE("a set that is not in the dump") {
    const std::size_t before = f.diagnostics().size();
    const MatchAnswer answer = f.match("-m set --match-set nx src", make_tcp({}));
    CHECK(answer.outcome == Outcome::Unknown);
    CHECK(answer.unknown == "set nx is not in the dump");
    REQUIRE(f.diagnostics().size() == before + 1);
  }
}

TEST_CASE("match set: syntax") {
  const SyntaxRow rows[] = {
      {"-m set --match-set s src"},
      {"-m set ! --match-set s src,dst"},
      {"-m set --match-set s src,dst,src,dst,src,dst"},
      {"-m set --set s src", "-m set --match-set s src"},
      {"-m set --match-set s src --return-nomatch"},
      {"-m set --match-set s src --update-counters", "-m set --match-set s src"},
      {"-m set --match-set s src ! --update-counters ! --update-subcounters"},
      {"-m set --match-set s src ! --packets-eq 5 ! --bytes-eq 6"},
      {"-m set --match-set s src --packets-lt 5 --bytes-gt 6 --return-nomatch ! --update-counters",
       "-m set --match-set s src --return-nomatch ! --update-counters --packets-lt 5 --bytes-gt 6"},
      {"-m set --match-set s src,dst,src,dst,src,dst,src", "", "at most six"},
      {"-m set --match-set s foo", "", "src and dst"},
      {"-m set --match-set s src --packets-eq 5 --packets-lt 5", "", "only one"},
      {"-m set --match-set s src ! --packets-lt 5", "", "cannot be negated"},
      {"-m set --match-set s src --packets-eq x", "", "--packets-eq"},
      {"-m set --match-set s src --match-set s dst", "", "more than once"},
      {"-m set --match-set s", "", "two arguments"},
      {"-m set", "", "needs --match-set"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

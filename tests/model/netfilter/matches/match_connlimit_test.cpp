// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/connections.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

// Connections of one client, and a rule that counts them.
struct Client {
  XtFixture f;
  MatchPtr rule;

  explicit Client(const char* text) {
    Result<MatchPtr> parsed = f.parse(std::string("-m connlimit ") + text);
    REQUIRE(parsed.has_value());
    rule = *std::move(parsed);
  }
  // A first packet: its connection is tracked, and, when the rules let it pass, confirmed.
  Outcome open(std::uint16_t sport, bool confirm = true, const std::string& src = "10.0.0.9") {
    f.now = f.now + 20'000'000;
    Skb skb = make_tcp({.ip = {.src = src}, .sport = sport});
    ct::Entry& entry = track(f.state, skb);
    const Outcome outcome = f.match(*rule, skb).outcome;
    last = skb;
    if (confirm) {
      ct::Entry& now = f.state.conntrack.at(skb.ct);
      now.status |= ct::kConfirmed;
      now.expires = f.now + 100 * kNsPerSecond;
      now.tcp.state = ct::kTcpSynSent;
      f.state.conntrack.confirm(skb.ct);
    } else {
      f.state.conntrack.remove(skb.ct);
    }
    static_cast<void>(entry);
    return outcome;
  }
  Skb last;
};

TEST_CASE("match connlimit: counts connections that live") {
  Client c("--connlimit-above 2");
  CHECK(c.open(1) == Outcome::NoMatch);
  const Skb first = c.last;
  CHECK(c.open(2) == Outcome::NoMatch);
  CHECK(c.open(3, false) == Outcome::Match);
  CHECK(c.open(4, false) == Outcome::Match);  // the third was dropped and is forgotten
  SUBCASE("a closed one makes room") {
    c.f.state.conntrack.at(first.ct).tcp.state = ct::kTcpTimeWait;
    CHECK(c.open(5) == Outcome::NoMatch);
    CHECK(c.open(6) == Outcome::Match);
  }
  SUBCASE("one that conntrack forgot makes room") {
    c.f.state.conntrack.remove(first.ct);
    CHECK(c.open(5) == Outcome::NoMatch);
  }
  SUBCASE("another address has its own count") {
    CHECK(c.open(5, true, "10.0.0.10") == Outcome::NoMatch);
  }
  SUBCASE("a packet of an assured connection does not add, but forgets what is gone") {
    Skb again = first;
    again.ctinfo = CtInfo::Established;
    c.f.state.conntrack.at(first.ct).status |= ct::kAssured;
    c.f.now = c.f.now + 20'000'000;
    const MatchAnswer answer = c.f.match(*c.rule, again);
    CHECK(answer.outcome == Outcome::NoMatch);
    REQUIRE(answer.terms.size() == 1);
    CHECK(answer.terms[0].field == "ct.count");
    CHECK(answer.terms[0].seen == "2");
  }
  SUBCASE("the first SYN again is known, and the list is not looked at any further") {
    c.f.now = c.f.now + 20'000'000;
    CHECK(c.f.match(*c.rule, first).outcome == Outcome::Match);
  }
}

TEST_CASE("match connlimit: the last packet of the last connection is dropped") {
  Client c("--connlimit-above 5");
  CHECK(c.open(1) == Outcome::NoMatch);
  ct::Entry& entry = c.f.state.conntrack.at(c.last.ct);
  entry.status |= ct::kAssured;
  entry.tcp.state = ct::kTcpTimeWait;
  c.f.now = c.f.now + 20'000'000;
  CHECK(c.f.match(*c.rule, c.last).outcome == Outcome::Hotdrop);
}

TEST_CASE("match connlimit: upto, by network, by destination") {
  SUBCASE("upto") {
    Client c("--connlimit-upto 1");
    CHECK(c.open(1) == Outcome::Match);
    CHECK(c.open(2) == Outcome::NoMatch);
  }
  SUBCASE("a network shares its count") {
    Client c("--connlimit-above 1 --connlimit-mask 24");
    CHECK(c.open(1) == Outcome::NoMatch);
    CHECK(c.open(1, true, "10.0.0.77") == Outcome::Match);
    CHECK(c.open(1, true, "10.0.1.77") == Outcome::NoMatch);
  }
  SUBCASE("by destination") {
    Client c("--connlimit-above 1 --connlimit-daddr");
    CHECK(c.open(1) == Outcome::NoMatch);
    CHECK(c.open(1, true, "172.16.0.1") == Outcome::Match);
  }
}

TEST_CASE("match connlimit: within a tick connections are added without a look") {
  Client c("--connlimit-above 1");
  CHECK(c.open(1, false) == Outcome::NoMatch);
  Skb skb = make_tcp({.sport = 2});
  track(c.f.state, skb);
  CHECK(c.f.match(*c.rule, skb).outcome == Outcome::Match);  // the first is gone, but still counted
}

TEST_CASE("match connlimit: a probe counts nothing") {
  Client c("--connlimit-above 0");
  c.f.probe = true;
  Skb skb = make_tcp({});
  track(c.f.state, skb);
  const Slots before = c.f.state.slots;
  CHECK(c.f.match(*c.rule, skb).outcome == Outcome::Match);
  CHECK(c.f.state.slots == before);
}

TEST_CASE("match connlimit: packets without a connection") {
  Client c("--connlimit-above 0");
  CHECK(c.f.match(*c.rule, make_udp({})).outcome == Outcome::Match);
  CHECK(c.f.match(*c.rule, make_fragment(kProtoUdp, 64)).outcome == Outcome::Hotdrop);
}

TEST_CASE("match connlimit: syntax") {
  const SyntaxRow rows[] = {
      {"-m connlimit --connlimit-upto 0",
       "-m connlimit --connlimit-upto 0 --connlimit-mask 32 --connlimit-saddr"},
      {"-m connlimit --connlimit-above 10 --connlimit-mask 24 --connlimit-daddr"},
      {"-m connlimit ! --connlimit-above 5",
       "-m connlimit --connlimit-upto 5 --connlimit-mask 32 --connlimit-saddr"},
      {"-m connlimit ! --connlimit-upto 5",
       "-m connlimit --connlimit-above 5 --connlimit-mask 32 --connlimit-saddr"},
      {"-m connlimit --connlimit-upto 5 --connlimit-mask 255.255.255.0",
       "-m connlimit --connlimit-upto 5 --connlimit-mask 24 --connlimit-saddr"},
      {"-m connlimit --connlimit-upto 5 --connlimit-mask 0 --connlimit-saddr"},
      {"-m connlimit --connlimit-upto 4294967296", "", "--connlimit-upto"},
      {"-m connlimit --connlimit-upto 5 --connlimit-above 4", "", "--connlimit-above"},
      {"-m connlimit --connlimit-upto 5 --connlimit-saddr --connlimit-daddr", "", "--connlimit"},
      {"-m connlimit --connlimit-upto 5 --connlimit-mask 33", "", "33"},
      {"-m connlimit", "", "--connlimit"},
  };
  check_syntax(rows);
  const SyntaxRow v6[] = {{"-m connlimit --connlimit-upto 0",
                           "-m connlimit --connlimit-upto 0 --connlimit-mask 128 "
                           "--connlimit-saddr"}};
  check_syntax(v6, Family::Ipv6);
}

}  // namespace
}  // namespace pktwalk::testing

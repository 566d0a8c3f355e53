// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

// Rules that share the fixture's lists. All are parsed before the first packet.
struct Lists {
  XtFixture f;
  std::vector<MatchPtr> rules;

  explicit Lists(std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
      Result<MatchPtr> rule = f.parse(std::string("-m recent ") + text);
      REQUIRE(rule.has_value());
      rules.push_back(*std::move(rule));
    }
  }
  bool ask(std::size_t rule, const Skb& skb) {
    return f.match(*rules[rule], skb).outcome == Outcome::Match;
  }
  void wait(std::int64_t ms) { f.now = f.now + ms * 1'000'000; }
};

Skb from(const std::string& src, std::uint8_t ttl = 64) {
  return make_udp({.ip = {.src = src, .ttl = ttl}});
}

TEST_CASE("match recent: set, check, remove") {
  Lists l{"--set",
          "--rcheck",
          "--remove",
          "! --rcheck",
          "--rcheck --name other",
          "--rcheck --rdest",
          "! --set --name x"};
  const Skb a = from("10.0.0.2");
  CHECK_FALSE(l.ask(1, a));
  CHECK(l.ask(3, a));
  CHECK_FALSE(l.ask(2, a));
  CHECK(l.ask(0, a));
  CHECK(l.ask(1, a));
  CHECK_FALSE(l.ask(3, a));
  CHECK_FALSE(l.ask(4, a));
  CHECK_FALSE(l.ask(5, a));
  CHECK_FALSE(l.ask(1, from("10.0.0.3")));
  CHECK_FALSE(l.ask(6, a));  // it sets, and says no
  CHECK(l.ask(2, a));
  CHECK_FALSE(l.ask(1, a));
}

TEST_CASE("match recent: hits within seconds") {
  Lists l{"--set", "--rcheck --seconds 2 --hitcount 3", "--update --seconds 2 --hitcount 3"};
  const Skb a = from("10.0.0.2");
  SUBCASE("as many as wanted") {
    l.ask(0, a);
    l.ask(0, a);
    CHECK_FALSE(l.ask(1, a));
    l.ask(0, a);
    CHECK(l.ask(1, a));
  }
  SUBCASE("old ones do not count") {
    l.ask(0, a);
    l.wait(1500);
    l.ask(0, a);
    l.ask(0, a);
    l.wait(500);
    CHECK(l.ask(1, a));
    l.wait(4);
    CHECK_FALSE(l.ask(1, a));
  }
  SUBCASE("update keeps counting while it matches, and only then") {
    l.ask(0, a);
    CHECK_FALSE(l.ask(2, a));  // not counted
    CHECK_FALSE(l.ask(2, a));
    l.ask(0, a);
    l.ask(0, a);
    CHECK(l.ask(2, a));  // the fourth
    l.wait(1900);
    CHECK(l.ask(2, a));
    l.wait(1900);
    CHECK_FALSE(l.ask(2, a));  // two within the last two seconds
  }
  SUBCASE("the term says how many there were") {
    l.ask(0, a);
    l.ask(0, a);
    const MatchAnswer answer = l.f.match(*l.rules[1], a);
    REQUIRE(answer.terms.size() == 1);
    CHECK(answer.terms[0].term == "--rcheck --seconds 2 --hitcount 3");
    CHECK(answer.terms[0].seen == "2");
  }
}

TEST_CASE("match recent: a list holds as many stamps as its greediest rule wants") {
  Lists l{"--set", "--rcheck --hitcount 33", "--rcheck --hitcount 40"};
  const Skb a = from("10.0.0.2");
  for (int i = 0; i < 40; ++i) l.ask(0, a);
  CHECK(l.ask(2, a));
}

TEST_CASE("match recent: without such a rule it holds 32") {
  Lists l{"--set --name a", "--rcheck --name a", "--rcheck --seconds 5 --hitcount 32 --name a"};
  const Skb a = from("10.0.0.2");
  l.ask(0, a);
  l.wait(3000);
  for (int i = 0; i < 31; ++i) l.ask(0, a);
  CHECK(l.ask(2, a));
  l.wait(3000);
  l.ask(0, a);  // overwrites the oldest
  CHECK(l.ask(2, a));
}

TEST_CASE("match recent: --rttl tells hosts apart by the TTL before forwarding") {
  Lists l{"--set", "--rcheck --rttl"};
  l.ask(0, from("10.0.0.2", 60));
  CHECK(l.ask(1, from("10.0.0.2", 60)));
  CHECK_FALSE(l.ask(1, from("10.0.0.2", 59)));
  l.f.out.clear();  // PREROUTING: not yet decremented
  CHECK(l.ask(1, from("10.0.0.2", 61)));
}

TEST_CASE("match recent: the mask of the first rule counts") {
  Lists l{"--set --mask 255.255.255.0", "--rcheck"};
  l.ask(0, from("10.0.0.2"));
  CHECK(l.ask(1, from("10.0.0.99")));
  CHECK_FALSE(l.ask(1, from("10.0.1.2")));
}

TEST_CASE("match recent: masks of rules in several tables leave open whose counts") {
  struct Case {
    const char* name;
    const char* table;
    const char* mask;
    Outcome want;
  };
  const Case cases[] = {
      {"the same table", "filter", "255.255.0.0", Outcome::Match},
      {"another table, the same mask", "mangle", "255.255.255.0", Outcome::Match},
      {"another table, another mask", "mangle", "255.255.0.0", Outcome::Unknown},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    XtFixture f;
    const Result<MatchPtr> first = f.parse("-m recent --set --mask 255.255.255.0");
    f.table = c.table;
    const Result<MatchPtr> second = f.parse(std::string("-m recent --rcheck --mask ") + c.mask);
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    f.match(**first, from("10.0.0.2"));
    CHECK(f.match(**second, from("10.0.0.77")).outcome == c.want);
  }
}

TEST_CASE("match recent: packets without a socket count as forwarded for --rttl") {
  struct Case {
    const char* name;
    bool local, without_socket;
    std::uint8_t ttl;  // of the second packet
    Outcome want;
  };
  const Case cases[] = {
      {"forwarded: both were lowered", false, false, 64, Outcome::Match},
      {"of a socket of ours: not lowered", true, false, 65, Outcome::Match},
      {"of a socket of ours, the same byte", true, false, 64, Outcome::NoMatch},
      {"a reset of REJECT has no socket", true, true, 64, Outcome::Match},
      {"a reset of REJECT, one more", true, true, 65, Outcome::NoMatch},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Lists l{"--set", "--rcheck --rttl"};
    l.ask(0, from("10.0.0.2", 64));
    Skb skb = from("10.0.0.2", c.ttl);
    skb.local = c.local;
    skb.without_socket = c.without_socket;
    CHECK(l.f.match(*l.rules[1], skb).outcome == c.want);
  }
}

TEST_CASE("match recent: --update, inverted, adds a stamp when there are too few") {
  Lists l{"--set", "! --update --seconds 10 --hitcount 3", "--rcheck --hitcount 3"};
  const Skb a = from("10.0.0.2");
  CHECK(l.ask(1, a));  // not in the list: nothing to add to
  l.ask(0, a);
  CHECK(l.ask(1, a));
  CHECK(l.ask(1, a));
  CHECK_FALSE(l.ask(1, a));  // three: no match, no stamp
  CHECK(l.ask(2, a));
}

TEST_CASE("match recent: --reap takes the oldest away when it is too old") {
  Lists l{"--set", "--rcheck", "--update --seconds 1 --reap"};
  l.ask(0, from("10.0.0.2"));
  l.wait(2000);
  l.ask(0, from("10.0.0.3"));
  CHECK(l.ask(2, from("10.0.0.3")));
  CHECK_FALSE(l.ask(1, from("10.0.0.2")));
  CHECK(l.ask(1, from("10.0.0.3")));
}

TEST_CASE("match recent: the 101st address pushes the longest unused out") {
  Lists l{"--set", "--rcheck"};
  for (int i = 0; i < 100; ++i) l.ask(0, from("10.0.1." + std::to_string(i)));
  l.ask(0, from("10.0.1.0"));
  l.ask(0, from("10.0.2.1"));
  CHECK(l.ask(1, from("10.0.1.0")));
  CHECK_FALSE(l.ask(1, from("10.0.1.1")));
  CHECK(l.ask(1, from("10.0.1.2")));
}

TEST_CASE("match recent: a probe changes nothing") {
  Lists l{"--set", "--rcheck"};
  l.f.probe = true;
  const State before = l.f.state;
  CHECK(l.ask(0, from("10.0.0.2")));
  CHECK(l.f.state == before);
}

TEST_CASE("match recent: syntax") {
  const SyntaxRow rows[] = {
      {"-m recent --set", "-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource"},
      {"-m recent ! --rcheck --seconds 60 --hitcount 4 --rttl --name SSH --rdest",
       "-m recent ! --rcheck --seconds 60 --hitcount 4 --rttl --name SSH --mask 255.255.255.255 "
       "--rdest"},
      {"-m recent --update --seconds 60 --reap --name a --mask 255.255.255.0 --rsource"},
      {"-m recent --remove --name x --mask 255.255.255.255 --rsource"},
      {"-m recent --rcheck --hitcount 0",
       "-m recent --rcheck --name DEFAULT --mask 255.255.255.255 --rsource"},
      {"-m recent --update --reap", "", "--seconds"},
      {"-m recent --rcheck --hitcount 65536", "", "--hitcount"},
      {"-m recent --rcheck --seconds 0", "", "--seconds"},
      {"-m recent --set --rcheck", "", "--rcheck"},
      {"-m recent --rsource", "", "--set"},
      {"-m recent --set --seconds 5", "", "--seconds"},
      {"-m recent --set --rttl", "", "--rttl"},
      {"-m recent --rcheck --name a/b", "", "a/b"},
      {"-m recent --rcheck ! --rsource", "", "cannot be negated"},
  };
  check_syntax(rows);
  const SyntaxRow v6[] = {{"-m recent --set",
                           "-m recent --set --name DEFAULT --mask "
                           "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"}};
  check_syntax(v6, Family::Ipv6);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

constexpr std::int64_t kMs = 1'000'000;

struct Rules {
  XtFixture f;
  std::vector<MatchPtr> rules;

  explicit Rules(std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
      Result<MatchPtr> rule = f.parse(std::string("-m hashlimit ") + text);
      REQUIRE(rule.has_value());
      rules.push_back(*std::move(rule));
    }
  }
  bool ask(const Skb& skb, std::size_t rule = 0) {
    return f.match(*rules[rule], skb).outcome == Outcome::Match;
  }
  std::string ask_often(int times, const Skb& skb, std::size_t rule = 0) {
    std::string answers;
    for (int i = 0; i < times; ++i) answers += ask(skb, rule) ? '+' : '-';
    return answers;
  }
};

Skb from(const std::string& src, std::uint16_t sport = 1, std::size_t payload = 0) {
  return make_udp({.ip = {.src = src}, .sport = sport, .payload = Bytes(payload)});
}

TEST_CASE("match hashlimit: a bucket for each key") {
  SUBCASE("source addresses") {
    Rules r{
        "--hashlimit-upto 1/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name a "
        "--hashlimit-htable-expire 60000"};
    CHECK(r.ask_often(3, from("10.0.0.2")) == "++-");
    CHECK(r.ask_often(3, from("10.0.0.3")) == "++-");
    r.f.now = r.f.now + 1000 * kMs;
    CHECK(r.ask_often(2, from("10.0.0.2")) == "+-");
  }
  SUBCASE("networks") {
    Rules r{
        "--hashlimit-upto 1/sec --hashlimit-burst 2 --hashlimit-mode srcip "
        "--hashlimit-srcmask 24 --hashlimit-name a"};
    CHECK(r.ask_often(1, from("10.0.0.2")) == "+");
    CHECK(r.ask_often(2, from("10.0.0.3")) == "+-");
    CHECK(r.ask_often(1, from("10.0.1.3")) == "+");
  }
  SUBCASE("ports; protocols without have port 0") {
    Rules r{
        "--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode srcport "
        "--hashlimit-name a"};
    CHECK(r.ask_often(2, from("10.0.0.2", 1)) == "+-");
    CHECK(r.ask_often(1, from("10.0.0.2", 2)) == "+");
    CHECK(r.ask_often(2, make_icmp({})) == "+-");
    CHECK(r.ask_often(1, make_ip({}, kProtoGre, Bytes(8))) == "-");
  }
  SUBCASE("no key: one bucket for all") {
    Rules r{"--hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-name a"};
    CHECK(r.ask_often(1, from("10.0.0.2")) == "+");
    CHECK(r.ask_often(1, from("10.0.0.3")) == "-");
  }
}

TEST_CASE("match hashlimit: above is the other way round") {
  Rules r{"--hashlimit-above 1/sec --hashlimit-burst 2 --hashlimit-name a"};
  CHECK(r.ask_often(4, from("10.0.0.2")) == "--++");
}

TEST_CASE("match hashlimit: rules of one name share a table, with the first rule's values") {
  Rules r{
      "--hashlimit-upto 1/hour --hashlimit-burst 3 --hashlimit-name a",
      "--hashlimit-upto 100/sec --hashlimit-burst 100 --hashlimit-mode srcip --hashlimit-name a"};
  CHECK(r.ask_often(2, from("10.0.0.2"), 0) == "++");
  CHECK(r.ask_often(2, from("10.0.0.3"), 1) == "+-");
}

TEST_CASE("match hashlimit: rules that leave open whose values a table has") {
  struct Case {
    const char* name;
    const char* table;
    const char* rule;
    bool known;
  };
  const Case cases[] = {
      {"the same table of rules", "filter", "--hashlimit-upto 9/sec", true},
      {"another one, the same values", "mangle", "--hashlimit-upto 1/hour", true},
      {"another one, the other way round", "mangle", "--hashlimit-above 1/hour", true},
      {"another one, another rate", "mangle", "--hashlimit-upto 9/sec", false},
      {"another one, another key", "mangle", "--hashlimit-upto 1/hour --hashlimit-mode srcip",
       false},
      {"one looks at windows, which Linux refuses", "filter",
       "--hashlimit-upto 1/sec --hashlimit-rate-match", false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    XtFixture f;
    const Result<MatchPtr> first =
        f.parse("-m hashlimit --hashlimit-upto 1/hour --hashlimit-name a");
    f.table = c.table;
    const Result<MatchPtr> second =
        f.parse(std::string("-m hashlimit --hashlimit-name a ") + c.rule);
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK((f.match(**first, from("10.0.0.2")).outcome != Outcome::Unknown) == c.known);
    CHECK((f.match(**second, from("10.0.0.2")).outcome != Outcome::Unknown) == c.known);
  }
}

TEST_CASE("match hashlimit: both sides of the boundary in time") {
  struct Case {
    const char* name;
    const char* rate;
    std::int64_t ms;  // after the burst of one was spent
    bool below;
  };
  const Case cases[] = {
      {"two a second", "2/sec", 496, false},
      {"two a second, one tick on", "2/sec", 500, true},
      {"seven a second cost 142857 millionths", "7/sec", 140, false},
      {"seven a second, one tick on", "7/sec", 144, true},
      {"one a minute", "1/min", 59996, false},
      {"one a minute, one tick on", "1/min", 60000, true},
      {"one an hour", "1/hour", 3599996, false},
      {"one an hour, one tick on", "1/hour", 3600000, true},
      {"one a day", "1/day", 86399996, false},
      {"one a day, one tick on", "1/day", 86400000, true},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const std::string rule = std::string("--hashlimit-upto ") + c.rate +
                             " --hashlimit-burst 1 --hashlimit-name a --hashlimit-htable-expire "
                             "100000000";
    Rules r{rule.c_str()};
    CHECK(r.ask_often(2, from("10.0.0.2")) == "+-");
    r.f.now = r.f.now + c.ms * kMs;
    CHECK(r.ask(from("10.0.0.2")) == c.below);
  }
}

TEST_CASE("match hashlimit: by destination, network and port") {
  Rules r{
      "--hashlimit-upto 1/hour --hashlimit-burst 1 --hashlimit-mode dstip,dstport "
      "--hashlimit-dstmask 28 --hashlimit-name a"};
  const auto to = [](const char* dst, std::uint16_t port) {
    return make_udp({.ip = {.dst = dst}, .dport = port});
  };
  CHECK(r.ask(to("192.0.2.16", 53)));
  CHECK_FALSE(r.ask(to("192.0.2.31", 53)));  // the last address of the network
  CHECK(r.ask(to("192.0.2.32", 53)));
  CHECK(r.ask(to("192.0.2.15", 53)));
  CHECK(r.ask(to("192.0.2.16", 54)));
}

TEST_CASE("match hashlimit: an entry that expired begins anew when the collector has run") {
  Rules r{
      "--hashlimit-upto 1/hour --hashlimit-burst 1 --hashlimit-name a "
      "--hashlimit-htable-expire 1000 --hashlimit-htable-gcinterval 400"};
  const auto ask = [&] { return r.f.match(*r.rules[0], from("10.0.0.2")).outcome; };
  CHECK(r.ask_often(2, from("10.0.0.2")) == "+-");
  r.f.now = r.f.now + 996 * kMs;
  CHECK(ask() == Outcome::NoMatch);  // one tick before it expires, and asking renews it
  r.f.now = r.f.now + 1500 * kMs;
  CHECK(ask() == Outcome::Unknown);  // its turn comes within 400 ms, and may be late
  r.f.now = r.f.now + 1504 * kMs;
  CHECK(ask() == Outcome::Match);
  CHECK(ask() == Outcome::NoMatch);
}

TEST_CASE("match hashlimit: collected or not, where it makes no difference") {
  Rules r{
      "--hashlimit-upto 2/sec --hashlimit-burst 4 --hashlimit-name a "
      "--hashlimit-htable-expire 1000"};
  const auto ask = [&] { return r.f.match(*r.rules[0], from("10.0.0.2")).outcome; };
  CHECK(r.ask_often(5, from("10.0.0.2")) == "++++-");
  r.f.now = r.f.now + 1000 * kMs;
  CHECK(ask() == Outcome::Match);  // two tokens, or four
  CHECK(ask() == Outcome::Match);
  CHECK(ask() == Outcome::Unknown);  // none, or two
  r.f.now = r.f.now + 500 * kMs;
  CHECK(ask() == Outcome::Match);
  r.f.now = r.f.now + 980 * kMs;
  CHECK(ask() == Outcome::Match);
}

TEST_CASE("match hashlimit: a full table drops packets") {
  Rules r{
      "--hashlimit-upto 1/hour --hashlimit-mode srcip --hashlimit-name a "
      "--hashlimit-htable-size 1 --hashlimit-htable-max 2"};
  CHECK(r.ask(from("10.0.0.1")));
  CHECK(r.ask(from("10.0.0.2")));
  CHECK(r.f.match(*r.rules[0], from("10.0.0.3")).outcome == Outcome::Hotdrop);
}

TEST_CASE("match hashlimit: in bytes") {
  Rules r{"--hashlimit-upto 1kb/s --hashlimit-name a",
          "--hashlimit-upto 1kb/s --hashlimit-burst 3kb --hashlimit-name b"};
  const Skb skb = from("10.0.0.2", 1, 484);  // 512 bytes
  CHECK(r.ask_often(3, skb, 0) == "+--");
  CHECK(r.ask_often(6, skb, 1) == "++++--");
  r.f.now = r.f.now + 1000 * kMs;
  CHECK(r.ask_often(3, skb, 0) == "+--");
}

TEST_CASE("match hashlimit: rate match looks at whole windows") {
  Rules r{
      "--hashlimit-upto 2/sec --hashlimit-burst 1 --hashlimit-name a --hashlimit-rate-match "
      "--hashlimit-htable-expire 60000"};
  CHECK(r.ask_often(5, from("10.0.0.2")) == "+++--");
  r.f.now = r.f.now + 1000 * kMs;
  CHECK(r.ask_often(2, from("10.0.0.2")) == "--");  // the last window was over the rate
  r.f.now = r.f.now + 1000 * kMs;
  CHECK(r.ask_often(4, from("10.0.0.2")) == "+++-");
}

TEST_CASE("match hashlimit: packets without the ports that are asked for") {
  Rules r{"--hashlimit-upto 1/sec --hashlimit-mode dstport --hashlimit-name a"};
  CHECK(r.f.match(*r.rules[0], shortened(make_udp({}), 22)).outcome == Outcome::Hotdrop);
  CHECK(r.f.match(*r.rules[0], captured(make_udp({}), 22)).outcome == Outcome::Unknown);
}

TEST_CASE("match hashlimit: a probe takes nothing, and the term shows what is left") {
  Rules r{"--hashlimit-upto 1/sec --hashlimit-burst 2 --hashlimit-name a"};
  r.f.probe = true;
  CHECK(r.ask_often(4, from("10.0.0.2")) == "++++");
  r.f.probe = false;
  const MatchAnswer answer = r.f.match(*r.rules[0], from("10.0.0.2"));
  REQUIRE(answer.terms.size() == 1);
  CHECK(answer.terms[0].term == "--hashlimit-upto 1/sec --hashlimit-burst 2");
  CHECK(answer.terms[0].seen == "2");
}

TEST_CASE("match hashlimit: syntax") {
  const SyntaxRow rows[] = {
      {"-m hashlimit --hashlimit 5/sec --hashlimit-name a",
       "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a"},
      {"-m hashlimit ! --hashlimit-upto 5/sec --hashlimit-name a",
       "-m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-name a"},
      {"-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 7 --hashlimit-mode "
       "dstport,dstip,srcport,srcip --hashlimit-name abc --hashlimit-srcmask 24 "
       "--hashlimit-dstmask 16 --hashlimit-htable-size 100 --hashlimit-htable-max 500 "
       "--hashlimit-htable-gcinterval 500 --hashlimit-htable-expire 5000",
       "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 7 --hashlimit-mode "
       "srcip,srcport,dstip,dstport --hashlimit-name abc --hashlimit-htable-size 100 "
       "--hashlimit-htable-max 500 --hashlimit-htable-gcinterval 500 --hashlimit-htable-expire "
       "5000 --hashlimit-srcmask 24 --hashlimit-dstmask 16"},
      {"-m hashlimit --hashlimit-above 512kb/s --hashlimit-burst 1mb --hashlimit-mode dstip "
       "--hashlimit-name b"},
      {"-m hashlimit --hashlimit-upto 1000mb/s --hashlimit-name a",
       "-m hashlimit --hashlimit-upto 1008mb/s --hashlimit-name a"},
      {"-m hashlimit --hashlimit-upto 1500b/s --hashlimit-name a",
       "-m hashlimit --hashlimit-upto 1488b/s --hashlimit-name a"},
      {"-m hashlimit --hashlimit-upto 512kb/s --hashlimit-name a --hashlimit-htable-expire 15000",
       "-m hashlimit --hashlimit-upto 512kb/s --hashlimit-name a"},
      {"-m hashlimit --hashlimit-upto 512kb/s --hashlimit-burst 1mb --hashlimit-name a "
       "--hashlimit-htable-expire 15000"},
      {"-m hashlimit --hashlimit-upto 40mb/s --hashlimit-burst 100mb --hashlimit-name a "
       "--hashlimit-rate-match",
       "-m hashlimit --hashlimit-upto 40mb/s --hashlimit-burst 120mb --hashlimit-name a "
       "--hashlimit-rate-match"},
      {"-m hashlimit --hashlimit-upto 300/min --hashlimit-name a",
       "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a "
       "--hashlimit-htable-expire 60000"},
      {"-m hashlimit --hashlimit-upto 7/min --hashlimit-name a --hashlimit-rate-match",
       "-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 5 --hashlimit-name a "
       "--hashlimit-htable-expire 60000 --hashlimit-rate-match --hashlimit-rate-interval 60"},
      {"-m hashlimit --hashlimit-upto 40/sec --hashlimit-burst 20 --hashlimit-mode srcip "
       "--hashlimit-name r --hashlimit-rate-match --hashlimit-rate-interval 10"},
      {"-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 3k --hashlimit-name a",
       "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 3072 --hashlimit-name a"},
      {"-m hashlimit --hashlimit-upto 5/sec", "", "--hashlimit-name"},
      {"-m hashlimit --hashlimit-name a", "", "--hashlimit-upto"},
      {"-m hashlimit --hashlimit-upto 2000000/sec --hashlimit-name a", "", "is no rate"},
      {"-m hashlimit --hashlimit-upto 96b/s --hashlimit-burst 5 --hashlimit-name a", "",
       "smaller than 96"},
      {"-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 1000001 --hashlimit-name a", "",
       "1000001"},
      {"-m hashlimit --hashlimit-upto 5/sec --hashlimit-mode foo --hashlimit-name a", "", "foo"},
      {"-m hashlimit --hashlimit-upto 5/sec --hashlimit-srcmask 33 --hashlimit-name a", "", "33"},
      {"-m hashlimit --hashlimit-upto 5/sec --hashlimit-name a/b", "", "a/b"},
      {"-m hashlimit --hashlimit-upto 1/day --hashlimit-burst 100 --hashlimit-name a", "", "range"},
      {"-m hashlimit --hashlimit-upto 5/sec --hashlimit-name a --hashlimit-rate-interval 0", "",
       "--hashlimit-rate-interval"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

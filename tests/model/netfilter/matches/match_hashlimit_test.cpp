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
    Rules r{"--hashlimit-upto 1/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name a"};
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

TEST_CASE("match hashlimit: an entry that expired begins anew when the collector has run") {
  Rules r{
      "--hashlimit-upto 1/hour --hashlimit-burst 1 --hashlimit-name a "
      "--hashlimit-htable-expire 1000 --hashlimit-htable-gcinterval 500"};
  CHECK(r.ask_often(2, from("10.0.0.2")) == "+-");
  r.f.now = r.f.now + 900 * kMs;
  CHECK(r.ask_often(1, from("10.0.0.2")) == "-");
  r.f.now = r.f.now + 1600 * kMs;
  CHECK(r.ask_often(1, from("10.0.0.2")) == "+");
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
  Rules r{"--hashlimit-upto 2/sec --hashlimit-burst 1 --hashlimit-name a --hashlimit-rate-match"};
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

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

// IP header 0-19, UDP header 20-27, text from 28 on.
Skb saying(const std::string& text) { return make_udp({.payload = to_bytes(text)}); }

TEST_CASE("match string: where the text stands, and how it is written") {
  struct Case {
    const char* name;
    const char* match;
    Outcome want;
  };
  using enum Outcome;
  const Case cases[] = {
      {"somewhere in the packet", "--string SECRET --algo bm", Match},
      {"not in it", "--string SECRETS --algo bm", NoMatch},
      {"inverted", "! --string SECRET --algo bm", NoMatch},
      {"inverted, not in it", "! --string SECRETS --algo kmp", Match},
      {"from its first byte", "--string SECRET --algo bm --from 32", Match},
      {"from behind its first byte", "--string SECRET --algo bm --from 33", NoMatch},
      {"to its end", "--string SECRET --algo bm --to 38", Match},
      {"to one byte before its end", "--string SECRET --algo bm --to 37", NoMatch},
      {"exactly between", "--string SECRET --algo kmp --from 32 --to 38", Match},
      {"a window too short for it", "--string SECRET --algo kmp --from 32 --to 37", NoMatch},
      {"an empty window", "--string SECRET --algo bm --from 32 --to 32", NoMatch},
      {"from the last byte", "--string D --algo bm --from 42", Match},
      {"from behind the packet's end", "--string D --algo bm --from 43", NoMatch},
      {"from far behind it", "! --string D --algo bm --from 60000", Match},
      {"the first of two decides, and it ends in time", "--string ab --algo bm --to 30", Match},
      {"the first of two begins before --from", "--string ab --algo bm --from 29", Match},
      {"in capitals", "--string secret --algo bm", NoMatch},
      {"in any case", "--string secret --algo bm --icase", Match},
      {"in any case, kmp", "--string sEcReT --algo kmp --icase", Match},
      {"bytes in hex", "--hex-string |534543524554| --algo bm", Match},
      {"bytes and text", "--hex-string \"S|45 43|RET\" --algo kmp", Match},
      {"bytes of the IP header: version and length", "--hex-string |4500| --algo bm --to 2", Match},
      {"bytes of the IP header: the source", "--hex-string |0a000009| --algo bm --from 12 --to 16",
       Match},
      {"one byte late", "--hex-string |0a000009| --algo bm --from 13 --to 17", NoMatch},
      {"bytes of the UDP header: the port", "--hex-string |0035| --algo kmp --from 22 --to 24",
       Match},
      {"across the headers' boundary",
       "--hex-string \"|c0000250 9c40|\" --algo bm --from 16 --to 22", Match},
  };
  for (const Case& c : cases) {
    XtFixture f;
    CAPTURE(std::string(c.name));
    const MatchAnswer answer =
        f.match(std::string("-m string ") + c.match, saying("ab, SECRET abcD"));
    INFO(answer.text());
    CHECK(answer.error == "");
    CHECK(answer.outcome == c.want);
    CHECK(answer.terms.size() == 1);
  }
}

TEST_CASE("match string: repetitive patterns") {
  XtFixture f;
  CHECK(f.match("-m string --string aab --algo kmp", saying("aaaaab")).outcome == Outcome::Match);
  CHECK(f.match("-m string --string aab --algo bm", saying("aaaaab")).outcome == Outcome::Match);
  CHECK(f.match("-m string --string abcabd --algo kmp", saying("abcabcabd")).outcome ==
        Outcome::Match);
  CHECK(f.match("-m string --string abcabd --algo bm", saying("abcabcabc")).outcome ==
        Outcome::NoMatch);
}

TEST_CASE("match string: --icase knows the letters of Latin-1") {
  XtFixture f;
  const Skb lower = saying("\xe4\xf6\xfc\xf7");
  CHECK(f.match("-m string --hex-string |c4d6dc| --algo bm --icase", lower).outcome ==
        Outcome::Match);
  CHECK(f.match("-m string --hex-string |c4d6dc| --algo bm", lower).outcome == Outcome::NoMatch);
  CHECK(f.match("-m string --hex-string |fcd7| --algo bm --icase", lower).outcome ==
        Outcome::NoMatch);  // the division sign is no letter
}

TEST_CASE("match string: captures and packets that end early") {
  XtFixture f;
  const Skb whole = saying("ab, SECRET abcD");
  CHECK(f.match("-m string --string SECRET --algo bm", shortened(whole, 37)).outcome ==
        Outcome::NoMatch);
  CHECK(f.match("-m string --string SECRET --algo bm", captured(whole, 37)).outcome ==
        Outcome::Unknown);
  CHECK(f.match("-m string ! --string SECRET --algo bm", captured(whole, 37)).outcome ==
        Outcome::Unknown);
  CHECK(f.match("-m string --string SECRET --algo bm", captured(whole, 38)).outcome ==
        Outcome::Match);
  CHECK(f.match("-m string --string SECRET --algo bm --to 37", captured(whole, 37)).outcome ==
        Outcome::NoMatch);  // what was not captured cannot matter
}

TEST_CASE("match string: in a reassembled packet bm stays within a fragment, kmp does not") {
  XtFixture f;
  Skb skb = saying("ab, SECRET abcD");
  skb.frag_list = {16, 7};  // UDP header and "ab, SECR", "ET abcD"
  skb.ignore_df = true;
  CHECK(f.match("-m string --string SECRET --algo kmp", skb).outcome == Outcome::Match);
  CHECK(f.match("-m string --string SECRET --algo bm", skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m string --string SECR --algo bm", skb).outcome == Outcome::Match);
  CHECK(f.match("-m string --string ET --algo bm", skb).outcome == Outcome::Match);
  CHECK(f.match("-m string --string ET --algo bm --from 37", skb).outcome == Outcome::NoMatch);
  CHECK(f.match("-m string --string abcD --algo bm --from 20 --to 43", skb).outcome ==
        Outcome::Match);
  CHECK(f.match("-m string --string abcD --algo bm --from 20 --to 42", skb).outcome ==
        Outcome::NoMatch);
  skb.ignore_df = false;  // put together for local delivery
  CHECK(f.match("-m string --string SECRET --algo bm", skb).outcome == Outcome::Unknown);
  CHECK(f.match("-m string --string SECR --algo bm", skb).outcome == Outcome::Match);
}

TEST_CASE("match string: syntax") {
  const SyntaxRow rows[] = {
      {"-m string --string SECRET --algo bm", "-m string --string \"SECRET\" --algo bm"},
      {"-m string ! --string \"a b\" --algo kmp --from 1 --to 65000 --icase"},
      {"-m string --hex-string \"GET |0d0a|\" --algo bm",
       "-m string --hex-string \"|474554200d0a|\" --algo bm"},
      {"-m string --hex-string \"|41 42|\" --algo bm", "-m string --string \"AB\" --algo bm"},
      {"-m string --string x --algo bm --from 0 --to 65535", "-m string --string \"x\" --algo bm"},
      {"-m string --algo bm", "", "string"},
      {"-m string --string x", "", "--algo"},
      {"-m string --string x --algo fsm", "", "fsm"},
      {"-m string --string x --hex-string |41| --algo bm", "", "--hex-string"},
      {"-m string --string \"\" --algo bm", "", "empty"},
      {"-m string --string x --algo bm --from 5 --to 4", "", "behind"},
      {"-m string --string x --algo bm --to 65536", "", "--to"},
      {"-m string --hex-string \"|4|\" --algo bm", "", "not closed"},
      {"-m string --hex-string \"|4x|\" --algo bm", "", "hex digit"},
  };
  check_syntax(rows);
  XtFixture f;
  CHECK(f.parse("-m string --algo bm --string " + std::string(128, 'x')).has_value());
  CHECK_FALSE(f.parse("-m string --algo bm --string " + std::string(129, 'x')).has_value());
}

}  // namespace
}  // namespace pktwalk::testing

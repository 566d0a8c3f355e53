// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

// IP header 0-19 from 10.0.0.9 to 192.0.2.80, UDP header 20-27 40000 > 53, payload 28-35.
Skb asked() { return make_udp({.payload = {0x01, 0x02, 0x03, 0x04, 0xff, 0xff, 0xff, 0xfc}}); }

TEST_CASE("match u32: words, operators and ranges, both sides of each boundary") {
  struct Case {
    const char* name;
    const char* test;
    Outcome want;
  };
  using enum Outcome;
  const Case cases[] = {
      {"a word", "12=0x0a000009", Match},
      {"another word", "12=0x0a000008", NoMatch},
      {"first of a range", "12=0x0a000009:0x0a00000f", Match},
      {"last of a range", "12=0x0a000000:0x0a000009", Match},
      {"just below a range", "12=0x0a00000a:0x0a00000f", NoMatch},
      {"just above a range", "12=0x0a000000:0x0a000008", NoMatch},
      {"one of several values", "12=1,2:3,0x0a000009", Match},
      {"none of several values", "12=1,2:3,0x0a00000a", NoMatch},
      {"a range back to front never holds", "12=0x0a00000a:0x0a000008", NoMatch},
      {"masked: the protocol", "6&0xff=17", Match},
      {"shifted right", "0>>28=4", Match},
      {"shifted left drops the upper bits", "28<<8=0x02030400", Match},
      {"left and right", "28<<16>>24=3", Match},
      {"operators from left to right", "28>>16&0xff=2", Match},
      {"@: behind the IP header", "0>>22&0x3C@0>>16=40000", Match},
      {"@: the destination port", "0>>22&0x3C@0&0xFFFF=53", Match},
      {"@ twice adds up", "0>>22&0x3C@4>>16&0x1f@0=0x01020304:0xffffffff", NoMatch},
      {"@ to the last word", "0>>22&0x3C@12=0xfffffffc", Match},
      {"@ one byte too far", "0>>22&0x3C@13=0:0xffffffff", NoMatch},
      {"@ that would wrap round in 32 bits", "32@8=0:0xffffffff", NoMatch},
      {"@ as far as to the end and no further", "32@0=0:0xffffffff", NoMatch},
      {"the last word", "32=0xfffffffc", Match},
      {"one byte too far", "33=0:0xffffffff", NoMatch},
      {"much too far", "0xfffffffc=0:0xffffffff", NoMatch},
      {"both of two tests", "6&0xff=17&&12=0x0a000009", Match},
      {"only the first of two tests", "6&0xff=17&&12=0x0a000008", NoMatch},
      {"only the second of two tests", "6&0xff=6&&12=0x0a000009", NoMatch},
  };
  for (const Case& c : cases) {
    XtFixture f;
    CAPTURE(std::string(c.name));
    const MatchAnswer answer = f.match("-m u32 --u32 \"" + std::string(c.test) + '"', asked());
    INFO(answer.text());
    CHECK(answer.error == "");
    CHECK(answer.outcome == c.want);
    const MatchAnswer inverted = f.match("-m u32 ! --u32 \"" + std::string(c.test) + '"', asked());
    CHECK(inverted.outcome == (c.want == Match ? NoMatch : Match));
  }
}

TEST_CASE("match u32: captures and packets that end early") {
  XtFixture f;
  const char* const word = "-m u32 --u32 28=0x01020304";
  CHECK(f.match(word, shortened(asked(), 32)).outcome == Outcome::Match);
  CHECK(f.match(word, shortened(asked(), 31)).outcome == Outcome::NoMatch);
  CHECK(f.match("-m u32 ! --u32 28=0x01020304", shortened(asked(), 31)).outcome == Outcome::Match);
  CHECK(f.match(word, captured(asked(), 32)).outcome == Outcome::Match);
  CHECK(f.match(word, captured(asked(), 31)).outcome == Outcome::Unknown);
  CHECK(f.match("-m u32 --u32 6&0xff=6&&28=0x01020304", captured(asked(), 31)).outcome ==
        Outcome::NoMatch);  // the first test fails whatever follows
}

TEST_CASE("match u32: syntax") {
  const SyntaxRow rows[] = {
      {"-m u32 --u32 0x0=0x0", "-m u32 --u32 \"0x0=0x0\""},
      {"-m u32 ! --u32 \"0>>22&0x3C@4>>16=0x50:80,5\"",
       "-m u32 ! --u32 \"0x0>>0x16&0x3c@0x4>>0x10=0x50,0x5\""},
      {"-m u32 --u32 \" 4 & 0x1FFF = 0 && 6 & 0xFF = 1 : 2 \"",
       "-m u32 --u32 \"0x4&0x1fff=0x0&&0x6&0xff=0x1:0x2\""},
      {"-m u32", "", "u32"},
      {"-m u32 --u32 0", "", "--u32"},
      {"-m u32 --u32 0=", "", "--u32"},
      {"-m u32 --u32 0=1&2", "", "&&"},
      {"-m u32 --u32 0>22=1", "", "--u32"},
      {"-m u32 --u32 4294967296=1", "", "32-bit"},
      {"-m u32 --u32 0=1,2,3,4,5,6,7,8,9,10,11", "", "more than 10 values"},
      {"-m u32 --u32 0&1&1&1&1&1&1&1&1&1&1=1", "", "more than 10 operands"},
      {"-m u32 --u32 0=1&&0=1&&0=1&&0=1&&0=1&&0=1&&0=1&&0=1&&0=1&&0=1&&0=1", "",
       "more than 10 tests"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

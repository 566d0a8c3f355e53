// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match mark: syntax") {
  const SyntaxRow rows[] = {
      {"-m mark --mark 1", "-m mark --mark 0x1"},
      {"-m mark --mark 0x1/0xff"},
      {"-m mark ! --mark 0x1/0x1"},
      {"-m mark --mark 0/0", "-m mark --mark 0x0/0x0"},
      {"-m mark --mark 0xfeed/0xff"},  // never matches, but is kept
      {"-m mark --mark 010", "-m mark --mark 0x8"},
      {"-m mark --mark 4294967295", "-m mark --mark 0xffffffff"},
      {"-m mark --mark 0x1/0xffffffff", "-m mark --mark 0x1"},
      {"-m mark --mark ! 5", "-m mark ! --mark 0x5"},  // the old place of the negation
      {"-m mark --mark 4294967296", "", "not \"4294967296\""},
      {"-m mark --mark 1/", "", "not \"1/\""},
      {"-m mark --mark x", "", "not \"x\""},
      {"-m mark", "", "mark needs --mark"},
  };
  check_syntax(rows);
}

TEST_CASE("match mark: evaluate") {
  struct Case {
    const char* name;
    const char* match;
    std::uint32_t mark;
    Outcome want;
  };
  const Case cases[] = {
      {"no mark set", "--mark 0", 0, Outcome::Match},
      {"another mark", "--mark 0", 5, Outcome::NoMatch},
      {"the mark", "--mark 5", 5, Outcome::Match},
      {"bits outside the mask do not count", "--mark 0x5/0xf", 0xff05, Outcome::Match},
      {"bits inside do", "--mark 0x5/0xf", 0x0d, Outcome::NoMatch},
      {"a value with bits outside its mask never matches", "--mark 0xfeed/0xff", 0xfeed,
       Outcome::NoMatch},
      {"negated", "! --mark 5", 5, Outcome::NoMatch},
      {"negated, another mark", "! --mark 5", 6, Outcome::Match},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      Skb skb = make_tcp({});
      skb.mark = c.mark;
      const MatchAnswer got = f.match(std::string("-m mark ") + c.match, skb);
      INFO(got.text());
      CHECK(got.outcome == c.want);
      REQUIRE(got.terms.size() == 1);
      CHECK(got.terms[0].field == "skb.mark");
    }
  }
}

}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match icmp: syntax") {
  const SyntaxRow rows[] = {
      {"-p icmp -m icmp --icmp-type any"},
      {"-p icmp -m icmp ! --icmp-type any"},
      {"-p icmp -m icmp --icmp-type 255", "-p icmp -m icmp --icmp-type any"},
      {"-p icmp -m icmp --icmp-type 255/1", "-p icmp -m icmp --icmp-type any"},
      {"-p icmp -m icmp --icmp-type 8"},
      {"-p icmp -m icmp --icmp-type 3/4"},
      {"-p icmp -m icmp ! --icmp-type 3"},
      {"-p icmp -m icmp --icmp-type 0x8", "-p icmp -m icmp --icmp-type 8"},
      {"-p icmp -m icmp --icmp-type 010", "-p icmp -m icmp --icmp-type 8"},
      {"-p icmp -m icmp --icmp-type echo-request", "-p icmp -m icmp --icmp-type 8"},
      {"-p icmp -m icmp --icmp-type pong", "-p icmp -m icmp --icmp-type 0"},
      {"-p icmp -m icmp --icmp-type HOST-unreachable", "-p icmp -m icmp --icmp-type 3/1"},
      {"-p icmp -m icmp --icmp-type fragm", "-p icmp -m icmp --icmp-type 3/4"},
      {"-p icmp -m icmp --icmp-type echo-re", "", "may mean echo-reply or echo-request"},
      {"-p icmp -m icmp --icmp-type 3/256", "", "unknown ICMP code"},
      {"-p icmp -m icmp --icmp-type 256", "", "not \"256\""},
      {"-p icmp -m icmp --icmp-type any/5", "", "not \"any/5\""},
      {"-p icmp -m icmp", "", "icmp needs --icmp-type"},
      {"-p tcp -m icmp --icmp-type 8", "", "for protocol icmp only"},
  };
  check_syntax(rows);
}

TEST_CASE("match icmp: evaluate") {
  struct Case {
    const char* name;
    const char* match;
    std::uint8_t type, code;
    Outcome want;
  };
  const Case cases[] = {
      {"the type", "--icmp-type 8", 8, 0, Outcome::Match},
      {"the type with any code", "--icmp-type 3", 3, 13, Outcome::Match},
      {"another type", "--icmp-type 8", 0, 0, Outcome::NoMatch},
      {"type and code", "--icmp-type 3/4", 3, 4, Outcome::Match},
      {"the code below", "--icmp-type 3/4", 3, 3, Outcome::NoMatch},
      {"the code above", "--icmp-type 3/4", 3, 5, Outcome::NoMatch},
      {"negated type", "! --icmp-type 8", 8, 0, Outcome::NoMatch},
      {"negated, another code", "! --icmp-type 3/4", 3, 1, Outcome::Match},
      {"any", "--icmp-type any", 42, 7, Outcome::Match},
      {"not any matches nothing", "! --icmp-type any", 42, 7, Outcome::NoMatch},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      const MatchAnswer got = f.match(std::string("-p icmp -m icmp ") + c.match,
                                      make_icmp({.type = c.type, .code = c.code}));
      INFO(got.text());
      CHECK(got.outcome == c.want);
      REQUIRE(got.terms.size() == 1);
      CHECK(got.terms[0].field == "icmp.type");
    }
  }
}

TEST_CASE("match icmp: fragments and short headers") {
  XtFixture f;
  const char* const text = "-p icmp -m icmp --icmp-type 8";
  CHECK(f.match(text, make_fragment(kProtoIcmp, 8)).outcome == Outcome::NoMatch);
  CHECK(f.match(text, shortened(make_icmp({}), 27)).outcome == Outcome::Hotdrop);
  CHECK(f.match(text, shortened(make_icmp({}), 28)).outcome == Outcome::Match);
  CHECK(f.match(text, captured(make_icmp({}), 27)).outcome == Outcome::Unknown);
}

}  // namespace pktwalk::testing

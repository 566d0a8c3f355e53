// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("match tcpmss: the announced size, both sides of each boundary") {
  struct Case {
    const char* name;
    Bytes options;
    const char* want;
    Outcome outcome;
  };
  using enum Outcome;
  const Bytes mss_1460 = {2, 4, 0x05, 0xb4};
  const Case cases[] = {
      {"the size", mss_1460, "--mss 1460", Match},
      {"another size", mss_1460, "--mss 1461", NoMatch},
      {"not the size", mss_1460, "! --mss 1460", NoMatch},
      {"not another size", mss_1460, "! --mss 1459", Match},
      {"first of a range", mss_1460, "--mss 1460:1500", Match},
      {"last of a range", mss_1460, "--mss 1400:1460", Match},
      {"just below a range", mss_1460, "--mss 1461:1500", NoMatch},
      {"just above a range", mss_1460, "--mss 1400:1459", NoMatch},
      {"outside of a range, inverted", mss_1460, "! --mss 1400:1459", Match},
      {"no options", {}, "--mss 0:65535", NoMatch},
      {"no options, inverted", {}, "! --mss 0:65535", Match},
      {"other options only", {1, 1, 1, 3, 3, 7, 0, 0}, "--mss 0:65535", NoMatch},
      {"behind padding", {1, 1, 1, 2, 4, 0x05, 0xb4, 0}, "--mss 1460", Match},
      {"behind another option", {3, 3, 7, 2, 4, 0x05, 0xb4, 0}, "--mss 1460", Match},
      {"behind the end of the options", {0, 2, 4, 0x05, 0xb4, 0, 0, 0}, "--mss 1460", Match},
      {"the first of two", {2, 4, 0, 1, 2, 4, 0, 2}, "--mss 2", NoMatch},
      {"with a wrong length it is another option",
       {2, 6, 0, 1, 0, 0, 2, 4, 0, 9, 1, 1},
       "--mss 9",
       Match},
      {"cut by the end of the header", {1, 1, 2, 4}, "--mss 0:65535", NoMatch},
      {"an option of length 0 counts as one byte",
       {3, 0, 2, 4, 0x05, 0xb4, 1, 1},
       "--mss 1460",
       Match},
      {"an option longer than the header", {3, 40, 2, 4, 0x05, 0xb4, 1, 1}, "--mss 1460", NoMatch},
      {"zero", {2, 4, 0, 0}, "--mss 0", Match},
      {"the largest", {2, 4, 0xff, 0xff}, "--mss 65535", Match},
  };
  for (const Case& c : cases) {
    XtFixture f;
    CAPTURE(std::string(c.name));
    const MatchAnswer answer =
        f.match(std::string("-p tcp -m tcpmss ") + c.want, make_tcp({.options = c.options}));
    INFO(answer.text());
    CHECK(answer.error == "");
    CHECK(answer.outcome == c.outcome);
    CHECK(answer.terms.size() == 1);
  }
}

TEST_CASE("match tcpmss: headers that end early are dropped") {
  XtFixture f;
  const Skb whole = make_tcp({.options = {2, 4, 0x05, 0xb4}});
  const char* const match = "-p tcp -m tcpmss ! --mss 1460";
  CHECK(f.match(match, shortened(whole, 39)).outcome == Outcome::Hotdrop);
  CHECK(f.match(match, shortened(whole, 40)).outcome == Outcome::Hotdrop);
  CHECK(f.match(match, shortened(whole, 43)).outcome == Outcome::Hotdrop);
  CHECK(f.match(match, shortened(whole, 44)).outcome == Outcome::NoMatch);
  CHECK(f.match(match, captured(whole, 39)).outcome == Outcome::Unknown);
  CHECK(f.match(match, captured(whole, 43)).outcome == Outcome::Unknown);
  CHECK(f.match(match, captured(whole, 44)).outcome == Outcome::NoMatch);
  Skb lying = whole;
  lying.l3()[32] = 0x40;  // a header of 16 bytes
  CHECK(f.match(match, lying).outcome == Outcome::Hotdrop);
}

TEST_CASE("match tcpmss: syntax") {
  const SyntaxRow rows[] = {
      {"-p tcp -m tcpmss --mss 500:600"},
      {"-p tcp -m tcpmss ! --mss 1460"},
      {"-p tcp -m tcpmss --mss 1460:1460", "-p tcp -m tcpmss --mss 1460"},
      {"-p tcp -m tcpmss --mss 600:500", "", "larger"},
      {"-p tcp -m tcpmss --mss 65536", "", "65536"},
      {"-p tcp -m tcpmss", "", "mss"},
      {"-p udp -m tcpmss --mss 500", "", "tcp"},
      {"-m tcpmss --mss 500", "", "tcp"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

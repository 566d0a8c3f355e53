// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match ttl: syntax") {
  const SyntaxRow rows[] = {
      {"-m ttl --ttl-eq 5"},
      {"-m ttl --ttl 5", "-m ttl --ttl-eq 5"},
      {"-m ttl ! --ttl-eq 5"},
      {"-m ttl --ttl-lt 0"},
      {"-m ttl --ttl-gt 255"},
      {"-m ttl --ttl-gt 256", "", "from 0 to 255"},
      {"-m ttl ! --ttl-gt 5", "", "cannot be negated"},
      {"-m ttl --ttl-gt 1 --ttl-lt 5", "", "cannot be used together"},
      {"-m ttl", "", "needs one of"},
  };
  check_syntax(rows);
}

TEST_CASE("match ttl: evaluate") {
  XtFixture f;
  const auto outcome = [&](const char* match) {
    return f.match(std::string("-m ttl ") + match, make_tcp({.ip = {.ttl = 64}})).outcome;
  };
  CHECK(outcome("--ttl-eq 64") == Outcome::Match);
  CHECK(outcome("--ttl-eq 63") == Outcome::NoMatch);
  CHECK(outcome("! --ttl-eq 64") == Outcome::NoMatch);
  CHECK(outcome("! --ttl-eq 63") == Outcome::Match);
  CHECK(outcome("--ttl-lt 65") == Outcome::Match);
  CHECK(outcome("--ttl-lt 64") == Outcome::NoMatch);
  CHECK(outcome("--ttl-gt 63") == Outcome::Match);
  CHECK(outcome("--ttl-gt 64") == Outcome::NoMatch);
}

}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match tos: syntax") {
  const SyntaxRow rows[] = {
      {"-m tos --tos 16", "-m tos --tos 0x10/0xff"},
      {"-m tos --tos 010", "-m tos --tos 0x08/0xff"},
      {"-m tos --tos 0x10/0x3f"},
      {"-m tos ! --tos 8", "-m tos ! --tos 0x08/0xff"},
      {"-m tos --tos Minimize-Delay", "-m tos --tos 0x10/0x3f"},
      {"-m tos --tos maximize-throughput", "-m tos --tos 0x08/0x3f"},
      {"-m tos ! --tos Normal-Service", "-m tos ! --tos 0x00/0x3f"},
      {"-m tos --tos 256", "", "not \"256\""},
      {"-m tos --tos 0x10/0x100", "", "not \"0x10/0x100\""},
      {"-m tos --tos Minimize", "", "not \"Minimize\""},
      {"-m tos", "", "tos needs --tos"},
  };
  check_syntax(rows);
  check_syntax(rows, Family::Ipv6);
}

TEST_CASE("match tos: evaluate") {
  XtFixture f;
  const auto outcome = [&](const char* match, std::uint8_t tos) {
    return f.match(std::string("-m tos ") + match, make_tcp({.ip = {.tos = tos}})).outcome;
  };
  CHECK(outcome("--tos 0x10", 0x10) == Outcome::Match);
  CHECK(outcome("--tos 0x10", 0x11) == Outcome::NoMatch);
  CHECK(outcome("--tos Minimize-Delay", 0xd0) == Outcome::Match);
  CHECK(outcome("--tos Minimize-Delay", 0x30) == Outcome::NoMatch);
  CHECK(outcome("! --tos 0x10", 0x10) == Outcome::NoMatch);
  CHECK(outcome("! --tos 0x10", 0) == Outcome::Match);
  CHECK(outcome("--tos 0x50/0x3f", 0x50) == Outcome::NoMatch);  // value outside its mask
}

}  // namespace pktwalk::testing

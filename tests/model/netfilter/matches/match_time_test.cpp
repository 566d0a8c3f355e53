// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

constexpr std::int64_t kWednesday = 1'709'078'400;  // 2024-02-28 00:00:00 UTC, a leap year

TEST_CASE("match time: evaluate") {
  struct Case {
    const char* rule;
    std::int64_t seconds;  // since that midnight
    Outcome want;
  };
  using enum Outcome;
  const Case cases[] = {
      {"", 0, Match},
      {"--timestart 10:00 --timestop 11:00", 35999, NoMatch},
      {"--timestart 10:00 --timestop 11:00", 36000, Match},
      {"--timestart 10:00 --timestop 11:00", 39600, Match},
      {"--timestart 10:00 --timestop 11:00", 39601, NoMatch},
      {"--timestart 23:00 --timestop 01:00", 3600, Match},
      {"--timestart 23:00 --timestop 01:00", 3601, NoMatch},
      {"--timestart 23:00 --timestop 01:00", 82800, Match},
      {"--weekdays Wed", 0, Match},
      {"--weekdays Wed", 86400, NoMatch},
      {"! --weekdays Wed", 86400, Match},
      {"--weekdays Sun", 4 * 86400, Match},
      {"--weekdays Mon", 5 * 86400, Match},
      {"--weekdays  --datestop 2038-01-19T03:14:07", 0, NoMatch},  // as iptables-save prints none
      {"--monthdays  --datestop 2038-01-19T03:14:07", 0, NoMatch},
      {"--timestart 12:00 --timestop 12:00", 0, Match},  // all day
      {"--timestart 12:00 --timestop 12:00", 43201, Match},
      {"--kerneltz --timestart 10:00 --timestop 11:00", 36000, Match},
      {"--utc --timestart 10:00 --timestop 11:00", 39601, NoMatch},
      {"--monthdays 31", 86400 * 32, Match},  // 2024-03-31
      {"--monthdays 30,31", 86400 * 33, NoMatch},
      {"--monthdays 29", 86400, Match},
      {"--monthdays 1", 2 * 86400, Match},
      {"! --monthdays 29", 86400, NoMatch},
      {"--timestart 23:00 --timestop 01:00 --weekdays Wed", 86400 + 60, NoMatch},
      {"--timestart 23:00 --timestop 01:00 --weekdays Wed --contiguous", 86400 + 60, Match},
      {"--timestart 23:00 --timestop 01:00 --weekdays Wed --contiguous", 60, NoMatch},
      {"--datestart 2024-02-28T00:00:01", 0, NoMatch},
      {"--datestart 2024-02-28T00:00:01", 1, Match},
      {"--datestop 2024-02-29", 86400, Match},
      {"--datestop 2024-02-29", 86401, NoMatch},
      {"--datestop 2024-03", 2 * 86400, Match},
      {"", 500'000'000, NoMatch},  // behind 2038-01-19, where the kernel's default ends
  };
  for (const Case& c : cases) {
    XtFixture f;
    f.now = Time{(kWednesday + c.seconds) * kNsPerSecond};
    const MatchAnswer answer = f.match(std::string("-m time ") + c.rule, make_tcp({}));
    CAPTURE(std::string(c.rule));
    CAPTURE(c.seconds);
    INFO(answer.text());
    CHECK(answer.outcome == c.want);
  }
}

TEST_CASE("match time: terms in the kernel's order") {
  XtFixture f;
  f.now = Time{kWednesday * kNsPerSecond};
  f.probe = true;
  const MatchAnswer answer = f.match(
      "-m time --monthdays 28 --weekdays Thu --timestart 00:00 --timestop 01:00 --datestart 2024",
      make_tcp({}));
  CHECK(answer.outcome == Outcome::NoMatch);
  REQUIRE(answer.terms.size() == 4);
  CHECK(answer.terms[0].term == "--datestart 2024");
  CHECK(answer.terms[1].term == "--timestart 00:00 --timestop 01:00");
  CHECK(answer.terms[2].term == "--weekdays Thu");
  CHECK(answer.terms[2].seen == "Wed");
  CHECK(answer.terms[2].outcome == Outcome::NoMatch);
  CHECK(answer.terms[3].seen == "28");
}

TEST_CASE("match time: the kernel's time zone is not known, and that is said") {
  XtFixture f;
  REQUIRE(f.parse("-m time --kerneltz").has_value());
  REQUIRE(f.diagnostics().size() == 1);
  CHECK(f.diagnostics()[0].what.find("UTC") != std::string::npos);
}

TEST_CASE("match time: syntax") {
  const SyntaxRow rows[] = {
      {"-m time", "-m time --datestop 2038-01-19T03:14:07"},
      {"-m time --timestart 10:00",
       "-m time --timestart 10:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07"},
      {"-m time --timestart 9:5 --utc",
       "-m time --timestart 09:05:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07"},
      {"-m time --weekdays Mo,2,Wedn",
       "-m time --weekdays Mon,Tue,Wed --datestop 2038-01-19T03:14:07"},
      {"-m time ! --weekdays Sa,Su",
       "-m time --weekdays Mon,Tue,Wed,Thu,Fri --datestop 2038-01-19T03:14:07"},
      {"-m time --monthdays 01,31", "-m time --monthdays 1,31 --datestop 2038-01-19T03:14:07"},
      {"-m time --datestart 2024-01",
       "-m time --datestart 2024-01-01T00:00:00 --datestop 2038-01-19T03:14:07"},
      {"-m time --datestart 2024-02-30",
       "-m time --datestart 2024-03-01T00:00:00 --datestop 2038-01-19T03:14:07"},
      {"-m time --datestop 2024-2-3T1:2:3", "-m time --datestop 2024-02-03T01:02:03"},
      {"-m time --timestart 23:00:00 --timestop 01:00:00 --datestop 2038-01-19T03:14:07 "
       "--kerneltz --contiguous"},
      {"-m time --timestart 01:02:03 --timestop 04:05:06 --monthdays 1,2,3,4,5 --weekdays "
       "Mon,Fri,Sun --datestart 2001-02-03T04:05:06 --datestop 2012-09-08T09:06:05 --kerneltz"},
      {"-m time --localtz", "-m time --datestop 2038-01-19T03:14:07 --kerneltz"},
      {"-m time --timestart 24:00", "", "24:00"},
      {"-m time --timestart 10", "", "\"10\""},
      {"-m time --timestart 10:00:60", "", "10:00:60"},
      {"-m time --weekdays mon", "", "mon"},
      {"-m time --weekdays 0,7", "", "0,7"},
      {"-m time --monthdays 1,32", "", "1,32"},
      {"-m time --datestart 2024-13-01", "", "2024-13-01"},
      {"-m time --datestart 1960-01-01", "", "1960-01-01"},
      {"-m time --datestart 2039-01-01", "", "2039-01-01"},
      {"-m time --datestart 2024-02-03T10:00Z", "", "10:00Z"},
      {"-m time --timestart 01:00 --timestop 02:00 --contiguous", "", "--contiguous"},
      {"-m time ! --timestart 10:00", "", "cannot be negated"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

enum class Sender : std::uint8_t { Forwarded, Kernel, Reject, Process, Nobody };

Skb packet_of(Sender sender) {
  Skb skb = make_tcp({});
  if (sender == Sender::Forwarded) return skb;
  skb.local = true;
  skb.origin = Origin::TcpReset;
  skb.without_socket = sender == Sender::Reject;
  if (sender == Sender::Process || sender == Sender::Nobody) skb.origin = Origin::Local;
  if (sender == Sender::Process) {
    skb.uid = 1000;
    skb.gid = 100;
  }
  return skb;
}

TEST_CASE("match owner: evaluate") {
  using enum Sender;
  struct Case {
    const char* rule;
    Outcome forwarded, kernel, reject, process;
  };
  using enum Outcome;
  const Case cases[] = {
      {"--socket-exists", NoMatch, Match, NoMatch, Match},
      {"! --socket-exists", Match, NoMatch, Match, NoMatch},
      {"--uid-owner 1000", NoMatch, NoMatch, NoMatch, Match},
      {"--uid-owner 1001-1002", NoMatch, NoMatch, NoMatch, NoMatch},
      {"--uid-owner 999-1000", NoMatch, NoMatch, NoMatch, Match},
      {"! --uid-owner 1000", Match, Match, Match, NoMatch},
      {"! --uid-owner 0", Match, Match, Match, Match},
      {"--gid-owner 100", NoMatch, NoMatch, NoMatch, Match},
      {"! --gid-owner 101", Match, Match, Match, Match},
      {"--socket-exists ! --uid-owner 0", NoMatch, Match, NoMatch, Match},
      {"! --socket-exists ! --uid-owner 0", Match, NoMatch, Match, NoMatch},
      {"! --uid-owner 0 ! --gid-owner 0", Match, Match, Match, Match},
      {"! --gid-owner 5 --suppl-groups", NoMatch, Match, NoMatch, Unknown},
      {"--gid-owner 100 --suppl-groups", NoMatch, NoMatch, NoMatch, Match},
  };
  for (const Case& c : cases) {
    SUBCASE(c.rule) {
      XtFixture f;
      f.hook = Hook::Output;
      const std::string rule = std::string("-m owner ") + c.rule;
      CHECK(f.match(rule, packet_of(Forwarded)).outcome == c.forwarded);
      CHECK(f.match(rule, packet_of(Kernel)).outcome == c.kernel);
      CHECK(f.match(rule, packet_of(Reject)).outcome == c.reject);
      CHECK(f.match(rule, packet_of(Process)).outcome == c.process);
    }
  }
}

TEST_CASE("match owner: a process whose owner nobody told") {
  XtFixture f;
  const Skb skb = packet_of(Sender::Nobody);
  CHECK(f.match("-m owner --socket-exists", skb).outcome == Outcome::Match);
  const MatchAnswer answer = f.match("-m owner ! --uid-owner 0", skb);
  CHECK(answer.outcome == Outcome::Unknown);
  CHECK(answer.unknown.find("not known") != std::string::npos);
}

TEST_CASE("match owner: syntax") {
  const SyntaxRow rows[] = {
      {"-m owner --uid-owner 1000"},
      {"-m owner --uid-owner root", "-m owner --uid-owner 0"},
      {"-m owner ! --uid-owner 1000-2000 ! --gid-owner 5"},
      {"-m owner ! --socket-exists"},
      {"-m owner ! --uid-owner 3 --socket-exists", "-m owner --socket-exists ! --uid-owner 3"},
      {"-m owner --gid-owner 0-10 --suppl-groups"},
      {"-m owner --uid-owner 4294967294"},
      {"-m owner --uid-owner 4294967295", "", "no numeric id"},
      {"-m owner --uid-owner 5-4", "", "no numeric id"},
      {"-m owner --uid-owner 5-", "", "no numeric id"},
      {"-m owner --uid-owner somebody", "", "no numeric id"},
      {"-m owner --uid-owner 5 --suppl-groups", "", "--gid-owner"},
      {"-m owner", "", "owner needs"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

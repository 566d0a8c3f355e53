// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/trace/value.h"
#include "tests/support/connections.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("match state: evaluate") {
  struct Case {
    const char* name;
    const char* rule;
    CtInfo info;
    bool tracked;
    Outcome want;
  };
  const Case cases[] = {
      {"a first packet is NEW", "-m state --state NEW", CtInfo::New, true, Outcome::Match},
      {"a first packet is not ESTABLISHED", "-m state --state ESTABLISHED", CtInfo::New, true,
       Outcome::NoMatch},
      {"one of several states is enough", "-m state --state RELATED,ESTABLISHED",
       CtInfo::Established, true, Outcome::Match},
      {"a reply is ESTABLISHED too", "-m state --state ESTABLISHED", CtInfo::EstablishedReply, true,
       Outcome::Match},
      {"an error about a connection is RELATED", "-m state --state RELATED", CtInfo::RelatedReply,
       true, Outcome::Match},
      {"a packet without a connection is INVALID", "-m state --state INVALID", CtInfo::None, false,
       Outcome::Match},
      {"INVALID is not NEW", "-m state --state NEW", CtInfo::None, false, Outcome::NoMatch},
      {"an untracked packet is UNTRACKED", "-m state --state UNTRACKED", CtInfo::Untracked, false,
       Outcome::Match},
      {"UNTRACKED is not INVALID", "-m state --state INVALID", CtInfo::Untracked, false,
       Outcome::NoMatch},
      {"inverted: NEW is not wanted", "-m state ! --state NEW", CtInfo::New, true,
       Outcome::NoMatch},
      {"inverted: INVALID is not NEW", "-m state ! --state NEW", CtInfo::None, false,
       Outcome::Match},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      Skb skb = make_tcp({});
      skb.ctinfo = c.info;
      if (c.tracked) track(f.state, skb, c.info);
      const MatchAnswer answer = f.match(c.rule, skb);
      INFO(answer.text());
      CHECK(answer.outcome == c.want);
      REQUIRE(answer.terms.size() == 1);
      CHECK(answer.terms[0].field == "ct.state");
    }
  }
}

TEST_CASE("match state: reports the state that was seen") {
  XtFixture f;
  Skb skb = make_tcp({});
  track(f.state, skb, CtInfo::Established);
  const MatchAnswer answer = f.match("-m state ! --state INVALID,NEW", skb);
  REQUIRE(answer.terms.size() == 1);
  CHECK(answer.terms[0].term == "! --state INVALID,NEW");
  CHECK(answer.terms[0].seen == "ESTABLISHED");
  CHECK(answer.terms[0].outcome == Outcome::Match);
}

TEST_CASE("match state: syntax") {
  const SyntaxRow rows[] = {
      {"-m state --state INVALID"},
      {"-m state --state RELATED,ESTABLISHED"},
      {"-m state --state ESTABLISHED,RELATED", "-m state --state RELATED,ESTABLISHED"},
      {"-m state ! --state est,new,rel,inv,unt",
       "-m state ! --state INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED"},
      {"-m state --state NEW,NEW", "-m state --state NEW"},
      {"-m state --state DNAT", "", "bad state \"DNAT\""},
      {"-m state --state wrong", "", "bad state \"wrong\""},
      {"-m state --state NEW,", "", "bad state \"NEW,\""},
      {"-m state --state ,NEW", "", "bad state \",NEW\""},
      {"-m state", "", "needs --state"},
      {"-m state wrong", "", "wrong"},
      {"-m state --state NEW --state INVALID", "", "more than once"},
  };
  check_syntax(rows);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/connections.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

// 10.0.0.9:40000 -> 192.0.2.80:80, translated to 10.1.0.5:8080 and masqueraded as 203.0.113.1.
struct Translated {
  XtFixture f;
  Skb skb = make_tcp({});

  Translated() {
    ct::Entry& entry = track_confirmed(f.state, skb, f.now + 100 * kNsPerSecond + 500'000'000);
    entry.tuple[1].src = *IpAddr::parse("10.1.0.5");
    entry.tuple[1].src_id = 8080;
    entry.tuple[1].dst = *IpAddr::parse("203.0.113.1");
    entry.tuple[1].dst_id = 61000;
    entry.status = ct::kConfirmed | ct::kSeenReply | ct::kSrcNat | ct::kDstNat;
  }
};

TEST_CASE("match conntrack: each option against a translated connection") {
  struct Case {
    const char* option;
    const char* field;
    const char* seen;
    Outcome want;
  };
  const Case cases[] = {
      {"--ctstate ESTABLISHED", "ct.state", "ESTABLISHED,SNAT,DNAT", Outcome::Match},
      {"--ctstate DNAT", "ct.state", "ESTABLISHED,SNAT,DNAT", Outcome::Match},
      {"! --ctstate SNAT", "ct.state", "ESTABLISHED,SNAT,DNAT", Outcome::NoMatch},
      {"--ctstate NEW", "ct.state", "ESTABLISHED,SNAT,DNAT", Outcome::NoMatch},
      {"--ctdir ORIGINAL", "ct.direction", "ORIGINAL", Outcome::Match},
      {"--ctdir REPLY", "ct.direction", "ORIGINAL", Outcome::NoMatch},
      {"--ctorigsrc 10.0.0.0/24", "ct.original.saddr", "10.0.0.9", Outcome::Match},
      {"! --ctorigsrc 10.0.0.0/24", "ct.original.saddr", "10.0.0.9", Outcome::NoMatch},
      {"--ctorigdst 192.0.2.80", "ct.original.daddr", "192.0.2.80", Outcome::Match},
      {"--ctorigdst 192.0.2.81", "ct.original.daddr", "192.0.2.80", Outcome::NoMatch},
      {"--ctreplsrc 10.1.2.3/16", "ct.reply.saddr", "10.1.0.5", Outcome::Match},
      {"--ctrepldst 203.0.113.1", "ct.reply.daddr", "203.0.113.1", Outcome::Match},
      {"--ctproto tcp", "ct.proto", "tcp", Outcome::Match},
      {"! --ctproto 17", "ct.proto", "tcp", Outcome::Match},
      {"--ctorigsrcport 40000", "ct.original.sport", "40000", Outcome::Match},
      {"--ctorigsrcport 40001:", "ct.original.sport", "40000", Outcome::NoMatch},
      {"--ctorigdstport :80", "ct.original.dport", "80", Outcome::Match},
      {"--ctorigdstport :79", "ct.original.dport", "80", Outcome::NoMatch},
      {"--ctreplsrcport 8080", "ct.reply.sport", "8080", Outcome::Match},
      {"! --ctreplsrcport 8000:8100", "ct.reply.sport", "8080", Outcome::NoMatch},
      {"--ctrepldstport 61000", "ct.reply.dport", "61000", Outcome::Match},
      {"--ctstatus SEEN_REPLY", "ct.status", nullptr, Outcome::Match},
      {"--ctstatus ASSURED,CONFIRMED", "ct.status", nullptr, Outcome::Match},
      {"--ctstatus ASSURED", "ct.status", nullptr, Outcome::NoMatch},
      {"--ctstatus NONE", "ct.status", nullptr, Outcome::NoMatch},
      {"! --ctstatus NONE", "ct.status", nullptr, Outcome::Match},
      {"--ctexpire 100", "ct.expires", "100", Outcome::Match},
      {"--ctexpire 101:", "ct.expires", "100", Outcome::NoMatch},
      {"! --ctexpire 0:99", "ct.expires", "100", Outcome::Match},
  };
  for (const Case& c : cases) {
    SUBCASE(c.option) {
      Translated t;
      const MatchAnswer answer = t.f.match(std::string("-m conntrack ") + c.option, t.skb);
      INFO(answer.text());
      CHECK(answer.outcome == c.want);
      REQUIRE(answer.terms.size() == 1);
      CHECK(answer.terms[0].field == c.field);
      if (c.seen != nullptr) CHECK(answer.terms[0].seen == c.seen);
      CHECK(answer.terms[0].outcome == c.want);
    }
  }
}

TEST_CASE("match conntrack: the reply's direction") {
  Translated t;
  t.skb.ctinfo = CtInfo::EstablishedReply;
  CHECK(t.f.match("-m conntrack --ctdir REPLY", t.skb).outcome == Outcome::Match);
  CHECK(t.f.match("-m conntrack --ctdir ORIGINAL", t.skb).outcome == Outcome::NoMatch);
}

TEST_CASE("match conntrack: an unconfirmed connection has no time left") {
  XtFixture f;
  Skb skb = make_udp({});
  track(f.state, skb).timeout = 30 * kNsPerSecond;
  CHECK(f.match("-m conntrack --ctexpire 0", skb).outcome == Outcome::Match);
  CHECK(f.match("-m conntrack --ctexpire 1:", skb).outcome == Outcome::NoMatch);
}

TEST_CASE("match conntrack: a packet without a connection") {
  XtFixture f;
  const Skb skb = make_tcp({});
  SUBCASE("matches on its state alone: the kernel looks at nothing else") {
    const MatchAnswer answer = f.match("-m conntrack --ctstate INVALID --ctproto udp", skb);
    CHECK(answer.outcome == Outcome::Match);
    CHECK(answer.terms.size() == 1);
  }
  SUBCASE("does not match a state that it has not") {
    CHECK(f.match("-m conntrack --ctstate NEW", skb).outcome == Outcome::NoMatch);
  }
  SUBCASE("never matches without --ctstate, inverted or not") {
    CHECK(f.match("-m conntrack --ctproto tcp", skb).outcome == Outcome::NoMatch);
    CHECK(f.match("-m conntrack ! --ctproto udp", skb).outcome == Outcome::NoMatch);
    CHECK(f.match("-m conntrack ! --ctstatus ASSURED", skb).outcome == Outcome::NoMatch);
  }
}

TEST_CASE("match conntrack: terms in the kernel's order, ended by the first that fails") {
  Translated t;
  const std::string rule =
      "-m conntrack --ctexpire 100 --ctproto udp --ctdir ORIGINAL --ctstate ESTABLISHED";
  SUBCASE("evaluated") {
    const MatchAnswer answer = t.f.match(rule, t.skb);
    CHECK(answer.outcome == Outcome::NoMatch);
    REQUIRE(answer.terms.size() == 3);
    CHECK(answer.terms[0].term == "--ctstate ESTABLISHED");
    CHECK(answer.terms[1].term == "--ctdir ORIGINAL");
    CHECK(answer.terms[2].term == "--ctproto udp");
  }
  SUBCASE("a probe goes on behind it") {
    t.f.probe = true;
    const MatchAnswer answer = t.f.match(rule, t.skb);
    CHECK(answer.outcome == Outcome::NoMatch);
    REQUIRE(answer.terms.size() == 4);
    CHECK(answer.terms[3].outcome == Outcome::Match);
  }
}

TEST_CASE("match conntrack: syntax") {
  const SyntaxRow rows[] = {
      {"-m conntrack --ctdir REPLY --ctexpire 5 --ctstatus ASSURED,CONFIRMED --ctrepldstport 5 "
       "--ctreplsrcport 6:9 --ctorigdstport 9 --ctorigsrcport 8 --ctrepldst 1.2.3.4/8 --ctreplsrc "
       "3.4.5.6 --ctorigdst 0.0.0.0/0 --ctorigsrc 1.2.3.4/255.255.0.0 --ctproto udp --ctstate "
       "NEW,INVALID,DNAT,RELATED,ESTABLISHED,SNAT,UNTRACKED",
       "-m conntrack --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT --ctproto 17 "
       "--ctorigsrc 1.2.3.4/16 --ctorigdst 0.0.0.0/0 --ctreplsrc 3.4.5.6 --ctrepldst 1.2.3.4/8 "
       "--ctorigsrcport 8 --ctorigdstport 9 --ctreplsrcport 6:9 --ctrepldstport 5 --ctstatus "
       "ASSURED,CONFIRMED --ctexpire 5 --ctdir REPLY"},
      {"-m conntrack --ctorigsrc 1.2.3.4/0.0.255.255", "-m conntrack --ctorigsrc 1.2.3.4"},
      {"-m conntrack ! --ctstate n,i", "-m conntrack ! --ctstate INVALID,NEW"},
      {"-m conntrack --ctdir reply", "-m conntrack --ctdir REPLY"},
      {"-m conntrack --ctproto tcp", "-m conntrack --ctproto 6"},
      {"-m conntrack --ctexpire 3:3", "-m conntrack --ctexpire 3"},
      {"-m conntrack --ctexpire 5:", "-m conntrack --ctexpire 5:4294967295"},
      {"-m conntrack --ctexpire 4294967295"},
      {"-m conntrack --ctorigsrcport :", "-m conntrack --ctorigsrcport 0:65535"},
      {"-m conntrack --ctorigsrcport http", "-m conntrack --ctorigsrcport 80"},
      {"-m conntrack ! --ctstatus NONE"},
      {"-m conntrack ! --ctproto 6 ! --ctorigsrc 1.1.1.1 ! --ctorigsrcport 5"},
      {"-m conntrack --ctstate SNAT,DNAT"},
      {"-m conntrack", "", "at least one option"},
      {"-m conntrack --ctstate wrong", "", "bad value \"wrong\" for --ctstate"},
      {"-m conntrack --ctexpire 4:3", "", "--ctexpire"},
      {"-m conntrack --ctexpire 42949672956", "", "--ctexpire"},
      {"-m conntrack --ctorigdstport 4:3", "", "--ctorigdstport"},
      {"-m conntrack --ctorigsrc 1.2.3.4/", "", "--ctorigsrc"},
      {"-m conntrack --ctdir REP", "", "ORIGINAL or REPLY"},
      {"-m conntrack ! --ctdir REPLY", "", "cannot be negated"},
      {"-m conntrack --ctproto nosuch", "", "--ctproto"},
      {"-m conntrack --state NEW", "", "unknown option"},
  };
  check_syntax(rows);
  const SyntaxRow v6[] = {
      {"-m conntrack --ctorigsrc 2001:db8::1"},
      {"-m conntrack --ctrepldst 2001:db8::/32"},
      {"-m conntrack --ctorigsrc 10.0.0.1", "", "--ctorigsrc"},
  };
  check_syntax(v6, Family::Ipv6);
}

}  // namespace
}  // namespace pktwalk::testing

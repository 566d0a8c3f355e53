// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match tcp: syntax") {
  const SyntaxRow rows[] = {
      {"-p tcp -m tcp"},
      {"-p tcp -m tcp --sport 80"},
      {"-p tcp -m tcp --sport :80", "-p tcp -m tcp --sport 0:80"},
      {"-p tcp -m tcp --sport 80:", "-p tcp -m tcp --sport 80:65535"},
      {"-p tcp -m tcp --sport 0:65535", "-p tcp -m tcp"},
      {"-p tcp -m tcp --sport 0"},
      {"-p tcp -m tcp ! --dport 22:80"},
      {"-p tcp -m tcp --sport http:443", "-p tcp -m tcp --sport 80:443"},
      {"-p tcp -m tcp --dport 0x50", "-p tcp -m tcp --dport 80"},
      {"-p tcp -m tcp --dport 010", "-p tcp -m tcp --dport 8"},
      {"-p tcp -m tcp --source-port 5 --destination-port 6", "-p tcp -m tcp --sport 5 --dport 6"},
      {"-p tcp -m tcp --syn", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN"},
      {"-p tcp -m tcp ! --syn", "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN"},
      {"-p tcp -m tcp --tcp-flags syn,ack syn", "-p tcp -m tcp --tcp-flags SYN,ACK SYN"},
      {"-p tcp -m tcp --tcp-flags ALL NONE",
       "-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE"},
      {"-p tcp -m tcp --tcp-flags NONE NONE", "-p tcp -m tcp"},
      {"-p tcp -m tcp ! --tcp-flags NONE NONE"},
      {"-p tcp -m tcp --tcp-option 0x10", "-p tcp -m tcp --tcp-option 16"},
      {"-p tcp -m tcp ! --tcp-option 255"},
      {"-p tcp -m tcp --dport 80 --sport 5 --tcp-option 4 --syn",
       "-p tcp -m tcp --sport 5 --dport 80 --tcp-option 4 --tcp-flags FIN,SYN,RST,ACK SYN"},
      {"-p tcp -m tcp --sport 90:80", "", "larger than the last"},
      {"-p tcp -m tcp --dport 65536", "", "not \"65536\""},
      {"-p tcp -m tcp --dport nosuchservice", "", "not \"nosuchservice\""},
      {"-p tcp -m tcp --tcp-option 0", "", "from 1 to 255"},
      {"-p tcp -m tcp --tcp-option 256", "", "from 1 to 255"},
      {"-p tcp -m tcp --tcp-flags SYN,FOO SYN", "", "unknown TCP flag in \"SYN,FOO\""},
      {"-p tcp -m tcp --syn --tcp-flags SYN SYN", "", "cannot be used together"},
      {"-m tcp --dport 80", "", "for protocol tcp only"},
      {"! -p tcp -m tcp --dport 80", "", "for protocol tcp only"},
      {"-p udp -m tcp --dport 80", "", "write -p tcp"},
  };
  check_syntax(rows);
  check_syntax(rows, Family::Ipv6);
}

TEST_CASE("match tcp: ports and flags, both sides of each boundary") {
  struct Case {
    const char* name;
    const char* match;
    Outcome want;
    const char* seen;
  };
  // 40000 > 80, SYN
  const Case cases[] = {
      {"the port", "--dport 80", Outcome::Match, "80"},
      {"another port", "--dport 81", Outcome::NoMatch, "80"},
      {"not the port", "! --dport 80", Outcome::NoMatch, "80"},
      {"not another port", "! --dport 81", Outcome::Match, "80"},
      {"first of a range", "--dport 80:90", Outcome::Match, "80"},
      {"last of a range", "--dport 70:80", Outcome::Match, "80"},
      {"just below a range", "--dport 81:90", Outcome::NoMatch, "80"},
      {"just above a range", "--dport 70:79", Outcome::NoMatch, "80"},
      {"the source port", "--sport 40000", Outcome::Match, "40000"},
      {"outside all ports", "! --sport 0:65535", Outcome::NoMatch, "40000"},
      {"SYN alone", "--syn", Outcome::Match, "SYN"},
      {"anything but SYN alone", "! --syn", Outcome::NoMatch, "SYN"},
      {"ACK of SYN,ACK is not set", "--tcp-flags SYN,ACK SYN,ACK", Outcome::NoMatch, "SYN"},
      {"a set flag outside the mask never matches", "--tcp-flags ACK SYN", Outcome::NoMatch, "SYN"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      const MatchAnswer got = f.match(std::string("-p tcp -m tcp ") + c.match, make_tcp({}));
      INFO(got.text());
      CHECK(got.outcome == c.want);
      REQUIRE(got.terms.size() == 1);
      CHECK(got.terms[0].seen == c.seen);
      CHECK(got.terms[0].outcome == c.want);
    }
  }
}

TEST_CASE("match tcp: the terms are tried in the kernel's order") {
  XtFixture f;
  const char* const text = "-p tcp -m tcp --syn --dport 81 --sport 40000";
  SUBCASE("evaluation stops at the first that fails") {
    const MatchAnswer got = f.match(text, make_tcp({}));
    CHECK(got.outcome == Outcome::NoMatch);
    REQUIRE(got.terms.size() == 2);
    CHECK(got.terms[0].term == "--sport 40000");
    CHECK(got.terms[1].term == "--dport 81");
  }
  SUBCASE("a probe looks at all of them and answers the same") {
    f.probe = true;
    const MatchAnswer got = f.match(text, make_tcp({}));
    CHECK(got.outcome == Outcome::NoMatch);
    REQUIRE(got.terms.size() == 3);
    CHECK(got.terms[2].term == "--syn");
    CHECK(got.terms[2].outcome == Outcome::Match);
  }
  SUBCASE("without a recorder the answer is the same") {
    f.record = false;
    CHECK(f.match(text, make_tcp({})).outcome == Outcome::NoMatch);
  }
}

TEST_CASE("match tcp: options") {
  struct Case {
    const char* name;
    const char* match;
    Bytes options;
    Outcome want;
  };
  const Bytes mss_wscale{2, 4, 5, 0xb4, 3, 3, 7, 0};
  const Case cases[] = {
      {"there", "--tcp-option 2", mss_wscale, Outcome::Match},
      {"behind another one", "--tcp-option 3", mss_wscale, Outcome::Match},
      {"not there", "--tcp-option 5", mss_wscale, Outcome::NoMatch},
      {"a value that looks like the kind", "--tcp-option 180", mss_wscale, Outcome::NoMatch},
      {"negated and there", "! --tcp-option 2", mss_wscale, Outcome::NoMatch},
      {"negated and not there", "! --tcp-option 5", mss_wscale, Outcome::Match},
      {"no options at all", "--tcp-option 2", {}, Outcome::NoMatch},
      {"no options at all, negated", "! --tcp-option 2", {}, Outcome::Match},
      {"behind no-operations", "--tcp-option 8", {1, 1, 8, 2}, Outcome::Match},
      {"the end of options does not end the search",
       "--tcp-option 8",
       {0, 0, 8, 2},
       Outcome::Match},
      {"a length of zero counts as one", "--tcp-option 4", {9, 0, 4, 2}, Outcome::Match},
      {"a length beyond the header ends the search",
       "--tcp-option 4",
       {9, 99, 4, 2},
       Outcome::NoMatch},
      {"a kind in the last byte", "--tcp-option 77", {1, 1, 1, 77}, Outcome::Match},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      const MatchAnswer got =
          f.match(std::string("-p tcp -m tcp ") + c.match, make_tcp({.options = c.options}));
      INFO(got.text());
      CHECK(got.outcome == c.want);
    }
  }
}

TEST_CASE("match tcp: fragments and short headers") {
  XtFixture f;
  const char* const any = "-p tcp -m tcp --dport 80";
  SUBCASE("a later fragment has no ports") {
    const MatchAnswer got = f.match(any, make_fragment(kProtoTcp, 16));
    CHECK(got.outcome == Outcome::NoMatch);
    REQUIRE(got.terms.size() == 1);
    CHECK(got.terms[0].field == "ip.frag");
  }
  SUBCASE("a fragment at byte 8 could overwrite the flags and is dropped") {
    CHECK(f.match(any, make_fragment(kProtoTcp, 8)).outcome == Outcome::Hotdrop);
  }
  SUBCASE("nineteen bytes of header are dropped, also without a term") {
    const Skb skb = shortened(make_tcp({}), 39);
    CHECK(f.match(any, skb).outcome == Outcome::Hotdrop);
    CHECK(f.match("-p tcp -m tcp", skb).outcome == Outcome::Hotdrop);
  }
  SUBCASE("a capture that ends in the header leaves it open") {
    const MatchAnswer got = f.match(any, captured(make_tcp({}), 30));
    CHECK(got.outcome == Outcome::Unknown);
    CHECK(got.unknown == "the bytes lie beyond the captured length");
  }
  SUBCASE("a data offset below five is dropped when options are asked for") {
    Skb skb = make_tcp({});
    skb.data[skb.network + 20 + 12] = 0x40;
    CHECK(f.match("-p tcp -m tcp --tcp-option 2", skb).outcome == Outcome::Hotdrop);
    CHECK(f.match(any, skb).outcome == Outcome::Match);
  }
  SUBCASE("options beyond the packet are dropped when asked for") {
    Skb skb = make_tcp({});
    skb.data[skb.network + 20 + 12] = 0x60;
    CHECK(f.match("-p tcp -m tcp --tcp-option 2", skb).outcome == Outcome::Hotdrop);
    CHECK(f.match("-p tcp -m tcp --dport 81 --tcp-option 2", skb).outcome == Outcome::NoMatch);
  }
  SUBCASE("options beyond the capture leave it open") {
    const Skb skb = captured(make_tcp({.options = {2, 4, 5, 0xb4}}), 40);
    CHECK(f.match("-p tcp -m tcp --tcp-option 2", skb).outcome == Outcome::Unknown);
  }
}

}  // namespace pktwalk::testing

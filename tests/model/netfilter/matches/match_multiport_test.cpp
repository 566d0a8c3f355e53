// SPDX-License-Identifier: MIT
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {

TEST_CASE("match multiport: syntax") {
  const SyntaxRow rows[] = {
      {"-p tcp -m multiport --dports 80,443"},
      {"-p udp -m multiport ! --sports 80:90,443"},
      {"-p sctp -m multiport --ports 80,90"},
      {"-p dccp -m multiport --dports 80"},
      {"-p udplite -m multiport --dports 5"},
      {"-p tcp -m multiport --port 80,90", "-p tcp -m multiport --ports 80,90"},
      {"-p tcp -m multiport --dport 80,90", "-p tcp -m multiport --dports 80,90"},
      {"-p tcp -m multiport --source-ports 80", "-p tcp -m multiport --sports 80"},
      {"-p tcp -m multiport --destination-ports 80", "-p tcp -m multiport --dports 80"},
      {"-p tcp -m multiport ! --dports http,https", "-p tcp -m multiport ! --dports 80,443"},
      {"-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"},
      {"-p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15"},
      {"-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "", "too many"},
      {"-p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16", "", "too many"},
      {"-p tcp -m multiport --dports 90:80", "", "no range"},
      {"-p tcp -m multiport --dports 80:80", "", "no range"},
      {"-p tcp -m multiport --dports :80", "", "no range"},
      {"-p tcp -m multiport --dports 80:", "", "no range"},
      {"-p tcp -m multiport --dports 80,", "", "\"\" is no port"},
      {"-p tcp -m multiport --dports 65536", "", "\"65536\" is no port"},
      {"-p tcp -m multiport", "", "needs one of --sports, --dports, --ports"},
      {"-p tcp -m multiport --sports 1 --dports 2", "", "cannot be used together"},
      {"-p icmp -m multiport --dports 80", "", "tcp, udp, udplite, sctp and dccp only"},
      {"-m multiport --dports 80", "", "tcp, udp, udplite, sctp and dccp only"},
      {"! -p tcp -m multiport --dports 80", "", "tcp, udp, udplite, sctp and dccp only"},
  };
  check_syntax(rows);
}

TEST_CASE("match multiport: evaluate") {
  struct Case {
    const char* name;
    const char* match;
    Outcome want;
    const char* seen;
  };
  // 40000 > 80
  const Case cases[] = {
      {"listed", "--dports 22,80", Outcome::Match, "80"},
      {"not listed", "--dports 22,81", Outcome::NoMatch, "80"},
      {"first of a range", "--dports 22,80:90", Outcome::Match, "80"},
      {"last of a range", "--dports 22,70:80", Outcome::Match, "80"},
      {"just below", "--dports 81:90", Outcome::NoMatch, "80"},
      {"just above", "--dports 70:79", Outcome::NoMatch, "80"},
      {"negated and listed", "! --dports 80", Outcome::NoMatch, "80"},
      {"negated and not listed", "! --dports 81", Outcome::Match, "80"},
      {"source", "--sports 40000", Outcome::Match, "40000"},
      {"source is not destination", "--sports 80", Outcome::NoMatch, "40000"},
      {"either, by source", "--ports 40000", Outcome::Match, "40000"},
      {"either, by destination", "--ports 80", Outcome::Match, "80"},
      {"neither", "--ports 22", Outcome::NoMatch, "80"},
      {"not either", "! --ports 22", Outcome::Match, "80"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      const MatchAnswer got = f.match(std::string("-p tcp -m multiport ") + c.match, make_tcp({}));
      INFO(got.text());
      CHECK(got.outcome == c.want);
      REQUIRE(got.terms.size() == 1);
      CHECK(got.terms[0].seen == c.seen);
    }
  }
}

TEST_CASE("match multiport: only the four bytes of the ports must be there") {
  XtFixture f;
  const char* const text = "-p tcp -m multiport --dports 80";
  CHECK(f.match(text, shortened(make_tcp({}), 24)).outcome == Outcome::Match);
  CHECK(f.match(text, shortened(make_tcp({}), 23)).outcome == Outcome::Hotdrop);
  CHECK(f.match(text, captured(make_tcp({}), 23)).outcome == Outcome::Unknown);
  // unlike -p tcp, a fragment at byte 8 only fails to match
  CHECK(f.match(text, make_fragment(kProtoTcp, 8)).outcome == Outcome::NoMatch);
}

}  // namespace pktwalk::testing

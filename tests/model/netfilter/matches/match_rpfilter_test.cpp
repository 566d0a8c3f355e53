// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk {
void finish_host(Host& host);
}

namespace pktwalk::testing {
namespace {

// The fixture's router with its connected routes and a default route out of eth1.
struct Router : XtFixture {
  Router() {
    Route route;
    route.to = *Prefix::parse("0.0.0.0/0");
    route.hops = {{.dev = IfIndex{3}, .gateway = *IpAddr::parse("192.0.2.9")}};
    host.routes.push_back(route);
    for (const char* net : {"10.0.0.0/24", "192.0.2.0/24"}) {
      Route connected;
      connected.to = *Prefix::parse(net);
      connected.scope = kScopeLink;
      connected.hops = {{.dev = net[0] == '1' && net[1] == '0' ? IfIndex{2} : IfIndex{3}}};
      host.routes.push_back(connected);
    }
    Route own;
    own.to = *Prefix::parse("10.0.0.1/32");
    own.table = kTableLocal;
    own.type = RouteType::Local;
    own.scope = kScopeHost;
    own.hops = {{.dev = IfIndex{2}}};
    host.routes.push_back(own);
    Route hole;
    hole.to = *Prefix::parse("172.16.0.0/16");
    hole.type = RouteType::Blackhole;
    host.routes.push_back(hole);
    host.has_routes = true;
    finish_host(host);
    hook = Hook::Prerouting;
    table = "raw";
    out.clear();
  }
};

Skb from(const char* src, const char* dst = "192.0.2.80") {
  return make_udp({.ip = {.src = src, .dst = dst}});
}

TEST_CASE("match rpfilter: evaluate") {
  struct Case {
    const char* name;
    const char* options;
    const char* src;
    Outcome want;
  };
  using enum Outcome;
  const Case cases[] = {
      {"a neighbour of the input device", "", "10.0.0.9", Match},
      {"inverted", "--invert", "10.0.0.9", NoMatch},
      {"a neighbour of another device", "", "192.0.2.5", NoMatch},
      {"loose takes it", "--loose", "192.0.2.5", Match},
      {"the default route leads elsewhere", "", "198.51.100.7", NoMatch},
      {"one of our own addresses", "", "10.0.0.1", NoMatch},
      {"accepted when told so", "--accept-local", "10.0.0.1", Match},
      {"loose does not take it", "--loose", "10.0.0.1", NoMatch},
      {"a blackhole is no way back", "--loose", "172.16.0.5", NoMatch},
      {"inverted blackhole", "--loose --invert", "172.16.0.5", Match},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Router r;
      const MatchAnswer answer = r.match(std::string("-m rpfilter ") + c.options, from(c.src));
      INFO(answer.text());
      CHECK(answer.outcome == c.want);
      REQUIRE(answer.terms.size() == 1);
      CHECK(answer.terms[0].field == "rpfilter");
    }
  }
}

TEST_CASE("match rpfilter: what always passes") {
  Router r;
  CHECK(r.match("-m rpfilter", from("0.0.0.0", "255.255.255.255")).outcome == Outcome::Match);
  CHECK(r.match("-m rpfilter", from("0.0.0.0", "224.0.0.5")).outcome == Outcome::Match);
  r.in = "lo";
  CHECK(r.match("-m rpfilter", from("192.0.2.5")).outcome == Outcome::Match);
  CHECK(r.match("-m rpfilter --invert", from("192.0.2.5")).outcome == Outcome::NoMatch);
}

TEST_CASE("match rpfilter: IPv6 is unknown") {
  Router r;
  r.family = Family::Ipv6;
  const Skb skb = make_udp({.ip = {.src = "2001:db8::1", .dst = "2001:db8::2"}});
  CHECK(r.match("-m rpfilter", skb).outcome == Outcome::Unknown);
}

TEST_CASE("match rpfilter: syntax") {
  const SyntaxRow rows[] = {
      {"-m rpfilter"},
      {"-m rpfilter --loose --validmark --accept-local --invert"},
      {"-m rpfilter --invert --loose", "-m rpfilter --loose --invert"},
      {"-m rpfilter ! --loose", "", "cannot be negated"},
  };
  check_syntax(rows, Family::Ipv4, "raw");
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/netfilter/xtables/table.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target SNAT: syntax") {
  const SyntaxRow rows[] = {
      {"-j SNAT --to-source 192.0.2.1"},
      {"-j SNAT --to-source 192.0.2.1-192.0.2.9"},
      {"-p tcp -j SNAT --to-source 192.0.2.1:1000"},
      {"-p udp -j SNAT --to-source 192.0.2.1-192.0.2.9:1000-2000"},
      {"-p tcp -j SNAT --to-source :1000-2000"},
      {"-j SNAT --to-source 192.0.2.1 --random"},
      {"-j SNAT --to-source 192.0.2.1 --random-fully"},
      {"-j SNAT --to-source 192.0.2.1 --persistent"},
      {"-j SNAT --to-source 192.0.2.1:1000", "", "ports need a protocol"},
      {"-p gre -j SNAT --to-source 192.0.2.1:1000", "", "ports need a protocol"},
      {"-p tcp -j SNAT --to-source 192.0.2.1:2000-1000", "", "ends before it begins"},
      {"-p tcp -j SNAT --to-source 192.0.2.1:65536", "", "65536"},
      {"-p tcp -j SNAT --to-source 192.0.2.1:1-2/3", "", "only DNAT"},
      {"-j SNAT --to-source 192.0.2", "", "192.0.2"},
      {"-j SNAT", "", "--to-source"},
  };
  check_syntax(rows, Family::Ipv4, "nat");
}

// A flow there and back through the rule; what the answer is sent to.
TEST_CASE("target SNAT: one packet and its answer") {
  struct Case {
    const char* name;
    const char* options;
    Skb skb;
    const char* want;
  };
  const Case cases[] = {
      {"the address, the port stays", "--to-source 192.0.2.2", make_tcp({}),
       "eth1 tcp 192.0.2.2:40000 > 192.0.2.80:80"},
      {"the port too", "--to-source 192.0.2.2:1000", make_tcp({}),
       "eth1 tcp 192.0.2.2:1000 > 192.0.2.80:80"},
      {"the port alone", "--to-source :1000", make_tcp({}),
       "eth1 tcp 10.0.0.9:1000 > 192.0.2.80:80"},
      {"a port within the range stays", "--to-source 192.0.2.2:40000-40010", make_tcp({}),
       "eth1 tcp 192.0.2.2:40000 > 192.0.2.80:80"},
      {"the last of the range", "--to-source 192.0.2.2:39990-40000", make_tcp({}),
       "eth1 tcp 192.0.2.2:40000 > 192.0.2.80:80"},
      {"persistent with one address", "--to-source 192.0.2.2 --persistent", make_tcp({}),
       "eth1 tcp 192.0.2.2:40000 > 192.0.2.80:80"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Router r(std::string("*nat\n-A POSTROUTING -o eth1 -p tcp -j SNAT ") + c.options +
               "\nCOMMIT\n");
      CHECK(r.send("eth0", c.skb) == c.want);
      CHECK(checksums_right(r.emitted()));
      const Skb out = r.emitted();
      const TcpView sent(out.l3().data() + 20);
      r.send("eth1", make_tcp({.ip = {.src = "192.0.2.80",
                                      .dst = to_string(Ipv4View(out.l3().data()).saddr())},
                               .sport = 80,
                               .dport = sent.sport(),
                               .flags = kTcpSyn | kTcpAck,
                               .seq = 1,
                               .ack = 1001}));
      REQUIRE(r.result.emitted.size() == 1);
      CHECK(describe(r.emitted()) == "tcp 192.0.2.80:80 > 10.0.0.9:40000");
      CHECK(checksums_right(r.emitted()));
    }
  }
}

TEST_CASE("target SNAT: --random and --random-fully draw a port, and say so") {
  for (const char* const option : {"--random", "--random-fully"}) {
    CAPTURE(option);
    Router r(std::string("*nat\n-A POSTROUTING -o eth1 -j SNAT --to-source 192.0.2.2 ") + option +
             "\nCOMMIT\n");
    r.send("eth0", make_tcp({}));
    CHECK(r.random);
    CHECK(describe(r.emitted()).starts_with("tcp 192.0.2.2:"));
  }
  Router r("*nat\n-A POSTROUTING -o eth1 -j SNAT --to-source 192.0.2.2\nCOMMIT\n");
  r.send("eth0", make_tcp({}));
  CHECK_FALSE(r.random);
}

TEST_CASE("target SNAT: --persistent gives a client the same address whatever its destination") {
  Router r(
      "*nat\n-A POSTROUTING -o eth1 -j SNAT --to-source 192.0.2.100-192.0.2.199 --persistent\n"
      "COMMIT\n");
  const auto source = [&](const char* to, std::uint16_t port) {
    r.send("eth0", make_udp({.ip = {.dst = to}, .sport = port}));
    return to_string(Ipv4View(r.emitted().l3().data()).saddr());
  };
  const std::string first = source("192.0.2.80", 1);
  CHECK(source("192.0.2.81", 2) == first);
  CHECK(source("192.0.2.53", 3) == first);
}

TEST_CASE("target SNAT: asked for the first packet of a connection only") {
  Router r("*nat\n-A POSTROUTING -o eth1 -j SNAT --to-source 192.0.2.2\nCOMMIT\n");
  r.send("eth0", make_udp({}));
  r.send("eth0", make_udp({}));
  CHECK(describe(r.emitted()) == "udp 192.0.2.2:40000 > 192.0.2.80:53");
  CHECK(r.state.counters[r.host.iptables->table("nat")->chain("POSTROUTING")->rules[0].counter]
            .packets == 1);
}

}  // namespace
}  // namespace pktwalk::testing

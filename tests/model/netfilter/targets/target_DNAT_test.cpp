// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target DNAT: syntax") {
  const SyntaxRow rows[] = {
      {"-j DNAT --to-destination 10.0.0.8"},
      {"-j DNAT --to-destination 10.0.0.7-10.0.0.8 --persistent"},
      {"-p tcp -j DNAT --to-destination 10.0.0.8:8080"},
      {"-p tcp -j DNAT --to-destination :8080"},
      {"-p tcp -j DNAT --to-destination 10.0.0.8:1000-2000"},
      {"-p tcp -j DNAT --to-destination 10.0.0.8:1000-2000/3000"},
      {"-p tcp -j DNAT --to-destination 10.0.0.8:http",
       "-p tcp -j DNAT --to-destination 10.0.0.8:80"},
      {"-p tcp -j DNAT --to-destination 10.0.0.8:80 --random"},
      {"-j DNAT --to-destination 10.0.0.8:8080", "", "ports need a protocol"},
      {"-p tcp -j DNAT --to-destination 10.0.0.8:1000-2000/65536", "", "65536"},
      {"-p tcp -j DNAT --to-destination 10.0.0.8:0x", "", "0x"},
      {"-j DNAT --to-destination 2001:db8::1", "", "2001:db8::1"},
      {"-j DNAT", "", "--to-destination"},
  };
  check_syntax(rows, Family::Ipv4, "nat");
}

TEST_CASE("target DNAT: one packet and its answer") {
  struct Case {
    const char* name;
    const char* options;
    std::uint16_t port;
    const char* want;
    const char* server;
    std::uint16_t server_port;
  };
  const Case cases[] = {
      {"the address", "--to-destination 10.0.0.8", 80, "eth0 tcp 192.0.2.80:40000 > 10.0.0.8:80",
       "10.0.0.8", 80},
      {"address and port", "--to-destination 10.0.0.8:8080", 80,
       "eth0 tcp 192.0.2.80:40000 > 10.0.0.8:8080", "10.0.0.8", 8080},
      {"a port within the range stays", "--to-destination 10.0.0.8:80-90", 80,
       "eth0 tcp 192.0.2.80:40000 > 10.0.0.8:80", "10.0.0.8", 80},
      {"shifted by the distance from the base", "--to-destination 10.0.0.8:1000-2000/70", 80,
       "eth0 tcp 192.0.2.80:40000 > 10.0.0.8:1010", "10.0.0.8", 1010},
      {"the base itself", "--to-destination 10.0.0.8:1000-2000/80", 80,
       "eth0 tcp 192.0.2.80:40000 > 10.0.0.8:1000", "10.0.0.8", 1000},
      {"persistent with one address", "--to-destination 10.0.0.8 --persistent", 80,
       "eth0 tcp 192.0.2.80:40000 > 10.0.0.8:80", "10.0.0.8", 80},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Router r(std::string("*nat\n-A PREROUTING -i eth1 -p tcp -j DNAT ") + c.options +
               "\nCOMMIT\n");
      const Ip to_router{.src = "192.0.2.80", .dst = "192.0.2.1"};
      CHECK(r.send("eth1", make_tcp({.ip = to_router, .dport = c.port})) == c.want);
      CHECK(checksums_right(r.emitted()));
      r.send("eth0", make_tcp({.ip = {.src = c.server, .dst = "192.0.2.80"},
                               .sport = c.server_port,
                               .dport = 40000,
                               .flags = kTcpSyn | kTcpAck,
                               .seq = 1,
                               .ack = 1001}));
      REQUIRE(r.result.emitted.size() == 1);
      CHECK(describe(r.emitted()) ==
            "tcp 192.0.2.1:" + std::to_string(c.port) + " > 192.0.2.80:40000");
      CHECK(checksums_right(r.emitted()));
    }
  }
}

TEST_CASE("target DNAT: an ICMP error about the answer is translated, inside too") {
  Router r("*nat\n-A PREROUTING -i eth1 -p udp -j DNAT --to-destination 10.0.0.8:5353\nCOMMIT\n");
  r.send("eth1", make_udp({.ip = {.src = "192.0.2.80", .dst = "192.0.2.1"}}));
  const Skb forwarded = r.emitted();
  const Bytes quoted(forwarded.l3().begin(), forwarded.l3().end());
  CHECK(r.send("eth0", make_icmp({.ip = {.src = "10.0.0.8", .dst = "192.0.2.80"},
                                  .type = 3,
                                  .code = 3,
                                  .payload = quoted})) ==
        "eth1 icmp 3/3 (udp 192.0.2.80:40000 > 192.0.2.1:53) 192.0.2.1 > 192.0.2.80");
  CHECK(checksums_right(r.emitted()));
}

TEST_CASE("target DNAT: --random draws, and says so") {
  Router r(
      "*nat\n-A PREROUTING -i eth1 -p tcp -j DNAT --to-destination 10.0.0.8:1000-2000 "
      "--random\nCOMMIT\n");
  r.send("eth1", make_tcp({.ip = {.src = "192.0.2.80", .dst = "192.0.2.1"}}));
  CHECK(r.random);
}

}  // namespace
}  // namespace pktwalk::testing

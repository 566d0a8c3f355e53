// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target MASQUERADE: syntax") {
  const SyntaxRow rows[] = {
      {"-j MASQUERADE"},
      {"-p tcp -j MASQUERADE --to-ports 1024"},
      {"-p udp -j MASQUERADE --to-ports 1024-65535"},
      {"-j MASQUERADE --random"},
      {"-j MASQUERADE --random-fully"},
      {"-p tcp -j MASQUERADE --to-ports 1024-65535 --random"},
      {"-j MASQUERADE --to-ports 1024", "", "ports need a protocol"},
      {"-p tcp -j MASQUERADE --to-ports 65536", "", "65536"},
      {"-p tcp -j MASQUERADE --to-ports 20-10", "", "ends before it begins"},
  };
  check_syntax(rows, Family::Ipv4, "nat");
}

TEST_CASE("target MASQUERADE: the address of the way out") {
  struct Case {
    const char* name;
    const char* options;
    Skb skb;
    const char* want;
  };
  const Case cases[] = {
      {"TCP", "", make_tcp({}), "eth1 tcp 192.0.2.1:40000 > 192.0.2.80:80"},
      {"UDP", "", make_udp({}), "eth1 udp 192.0.2.1:40000 > 192.0.2.80:53"},
      {"a ping", "", make_icmp({}), "eth1 icmp 8/0 id 77 192.0.2.1 > 192.0.2.80"},
      {"a protocol without ports", "", make_ip({}, 47, Bytes(8)),
       "eth1 proto 47 192.0.2.1 > 192.0.2.80"},
      {"beyond the next router", "", make_udp({.ip = {.dst = "198.51.100.1"}}),
       "eth1 udp 192.0.2.1:40000 > 198.51.100.1:53"},
      {"a port of its own", "-p tcp --to-ports 1024", make_tcp({}),
       "eth1 tcp 192.0.2.1:1024 > 192.0.2.80:80"},
      {"a range that the port is in", "-p tcp --to-ports 40000-41000", make_tcp({}),
       "eth1 tcp 192.0.2.1:40000 > 192.0.2.80:80"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      std::string options = c.options;
      std::string protocol;
      if (options.starts_with("-p tcp ")) {
        protocol = "-p tcp ";
        options.erase(0, 7);
      }
      Router r("*nat\n-A POSTROUTING -o eth1 " + protocol + "-j MASQUERADE " + options +
               "\nCOMMIT\n");
      CHECK(r.send("eth0", c.skb) == c.want);
      CHECK(checksums_right(r.emitted()));
      CHECK_FALSE(r.random);
    }
  }
}

TEST_CASE("target MASQUERADE: two clients with one port") {
  Router r("*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n");
  CHECK(r.send("eth0", make_udp({})) == "eth1 udp 192.0.2.1:40000 > 192.0.2.80:53");
  r.send("eth0", make_udp({.ip = {.src = "10.0.0.8"}}));
  CHECK(r.random);
  CHECK(describe(r.emitted()) != "udp 192.0.2.1:40000 > 192.0.2.80:53");
  CHECK(describe(r.emitted()).starts_with("udp 192.0.2.1:"));
}

}  // namespace
}  // namespace pktwalk::testing

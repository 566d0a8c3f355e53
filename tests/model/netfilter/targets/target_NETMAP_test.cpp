// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target NETMAP: syntax") {
  const SyntaxRow rows[] = {
      {"-j NETMAP --to 198.51.100.0/24"},
      {"-j NETMAP --to 198.51.100.7/24", "-j NETMAP --to 198.51.100.0/24"},
      {"-j NETMAP --to 198.51.100.7", "-j NETMAP --to 198.51.100.7/32"},
      {"-j NETMAP --to 198.51.100.0/33", "", "198.51.100.0/33"},
      {"-j NETMAP --to 198.51.100", "", "abbreviated"},
      {"-j NETMAP", "", "--to"},
  };
  check_syntax(rows, Family::Ipv4, "nat");
}

TEST_CASE("target NETMAP: the network's part changes, the host's stays") {
  struct Case {
    const char* name;
    const char* rule;
    const char* dst;
    const char* want;
  };
  const Case cases[] = {
      {"source", "-A POSTROUTING -o eth1 -j NETMAP --to 198.51.100.0/24", "192.0.2.80",
       "eth1 udp 198.51.100.9:40000 > 192.0.2.80:53"},
      {"destination", "-A PREROUTING -i eth0 -d 198.51.100.0/24 -j NETMAP --to 192.0.2.0/24",
       "198.51.100.80", "eth1 udp 10.0.0.9:40000 > 192.0.2.80:53"},
      {"within a /28", "-A PREROUTING -i eth0 -j NETMAP --to 192.0.2.80/28", "198.51.100.33",
       "eth1 udp 10.0.0.9:40000 > 192.0.2.81:53"},
      {"a single address", "-A PREROUTING -i eth0 -j NETMAP --to 192.0.2.53/32", "198.51.100.33",
       "eth1 udp 10.0.0.9:40000 > 192.0.2.53:53"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Router r(std::string("*nat\n") + c.rule + "\nCOMMIT\n");
      CHECK(r.send("eth0", make_udp({.ip = {.dst = c.dst}})) == c.want);
      CHECK(checksums_right(r.emitted()));
    }
  }
}

}  // namespace
}  // namespace pktwalk::testing

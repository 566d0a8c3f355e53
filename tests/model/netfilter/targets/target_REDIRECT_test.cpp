// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target REDIRECT: syntax") {
  const SyntaxRow rows[] = {
      {"-j REDIRECT"},
      {"-p tcp -j REDIRECT --to-ports 3128"},
      {"-p tcp -j REDIRECT --to-ports 3128-3130 --random"},
      {"-j REDIRECT --to-ports 3128", "", "ports need a protocol"},
      {"-p tcp -j REDIRECT --to-ports 65536", "", "65536"},
  };
  check_syntax(rows, Family::Ipv4, "nat");
}

// The packet is delivered; its answer shows what it was redirected to.
TEST_CASE("target REDIRECT: to the address of the way in") {
  struct Case {
    const char* name;
    const char* rule;
  };
  const Case cases[] = {
      {"the port stays", "-A PREROUTING -i eth0 -p udp -j REDIRECT"},
      {"another port", "-A PREROUTING -i eth0 -p udp -j REDIRECT --to-ports 5353"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Router r(std::string("*nat\n") + c.rule + "\nCOMMIT\n");
      r.send("eth0", make_udp({}));
      // No socket is open there: an error to the client, which sees its own packet in it.
      CHECK(r.emitted().l3()[9] == kProtoIcmp);
      CHECK(describe(r.emitted()) ==
            "icmp 3/3 (udp 10.0.0.9:40000 > 192.0.2.80:53) 192.0.2.80 > 10.0.0.9");
      CHECK(checksums_right(r.emitted()));
    }
  }
}

TEST_CASE("target REDIRECT: in OUTPUT it is 127.0.0.1") {
  Router r("*nat\n-A OUTPUT -p udp -j REDIRECT --to-ports 5353\nCOMMIT\n");
  r.send_local(make_udp({.ip = {.src = "192.0.2.1"}}));
  const std::string all = [&] {
    std::string text;
    for (const std::string& step : r.nat) text += step + "\n";
    return text;
  }();
  CHECK(all.find("127.0.0.1") != std::string::npos);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>

#include "model/packet/headers.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target TEE: syntax") {
  const SyntaxRow rows[] = {
      {"-j TEE --gateway 10.0.0.1"},
      {"-j TEE --gateway 10.0.0.1 --oif eth0"},
      {"-j TEE --oif lo --gateway 10.1.1.1", "-j TEE --gateway 10.1.1.1 --oif lo"},
      {"-j TEE", "", "--gateway"},
      {"-j TEE --oif lo", "", "--gateway"},
      {"-j TEE --gateway 0.0.0.0", "", "0.0.0.0"},
      {"-j TEE --gateway 2001:db8::1", "", "IPv4"},
      {"-j TEE ! --gateway 10.0.0.1", "", "negated"},
      {"-j TEE --gateway 10.0.0.1 --oif thisnameistoolong0", "", "too long"},
  };
  check_syntax(rows);
  const SyntaxRow rows6[] = {
      {"-j TEE --gateway 2001:db8::1"},
      {"-j TEE --gateway ::", "", "::"},
      {"-j TEE --gateway 10.0.0.1", "", "IPv6"},
  };
  check_syntax(rows6, Family::Ipv6);
}

// What left: device, addresses, TTL, DF and destination MAC of each frame.
std::string sent(const Router& router) {
  std::string out;
  for (std::size_t i = 0; i < router.result.emitted.size(); ++i) {
    const Emitted& frame = router.result.emitted[i];
    if (frame.origin == Origin::Arp) {
      out += "arp\n";
      continue;
    }
    const Skb skb = router.emitted(i);
    const Ipv4View ip(skb.l3().data());
    CHECK(checksums_right(skb));
    out += std::string(to_string(frame.origin)) + " " +
           std::string(router.host.link_name(frame.dev)) + " " + to_string(ip.saddr()) + " > " +
           to_string(ip.daddr()) + " ttl " + std::to_string(ip.ttl()) +
           (ip.dont_fragment() ? " DF\n" : "\n");
  }
  return out;
}

TEST_CASE("target TEE: the copy and the packet, by hook") {
  struct Case {
    const char* name;
    const char* rules;
    std::uint8_t ttl;
    const char* want;
  };
  const Case cases[] = {
      {"PREROUTING: TTL one lower, DF set, sent before the packet",
       "*mangle\n-A PREROUTING -j TEE --gateway 192.0.2.81\nCOMMIT\n", 64,
       "clone eth1 10.0.0.9 > 192.0.2.80 ttl 63 DF\n"
       "forwarded eth1 10.0.0.9 > 192.0.2.80 ttl 63\n"},
      {"PREROUTING: to where the packet came from",
       "*mangle\n-A PREROUTING -j TEE --gateway 10.0.0.8\nCOMMIT\n", 64,
       "clone eth0 10.0.0.9 > 192.0.2.80 ttl 63 DF\n"
       "forwarded eth1 10.0.0.9 > 192.0.2.80 ttl 63\n"},
      {"FORWARD: the TTL was lowered before",
       "*filter\n-A FORWARD -j TEE --gateway 10.0.0.8\nCOMMIT\n", 64,
       "clone eth0 10.0.0.9 > 192.0.2.80 ttl 63 DF\n"
       "forwarded eth1 10.0.0.9 > 192.0.2.80 ttl 63\n"},
      {"POSTROUTING: as FORWARD",
       "*mangle\n-A POSTROUTING -o eth1 -s 10.0.0.9 -j TEE --gateway 10.0.0.8\nCOMMIT\n", 64,
       "clone eth0 10.0.0.9 > 192.0.2.80 ttl 63 DF\n"
       "forwarded eth1 10.0.0.9 > 192.0.2.80 ttl 63\n"},
      {"a TTL of 0 leaves as 255: nobody asks",
       "*mangle\n-A PREROUTING -j TEE --gateway 192.0.2.81\n-A PREROUTING -j DROP\nCOMMIT\n", 0,
       "clone eth1 10.0.0.9 > 192.0.2.80 ttl 255 DF\n"},
      {"the packet may be dropped afterwards",
       "*filter\n-A FORWARD -j TEE --gateway 192.0.2.81\n-A FORWARD -j DROP\nCOMMIT\n", 64,
       "clone eth1 10.0.0.9 > 192.0.2.80 ttl 63 DF\n"},
      {"two rules, two copies",
       "*filter\n-A FORWARD -j TEE --gateway 192.0.2.81\n-A FORWARD -j TEE --gateway 10.0.0.8\n"
       "-A FORWARD -j DROP\nCOMMIT\n",
       64,
       "clone eth1 10.0.0.9 > 192.0.2.80 ttl 63 DF\n"
       "clone eth0 10.0.0.9 > 192.0.2.80 ttl 63 DF\n"},
      {"a copy is not copied again, but the rules of OUTPUT see it",
       "*filter\n-A FORWARD -j TEE --gateway 192.0.2.81\n-A OUTPUT -j TEE --gateway 10.0.0.8\n"
       "-A FORWARD -j DROP\nCOMMIT\n",
       64, "clone eth1 10.0.0.9 > 192.0.2.80 ttl 63 DF\n"},
      {"OUTPUT may drop it",
       "*filter\n-A FORWARD -j TEE --gateway 192.0.2.81\n-A OUTPUT -j DROP\nCOMMIT\n", 64,
       "forwarded eth1 10.0.0.9 > 192.0.2.80 ttl 63\n"},
      {"by a device that does not lead to the gateway",
       "*filter\n-A FORWARD -j TEE --gateway 192.0.2.81 --oif eth0\n-A FORWARD -j DROP\nCOMMIT\n",
       64, "arp\n"},
      {"the packet's NAT is its own",
       "*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n"
       "*mangle\n-A PREROUTING -j TEE --gateway 192.0.2.81\nCOMMIT\n",
       64,
       "clone eth1 10.0.0.9 > 192.0.2.80 ttl 63 DF\n"
       "forwarded eth1 192.0.2.1 > 192.0.2.80 ttl 63\n"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Router r(c.rules);
      r.send("eth0", make_udp({.ip = {.ttl = c.ttl}}));
      CHECK(sent(r) == c.want);
    }
  }
}

TEST_CASE("target TEE: a packet for the host itself") {
  Router r("*filter\n-A INPUT -j TEE --gateway 192.0.2.81\n-A INPUT -j DROP\nCOMMIT\n");
  r.send("eth0", make_udp({.ip = {.dst = "10.0.0.1"}}));
  CHECK(sent(r) == "clone eth1 10.0.0.9 > 10.0.0.1 ttl 63 DF\n");
}

TEST_CASE("target TEE: the copy goes to the gateway's link-layer address") {
  Router r("*filter\n-A FORWARD -j TEE --gateway 10.0.0.8\n-A FORWARD -j DROP\nCOMMIT\n");
  r.send("eth0", make_udp({}));
  REQUIRE(r.result.emitted.size() == 1);
  CHECK(r.result.emitted[0].frame[5] == 0x99);
  CHECK(r.result.emitted[0].frame[4] == 0x00);  // eth0's neighbours, not eth1's
}

TEST_CASE("target TEE: the copy belongs to no connection and to no socket") {
  Router r(
      "*filter\n-A FORWARD -j TEE --gateway 192.0.2.81\n-A FORWARD -j DROP\n"
      "-A OUTPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\n-A OUTPUT -j DROP\nCOMMIT\n");
  r.send("eth0", make_udp({}));
  CHECK(r.result.emitted.size() == 1);
  CHECK(r.table().empty());
  Router owner(
      "*filter\n-A FORWARD -j TEE --gateway 192.0.2.81\n-A FORWARD -j DROP\n"
      "-A OUTPUT -m owner --socket-exists -j DROP\nCOMMIT\n");
  owner.send("eth0", make_udp({}));
  CHECK(owner.result.emitted.size() == 1);
}

TEST_CASE("target TEE: a copy that does not fit is an error to the sender of the packet") {
  Router r("*filter\n-A FORWARD -j TEE --gateway 10.0.0.8\n-A FORWARD -j DROP\nCOMMIT\n");
  for (Link& link : r.host.links) {
    if (link.name == "eth0") link.mtu = 100;
  }
  r.send("eth0", make_udp({.payload = Bytes(200)}));
  CHECK(sent(r) == "icmp-error eth0 10.0.0.1 > 10.0.0.9 ttl 64\n");
}

}  // namespace
}  // namespace pktwalk::testing

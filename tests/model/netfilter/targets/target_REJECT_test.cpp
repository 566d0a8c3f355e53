// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/core/bytes.h"
#include "model/packet/headers.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target REJECT: syntax") {
  const SyntaxRow rows[] = {
      {"-j REJECT", "-j REJECT --reject-with icmp-port-unreachable"},
      {"-j REJECT --reject-with icmp-net-unreachable"},
      {"-j REJECT --reject-with net-unreach", "-j REJECT --reject-with icmp-net-unreachable"},
      {"-j REJECT --reject-with icmp-host-unreachable"},
      {"-j REJECT --reject-with icmp-proto-unreachable"},
      {"-j REJECT --reject-with icmp-net-prohibited"},
      {"-j REJECT --reject-with icmp-host-prohibited"},
      {"-j REJECT --reject-with icmp-admin-prohibited"},
      {"-p tcp -j REJECT --reject-with tcp-reset"},
      {"-j REJECT --reject-with tcp-reset", "", "tcp"},
      {"-p udp -j REJECT --reject-with tcp-reset", "", "tcp"},
      {"-j REJECT --reject-with nonsense", "", "nonsense"},
      {"-j REJECT --reject-with icmp6-no-route", "", "icmp6-no-route"},
  };
  check_syntax(rows);
  const SyntaxRow rows6[] = {
      {"-j REJECT", "-j REJECT --reject-with icmp6-port-unreachable"},
      {"-j REJECT --reject-with icmp6-adm-prohibited"},
      {"-p tcp -j REJECT --reject-with tcp-reset"},
  };
  check_syntax(rows6, Family::Ipv6);
}

// What the sender learns, and that the packet is dropped.
std::string answer(const char* rules, const Skb& skb, const char* dev = "eth0") {
  Router r(std::string("*filter\n") + rules + "\nCOMMIT\n");
  const std::string sent = r.send(dev, skb);
  CHECK(r.result.disposition == Disposition::Dropped);
  CHECK(r.result.reason == DropReason::NETFILTER_DROP);
  REQUIRE(r.result.rule != nullptr);
  for (std::size_t i = 0; i < r.result.emitted.size(); ++i) CHECK(checksums_right(r.emitted(i)));
  return r.result.emitted.empty() ? "nothing" : sent;
}

const Ip kToSelf{.dst = "10.0.0.1"};

TEST_CASE("target REJECT: each kind") {
  struct Case {
    const char* kind;
    const char* want;
  };
  const Case cases[] = {
      {"icmp-net-unreachable", "icmp 3/0"},   {"icmp-host-unreachable", "icmp 3/1"},
      {"icmp-proto-unreachable", "icmp 3/2"}, {"icmp-port-unreachable", "icmp 3/3"},
      {"icmp-net-prohibited", "icmp 3/9"},    {"icmp-host-prohibited", "icmp 3/10"},
      {"icmp-admin-prohibited", "icmp 3/13"}};
  for (const Case& c : cases) {
    CAPTURE(c.kind);
    const std::string rule = std::string("-A FORWARD -j REJECT --reject-with ") + c.kind;
    CHECK(answer(rule.c_str(), make_udp({})) ==
          std::string("eth0 ") + c.want +
              " (udp 10.0.0.9:40000 > 192.0.2.80:53) 10.0.0.1 > 10.0.0.9");
  }
}

TEST_CASE("target REJECT: a reset") {
  struct Case {
    const char* name;
    Tcp segment;
    std::uint32_t seq, ack;
    std::uint8_t flags;
  };
  const Case cases[] = {
      {"a SYN is acknowledged", {.seq = 1000}, 0, 1001, kTcpRst | kTcpAck},
      {"a SYN with data", {.seq = 1000, .payload = Bytes(5)}, 0, 1006, kTcpRst | kTcpAck},
      {"a FIN without ACK", {.flags = kTcpFin, .seq = 1000}, 0, 1001, kTcpRst | kTcpAck},
      {"an ACK gives its number", {.flags = kTcpAck, .seq = 9, .ack = 77}, 77, 0, kTcpRst},
      {"sequence numbers run over", {.seq = 0xffffffff}, 0, 0, kTcpRst | kTcpAck},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Router r("*filter\n-A FORWARD -p tcp -j REJECT --reject-with tcp-reset\nCOMMIT\n");
      CHECK(r.send("eth0", make_tcp(c.segment)) == "eth0 tcp 192.0.2.80:80 > 10.0.0.9:40000");
      const Skb reset = r.emitted();
      CHECK(checksums_right(reset));
      const TcpView tcp(reset.l3().data() + 20);
      CHECK(tcp.seq() == c.seq);
      CHECK(tcp.ack() == c.ack);
      CHECK(tcp.flags() == c.flags);
      CHECK(Ipv4View(reset.l3().data()).ttl() == 64);
    }
  }
}

TEST_CASE("target REJECT: where it is silent, it drops all the same") {
  const char* const icmp = "-A FORWARD -j REJECT";
  const char* const reset = "-A FORWARD -p tcp -j REJECT --reject-with tcp-reset";
  Skb bad_udp = make_udp({.payload = to_bytes("x")});
  bad_udp.data.back() ^= 1;
  Skb bad_tcp = make_tcp({.payload = to_bytes("x")});
  bad_tcp.data.back() ^= 1;
  CHECK(answer(icmp, bad_udp) == "nothing");
  CHECK(answer(reset, bad_tcp) == "nothing");
  CHECK(answer(reset, make_tcp({.flags = kTcpRst})) == "nothing");
  CHECK(answer(icmp, make_fragment(kProtoUdp, 64)) == "nothing");
  CHECK(answer(icmp, make_icmp({.type = 3, .payload = make_udp({}).data})) == "nothing");
  CHECK(answer(icmp, make_udp({.zero_checksum = true})) != "nothing");
  CHECK(answer(icmp, make_icmp({})) != "nothing");
}

TEST_CASE("target REJECT: at INPUT and at OUTPUT") {
  CHECK(answer("-A INPUT -j REJECT", make_udp({.ip = kToSelf})) ==
        "eth0 icmp 3/3 (udp 10.0.0.9:40000 > 10.0.0.1:53) 10.0.0.1 > 10.0.0.9");
  Router r("*filter\n-A OUTPUT -p udp -j REJECT\nCOMMIT\n");
  r.send_local(make_udp({.ip = {.src = "192.0.2.1"}}));
  CHECK(r.result.disposition == Disposition::Dropped);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
// What the kernel itself answers for a TCP listener, as packets see it that walk the whole path.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/router.h"

namespace pktwalk {
namespace {

using testing::Bytes;
using testing::make_tcp;
using testing::Router;
using testing::Tcp;

constexpr const char* kListener = "tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n";
constexpr const char* kTracked = "*filter\n-A INPUT -m conntrack --ctstate INVALID\nCOMMIT\n";

Router server(const std::string& rules = "", const std::string& sysctls = "") {
  return Router(rules, sysctls, "", kListener);
}

Tcp to_server(std::uint8_t flags, std::uint32_t seq = 1000, std::uint32_t ack = 0) {
  Tcp tcp;
  tcp.ip.dst = "10.0.0.1";
  tcp.dport = 22;
  tcp.flags = flags;
  tcp.seq = seq;
  tcp.ack = ack;
  return tcp;
}

std::string hex(std::span<const std::uint8_t> bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

// The TCP header of a frame that left.
TcpView answer(const Router& router, Skb& holder, std::size_t n = 0) {
  holder = router.emitted(n);
  return TcpView(holder.l3().data() + Ipv4View(holder.l3().data()).header_length());
}

std::string options_of(const Router& router) {
  Skb holder;
  const TcpView tcp = answer(router, holder);
  const std::size_t at = Ipv4View(holder.l3().data()).header_length();
  return hex(holder.l3().subspan(at + 20, tcp.header_length() - 20));
}

// The segments that left: "SA" SYN/ACK, "A", "R", "RA"; "" nothing.
std::string answers(const Router& router) {
  std::string text;
  for (std::size_t i = 0; i < router.result.emitted.size(); ++i) {
    Skb holder;
    const TcpView tcp = answer(router, holder, i);
    if (!text.empty()) text += ' ';
    if (tcp.has(kTcpSyn)) text += 'S';
    if (tcp.has(kTcpRst)) text += 'R';
    if (tcp.has(kTcpAck)) text += 'A';
  }
  return text;
}

std::string outcome(const Router& router) {
  if (router.result.disposition != Disposition::Dropped)
    return to_string(router.result.disposition);
  return to_string(router.result.reason);
}

// A server with an open connection; the server's sequence number is said to be 5000.
Router connected(const std::string& rules = "") {
  Router router = server(rules);
  router.send("eth0", make_tcp(to_server(kTcpSyn)));
  router.send("eth0", make_tcp(to_server(kTcpAck, 1001, 5001)));
  return router;
}

Tcp with_payload(Tcp tcp, const char* text) {
  tcp.payload = testing::to_bytes(text);
  return tcp;
}

}  // namespace

TEST_CASE("a listener answers a SYN with a SYN/ACK by way of OUTPUT") {
  Router router = server("*filter\n-A OUTPUT -p tcp --tcp-flags SYN,ACK SYN,ACK -j LOG\nCOMMIT\n");
  CHECK(router.send("eth0", make_tcp(to_server(kTcpSyn))) ==
        "eth0 tcp 10.0.0.1:22 > 10.0.0.9:40000");
  CHECK(router.result.disposition == Disposition::Delivered);
  CHECK(router.result.emitted.at(0).origin == Origin::Local);
  Skb holder;
  const TcpView tcp = answer(router, holder);
  CHECK(tcp.flags() == (kTcpSyn | kTcpAck));
  CHECK(tcp.ack() == 1001);
  CHECK(tcp.window() == 64240);
  CHECK(testing::checksums_right(holder));
  const Ipv4View ip(holder.l3().data());
  CHECK(ip.id() == 0);
  CHECK(ip.dont_fragment());
  CHECK(ip.tos() == 0);
}

TEST_CASE("the SYN/ACK grants what the SYN asks for and the sysctls allow") {
  struct Row {
    const char* name;
    Bytes options;
    std::string sysctls;
    std::string granted;
  };
  const std::string off = "net.ipv4.tcp_sack = 0\nnet.ipv4.tcp_window_scaling = 0\n";
  const Row rows[] = {
      {"nothing asked", {}, "", "020405b4"},
      {"only an MSS", {2, 4, 5, 0xb4}, "", "020405b4"},
      {"selective ACKs", {4, 2, 1, 1}, "", "020405b401010402"},
      {"window scaling", {3, 3, 7, 1}, "", "020405b401030307"},
      {"window scaling with a smaller buffer",
       {3, 3, 7, 1},
       "net.ipv4.tcp_rmem = 4096\t131072\t1048576\n",
       "020405b401030305"},
      {"both", {4, 2, 3, 3, 7, 1}, "", "020405b40101040201030307"},
      {"both, and both are off", {4, 2, 3, 3, 7, 1}, off, "020405b4"},
      {"a timestamp, which is off",
       {8, 10, 0, 0, 0, 9, 0, 0, 0, 0},
       "net.ipv4.tcp_timestamps = 0\n",
       "020405b4"},
      {"options cut off in the middle", {4, 2, 3}, "", "020405b401010402"},
      {"an option of length 0 ends the list", {9, 0, 4, 2}, "", "020405b4"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Router router = server("", row.sysctls);
    Tcp syn = to_server(kTcpSyn);
    syn.options = row.options;
    router.send("eth0", make_tcp(syn));
    CHECK(options_of(router) == row.granted);
  }
}

TEST_CASE("the SYN/ACK echoes the timestamp of the SYN") {
  Router router = server();
  Tcp syn = to_server(kTcpSyn);
  syn.options = {4, 2, 8, 10, 0x11, 0x22, 0x33, 0x44, 0, 0, 0, 0};
  router.send("eth0", make_tcp(syn));
  const std::string options = options_of(router);
  CHECK(options.substr(0, 16) == "020405b40402080a");
  CHECK(options.substr(24) == "11223344");
}

TEST_CASE("ECN and TOS of the SYN/ACK") {
  struct Row {
    const char* name;
    std::uint8_t flags, tos;
    std::string sysctls;
    bool ece;
    int answered_tos;
  };
  constexpr std::uint8_t kAsk = kTcpSyn | kTcpEce | kTcpCwr;
  const Row rows[] = {
      {"asked for, and passive by default", kAsk, 0, "", true, 0},
      {"asked for, but off", kAsk, 0, "net.ipv4.tcp_ecn = 0\n", false, 0},
      {"only half asked for", kTcpSyn | kTcpEce, 0, "", false, 0},
      {"asked for on a packet marked ECT", kAsk, 2, "", false, 0},
      {"the TOS is not reflected by default", kTcpSyn, 0xb8, "", false, 0},
      {"the TOS is reflected when told", kTcpSyn, 0xb8, "net.ipv4.tcp_reflect_tos = 1\n", false,
       0xb8},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Router router = server("", row.sysctls);
    Tcp syn = to_server(row.flags);
    syn.ip.tos = row.tos;
    router.send("eth0", make_tcp(syn));
    Skb holder;
    CHECK(answer(router, holder).has(kTcpEce) == row.ece);
    CHECK(Ipv4View(holder.l3().data()).tos() == row.answered_tos);
  }
}

TEST_CASE("what a listener does with other segments") {
  struct Row {
    const char* name;
    std::uint8_t flags;
    const char* outcome;
    const char* answers;
  };
  constexpr Row kRows[] = {
      {"an ACK", kTcpAck, "TCP_FLAGS", "R"},
      {"SYN and ACK", kTcpSyn | kTcpAck, "TCP_FLAGS", "R"},
      {"a reset", kTcpRst, "TCP_RESET", ""},
      {"no flags", 0, "TCP_FLAGS", ""},
      {"FIN", kTcpFin, "TCP_FLAGS", ""},
      {"SYN and FIN", kTcpSyn | kTcpFin, "TCP_FLAGS", ""},
      {"SYN and PSH is a SYN", kTcpSyn | kTcpPsh, "delivered", "SA"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    Router router = server();
    router.send("eth0", make_tcp(to_server(row.flags)));
    CHECK(outcome(router) == row.outcome);
    CHECK(answers(router) == row.answers);
  }
}

TEST_CASE("a repeated SYN gets its SYN/ACK again, but not twice within half a second") {
  Router router = server();
  const Skb syn = make_tcp(to_server(kTcpSyn));
  router.send("eth0", syn);
  CHECK(answers(router) == "SA");
  const Bytes first = router.result.emitted.at(0).frame;
  router.send("eth0", syn);
  CHECK(answers(router) == "SA");
  CHECK(router.result.emitted.at(0).frame == first);
  CHECK(outcome(router) == "NOT_SPECIFIED");
  router.wait(0.499);
  router.send("eth0", syn);
  CHECK(answers(router) == "");
  router.wait(0.002);
  router.send("eth0", syn);
  CHECK(answers(router) == "SA");
}

TEST_CASE("a SYN to a broadcast address opens nothing") {
  Router router = server();
  Tcp syn = to_server(kTcpSyn);
  syn.ip.dst = "10.0.0.255";
  router.send("eth0", make_tcp(syn));
  CHECK(outcome(router) == "delivered");
  CHECK(answers(router) == "");
}

TEST_CASE("conntrack sees the handshake through, whatever the server's sequence number was") {
  Router router = connected(kTracked);
  CHECK(outcome(router) == "delivered");
  CHECK(router.ct == "ESTABLISHED");
  const std::string table = router.table();
  CAPTURE(table);
  CHECK(table.find("ESTABLISHED") != std::string::npos);
  CHECK(table.find("[ASSURED]") != std::string::npos);
  // From here on the numbers are known: one that was never sent does not fit.
  router.send("eth0", make_tcp(to_server(kTcpAck, 1001, 900'000)));
  CHECK(router.ct.starts_with("INVALID"));
}

TEST_CASE("OUTPUT drops the SYN/ACK: the connection is never answered") {
  Router router = server(
      "*filter\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n"
      "-A OUTPUT -p tcp --sport 22 -j DROP\nCOMMIT\n");
  CHECK(router.send("eth0", make_tcp(to_server(kTcpSyn))) == "delivered");
  CHECK(router.table().find("SYN_RECV") != std::string::npos);
}

TEST_CASE("segments of an open connection") {
  struct Row {
    const char* name;
    Tcp tcp;
    const char* outcome;
    const char* answers;
  };
  const Row rows[] = {
      {"a bare ACK", to_server(kTcpAck, 1001, 5001), "delivered", ""},
      {"data is acknowledged at once",
       with_payload(to_server(kTcpAck | kTcpPsh, 1001, 5001), "hello"), "delivered", "A"},
      {"data after a gap asks for what is missing",
       with_payload(to_server(kTcpAck, 1005, 5001), "hello"), "delivered", "A"},
      {"the last byte that the window offers",
       with_payload(to_server(kTcpAck, 1001 + 64239, 5001), "x"), "delivered", "A"},
      {"beyond the window", with_payload(to_server(kTcpAck, 1001 + 64241, 5001), "x"),
       "TCP_INVALID_SEQUENCE", "A"},
      {"long ago", with_payload(to_server(kTcpAck, 900, 5001), "hello"), "TCP_OLD_SEQUENCE", "A"},
      {"no ACK flag", with_payload(to_server(0, 1001), "x"), "TCP_FLAGS", ""},
      {"a SYN is challenged", to_server(kTcpSyn, 1001), "TCP_INVALID_SYN", "A"},
      {"a reset in sequence", to_server(kTcpRst, 1001), "delivered", ""},
      {"a reset within the window is challenged", to_server(kTcpRst, 1002), "TCP_RESET", "A"},
      {"a reset beyond the window", to_server(kTcpRst, 1001 + 64241), "TCP_INVALID_SEQUENCE", ""},
      {"FIN: its ACK comes later", to_server(kTcpFin | kTcpAck, 1001, 5001), "delivered", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Router router = connected();
    router.send("eth0", make_tcp(row.tcp));
    CHECK(outcome(router) == row.outcome);
    CHECK(answers(router) == row.answers);
  }
}

TEST_CASE("the ACK says what was received") {
  Router router = connected();
  router.send("eth0", make_tcp(with_payload(to_server(kTcpAck, 1001, 5001), "hello")));
  Skb holder;
  const TcpView tcp = answer(router, holder);
  CHECK(tcp.seq() == 5001);
  CHECK(tcp.ack() == 1006);
  CHECK(tcp.window() == 64235);
  router.send("eth0", make_tcp(with_payload(to_server(kTcpAck, 1001, 5001), "hello")));
  CHECK(outcome(router) == "TCP_OLD_DATA");
  CHECK(answers(router) == "A");
}

TEST_CASE("a new SYN after the peer's FIN: only the application knows whether it closed as well") {
  Router router = connected();
  router.send("eth0", make_tcp(to_server(kTcpFin | kTcpAck, 1001, 5001)));
  router.send("eth0", make_tcp(to_server(kTcpSyn, 90'000)));
  CHECK(outcome(router) == "unknown");
  // What still belongs to the old connection is not in doubt.
  router.send("eth0", make_tcp(to_server(kTcpAck, 1002, 5002)));
  CHECK(outcome(router) == "delivered");
}

TEST_CASE("after a reset the listener knows nothing of the connection") {
  Router router = connected();
  router.send("eth0", make_tcp(to_server(kTcpRst, 1001)));
  router.send("eth0", make_tcp(to_server(kTcpAck, 1001, 5001)));
  CHECK(outcome(router) == "TCP_FLAGS");
  CHECK(answers(router) == "R");
}

TEST_CASE("segments while only the SYN was seen") {
  struct Row {
    const char* name;
    Tcp tcp;
    const char* outcome;
    const char* answers;
  };
  const Row rows[] = {
      {"an ACK in sequence", to_server(kTcpAck, 1001, 5001), "delivered", ""},
      {"an ACK outside the window", to_server(kTcpAck, 900, 5001), "TCP_OVERWINDOW", "A"},
      {"a reset in sequence", to_server(kTcpRst, 1001), "NOT_SPECIFIED", ""},
      {"a reset outside the window", to_server(kTcpRst, 900), "TCP_OVERWINDOW", ""},
      {"another SYN within the window", to_server(kTcpSyn, 1001), "NOT_SPECIFIED", "RA"},
      {"no ACK flag", with_payload(to_server(0, 1001), "x"), "NOT_SPECIFIED", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Router router = server();
    router.send("eth0", make_tcp(to_server(kTcpSyn)));
    router.send("eth0", make_tcp(row.tcp));
    CHECK(outcome(router) == row.outcome);
    CHECK(answers(router) == row.answers);
  }
}

}  // namespace pktwalk

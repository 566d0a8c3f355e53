// SPDX-License-Identifier: MIT
#include "model/path/sockets.h"

#include <doctest/doctest.h>

#include <string>

#include "model/packet/headers.h"
#include "tests/support/router.h"

namespace pktwalk {
namespace {

using testing::Router;

// The line of the socket that takes a packet 10.0.0.9:40000 > 10.0.0.1:53 that came in by eth0.
std::string taker(const std::string& sockets, std::uint8_t proto,
                  SocketKind kind = SocketKind::Any) {
  const Router router("", "", "", sockets);
  const SocketKey key{.proto = proto,
                      .local = *IpAddr::parse("10.0.0.1"),
                      .port = 53,
                      .remote = *IpAddr::parse("10.0.0.9"),
                      .remote_port = 40000,
                      .dev = router.host.link("eth0")->index};
  const Socket* const socket = find_socket(router.host, key, kind);
  if (socket == nullptr) return "";
  const std::string line(router.host.sources.text(socket->at));
  return line.substr(line.find_last_of(' ', line.find_last_of(' ') - 1) + 1);
}

std::string tcp(const char* local, const char* remote = "0.0.0.0:*") {
  const bool listening = std::string(remote) == "0.0.0.0:*";
  return std::string("tcp ") + (listening ? "LISTEN" : "ESTAB") + " 0 0 " + local + " " + remote +
         "\n";
}

std::string udp(const char* local, const char* remote = "0.0.0.0:*") {
  return std::string("udp UNCONN 0 0 ") + local + " " + remote + "\n";
}

}  // namespace

TEST_CASE("which of two sockets takes a packet") {
  struct Row {
    const char* name;
    std::uint8_t proto;
    std::string sockets;
    const char* taker;
  };
  const Row rows[] = {
      {"none of this port", kProtoTcp, tcp("0.0.0.0:54"), ""},
      {"none of this protocol", kProtoTcp, udp("0.0.0.0:53"), ""},
      {"another address", kProtoTcp, tcp("10.0.0.2:53"), ""},
      {"another device", kProtoTcp, tcp("0.0.0.0%eth1:53"), ""},
      {"this address before any", kProtoTcp, tcp("0.0.0.0:53") + tcp("10.0.0.1:53"),
       "10.0.0.1:53 0.0.0.0:*"},
      {"this address before any on the device", kProtoTcp,
       tcp("0.0.0.0%eth0:53") + tcp("10.0.0.1:53"), "10.0.0.1:53 0.0.0.0:*"},
      {"the device before none", kProtoTcp, tcp("0.0.0.0:53") + tcp("0.0.0.0%eth0:53"),
       "0.0.0.0%eth0:53 0.0.0.0:*"},
      {"IPv4 before both families", kProtoTcp, tcp("*:53") + tcp("0.0.0.0:53"),
       "0.0.0.0:53 0.0.0.0:*"},
      {"both families when there is no other", kProtoTcp, tcp("*:53"), "*:53 0.0.0.0:*"},
      {"IPv6 only is not asked", kProtoTcp, tcp("[::]:53"), ""},
      {"the connection before the listener", kProtoTcp,
       tcp("10.0.0.1:53") + tcp("10.0.0.1:53", "10.0.0.9:40000"), "10.0.0.1:53 10.0.0.9:40000"},
      {"another connection", kProtoTcp, tcp("10.0.0.1:53", "10.0.0.9:40001"), ""},
      {"UDP: this address before any on the device", kProtoUdp,
       udp("0.0.0.0%eth0:53") + udp("10.0.0.1:53"), "10.0.0.1:53 0.0.0.0:*"},
      {"UDP: connected before unconnected", kProtoUdp,
       udp("10.0.0.1:53") + udp("10.0.0.1:53", "10.0.0.9:40000"), "10.0.0.1:53 10.0.0.9:40000"},
      {"UDP: connected to another", kProtoUdp, udp("10.0.0.1:53", "10.0.0.8:40000"), ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(taker(row.sockets, row.proto) == row.taker);
  }
}

TEST_CASE("connections and listeners can be asked for alone") {
  const std::string both = tcp("10.0.0.1:53") + tcp("10.0.0.1:53", "10.0.0.9:40000");
  CHECK(taker(both, kProtoTcp, SocketKind::Listening) == "10.0.0.1:53 0.0.0.0:*");
  CHECK(taker(both, kProtoTcp, SocketKind::Connected) == "10.0.0.1:53 10.0.0.9:40000");
  CHECK(taker(tcp("0.0.0.0:53"), kProtoTcp, SocketKind::Connected) == "");
}

}  // namespace pktwalk

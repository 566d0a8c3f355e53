// SPDX-License-Identifier: MIT
// IPv4 options on their way through the router and back in its answers.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "model/packet/checksum.h"
#include "tests/support/router.h"

namespace pktwalk {
namespace {

using testing::Bytes;
using testing::make_icmp;
using testing::make_udp;
using testing::Router;
using testing::Udp;

constexpr const char* kSourceRoutes =
    "net.ipv4.conf.all.accept_source_route = 1\nnet.ipv4.conf.eth0.accept_source_route = 1\n";

// 2023-11-14 22:13:20.000 UTC, where the router's clock stands, in milliseconds since midnight.
constexpr const char* kNow = "04c4b400";

std::string options_of(const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  return fmt::format("{:02x}", fmt::join(skb.l3().subspan(20, ip.header_length() - 20), ""));
}

bool header_right(const Skb& skb) {
  return checksum(skb.l3().first(Ipv4View(skb.l3().data()).header_length())) == 0;
}

Skb through(const Bytes& options, const char* dst = "192.0.2.80") {
  Udp udp;
  udp.ip.dst = dst;
  udp.ip.options = options;
  return make_udp(udp);
}

std::string drop_reason(const Router& router) {
  return router.result.disposition == Disposition::Dropped ? to_string(router.result.reason) : "";
}

}  // namespace

TEST_CASE("options of a packet that is forwarded") {
  struct Row {
    const char* name;
    Bytes options;
    std::string leaves;
  };
  const Row rows[] = {
      {"no-operations stay", {1, 1, 1, 1}, "01010101"},
      {"an unknown option stays", {0x9e, 4, 1, 2}, "9e040102"},
      {"router alert stays", {0x94, 4, 0, 0}, "94040000"},
      {"record route: the address of the way out",
       {7, 7, 4, 0, 0, 0, 0},
       "070708"
       "c0000201"
       "00"},
      {"record route: the second of two slots",
       {7, 11, 8, 9, 9, 9, 9, 0, 0, 0, 0},
       "070b0c"
       "09090909"
       "c0000201"
       "00"},
      {"record route: full",
       {7, 7, 8, 9, 9, 9, 9},
       "070708"
       "09090909"
       "00"},
      {"record route: no slot at all", {7, 3, 4}, "07030400"},
      {"time only", {68, 8, 5, 0, 0, 0, 0, 0}, std::string("44080900") + kNow},
      {"time and address",
       {68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0},
       std::string("440c0d01") + "0a000001" + kNow},
      {"a prescribed address that is ours",
       {68, 12, 5, 3, 10, 0, 0, 1, 0, 0, 0, 0},
       std::string("440c0d03") + "0a000001" + kNow},
      {"a prescribed address that is another router's",
       {68, 12, 5, 3, 192, 0, 2, 80, 0, 0, 0, 0},
       "440c0503"
       "c0000250"
       "00000000"},
      {"time: full, one more host had no room",
       {68, 8, 9, 0x20, 1, 2, 3, 4},
       "44080930"
       "01020304"},
      {"rubbish behind the end is cleared", {0, 9, 9, 9}, "00000000"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Router router("");
    CHECK(router.send("eth0", through(row.options)) == "eth1 udp 10.0.0.9:40000 > 192.0.2.80:53");
    const Skb left = router.emitted();
    CHECK(options_of(left) == row.leaves);
    CHECK(header_right(left));
  }
}

TEST_CASE("malformed options are answered with a parameter problem that points at them") {
  struct Row {
    const char* name;
    Bytes options;
    int pointer;  // in the IP header
  };
  const Row rows[] = {
      {"longer than the header", {1, 7, 12, 4}, 21},
      {"an option of length 1", {7, 1, 4, 0}, 20},
      {"record route of length 2", {7, 2, 4, 0}, 21},
      {"record route whose pointer is inside its header", {7, 7, 3, 0, 0, 0, 0}, 22},
      {"record route with half a slot", {7, 7, 5, 0, 0, 0, 0}, 22},
      {"two record routes", {7, 3, 4, 7, 3, 4}, 23},
      {"timestamp of length 3", {68, 3, 5, 0}, 21},
      {"timestamp whose pointer is inside its header", {68, 8, 4, 0, 0, 0, 0, 0}, 22},
      {"time and address, room for the time only", {68, 8, 5, 1, 0, 0, 0, 0}, 22},
      {"timestamp: fifteen hosts without room", {68, 4, 5, 0xf0}, 23},
      {"router alert of length 2", {0x94, 2, 0, 0}, 21},
      {"two source routes", {131, 3, 4, 131, 3, 4}, 23},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Router router("", kSourceRoutes);
    router.send("eth0", through(row.options));
    CHECK(drop_reason(router) == "IP_INHDR");
    const Skb error = router.emitted();
    const std::size_t icmp = Ipv4View(error.l3().data()).header_length();
    CHECK(error.l3()[icmp] == 12);
    CHECK(error.l3()[icmp + 4] == row.pointer);
  }
}

TEST_CASE("source routes") {
  struct Row {
    const char* name;
    Bytes options;
    const char* dst;
    const char* sysctls;
    const char* outcome;
    const char* leaves;
  };
  const Row rows[] = {
      {"refused unless told", {131, 7, 4, 192, 0, 2, 80}, "10.0.0.1", "", "NOT_SPECIFIED", ""},
      {"loose: on to the next hop, our address in its place",
       {131, 7, 4, 192, 0, 2, 80},
       "10.0.0.1",
       kSourceRoutes,
       "eth1 udp 10.0.0.9:40000 > 192.0.2.80:53",
       "830708"
       "c0000201"
       "00"},
      {"strict, and the next hop is a neighbour",
       {137, 7, 4, 192, 0, 2, 80},
       "10.0.0.1",
       kSourceRoutes,
       "eth1 udp 10.0.0.9:40000 > 192.0.2.80:53",
       "890708"
       "c0000201"
       "00"},
      {"strict, and the next hop lies behind a gateway",
       {137, 7, 4, 203, 0, 113, 7},
       "10.0.0.1",
       kSourceRoutes,
       "NOT_SPECIFIED",
       ""},
      {"loose, and we are not asked yet",
       {131, 7, 4, 192, 0, 2, 81},
       "192.0.2.80",
       kSourceRoutes,
       "eth1 udp 10.0.0.9:40000 > 192.0.2.80:53",
       "830704"
       "c0000251"
       "00"},
      {"strict, and the packet is for somebody else",
       {137, 7, 4, 192, 0, 2, 81},
       "192.0.2.80",
       kSourceRoutes,
       "NOT_SPECIFIED",
       ""},
      {"the first hop is ours too, the second one is not",
       {131, 11, 4, 192, 0, 2, 1, 192, 0, 2, 80},
       "10.0.0.1",
       kSourceRoutes,
       "eth1 udp 10.0.0.9:40000 > 192.0.2.80:53",
       "830b0c"
       "c0000201"
       "c0000201"
       "00"},
      {"the last address is cut off",
       {131, 6, 4, 192, 0, 2},
       "10.0.0.1",
       kSourceRoutes,
       "NOT_SPECIFIED",
       ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Router router("", row.sysctls);
    const std::string what = router.send("eth0", through(row.options, row.dst));
    if (row.leaves[0] == '\0') {
      CHECK(drop_reason(router) == row.outcome);
      continue;
    }
    CHECK(what == row.outcome);
    CHECK(options_of(router.emitted()) == row.leaves);
    CHECK(header_right(router.emitted()));
  }
}

TEST_CASE("the router's answers echo the options") {
  struct Row {
    const char* name;
    Bytes options;
    std::string answered;
  };
  const Row rows[] = {
      {"no-operations are not echoed", {1, 1, 1, 1}, ""},
      {"router alert is not echoed", {0x94, 4, 0, 0}, ""},
      {"record route with one slot: it was filled in on the way in",
       {7, 7, 4, 0, 0, 0, 0},
       "070708"
       "0a000001"
       "00"},
      {"record route with two slots: the way back is recorded as well",
       {7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0},
       "070b0c"
       "0a000001"
       "0a000001"
       "00"},
      {"time with two slots",
       {68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0},
       std::string("440c0d00") + kNow + kNow},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Router router("");
    testing::Icmp echo;
    echo.ip.dst = "10.0.0.1";
    echo.ip.options = row.options;
    CHECK(router.send("eth0", make_icmp(echo)) == "eth0 icmp 0/0 id 77 10.0.0.1 > 10.0.0.9");
    CHECK(options_of(router.emitted()) == row.answered);
    CHECK(testing::checksums_right(router.emitted()));

    router.send("eth0", through(row.options, "10.0.0.1"));  // the port is closed
    CHECK(drop_reason(router) == "NO_SOCKET");
    CHECK(options_of(router.emitted()) == row.answered);
  }
}

TEST_CASE("an answer to a source-routed packet goes back the same way") {
  Router router("", kSourceRoutes);
  testing::Icmp echo;
  echo.ip.dst = "10.0.0.1";
  // Came from 10.0.0.9 by 10.0.0.8 and 10.0.0.7.
  echo.ip.options = {131, 11, 12, 10, 0, 0, 8, 10, 0, 0, 7};
  CHECK(router.send("eth0", make_icmp(echo)) == "eth0 icmp 0/0 id 77 10.0.0.1 > 10.0.0.7");
  CHECK(options_of(router.emitted()) ==
        "830b04"
        "0a000008"
        "0a000009"
        "00");
}

TEST_CASE("a first hop that is the sender itself is named once") {
  Router router("", kSourceRoutes);
  testing::Icmp echo;
  echo.ip.dst = "10.0.0.1";
  echo.ip.options = {131, 11, 12, 10, 0, 0, 9, 10, 0, 0, 7};
  CHECK(router.send("eth0", make_icmp(echo)) == "eth0 icmp 0/0 id 77 10.0.0.1 > 10.0.0.7");
  CHECK(options_of(router.emitted()) ==
        "830704"
        "0a000009"
        "00");
}

}  // namespace pktwalk

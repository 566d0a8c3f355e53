// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>

#include "model/conntrack/conntrack.h"
#include "model/host/host.h"

namespace pktwalk::ct {
namespace {

// Reads the line and prints the table as it stands before the first packet.
std::string again(const std::string& line, bool acct) {
  Table table;
  if (!load_line(table, line)) return "not read";
  Host host;
  host.sysctls.ct_acct = acct;
  return print_table(table, {}, host);
}

TEST_CASE("conntrack text: what conntrack -L -o extended printed is printed again") {
  struct Row {
    const char* name;
    const char* line;
    bool acct = false;
  };
  const Row rows[] = {
      {"TCP, assured, with mark",
       "ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 "
       "src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [ASSURED] mark=5 use=1"},
      {"unreplied",
       "ipv4     2 tcp      6 99 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED] "
       "src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 mark=0 use=1"},
      {"counters and a zone",
       "ipv4     2 tcp      6 99 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 packets=3 "
       "bytes=180 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 packets=2 bytes=120 [ASSURED] mark=5 "
       "zone=3 use=1",
       true},
      {"a zone for the original direction",
       "ipv4     2 udp      17 99 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 zone-orig=4 packets=0 "
       "bytes=0 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 packets=0 bytes=0 mark=0 "
       "use=1",
       true},
      {"a zone for the reply direction",
       "ipv4     2 udp      17 99 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED] "
       "src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 zone-reply=6 mark=0 use=1"},
      {"ICMP",
       "ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 [UNREPLIED] "
       "src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1"},
      {"SCTP",
       "ipv4     2 sctp     132 99 COOKIE_WAIT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 "
       "[UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 mark=0 use=1"},
      {"GRE",
       "ipv4     2 gre      47 99 src=10.0.0.1 dst=10.0.0.2 srckey=0x1 dstkey=0x2 [UNREPLIED] "
       "src=10.0.0.2 dst=10.0.0.1 srckey=0x2 dstkey=0x1 mark=0 use=1"},
      {"UDP-Lite",
       "ipv4     2 udplite  136 99 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED] "
       "src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 mark=0 use=1"},
      {"a protocol without a name",
       "ipv4     2 unknown  89 599 src=10.0.0.1 dst=10.0.0.2 [UNREPLIED] src=10.0.0.2 "
       "dst=10.0.0.1 mark=0 use=1"},
      {"IPv6",
       "ipv6     10 tcp      6 99 ESTABLISHED src=fe80::1 dst=fe80::2 sport=1 dport=2 "
       "src=fe80::2 dst=fe80::1 sport=2 dport=1 [ASSURED] mark=0 use=1"},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) { CHECK(again(row.line, row.acct) == std::string(row.line) + "\n"); }
  }
}

TEST_CASE("conntrack text: other forms of a line are read too") {
  const std::string plain =
      "ipv4     2 udp      17 11 src=172.16.1.10 dst=172.16.1.1 sport=39410 dport=53 "
      "src=172.16.1.1 dst=172.16.1.10 sport=53 dport=39410 mark=0 use=1\n";
  struct Row {
    const char* name;
    const char* line;
  };
  const Row rows[] = {
      {"without the layer 3 protocol",
       "udp      17 11 src=172.16.1.10 dst=172.16.1.1 sport=39410 dport=53 src=172.16.1.1 "
       "dst=172.16.1.10 sport=53 dport=39410 mark=0 use=1"},
      {"/proc/net/nf_conntrack with a security context",
       "ipv4     2 udp      17 11 src=172.16.1.10 dst=172.16.1.1 sport=39410 dport=53 "
       "src=172.16.1.1 dst=172.16.1.10 sport=53 dport=39410 mark=0 "
       "secctx=system_u:object_r:unlabeled_t:s0 zone=0 use=2"},
      {"an event with a time stamp",
       "[1700000000.123456]\t    [NEW] udp      17 11 src=172.16.1.10 dst=172.16.1.1 sport=39410 "
       "dport=53 src=172.16.1.1 dst=172.16.1.10 sport=53 dport=39410"},
      {"with its id and a carriage return",
       "udp      17 11 src=172.16.1.10 dst=172.16.1.1 sport=39410 dport=53 src=172.16.1.1 "
       "dst=172.16.1.10 sport=53 dport=39410 mark=0 use=1 id=3809927045\r"},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) { CHECK(again(row.line, false) == plain); }
  }
  SUBCASE("GRE in /proc has timeouts of its own") {
    CHECK(again("ipv4     2 gre      47 99 timeout=0, stream_timeout=0 src=10.0.0.1 dst=10.0.0.2 "
                "srckey=0x1 dstkey=0x2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 srckey=0x2 "
                "dstkey=0x1 mark=0 zone=0 use=2",
                false) ==
          "ipv4     2 gre      47 99 src=10.0.0.1 dst=10.0.0.2 srckey=0x1 dstkey=0x2 [UNREPLIED] "
          "src=10.0.0.2 dst=10.0.0.1 srckey=0x2 dstkey=0x1 mark=0 use=1\n");
  }
  SUBCASE("an ICMP line with its entry's id keeps the ICMP identifier") {
    CHECK(again("icmp 1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 "
                "type=0 code=0 id=7 mark=0 use=1 id=99999",
                false) ==
          "ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 "
          "dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1\n");
  }
}

TEST_CASE("conntrack text: what is no connection is refused") {
  Table table;
  for (const char* const line : {
           "",
           "conntrack v1.4.7 (conntrack-tools): 10 flow entries have been shown.",
           "tcp 6 100 src=10.0.0.2",
           "tcp 6 100 src=10.0.0.2 dst=10.0.0.1 sport=1 dport=2",
           "tcp 6 100 src=10.0.0.2 dst=ten sport=1 dport=2 src=10.0.0.1 dst=10.0.0.2",
           "tcp 6 100 src=10.0.0.2 dst=10.0.0.1 sport=99999 dport=2 src=10.0.0.1 dst=10.0.0.2",
           "tcp x 100 src=10.0.0.2 dst=10.0.0.1 src=10.0.0.1 dst=10.0.0.2",
           "tcp 6 1 src=10.0.0.2 dst=10.0.0.1 src=10.0.0.1 dst=10.0.0.2 src=10.0.0.1",
           "tcp 6 1 src=10.0.0.2 dst=::1 src=10.0.0.1 dst=10.0.0.2",
       }) {
    INFO(line);
    CHECK_FALSE(load_line(table, line));
  }
  CHECK(table.empty());
}

TEST_CASE("conntrack text: NAT is told by a reply that is not the mirror") {
  struct Row {
    const char* name;
    const char* reply;
    std::uint32_t nat;
  };
  const Row rows[] = {
      {"none", "src=192.0.2.80 dst=10.0.0.2 sport=80 dport=1000", 0},
      {"source address", "src=192.0.2.80 dst=198.51.100.1 sport=80 dport=1000", kSrcNat},
      {"source port", "src=192.0.2.80 dst=10.0.0.2 sport=80 dport=1001", kSrcNat},
      {"destination address", "src=10.1.0.5 dst=10.0.0.2 sport=80 dport=1000", kDstNat},
      {"destination port", "src=192.0.2.80 dst=10.0.0.2 sport=8080 dport=1000", kDstNat},
      {"both", "src=10.1.0.5 dst=198.51.100.1 sport=80 dport=1000", kSrcNat | kDstNat},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) {
      Table table;
      REQUIRE(load_line(table, std::string("tcp 6 100 ESTABLISHED src=10.0.0.2 dst=192.0.2.80 "
                                           "sport=1000 dport=80 ") +
                                   row.reply));
      table.for_each([&](CtId, const Entry& entry) {
        CHECK((entry.status & (kSrcNat | kDstNat)) == row.nat);
      });
    }
  }
}

TEST_CASE("conntrack text: a line that comes twice makes one entry") {
  Table table;
  const char* const line =
      "udp 17 11 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 "
      "dport=1";
  CHECK(load_line(table, line));
  CHECK(load_line(table, line));
  CHECK(table.confirmed_count() == 1);
}

}  // namespace
}  // namespace pktwalk::ct

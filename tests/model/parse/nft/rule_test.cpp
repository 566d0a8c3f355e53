// SPDX-License-Identifier: MIT
// Rules of every kind: what is written, and what is printed of it ("" where it is the same).
#include <doctest/doctest.h>

#include "tests/model/parse/nft/nft_reading.h"

namespace pktwalk::nft {
namespace {

struct Row {
  const char* written;
  const char* printed;
};

template <std::size_t N>
void check(const Row (&rows)[N]) {
  for (const Row& row : rows) {
    CAPTURE(row.written);
    CHECK(printed_rule(row.written) == (row.printed[0] != '\0' ? row.printed : row.written));
  }
}

TEST_CASE("nft rules: fields of headers") {
  const Row rows[] = {
      {"tcp dport 22 accept", ""},
      {"ip saddr 10.0.0.0/8 ip daddr != 192.0.2.1-192.0.2.9 drop", ""},
      {"ip6 saddr fe80::/10 icmpv6 type nd-neighbor-solicit", ""},
      {"ip6 daddr ::ffff:192.0.2.1 drop", ""},
      {"ether saddr 00:11:22:33:44:55 vlan id 10 vlan cfi 1",
       "ether saddr 00:11:22:33:44:55 vlan id 10 vlan dei 1"},
      {"arp operation request arp saddr ip 192.0.2.1 arp daddr ether 0:1:2:3:4:5", ""},
      {"icmpv6 param-problem 3", "icmpv6 parameter-problem 3"},
      {"th dport 53", ""},
      {"@th,16,16 53", ""},
      {"@nh,8,8 & 0xfc == 0x20", ""},
      {"@ih,32,8 1", ""},
      {"udplite csumcov 8", ""},
      {"comp cpi 1 esp spi 5 ah sequence 2", ""},
      {"gre version 0", ""},
      {"vxlan vni 10 vxlan ip saddr 10.0.0.1", ""},
      {"geneve udp dport 53", ""},
      {"tunnel id 10", ""},
      {"dccp type request dccp option 5 exists", ""},
      {"sctp chunk data tsn 5 sctp chunk init exists", ""},
  };
  check(rows);
}

TEST_CASE("nft rules: options and extension headers") {
  const Row rows[] = {
      {"tcp option maxseg size 1-500", ""},
      {"tcp option mss size set rt mtu", "tcp option maxseg size set rt mtu"},
      {"tcp option sack-permitted missing", "tcp option sack-perm missing"},
      {"tcp option sack1 left 5", ""},
      {"tcp option mptcp subtype 1", ""},
      {"tcp option 99 exists", ""},
      {"tcp option @34,8,8 1", ""},
      {"tcp option @maxseg,16,16 1460", "tcp option @2,16,16 1460"},
      {"reset tcp option noop", "reset tcp option nop"},
      {"ip option lsrr exists ip option rr addr 192.0.2.1", ""},
      {"exthdr frag exists frag more-fragments 1", ""},
      {"rt0 addr[2] fe80::1 srh sid[1] fe80::2 rt type 0", ""},
  };
  check(rows);
}

TEST_CASE("nft rules: meta, ct and other sources of values") {
  const Row rows[] = {
      {"meta iifname \"eth0\" mark 5", "iifname \"eth0\" meta mark 5"},
      {"oif lo accept", ""},
      {"iifname wan*", ""},
      {"iifname \"wan*\"", ""},
      {"meta l4proto { tcp, udp } th dport 53", ""},
      {"l4proto tcp", "meta l4proto tcp"},
      {"meta ibridgename br0", "meta ibrname br0"},
      {"meta hour \"08:00\"-\"17:00\" meta day \"Friday\"", ""},
      {"meta hour 08:00-17:00", ""},
      {"meta priority 1:10", ""},
      {"meta secpath exists", "meta ipsec exists"},
      {"ct state established,related accept", ""},
      {"ct state { new, established } accept", ""},
      {"ct original ip saddr 10.0.0.1 ct reply proto-dst 80", ""},
      {"ct original saddr 10.0.0.1", ""},
      {"ct status ! dnat", ""},
      {"ct count over 20 drop", ""},
      {"ct label \"x\"", ""},
      {"rt nexthop 10.0.0.1 rt ip6 nexthop fe80::1 rt classid 5", ""},
      {"socket transparent 1 socket cgroupv2 level 1 \"user.slice\"", ""},
      {"fib saddr . iif oif missing drop", ""},
      {"fib daddr . mark type local", ""},
      {"fib saddr . iif check exists", ""},
      {"osf ttl skip name \"Linux\"", ""},
      {"ipsec in spnum 1 ip saddr 10.0.0.1 ipsec out reqid 5", ""},
      {"meta mark set numgen inc mod 2 offset 100", ""},
      {"dnat to jhash ip saddr . tcp dport mod 2 seed 0x1 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }", ""},
      {"meta mark set symhash mod 3", ""},
  };
  check(rows);
}

TEST_CASE("nft rules: comparisons and calculations") {
  const Row rows[] = {
      {"tcp dport ge 1024", "tcp dport >= 1024"},
      {"tcp dport lt 10", "tcp dport < 10"},
      {"tcp dport eq 22", "tcp dport == 22"},
      {"ip ttl gt 1 ip ttl le 64 ip ttl ne 5", "ip ttl > 1 ip ttl <= 64 ip ttl != 5"},
      {"meta mark and 0xff == 1", "meta mark & 0xff == 1"},
      {"meta mark & 0xff | 1 ^ 2 == 3", "meta mark & 0xff | 1 ^ 2 == 3"},
      {"meta mark & (0xff | 1) == 3", ""},
      {"meta mark set ct mark lshift 8 or 0x1", "meta mark set ct mark << 8 | 0x1"},
      {"meta mark set (ct mark | 1) << 2", ""},
      {"tcp flags & (fin | syn) == syn", "tcp flags syn / fin,syn"},
      {"tcp flags & (fin | syn) == fin,syn", "tcp flags fin,syn / fin,syn"},
      {"tcp flags syn / syn,ack", ""},
      {"ct state new / established,new", ""},
      {"tcp flags & syn == syn", ""},
      {"tcp flags & (syn | ack) == { syn, ack }", ""},
      {"tcp flags != fin,syn / fin,syn,rst", ""},
      {"tcp flags fin,syn", ""},
      {"tcp flags ! fin,rst", ""},
      {"tcp flags == { syn, syn | ack }", "tcp flags { syn, syn | ack }"},
      {"ip dscp set ip dscp | 0x03", ""},
      {"ip saddr 10.0.0.1/255.255.255.0", "ip saddr & 255.255.255.0 == 10.0.0.1"},
  };
  check(rows);
}

TEST_CASE("nft rules: sets, maps and concatenations") {
  const Row rows[] = {
      {"tcp dport {22,80-90,443} accept", "tcp dport { 22, 80-90, 443 } accept"},
      {"ip saddr @bad drop", ""},
      {"ip saddr != @bad drop", ""},
      {"ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.0/24 . 80-90 } accept", ""},
      {"tcp dport vmap { 22 : accept, 80 : jump web, * : drop }", ""},
      {"ct state vmap { invalid:drop, new:goto new_ones }",
       "ct state vmap { invalid : drop, new : goto new_ones }"},
      {"ip saddr . iifname vmap @verdicts", ""},
      {"meta mark set ip saddr map { 10.0.0.1 : 1, 10.0.0.2 : 2 }", ""},
      {"ip saddr map @m 5", "ip saddr map @m 5"},
      {"{ 22, 23 } accept", "3:1 error: \"{\" found, a statement or an expression expected\n"},
      {"ip saddr { { 10.0.0.1, 10.0.0.2 }, 10.0.0.3 }",
       "ip saddr { 10.0.0.1, 10.0.0.2, 10.0.0.3 }"},
      {"ip saddr {\n 10.0.0.1, # one\n 10.0.0.2,\n}", "ip saddr { 10.0.0.1, 10.0.0.2 }"},
  };
  check(rows);
}

TEST_CASE("nft rules: counters, limits and changes of sets") {
  const Row rows[] = {
      {"counter", ""},
      {"counter packets 5 bytes 300 accept", ""},
      {"counter name \"c\"", ""},
      {"counter name tcp dport map { 22 : \"a\", 80 : \"b\" }", ""},
      {"limit rate 10/second", ""},
      {"limit rate over 10/minute burst 7 packets drop", ""},
      {"limit rate 10/second burst 5 packets", "limit rate 10/second"},
      {"limit rate 1024 kbytes/second burst 2 mbytes", "limit rate 1 mbytes/second burst 2 mbytes"},
      {"limit rate 1 bytes / second", "limit rate 1 bytes/second"},
      {"quota until 25 mbytes used 5 bytes", "quota 25 mbytes used 5 bytes"},
      {"quota over 1024 bytes drop", "quota over 1 kbytes drop"},
      {"last used never", "last"},
      {"last used 1m", ""},
      {"add @s { ip saddr timeout 10s limit rate 10/second }",
       "add @s { ip saddr timeout 10s limit rate 10/second }"},
      {"update @s { ip saddr . tcp dport counter }", ""},
      {"add @m { ip saddr : tcp dport }", ""},
      {"delete @s { ip saddr }", ""},
      {"set add ip saddr timeout 5s @s", "add @s { ip saddr timeout 5s }"},
      {"meter m size 128 { ip saddr limit rate 1/second } accept", ""},
      {"flow table f { ip saddr counter }", "meter f { ip saddr counter }"},
  };
  check(rows);
}

TEST_CASE("nft rules: what ends or changes a packet's way") {
  const Row rows[] = {
      {"snat to 192.0.2.1", ""},
      {"snat 192.0.2.1", "snat to 192.0.2.1"},
      {"snat to 192.0.2.1-192.0.2.9:1024-65535 random,persistent", ""},
      {"dnat ip6 to [fe80::1]:80", ""},
      {"dnat to fe80::1", ""},
      {"dnat to :8080", ""},
      {"dnat to 10.0.0.0/31:80", ""},
      {"dnat ip addr . port to tcp dport map { 80 : 10.0.0.1 . 8080 }",
       "dnat ip to tcp dport map { 80 : 10.0.0.1 . 8080 }"},
      {"dnat to tcp dport map { 80 : 10.0.0.1 }:8080", ""},
      {"snat ip prefix to ip saddr map { 10.0.0.0/24 : 192.0.2.0/24 }", ""},
      {"masquerade fully-random", ""},
      {"masquerade to :1024-2048 random", ""},
      {"redirect to :8080", ""},
      {"redirect", ""},
      {"tproxy to :50080", ""},
      {"tproxy ip to 127.0.0.1:50080", ""},
      {"tproxy ip6 to [::1]:50080", ""},
      {"reject", ""},
      {"reject with tcp reset", ""},
      {"reject with icmpv6 type no-route", "reject with icmpv6 no-route"},
      {"log", ""},
      {"log prefix \"a b: \" group 2 snaplen 64 queue-threshold 3", ""},
      {"log level debug flags tcp sequence,options flags ip options", ""},
      {"log flags all level warning", "log flags all level warn"},
      {"queue num 1-3 fanout,bypass", "queue flags bypass,fanout to 1-3"},
      {"queue flags bypass to 5", ""},
      {"queue to numgen inc mod 4", ""},
      {"queue", ""},
      {"dup to 10.0.0.1 device \"eth0\"", ""},
      {"fwd to \"eth1\"", ""},
      {"fwd ip to 10.0.0.1 device eth1", ""},
      {"synproxy mss 1460 wscale 7 timestamp sack-perm", ""},
      {"synproxy name \"s\"", ""},
      {"flow offload @ft", "flow add @ft"},
      {"notrack", ""},
      {"ct helper set \"ftp-std\"", ""},
      {"ct timeout set \"t\"", ""},
      {"ct zone set 5", ""},
      {"ct event set new,destroy", ""},
      {"meta secmark set \"s\"", ""},
      {"meta secmark set ct secmark", ""},
      {"meta nftrace set 1", ""},
      {"ether daddr set 0:1:2:3:4:5", ""},
      {"@th,16,16 set 53", ""},
      {"xt match \"recent\" counter xt target \"LOG\"", ""},
      {"jump a comment \"why\"", ""},
  };
  check(rows);
}

TEST_CASE("nft rules: a chain without a name is a chain of its own") {
  const Reading reading =
      read_rules("tcp flags syn jump {\n tcp dport 0 drop\n udp dport 0 drop\n}");
  CHECK(reading.messages().empty());
  REQUIRE(reading.ruleset.tables[0].chains.size() == 2);
  CHECK(print(reading.ruleset.tables[0].chains[0].rules[0]) == "tcp flags syn jump __chain0");
  CHECK(reading.ruleset.tables[0].chains[1].name == "__chain0");
  CHECK(reading.ruleset.tables[0].chains[1].hidden);
  CHECK(reading.ruleset.tables[0].chains[1].rules.size() == 2);
  CHECK(reading.printed() ==
        "table inet t {\n\tchain c {\n\t\ttcp flags syn jump {\n\t\t\ttcp dport 0 drop\n"
        "\t\t\tudp dport 0 drop\n\t\t}\n\t}\n}\n");
  // What is named the same but stands in no braces is an ordinary chain.
  const Reading named = read_rules("jump __chain0\n}\nchain __chain0 {\njump __chain0");
  CHECK(named.messages().empty());
  CHECK(named.printed().find("chain __chain0 {\n\t\tjump __chain0\n") != std::string::npos);
}

TEST_CASE("nft rules: comparisons under a mask are one tree, however they are written") {
  const Reading reading = read_rules("tcp flags syn / syn,ack\ntcp flags & (syn | ack) == syn");
  for (const ast::Rule& rule : reading.ruleset.tables[0].chains[0].rules) {
    const ast::Stmt& match = *rule.statements.at(0);
    CHECK(match.op == "==");
    CHECK(match.args.at(0)->kind == ast::ExprKind::Binary);
    CHECK(print(*match.args[0]) == "tcp flags & (syn | ack)");
    CHECK(print(*match.args.at(1)) == "syn");
  }
}

TEST_CASE("nft rules: the text is kept as it was written, without the handle") {
  const Reading reading = read_rules(
      "\t\ttcp  dport 22 \\\n\t\t  accept # handle 9\n"
      "\t\tip saddr {\n\t\t\t10.0.0.1, # one\n\t\t\t10.0.0.2 } drop # handle 10");
  CHECK(reading.messages().empty());
  const std::vector<ast::Rule>& rules = reading.ruleset.tables[0].chains[0].rules;
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].text == "tcp  dport 22 accept");
  CHECK(rules[0].handle == 9);
  CHECK(rules[0].at.line == 3);
  CHECK(rules[0].at.column == 3);
  CHECK(rules[1].text == "ip saddr { 10.0.0.1, 10.0.0.2 } drop");
  CHECK(rules[1].handle == 10);
}

TEST_CASE("nft rules: of a command the rule alone is the text") {
  const Reading reading = read_text(
      "table ip t {\n chain c {\n }\n}\nadd rule ip t c \\\n  tcp dport 22 accept # handle 4\n");
  const ast::Rule& rule = reading.ruleset.tables.at(0).chains.at(0).rules.at(0);
  CHECK(rule.text == "tcp dport 22 accept");
  CHECK(rule.at.line == 6);
  CHECK(rule.at.column == 3);
  CHECK(rule.handle == 4);
}

TEST_CASE("nft rules: places of statements and elements") {
  const Reading reading = read_rules("tcp dport { 22, 443 } counter accept");
  const ast::Rule& rule = reading.ruleset.tables[0].chains[0].rules[0];
  REQUIRE(rule.statements.size() == 3);
  CHECK(rule.statements[0]->at.column == 1);
  CHECK(rule.statements[0]->end_column == 22);
  CHECK(rule.statements[1]->at.column == 23);
  CHECK(rule.statements[1]->end_column == 30);
  const ast::Expr& set = *rule.statements[0]->args[1];
  REQUIRE(set.args.size() == 2);
  CHECK(set.args[1]->at.column == 17);
  CHECK(set.args[1]->length == 3);
}

TEST_CASE("nft rules: what old nft wrote of iptables' matches") {
  CHECK(printed_rule("ip saddr 10.0.0.1 # xt_recent counter packets 0 bytes 0 # xt_LOG") ==
        "ip saddr 10.0.0.1 xt match \"recent\" counter packets 0 bytes 0 xt target \"LOG\"");
  CHECK(printed_rule("# xt_recent\naccept") == "xt match \"recent\"\naccept");
  CHECK(printed_rule("# xt_recent is not used here\naccept") == "accept");
}

}  // namespace
}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// Tables: chains, sets, objects, flowtables.
#include <doctest/doctest.h>

#include "tests/model/parse/nft/nft_reading.h"

namespace pktwalk::nft {
namespace {

TEST_CASE("nft tables: what nft lists comes out as it went in") {
  const char* const text =
      "table inet fw {\n"
      "\tcomment \"the firewall\"\n"
      "\tcounter c {\n\t\tpackets 5 bytes 300\n\t}\n\n"
      "\tquota q {\n\t\tover 25 mbytes used 5 bytes\n\t}\n\n"
      "\tlimit l {\n\t\tcomment \"slow\"\n\t\trate 10/second\n\t}\n\n"
      "\tct helper sip {\n\t\ttype \"sip\" protocol udp\n\t\tl3proto inet\n\t}\n\n"
      "\tct timeout slow {\n\t\tprotocol tcp\n\t\tl3proto ip\n"
      "\t\tpolicy = { established : 120, close : 20 }\n\t}\n\n"
      "\tct expectation e {\n\t\tprotocol udp\n\t\tdport 9876\n\t\ttimeout 2m\n"
      "\t\tsize 12\n\t\tl3proto ip\n\t}\n\n"
      "\tsynproxy p {\n\t\tmss 1460\n\t\twscale 7\n\t\ttimestamp sack-perm\n\t}\n\n"
      "\tset bad {\n\t\ttype ipv4_addr . inet_service\n\t\tsize 65535\n"
      "\t\tflags interval,timeout\n\t\tauto-merge\n\t\tcounter\n\t\ttimeout 1h\n"
      "\t\tgc-interval 1m\n\t\tcomment \"bad ones\"\n"
      "\t\telements = { 10.0.0.0/24 . 22 counter packets 1 bytes 40 timeout 1h expires "
      "59m58s500ms comment \"x\" }\n\t}\n\n"
      "\tset ports {\n\t\ttype inet_service\n"
      "\t\telements = { 1, 2, 3, 4, 5,\n\t\t\t     6 }\n\t}\n\n"
      "\tmap verdicts {\n\t\ttype ifname : verdict\n"
      "\t\telements = { \"eth0\" : jump lan,\n\t\t\t     * : drop }\n\t}\n\n"
      "\tmap dest {\n\t\ttypeof iifname . ip saddr : interval ip daddr . tcp dport\n\t}\n\n"
      "\tflowtable ft {\n\t\thook ingress priority filter + 5\n\t\tdevices = { eth0, eth1 }\n"
      "\t\tflags offload\n\t\tcounter\n\t}\n\n"
      "\tchain input {\n\t\ttype filter hook input priority filter - 10; policy drop;\n"
      "\t\tiif \"lo\" accept\n\t\ttcp dport 22 accept comment \"ssh\"\n\t}\n\n"
      "\tchain lan {\n\t}\n"
      "}\n";
  const Reading reading = read_text(text);
  CHECK(reading.messages().empty());
  CHECK(reading.printed() == text);
  CHECK(read_text(reading.printed()).printed() == text);
}

TEST_CASE("nft tables: handles, flags and the banner of iptables-nft") {
  const Reading reading = read_text(
      "# Warning: table ip filter is managed by iptables-nft, do not touch!\n"
      "table ip filter { # handle 3\n"
      "\tflags dormant;\n"
      "\tset s { # handle 4\n\t\ttype ipv4_addr\n\t}\n"
      "\tchain INPUT { # handle 1\n"
      "\t\ttype filter hook input priority filter; policy accept;\n"
      "\t\ttcp dport 22 accept # handle 5\n\t}\n}\n"
      "table ip nat {\n}\n");
  CHECK(reading.messages().empty());
  REQUIRE(reading.ruleset.tables.size() == 2);
  const ast::Table& table = reading.ruleset.tables[0];
  CHECK(table.iptables_nft);
  CHECK_FALSE(reading.ruleset.tables[1].iptables_nft);
  CHECK(table.handle == 3);
  CHECK(table.flags == std::vector<std::string>{"dormant"});
  CHECK(table.sets[0].handle == 4);
  CHECK(table.chains[0].handle == 1);
  CHECK(table.chains[0].rules[0].handle == 5);
}

TEST_CASE("nft tables: ways to write the hook of a chain") {
  struct Case {
    const char* written;
    const char* priority;
    std::vector<std::string> devices;
    const char* policy;
  };
  const Case cases[] = {
      {"type filter hook input priority 0", "0", {}, ""},
      {"type filter hook input priority -150; policy drop", "-150", {}, "drop"},
      {"type filter hook input priority filter+1; policy accept;", "filter + 1", {}, "accept"},
      {"type filter hook input priority filter policy drop;", "filter", {}, "drop"},
      {"type filter hook ingress device eth0 priority -10;", "-10", {"eth0"}, ""},
      {"type filter hook ingress devices = { eth0, \"eth1\" } priority filter - 5;",
       "filter - 5",
       {"eth0", "eth1"},
       ""},
      {"type filter hook ingress device $wan priority $prio; policy $policy;",
       "mangle + 5",
       {"ppp0"},
       "drop"},
      {"type filter hook ingress devices = $all priority 0", "0", {"eth0", "eth1"}, ""},
      {"type filter hook ingress devices = { $all, lo } priority 0",
       "0",
       {"eth0", "eth1", "lo"},
       ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.written);
    const Reading reading = read_text(
        "define wan = \"ppp0\"\ndefine prio = \"mangle + 5\"\ndefine policy = drop\n"
        "define all = { eth0, eth1 }\n"
        "table netdev t {\nchain c {\n" +
        std::string(c.written) + "\n}\n}\n");
    CHECK(reading.messages().empty());
    const ast::Chain& chain = reading.ruleset.tables.at(0).chains.at(0);
    CHECK(chain.base);
    CHECK(ast::priority_text(chain.priority_name, chain.priority) == c.priority);
    CHECK(chain.devices == c.devices);
    CHECK(chain.policy == c.policy);
    CHECK(chain.rules.empty());
  }
}

TEST_CASE("nft tables: one line is enough for a table") {
  const Reading reading = read_text(
      "table inet t { chain c { type filter hook input priority 0; policy drop; tcp dport 22 "
      "accept; drop }; set s { type ipv4_addr; elements = { 10.0.0.1 }; } }\n");
  CHECK(reading.messages().empty());
  const ast::Table& table = reading.ruleset.tables.at(0);
  CHECK(table.chains.at(0).rules.size() == 2);
  CHECK(table.chains.at(0).policy == "drop");
  CHECK(table.sets.at(0).elements.size() == 1);
}

TEST_CASE("nft tables: objects of conntrack and tunnels keep their properties") {
  const Reading reading = read_text(
      "table ip t {\n"
      "ct timeout slow { protocol tcp; l3proto ip; policy = { established : 120, close : 20s } }\n"
      "ct expectation e { protocol udp; dport 9876; timeout 2m; size 12; l3proto ip }\n"
      "ct helper h { type \"ftp\" protocol tcp; }\n"
      "secmark s { \"system_u:object_r:ssh_t:s0\" }\n"
      "synproxy p { mss 1460; wscale 7; timestamp sack-perm }\n"
      "tunnel u { id 10; ip saddr 192.0.2.1; erspan { version 1; index 2 } }\n"
      "}\n");
  CHECK(reading.messages().empty());
  const std::vector<ast::Object>& objects = reading.ruleset.tables.at(0).objects;
  REQUIRE(objects.size() == 6);
  using Properties = std::vector<std::pair<std::string, std::string>>;
  CHECK(objects[0].properties == Properties{{"protocol", "tcp"},
                                            {"l3proto", "ip"},
                                            {"policy established", "120"},
                                            {"policy close", "20"}});
  CHECK(objects[1].properties == Properties{{"protocol", "udp"},
                                            {"dport", "9876"},
                                            {"timeout", "120000"},
                                            {"size", "12"},
                                            {"l3proto", "ip"}});
  CHECK(objects[2].properties == Properties{{"type", "ftp"}, {"protocol", "tcp"}});
  CHECK(objects[3].properties == Properties{{"context", "system_u:object_r:ssh_t:s0"}});
  CHECK(print(*objects[4].body) == "synproxy mss 1460 wscale 7 timestamp sack-perm");
  CHECK(objects[5].properties ==
        Properties{{"id", "10"}, {"ip saddr", "192.0.2.1"}, {"version", "1"}, {"index", "2"}});
}

TEST_CASE("nft tables: a comment and what an object is need nothing between them") {
  const Reading reading = read_text(
      "table ip t {\n counter c { comment \"x\" packets 1 bytes 2 }\n"
      " quota q { over 5 bytes comment \"y\" }\n}\n");
  CHECK(reading.messages().empty());
  const std::vector<ast::Object>& objects = reading.ruleset.tables.at(0).objects;
  REQUIRE(objects.size() == 2);
  CHECK(objects[0].comment == "x");
  CHECK(objects[0].body->number2 == 2);
  CHECK(objects[1].comment == "y");
  CHECK(read_text("table ip t {\n counter c { packets 1 foo }\n}\n").messages() ==
        "2:24 error: \"foo\" found, packets or bytes expected\n");
}

TEST_CASE("nft tables: a map gives data or objects") {
  const Reading reading = read_text(
      "table ip t {\n"
      "map a { type ipv4_addr : counter; }\n"
      "map b { typeof ip saddr . meta mark : verdict; }\n"
      "map c { typeof tcp dport : ct timeout; }\n"
      "map d { typeof ct mark : meta mark; }\n"
      "map e { type mark . time : ipv4_addr . inet_service; }\n"
      "}\n");
  CHECK(reading.messages().empty());
  const std::vector<ast::Set>& sets = reading.ruleset.tables.at(0).sets;
  REQUIRE(sets.size() == 5);
  CHECK(sets[0].data_types == std::vector<std::string>{"counter"});
  CHECK(print(*sets[1].key_typeof) == "ip saddr . meta mark");
  CHECK(sets[1].data_types == std::vector<std::string>{"verdict"});
  CHECK(sets[2].data_types == std::vector<std::string>{"ct timeout"});
  CHECK(print(*sets[3].data_typeof) == "meta mark");
  CHECK(sets[4].data_types == std::vector<std::string>{"ipv4_addr", "inet_service"});
}

}  // namespace
}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// nft's JSON: the same tree as the text gives.
#include <doctest/doctest.h>

#include "tests/model/parse/nft/nft_reading.h"

namespace pktwalk::nft {
namespace {

// The text of a rule with this JSON, in a table of family inet.
std::string json_rule(const std::string& statements) {
  const Reading reading = read_json(
      R"({"nftables": [{"rule": {"family": "inet", "table": "t", "chain": "c", "expr": [)" +
      statements + "]}}]}");
  if (!reading.messages().empty()) return reading.messages();
  return reading.ruleset.tables.at(0).chains.at(0).rules.at(0).text;
}

struct Row {
  const char* json;
  const char* text;
};

template <std::size_t N>
void check(const Row (&rows)[N]) {
  for (const Row& row : rows) {
    CAPTURE(row.json);
    CHECK(json_rule(row.json) == row.text);
    CHECK(printed_rule(row.text) == row.text);
  }
}

TEST_CASE("nft json: comparisons") {
  const Row rows[] = {
      {R"({"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}})",
       "tcp dport 22"},
      {R"({"match": {"op": "!=", "left": {"meta": {"key": "iifname"}}, "right": "eth0"}})",
       "iifname != \"eth0\""},
      {R"({"match": {"op": "==", "left": {"meta": {"key": "mark"}}, "right": 16}})",
       "meta mark 0x00000010"},
      {R"({"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}})",
       "ct state established,related"},
      {R"({"match": {"op": "==", "left": {"ct": {"key": "state"}}, "right": {"set": ["new", "invalid"]}}})",
       "ct state { new, invalid }"},
      {R"({"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, ["syn", "ack"]]}, "right": "syn"}})",
       "tcp flags syn / syn,ack"},
      {R"({"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "flags"}}, "right": "syn"}})",
       "tcp flags == syn"},
      {R"({"match": {"op": "==", "left": {"payload": {"base": "th", "offset": 16, "len": 16}}, "right": {"range": [1, 5]}}})",
       "@th,16,16 1-5"},
      {R"({"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "10.0.0.0", "len": 8}}}})",
       "ip saddr 10.0.0.0/8"},
      {R"({"match": {"op": "==", "left": {"concat": [{"meta": {"key": "iifname"}}, {"payload": {"protocol": "ip", "field": "saddr"}}]}, "right": {"set": [{"concat": ["eth0", "10.0.0.1"]}]}}})",
       "iifname . ip saddr { \"eth0\" . 10.0.0.1 }"},
      {R"({"match": {"op": "==", "left": {"fib": {"result": "oif", "flags": ["saddr", "iif"]}}, "right": false}})",
       "fib saddr . iif oif missing"},
      {R"({"match": {"op": "==", "left": {"exthdr": {"name": "frag"}}, "right": true}})",
       "exthdr frag exists"},
      {R"({"match": {"op": "==", "left": {"tcp option": {"base": 99, "offset": 0, "len": 8}}, "right": true}})",
       "tcp option 99 exists"},
      {R"({"match": {"op": "==", "left": {"tcp option": {"name": "maxseg", "field": "size"}}, "right": 1}})",
       "tcp option maxseg size 1"},
      {R"({"match": {"op": "==", "left": {"ct": {"key": "ip saddr", "dir": "original"}}, "right": "10.0.0.1"}})",
       "ct original ip saddr 10.0.0.1"},
      {R"({"match": {"op": "==", "left": {"ipsec": {"key": "saddr", "family": "ip", "dir": "in", "spnum": 1}}, "right": "10.0.0.1"}})",
       "ipsec in spnum 1 ip saddr 10.0.0.1"},
      {R"({"match": {"op": "==", "left": {"payload": {"tunnel": "vxlan", "protocol": "ip", "field": "saddr"}}, "right": "10.0.0.1"}})",
       "vxlan ip saddr 10.0.0.1"},
  };
  check(rows);
}

TEST_CASE("nft json: statements") {
  const Row rows[] = {
      {R"({"counter": {"packets": 1, "bytes": 2}}, {"accept": null})",
       "counter packets 1 bytes 2 accept"},
      {R"({"counter": "c"}, {"jump": {"target": "x"}})", "counter name \"c\" jump x"},
      {R"({"limit": {"rate": 10, "burst": 5, "per": "second"}})", "limit rate 10/second"},
      {R"({"limit": {"rate": 1, "rate_unit": "mbytes", "burst": 2, "burst_unit": "kbytes", "per": "minute", "inv": true}})",
       "limit rate over 1 mbytes/minute burst 2 kbytes"},
      {R"({"quota": {"val": 25, "val_unit": "mbytes", "inv": true}})", "quota over 25 mbytes"},
      {R"({"log": {"prefix": "a b", "level": "debug", "flags": ["ip options", "ether"]}})",
       "log prefix \"a b\" level debug flags ip options flags ether"},
      {R"({"log": null})", "log"},
      {R"({"reject": {"type": "icmpx", "expr": "port-unreachable"}})", "reject"},
      {R"({"reject": {"type": "tcp reset"}})", "reject with tcp reset"},
      {R"({"dnat": {"family": "ip6", "addr": "fe80::1", "port": 80, "flags": "random"}})",
       "dnat ip6 to [fe80::1]:80 random"},
      {R"({"snat": {"addr": {"range": ["192.0.2.1", "192.0.2.9"]}}})",
       "snat to 192.0.2.1-192.0.2.9"},
      {R"({"masquerade": null})", "masquerade"},
      {R"({"redirect": {"port": 8080}})", "redirect to :8080"},
      {R"({"tproxy": {"family": "ip", "addr": "127.0.0.1", "port": 1}})",
       "tproxy ip to 127.0.0.1:1"},
      {R"({"mangle": {"key": {"ct": {"key": "mark"}}, "value": {"meta": {"key": "mark"}}}})",
       "ct mark set meta mark"},
      {R"({"vmap": {"key": {"payload": {"protocol": "tcp", "field": "dport"}}, "data": {"set": [[22, {"accept": null}], [80, {"goto": {"target": "w"}}]]}}})",
       "tcp dport vmap { 22 : accept, 80 : goto w }"},
      {R"({"vmap": {"key": {"meta": {"key": "iif"}}, "data": "@m"}})", "iif vmap @m"},
      {R"({"set": {"op": "add", "elem": {"elem": {"val": {"payload": {"protocol": "ip", "field": "saddr"}}, "timeout": 60}}, "set": "@s", "stmt": [{"counter": null}]}})",
       "add @s { ip saddr timeout 1m counter }"},
      {R"({"map": {"op": "update", "elem": {"payload": {"protocol": "ip", "field": "saddr"}}, "data": 5, "map": "@m"}})",
       "update @m { ip saddr : 5 }"},
      {R"({"meter": {"name": "m", "size": 128, "key": {"payload": {"protocol": "ip", "field": "saddr"}}, "stmt": {"limit": {"rate": 1, "per": "second"}}}})",
       "meter m size 128 { ip saddr limit rate 1/second }"},
      {R"({"queue": {"num": {"range": [1, 3]}, "flags": ["bypass", "fanout"]}})",
       "queue flags bypass,fanout to 1-3"},
      {R"({"ct count": {"val": 20, "inv": true}})", "ct count over 20"},
      {R"({"ct helper": "h"})", "ct helper set \"h\""},
      {R"({"fwd": {"dev": "eth0"}})", "fwd to \"eth0\""},
      {R"({"fwd": {"family": "ip", "addr": "10.0.0.1", "dev": "eth0"}})",
       "fwd ip to 10.0.0.1 device \"eth0\""},
      {R"({"dup": {"addr": "10.0.0.1", "dev": "eth0"}})", "dup to 10.0.0.1 device \"eth0\""},
      {R"({"synproxy": {"mss": 1460, "wscale": 7, "flags": ["timestamp", "sack-perm"]}})",
       "synproxy mss 1460 wscale 7 timestamp sack-perm"},
      {R"({"flow": {"op": "add", "flowtable": "@ft"}})", "flow add @ft"},
      {R"({"reset": {"tcp option": {"name": "maxseg"}}})", "reset tcp option maxseg"},
      {R"({"xt": {"type": "match", "name": "recent"}})", "xt match \"recent\""},
      {R"({"notrack": null}, {"secmark": "s"})", "notrack meta secmark set \"s\""},
  };
  check(rows);
}

TEST_CASE("nft json: tables are the ones of the text") {
  const Reading json = read_json(R"({"nftables": [
    {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
    {"table": {"family": "inet", "name": "fw", "handle": 3}},
    {"chain": {"family": "inet", "table": "fw", "name": "input", "handle": 1, "type": "filter",
               "hook": "input", "prio": -10, "policy": "drop"}},
    {"chain": {"family": "inet", "table": "fw", "name": "lan", "handle": 2}},
    {"counter": {"family": "inet", "table": "fw", "name": "c", "handle": 4, "packets": 5, "bytes": 6}},
    {"quota": {"family": "inet", "table": "fw", "name": "q", "handle": 5, "bytes": 1048576, "used": 0, "inv": true}},
    {"set": {"family": "inet", "table": "fw", "name": "bad", "type": ["ipv4_addr", "inet_service"],
             "handle": 6, "flags": ["interval", "timeout"], "timeout": 3600,
             "elem": [{"elem": {"val": {"concat": [{"prefix": {"addr": "10.0.0.0", "len": 24}}, 22]},
                                "timeout": 60, "expires": 59, "comment": "x"}}]}},
    {"map": {"family": "inet", "table": "fw", "name": "v", "type": "ifname", "handle": 7, "map": "verdict",
             "elem": [["eth0", {"jump": {"target": "lan"}}], ["*", {"drop": null}]]}},
    {"rule": {"family": "inet", "table": "fw", "chain": "input", "handle": 9, "comment": "ssh",
              "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}},
                        "right": 22}}, {"accept": null}]}}
  ]})");
  CHECK(json.messages().empty());
  const Reading text = read_text(
      "table inet fw {\n counter c { packets 5 bytes 6 }\n quota q { over 1 mbytes }\n"
      " set bad {\n  type ipv4_addr . inet_service\n  flags interval,timeout\n  timeout 1h\n"
      "  elements = { 10.0.0.0/24 . 22 timeout 1m expires 59s comment \"x\" }\n }\n"
      " map v {\n  type ifname : verdict\n  elements = { \"eth0\" : jump lan, * : drop }\n }\n"
      " chain input {\n  type filter hook input priority filter - 10; policy drop;\n"
      "  tcp dport 22 accept comment \"ssh\"\n }\n chain lan {\n }\n}\n");
  CHECK(text.messages().empty());
  CHECK(json.printed() == text.printed());
  const ast::Table& table = json.ruleset.tables.at(0);
  CHECK(table.handle == 3);
  CHECK(table.chains.at(0).rules.at(0).handle == 9);
  CHECK(table.chains.at(0).rules.at(0).at.line == 15);
}

TEST_CASE("nft json: a chain in braces comes as text") {
  const Reading json = read_json(R"({"nftables": [
    {"rule": {"family": "inet", "table": "t", "chain": "c",
              "expr": [{"counter": null}, "jump {\n\t\t\ttcp dport 22 accept\n\t\t\tdrop\n\t\t}"]}},
    {"rule": {"family": "inet", "table": "t", "chain": "c", "expr": ["goto {\n\t\t\taccept\n\t\t}"]}},
    {"rule": {"family": "inet", "table": "t", "chain": "c", "expr": [{"drop": null}, "frob 5"]}}
  ]})");
  CHECK(json.messages() == "5:0 error: the statement \"frob 5\" is not understood\n");
  const ast::Table& table = json.ruleset.tables.at(0);
  REQUIRE(table.chains.size() == 3);
  CHECK(table.chains[1].hidden);
  CHECK(table.chains[1].name != table.chains[2].name);
  CHECK(table.chains[1].rules.at(0).at.line == 3);
  CHECK(table.chains[0].rules.at(2).broken);
  CHECK(json.printed() ==
        "table inet t {\n\tchain c {\n\t\tcounter jump {\n\t\t\ttcp dport 22 accept\n\t\t\tdrop\n"
        "\t\t}\n\t\tgoto {\n\t\t\taccept\n\t\t}\n\t\tdrop\n\t}\n}\n");
}

TEST_CASE("nft json: priorities have the names that nft lists; wrong flags of tables") {
  const Reading json = read_json(R"({"nftables": [
    {"table": {"family": "inet", "name": "t", "flags": "inet"}},
    {"flowtable": {"family": "inet", "table": "t", "name": "f", "hook": "ingress", "prio": 5, "dev": "eth0"}},
    {"chain": {"family": "inet", "table": "t", "name": "c", "type": "nat", "hook": "prerouting", "prio": -99, "policy": "accept"}}
  ]})");
  CHECK(json.messages() == "2:0 warning: \"inet\" is no flag of a table: taken as \"dormant\"\n");
  CHECK(json.printed() ==
        "table inet t {\n\tflags dormant\n\n\tflowtable f {\n"
        "\t\thook ingress priority filter + 5\n\t\tdevices = { eth0 }\n\t}\n\n\tchain c {\n"
        "\t\ttype nat hook prerouting priority dstnat + 1; policy accept;\n\t}\n}\n");
}

TEST_CASE("nft json: commands of nft -j -f, and what is not understood") {
  const Reading commands = read_json(
      R"({"nftables": [{"add": {"table": {"family": "ip", "name": "t"}}},
          {"add": {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"drop": null}]}}},
          {"insert": {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"accept": null}]}}}]})");
  CHECK(commands.messages().empty());
  CHECK(commands.ruleset.tables.at(0).chains.at(0).rules.at(0).text == "accept");

  CHECK(json_rule(R"({"accept": null}, {"frobnicate": {}}, {"drop": null})") ==
        "1:0 error: the statement \"frobnicate\" is not known\n");
  const Reading broken = read_json(
      R"({"nftables": [{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"accept": null}, {"x": 1}]}}]})");
  CHECK(broken.ruleset.tables.at(0).chains.at(0).rules.at(0).broken);
  CHECK(read_json("{\"nftables\": 5").messages().starts_with("1:"));
  CHECK(read_json("{}").messages() == "1:1 error: there is no list \"nftables\" in this JSON\n");
}

}  // namespace
}  // namespace pktwalk::nft

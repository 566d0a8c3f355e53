// SPDX-License-Identifier: MIT
// Commands of a file and their order; variables; errors and how the rest is still read.
#include <doctest/doctest.h>

#include "tests/model/parse/nft/nft_reading.h"

namespace pktwalk::nft {
namespace {

const std::string kStart =
    "add table inet t\n"
    "add chain inet t c { type filter hook input priority 0; policy accept; }\n"
    "add rule inet t c tcp dport 1 accept # handle 11\n"
    "add rule inet t c tcp dport 2 accept # handle 12\n"
    "add set inet t s { type ipv4_addr; elements = { 10.0.0.1, 10.0.0.2 }; }\n";

std::string rules_of(const Reading& reading) {
  std::string text;
  for (const ast::Rule& rule : reading.ruleset.tables.at(0).chains.at(0).rules)
    text += (text.empty() ? "" : "; ") + print(rule);
  return text;
}

TEST_CASE("nft commands: rules go where they are told to") {
  struct Case {
    const char* command;
    const char* want;
  };
  const Case cases[] = {
      {"add rule inet t c drop", "tcp dport 1 accept; tcp dport 2 accept; drop"},
      {"inet t c drop", "tcp dport 1 accept; tcp dport 2 accept; drop"},
      {"insert rule inet t c drop", "drop; tcp dport 1 accept; tcp dport 2 accept"},
      {"add rule inet t c index 0 drop", "tcp dport 1 accept; drop; tcp dport 2 accept"},
      {"insert rule inet t c index 1 drop", "tcp dport 1 accept; drop; tcp dport 2 accept"},
      {"add rule inet t c handle 11 drop", "tcp dport 1 accept; drop; tcp dport 2 accept"},
      {"insert rule inet t c position 12 drop", "tcp dport 1 accept; drop; tcp dport 2 accept"},
      {"replace rule inet t c handle 11 drop", "drop; tcp dport 2 accept"},
      {"replace rule inet t c handle 12 jump { drop; }", "tcp dport 1 accept; jump __chain0"},
      {"delete rule inet t c handle 11", "tcp dport 2 accept"},
      {"flush chain inet t c", ""},
      {"flush table inet t", ""},
      {"rename chain inet t c d; add rule inet t d drop",
       "tcp dport 1 accept; tcp dport 2 accept; drop"},
      {"list ruleset", "tcp dport 1 accept; tcp dport 2 accept"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.command);
    const Reading reading = read_text(kStart + c.command + "\n");
    CHECK(reading.messages().empty());
    CHECK(rules_of(reading) == c.want);
  }
}

TEST_CASE("nft commands: sets, objects, tables") {
  const auto set = [](const std::string& command) {
    const Reading reading = read_text(kStart + command + "\n");
    CHECK(reading.messages().empty());
    std::string text;
    for (const ast::ExprPtr& element : reading.ruleset.tables.at(0).sets.at(0).elements)
      text += print(*element) + " ";
    return text;
  };
  CHECK(set("add element inet t s { 10.0.0.3, 10.0.0.4 }") ==
        "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 ");
  CHECK(set("delete element inet t s { 10.0.0.1 }") == "10.0.0.2 ");
  CHECK(set("flush set inet t s") == "");

  const auto tables = [](const std::string& command) {
    const Reading reading = read_text(kStart + command + "\n");
    CHECK(reading.messages().empty());
    return reading.ruleset.tables.size();
  };
  CHECK(tables("flush ruleset") == 0);
  CHECK(tables("flush ruleset ip") == 1);
  CHECK(tables("delete table inet t") == 0);
  CHECK(tables("destroy table inet other") == 1);
  CHECK(tables("table ip t") == 2);
  CHECK(tables("create table t2; delete table ip t2") == 1);

  const Reading objects = read_text(
      kStart +
      "add counter inet t c packets 1 bytes 2\nadd quota inet t q over 5 mbytes\n"
      "add limit inet t l rate 5/second\nadd ct helper inet t h { type \"ftp\" protocol tcp; }\n"
      "add map inet t m { type ipv4_addr : verdict; }\n"
      "add flowtable inet t f { hook ingress priority 0; devices = { eth0 }; }\n"
      "delete counter inet t c\ndelete set inet t s\ndelete flowtable inet t f\n");
  CHECK(objects.messages().empty());
  const ast::Table& table = objects.ruleset.tables.at(0);
  REQUIRE(table.objects.size() == 3);
  CHECK(print(*table.objects[0].body) == "quota over 5 mbytes");
  CHECK(print(*table.objects[1].body) == "limit rate 5/second");
  CHECK(table.sets.size() == 1);
  CHECK(table.sets[0].map);
  CHECK(table.flowtables.empty());
}

TEST_CASE("nft commands: a table in several pieces is one table") {
  const Reading reading = read_text(
      "table inet t {\n chain c {\n  tcp dport 1 drop\n }\n}\n"
      "table inet t {\n chain c {\n  tcp dport 2 drop\n }\n chain d {\n }\n}\n");
  CHECK(reading.messages().empty());
  REQUIRE(reading.ruleset.tables.size() == 1);
  CHECK(reading.ruleset.tables[0].chains.size() == 2);
  CHECK(rules_of(reading) == "tcp dport 1 drop; tcp dport 2 drop");
}

TEST_CASE("nft commands: what is not there is named, and the rule is kept") {
  const Reading reading = read_text("table inet t {\n}\nadd rule inet t c drop\n");
  CHECK(reading.messages() == "3:10 warning: there is no chain c in table inet t up to here\n");
  CHECK(rules_of(reading) == "drop");
  CHECK(read_text(kStart + "rename chain inet t d e\n").messages() ==
        "6:14 warning: there is no chain d in table inet t up to here\n");
  CHECK(read_text(kStart + "add chain inet t d; rename chain inet t c d\n").messages() ==
        "6:34 warning: there is already a chain d in table inet t up to here\n");
  CHECK(read_text(kStart + "delete chain inet t nochain\n").messages() ==
        "6:8 warning: there is no such chain up to here to delete\n");
}

TEST_CASE("nft variables: in every place") {
  const Reading reading = read_text(
      "define lan = eth1\n"
      "define ports = { 22, 80 }\n"
      "define more = { $ports, 443 }\n"
      "define net = 10.0.0.0\n"
      "define next = web\n"
      "define states = established,related\n"
      "define list = 192.0.2.1, 192.0.2.2\n"
      "table inet t {\n"
      " set s {\n  type inet_service\n  elements = $more\n }\n"
      " chain web {\n }\n"
      " chain c {\n"
      "  iifname $lan tcp dport $ports accept\n"
      "  tcp dport { $more, 8080 } jump $next\n"
      "  ip saddr $net/8 ct state $states accept\n"
      "  ip saddr { $list } ip daddr . tcp dport { $net . 22 } drop\n"
      "  log prefix \"in $lan: \"\n"
      "  iifname ${lan} drop\n"
      " }\n}\n");
  CHECK(reading.messages().empty());
  const ast::Table& table = reading.ruleset.tables.at(0);
  CHECK(table.sets.at(0).elements.size() == 3);
  const std::vector<ast::Rule>& rules = table.chains.at(1).rules;
  REQUIRE(rules.size() == 6);
  CHECK(print(rules[0]) == "iifname eth1 tcp dport { 22, 80 } accept");
  CHECK(rules[0].text == "iifname $lan tcp dport $ports accept");
  CHECK(print(rules[1]) == "tcp dport { 22, 80, 443, 8080 } jump web");
  CHECK(print(rules[2]) == "ip saddr 10.0.0.0/8 ct state established,related accept");
  CHECK(print(rules[3]) ==
        "ip saddr { 192.0.2.1, 192.0.2.2 } ip daddr . tcp dport { 10.0.0.0 . 22 } drop");
  CHECK(print(rules[4]) == "log prefix \"in eth1: \"");
  CHECK(print(rules[5]) == "iifname eth1 drop");
}

TEST_CASE("nft variables: belong to the block they are defined in") {
  const Reading reading = read_text(
      "define a = 1\n"
      "table inet t {\n"
      " define a = 2\n"
      " chain c {\n"
      "  tcp dport $a drop\n"
      "  define a = 3\n"
      "  tcp dport $a drop\n"
      " }\n"
      "}\n"
      "redefine a = 4\n"
      "add rule inet t c tcp dport $a drop\n"
      "undefine a\n"
      "add rule inet t c tcp dport $a drop\n"
      "add rule inet t c accept\n");
  CHECK(reading.messages() == "13:29 error: the variable $a is not defined\n");
  CHECK(rules_of(reading) == "tcp dport 2 drop; tcp dport 3 drop; tcp dport 4 drop; ; accept");
}

TEST_CASE("nft errors: where, what was found, what was expected") {
  struct Case {
    const char* rule;
    const char* want;
  };
  const Case cases[] = {
      {"tcp dport accept", "3:11 error: \"accept\" found, a value expected\n"},
      {"tcp dprot 22", "3:5 error: \"dprot\" found, a field of the tcp header expected\n"},
      {"tcp dport", "3:10 error: the end of the line found, a value expected\n"},
      {"ip saddr { 10.0.0.1 10.0.0.2 }",
       "3:21 error: \"10.0.0.2\" found, \",\" or \"}\" expected\n"},
      {"limit rate 10/fortnight",
       "3:15 error: \"fortnight\" found, second, minute, hour, day or week expected\n"},
      {"meta colour 5", "3:6 error: \"colour\" found, a key of meta expected\n"},
      {"ct sate new", "3:4 error: \"sate\" found, a key of ct expected\n"},
      {"accpet", "3:1 error: \"accpet\" found, a statement or an expression expected\n"},
      {"log prefix \"open",
       "3:12 error: a string without closing quote found, a string expected\n"},
      {"iifname $nowhere drop", "3:9 error: the variable $nowhere is not defined\n"},
      {"jump", "3:5 error: the end of the line found, the name of a chain expected\n"},
      {"fib saddr foo", "3:11 error: \"foo\" found, oif, oifname, type or check expected\n"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.rule);
    const Reading reading = read_rules(std::string(c.rule) + "\naccept");
    CHECK(reading.messages() == c.want);
    const std::vector<ast::Rule>& rules = reading.ruleset.tables.at(0).chains.at(0).rules;
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].broken);
    CHECK(rules[0].text == c.rule);
    CHECK_FALSE(rules[1].broken);
    CHECK(print(rules[1]) == "accept");
  }
}

TEST_CASE("nft errors: statements before the one that is not understood are kept") {
  const Reading reading = read_rules("tcp dport 22 frobnicate 5 accept # handle 7\ndrop");
  const std::vector<ast::Rule>& rules = reading.ruleset.tables.at(0).chains.at(0).rules;
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].broken);
  CHECK(print(rules[0]) == "tcp dport 22");
  CHECK(rules[0].text == "tcp dport 22 frobnicate 5 accept");
  CHECK(rules[0].handle == 7);
}

TEST_CASE("nft errors: an open set or chain does not swallow what follows") {
  const Reading set = read_text(
      "table inet t {\n chain a {\n  tcp dport { 22, 80 accept\n }\n chain b {\n  drop\n }\n}\n");
  CHECK(set.messages().starts_with("3:22 error: \"accept\" found, \",\" or \"}\" expected\n"));
  REQUIRE(set.ruleset.tables.at(0).chains.size() == 2);
  CHECK(set.ruleset.tables[0].chains[1].rules.size() == 1);

  const Reading rule = read_rules("ip saddr { 10.0.0.1, 10.0.0.2 drop\ntcp dport 22 accept\ndrop");
  CHECK(rule.messages() == "3:31 error: \"drop\" found, \",\" or \"}\" expected\n");
  const std::vector<ast::Rule>& rules = rule.ruleset.tables.at(0).chains.at(0).rules;
  REQUIRE(rules.size() == 3);
  CHECK(rules[0].broken);
  CHECK(print(rules[1]) == "tcp dport 22 accept");

  const Reading closed =
      read_rules("ip saddr {\n 10.0.0.1 10.0.0.2,\n 10.0.0.3\n} drop\ntcp dport 22 accept");
  CHECK(closed.ruleset.tables.at(0).chains.at(0).rules.size() == 2);

  const Reading chain =
      read_text("table inet t {\n chain a {\n  accept\n chain b {\n  drop\n }\n}\n");
  CHECK(chain.messages() == "4:2 error: \"chain\" found, \"}\" behind the chain expected\n");
  REQUIRE(chain.ruleset.tables.at(0).chains.size() == 2);
  CHECK(chain.ruleset.tables[0].chains[0].rules.size() == 1);

  const Reading table = read_text("table inet t {\n chain a {\n  accept\n }\n");
  CHECK(table.messages() ==
        "4:4 error: the end of the file found, \"}\" behind the table expected\n");
  CHECK(table.ruleset.tables.at(0).chains.at(0).rules.size() == 1);
}

TEST_CASE("nft errors: sets and chains that are not whole are marked") {
  const Reading set = read_text(
      "table inet t {\n set s {\n  type ipv4_addr\n  elements = { 10.0.0.1, 10.0.0.2 10.0.0.3 }\n"
      "  size 5\n }\n set w {\n  type ipv4_addr\n }\n}\nadd element inet t w { 10.0.0.1 oops }\n");
  CHECK(set.host.diagnostics.size() == 2);
  const std::vector<ast::Set>& sets = set.ruleset.tables.at(0).sets;
  CHECK(sets.at(0).broken);
  CHECK(sets[0].elements.size() == 2);
  CHECK(sets[0].size == 5);
  CHECK(sets.at(1).broken);

  const Reading chain = read_text(
      "table inet t {\n chain c {\n  type filter hook input priority;\n  accept\n }\n"
      " chain d {\n  frob\n }\n}\n");
  CHECK(chain.ruleset.tables.at(0).chains.at(0).broken);
  CHECK(chain.ruleset.tables[0].chains[0].rules.size() == 1);
  CHECK_FALSE(chain.ruleset.tables[0].chains.at(1).broken);
}

TEST_CASE("nft errors: include, too many errors, too many brackets") {
  CHECK(read_text("include \"/etc/nftables/x.nft\"\ntable inet t {\n}\n").messages() ==
        "1:9 error: the file \"/etc/nftables/x.nft\" is not included\n");
  CHECK(read_text("include \"/etc/nftables.d/*.nft\"\n").messages() ==
        "1:9 warning: the file \"/etc/nftables.d/*.nft\" is not included\n");

  std::string many;
  for (int i = 0; i < 30; ++i) many += "frobnicate\n";
  const Reading reading = read_rules(many + "accept");
  CHECK(reading.host.diagnostics.size() == 21);
  CHECK(reading.ruleset.tables.at(0).chains.at(0).rules.size() == 31);

  const Reading deep = read_rules("meta mark " + std::string(100000, '(') + "\naccept");
  CHECK(deep.host.diagnostics.size() == 1);
  CHECK(deep.ruleset.tables.at(0).chains.at(0).rules.size() == 2);
}

}  // namespace
}  // namespace pktwalk::nft

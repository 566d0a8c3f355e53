// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/host/state.h"
#include "model/netfilter/ipset.h"
#include "model/parse/host_file.h"

namespace pktwalk {
extern const HostFileDef parse_ipset_save;
namespace {

Host load(std::string text) {
  Host host;
  const std::uint32_t file = host.sources.add("ipset.txt", std::move(text));
  parse_ipset_save.parse(host, file);
  return host;
}

std::string printed(const Host& host) { return print_ipsets(host, *host.initial, Time{}); }

TEST_CASE("parse ipset save: what ipset prints is printed again") {
  const std::string text =
      "create a hash:net family inet hashsize 1024 maxelem 65536 timeout 0 counters comment "
      "skbinfo bucketsize 12 initval 0x1dba3065\n"
      "add a 10.1.0.4/31 timeout 0 packets 0 bytes 0\n"
      "add a 10.1.0.0/16 timeout 70 nomatch packets 5 bytes 600 comment \"q, r\" skbmark 0x5/0xff "
      "skbprio 10:3 skbqueue 9\n"
      "add a 10.1.0.6 timeout 0 packets 0 bytes 0 skbmark 0x7\n"
      "create b hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x94\n"
      "add b 1.1.1.1,udp:55\n"
      "add b 1.1.1.1,sctp:9\n"
      "add b 1.1.1.1,icmp:host-unknown\n"
      "add b 1.1.1.1,icmp:200/3\n"
      "create c hash:net,iface family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x2\n"
      "add c 10.0.0.0/8,physdev:eth1 nomatch\n"
      "add c 10.0.0.0/8,eth wildcard\n"
      "add c 0.0.0.0/0,eth1\n"
      "create d bitmap:ip range 10.0.0.0-10.0.0.255\n"
      "add d 10.0.0.5\n"
      "create e bitmap:port range 0-1024 timeout 5\n"
      "add e 80 timeout 4\n"
      "create f bitmap:ip,mac range 10.0.0.0-10.0.255.255 timeout 50\n"
      "add f 10.0.0.1 timeout 7\n"
      "add f 10.0.0.2,02:00:00:00:00:01 timeout 6\n"
      "create g hash:ip family inet hashsize 1024 maxelem 65536 netmask 24 bucketsize 12 initval "
      "0xc\n"
      "add g 10.0.0.0\n"
      "create i hash:ip,port,net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval "
      "0x5\n"
      "add i 1.1.1.1,tcp:2,10.0.0.0/8\n"
      "create j hash:ip,port,ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x7\n"
      "add j 1.1.1.1,tcp:1,9.9.9.9\n"
      "create k hash:net,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x2f\n"
      "add k 1.1.1.0/29,udp:5 nomatch\n"
      "create m hash:net family inet6 hashsize 1024 maxelem 65536 counters bucketsize 12 initval "
      "0x1\n"
      "add m 2001:db8::/64 packets 1 bytes 2\n"
      "create n hash:mac hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1\n"
      "add n 02:00:00:00:00:01\n"
      "create o hash:ip,mark family inet markmask 0xff hashsize 1024 maxelem 65536\n"
      "add o 10.0.0.1,0x0000000f\n"
      "create p hash:net,net family inet hashsize 1024 maxelem 65536\n"
      "add p 10.0.0.0/8,192.0.2.0/24\n"
      "create h list:set size 8\n"
      "add h b\n"
      "add h a\n";
  const Host host = load(text);
  CHECK(host.diagnostics.empty());
  CHECK(printed(host) == text);
}

TEST_CASE("parse ipset save: ranges are spread out as ipset does") {
  struct Case {
    const char* name;
    const char* create;
    const char* element;
    const char* want;  // elements, separated by blanks
  };
  const Case cases[] = {
      {"addresses of a prefix", "hash:ip", "10.0.0.1/30", "10.0.0.0 10.0.0.1 10.0.0.2 10.0.0.3"},
      {"addresses of a range", "hash:ip", "10.0.0.1-10.0.0.2", "10.0.0.1 10.0.0.2"},
      {"a range back to front", "hash:ip", "10.0.0.2-10.0.0.1", "10.0.0.1 10.0.0.2"},
      {"addresses under a netmask", "hash:ip netmask 24", "10.0.0.7-10.0.1.1", "10.0.0.0 10.0.1.0"},
      {"an address under a bitmask", "hash:ip bitmask 255.0.255.0", "10.9.8.7", "10.0.8.0"},
      {"the networks of a range", "hash:net", "10.0.0.0-10.0.0.6",
       "10.0.0.0/30 10.0.0.4/31 10.0.0.6"},
      {"a network's host bits", "hash:net", "10.1.2.3/8", "10.0.0.0/8"},
      {"ports of a range", "hash:ip,port", "10.0.0.1,udp:53-55",
       "10.0.0.1,udp:53 10.0.0.1,udp:54 10.0.0.1,udp:55"},
      {"a port without protocol is TCP", "hash:ip,port", "10.0.0.1,http", "10.0.0.1,tcp:80"},
      {"ICMP types by name", "hash:ip,port", "10.0.0.1,icmp:ping", "10.0.0.1,icmp:echo-request"},
      {"a protocol without ports", "hash:ip,port", "10.0.0.1,gre:0", "10.0.0.1,gre:0"},
      {"addresses and ports multiply", "hash:net,port", "10.0.0.0-10.0.0.2,tcp:1-2",
       "10.0.0.0/31,tcp:1 10.0.0.0/31,tcp:2 10.0.0.2,tcp:1 10.0.0.2,tcp:2"},
      {"the whole address space", "hash:net", "0.0.0.0-255.255.255.255", "0.0.0.0/0"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const Host host = load(std::string("create s ") + c.create + "\nadd s " + c.element + "\n");
      REQUIRE(host.diagnostics.empty());
      std::string want = std::string("create s ") + c.create + "\n";
      std::string_view rest = c.want;
      while (!rest.empty()) {
        const std::size_t blank = rest.find(' ');
        want += "add s " + std::string(rest.substr(0, blank)) + "\n";
        rest = blank == std::string_view::npos ? std::string_view{} : rest.substr(blank + 1);
      }
      CHECK(printed(host) == want);
    }
  }
}

TEST_CASE("parse ipset save: wrong lines are named, the others are loaded") {
  struct Case {
    const char* name;
    const char* text;
    const char* what;
    std::uint32_t line;
    std::uint32_t column;
  };
  const Case cases[] = {
      {"no such set", "create s hash:ip\nadd t 10.0.0.1\n", "no set \"t\"", 2, 5},
      {"no address", "create s hash:ip\nadd s 10.0.0\n", "\"10.0.0\" is no address", 2, 7},
      {"address zero", "create s hash:ip\nadd s 0.0.0.0\n", "cannot be stored", 2, 7},
      {"network of length zero", "create s hash:net\nadd s 0.0.0.0/0\n", "length 0", 2, 7},
      {"too few parts", "create s hash:ip,port\nadd s 10.0.0.1\n", "too few parts", 2, 7},
      {"too many parts", "create s hash:ip\nadd s 10.0.0.1,80\n", "too many parts", 2, 7},
      {"no port", "create s hash:ip,port\nadd s 10.0.0.1,tcp:70000\n", "no port", 2, 7},
      {"outside the range", "create s bitmap:port range 1-9\nadd s 10\n", "outside", 2, 7},
      {"address outside", "create s bitmap:ip range 10.0.0.0/30\nadd s 10.0.0.4\n", "outside", 2,
       7},
      {"a bitmap without range", "create s bitmap:ip\n", "needs a range", 1, 0},
      {"timeout on a set without", "create s hash:ip\nadd s 10.0.0.1 timeout 5\n",
       "created without timeout", 2, 16},
      {"unknown option", "create s hash:ip\nadd s 10.0.0.1 foo 5\n", "unknown option \"foo\"", 2,
       16},
      {"unknown option of create", "create s hash:ip foo 5\n", "unknown option \"foo\"", 1, 18},
      {"the same set again", "create s hash:ip\ncreate s hash:ip\n", "exists already", 2, 8},
      {"full", "create s hash:ip maxelem 1\nadd s 10.0.0.4-10.0.0.5\n", "full", 2, 7},
      {"an open quote", "create s hash:ip comment\nadd s 10.0.0.1 comment \"x\n", "quote", 2, 24},
      {"a list of lists", "create l list:set\ncreate m list:set\nadd l m\n", "list of lists", 3, 7},
      {"a member that is not there", "create l list:set\nadd l m\n", "no set \"m\"", 2, 7},
      {"unknown command", "create s hash:ip\nfrob s\n", "unknown ipset command \"frob\"", 2, 1},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const Host host = load(std::string(c.text) + "create last hash:ip\n");
      REQUIRE(!host.diagnostics.empty());
      const Diagnostic& d = host.diagnostics.front();
      INFO(d.what);
      CHECK(d.what.find(c.what) != std::string::npos);
      CHECK(d.at.line == c.line);
      if (c.column != 0) CHECK(d.column == c.column);
      CHECK(host.ipsets.back()->name == "last");
    }
  }
}

TEST_CASE("parse ipset save: a type that is not modelled is kept and printed") {
  const std::string text =
      "create s hash:ip,frob family inet\nadd s 10.0.0.1,x\ncreate t hash:ip\nadd t 10.0.0.1\n";
  const Host host = load(text);
  REQUIRE(host.diagnostics.size() == 1);
  CHECK(host.diagnostics[0].severity == Severity::Warning);
  CHECK(host.diagnostics[0].what.find("hash:ip,frob are not modelled") != std::string::npos);
  CHECK_FALSE(host.ipsets[0]->modelled());
  CHECK(printed(host) == text);
}

TEST_CASE("parse ipset save: swap exchanges names, flush empties") {
  const Host host = load(
      "create a hash:ip\nadd a 10.0.0.1\ncreate b hash:net\nadd b 10.0.0.0/8\nswap a b\n"
      "create c hash:ip\nadd c 10.0.0.9\nflush c\n");
  CHECK(host.diagnostics.empty());
  CHECK(printed(host) ==
        "create a hash:net\nadd a 10.0.0.0/8\ncreate b hash:ip\nadd b 10.0.0.1\n"
        "create c hash:ip\n");
}

TEST_CASE("parse ipset save: lenient reading") {
  const Host host = load(
      "# a comment\r\nipset create a hash:ip -exist\r\nipset -! add a 10.0.0.1\r\n\r\n-A a "
      "10.0.0.2\r\nCOMMIT");
  CHECK(host.diagnostics.empty());
  REQUIRE(host.ipsets.size() == 1);
  CHECK(host.initial->ipsets[0].size() == 2);
}

TEST_CASE("parse ipset save: recognise") {
  const auto sure = [](std::string_view name, std::string_view text) {
    return parse_ipset_save.recognise(name, text);
  };
  CHECK(sure("x", "create s hash:ip family inet\n") > 80);
  CHECK(sure("x", "\n# c\ncreate s list:set\n") > 80);
  CHECK(sure("x", "create s of something\n") == 0);
  CHECK(sure("x", "*filter\n") == 0);
  CHECK(sure("x", "default via 10.0.0.1\ncreate s hash:ip\n") == 0);
  CHECK(sure("ipset-save.txt", "") > 0);
  CHECK(sure("iptables-save.txt", "") == 0);
}

TEST_CASE("parse ipset save: times count from the first packet") {
  const Host host = load(
      "create s hash:ip timeout 60\nadd s 10.0.0.1 timeout 10\nadd s 10.0.0.2\n"
      "add s 10.0.0.3 timeout 0\n");
  State state = *host.initial;
  const Time first{1'700'000'000 * kNsPerSecond};
  start_clock(state, first);
  start_clock(state, first + 5 * kNsPerSecond);  // once only
  CHECK(print_ipsets(host, state, first + 9 * kNsPerSecond) ==
        "create s hash:ip timeout 60\nadd s 10.0.0.1 timeout 1\nadd s 10.0.0.2 timeout 51\n"
        "add s 10.0.0.3 timeout 0\n");
  CHECK(print_ipsets(host, state, first + 11 * kNsPerSecond) ==
        "create s hash:ip timeout 60\nadd s 10.0.0.2 timeout 49\nadd s 10.0.0.3 timeout 0\n");
}

}  // namespace
}  // namespace pktwalk

// SPDX-License-Identifier: MIT
#include "tests/kernel/compare.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace pktwalk::kernel_cases {
namespace {

constexpr const char* kEthernet = "0200000000010200000000020800";
// 10.0.0.2 to 10.0.1.2, UDP, id 0x1234, eight bytes of UDP
constexpr const char* kUdp =
    "4500001c1234000040110000"
    "0a0000020a000102"
    "0400003500080000";
constexpr const char* kUdpTtlLess =
    "4500001c123400003f110000"
    "0a0000020a000102"
    "0400003500080000";
// what the router makes itself: ICMP unreachable with an id of its own
constexpr const char* kUnreachable =
    "45000024aaaa000040010000"
    "0a0000010a000002"
    "0303000000000000"
    "0000000000000000";
constexpr const char* kUnreachableOtherId =
    "45000024bbbb000040010000"
    "0a0000010a000002"
    "0303000000000000"
    "0000000000000000";
constexpr const char* kUnreachableOtherCode =
    "45000024bbbb000040010000"
    "0a0000010a000002"
    "030a000000000000"
    "0000000000000000";
constexpr const char* kRedirect =
    "45000024aaaa000040010000"
    "0a0000010a000002"
    "0501000000000000"
    "0000000000000000";
constexpr const char* kSynAck =
    "45000028000040004006"
    "0000"
    "0a0000010a000002"
    "00500400"
    "11223344"
    "00000001"
    "50120000"
    "00000000";
constexpr const char* kReset =
    "45000028000040004006"
    "0000"
    "0a0000010a000002"
    "00500400"
    "11223344"
    "00000001"
    "50140000"
    "00000000";

std::string frame(const char* dev, const char* key, const char* ip) {
  return std::string("{\"dev\":\"") + dev + "\",\"" + key + "\":\"" + kEthernet + ip + "\"}";
}

std::string kernel_case(const std::string& out, const std::string& drops,
                        const std::string& delivered,
                        const std::string& final = "{\"conntrack\":\"\"}") {
  return std::string("{\"packets\":[{\"in\":\"") + kEthernet + kUdp + "\",\"out\":[" + out +
         "],\"drops\":[" + drops + "],\"delivered\":[" + delivered + "]}],\"final\":" + final + "}";
}

std::vector<std::string> fields(const Comparison& result) {
  std::vector<std::string> names;
  for (const Mismatch& found : result.found) names.push_back(found.field);
  return names;
}

using Fields = std::vector<std::string>;

TEST_CASE("kernel cases: frames of one packet") {
  struct Row {
    const char* name;
    std::string kernel;
    std::string model;
    Fields want;
  };
  const Row rows[] = {
      {"the same frame",
       frame("eth1", "hex", kUdpTtlLess),
       frame("eth1", "frame", kUdpTtlLess),
       {}},
      {"another byte", frame("eth1", "hex", kUdpTtlLess), frame("eth1", "frame", kUdp), {"frames"}},
      {"another device",
       frame("eth1", "hex", kUdpTtlLess),
       frame("eth2", "frame", kUdpTtlLess),
       {"frames"}},
      {"a frame too few", frame("eth1", "hex", kUdpTtlLess), "", {"frames"}},
      {"a frame too many", "", frame("eth1", "frame", kUdpTtlLess), {"frames"}},
      {"the router's own IP id is random",
       frame("eth0", "hex", kUnreachable),
       frame("eth0", "frame", kUnreachableOtherId),
       {}},
      {"the router's own code is not",
       frame("eth0", "hex", kUnreachable),
       frame("eth0", "frame", kUnreachableOtherCode),
       {"frames"}},
      {"a redirect of the kernel alone", frame("eth0", "hex", kRedirect), "", {}},
      {"a redirect of the model alone", "", frame("eth0", "frame", kRedirect), {}},
      {"what a socket answers", frame("eth0", "hex", kSynAck), "", {}},
      {"a reset is the stack's answer", frame("eth0", "hex", kReset), "", {"frames"}},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) {
      const Comparison result =
          compare(kernel_case(row.kernel, "", ""),
                  {.trace = "{\"packet\":1,\"disposition\":\"forwarded\",\"emitted\":[" +
                            row.model + "]}\n"});
      CHECK(result.packets == 1);
      CHECK(fields(result) == row.want);
    }
  }
}

TEST_CASE("kernel cases: drop reason and delivery") {
  const std::string drop = "{\"reason\":\"NETFILTER_DROP\"}";
  const std::string no_socket = "{\"reason\":\"NO_SOCKET\"}";
  const std::string answer = frame("eth0", "hex", kUnreachable);
  struct Row {
    const char* name;
    std::string expected;
    std::string model;
    Fields want;
  };
  const Row rows[] = {
      {"no drop on either side", kernel_case("", "", ""), R"("drop":null)", {}},
      {"the same reason", kernel_case("", drop, ""), R"("drop":{"reason":"NETFILTER_DROP"})", {}},
      {"one of several reasons",
       kernel_case("", no_socket + "," + drop, ""),
       R"("drop":{"reason":"NETFILTER_DROP"})",
       {}},
      {"another reason",
       kernel_case("", drop, ""),
       R"("drop":{"reason":"IP_RPFILTER"})",
       {"reason"}},
      {"a drop of the kernel alone", kernel_case("", drop, ""), R"("drop":null)", {"reason"}},
      {"a drop of the model alone",
       kernel_case("", "", ""),
       R"("drop":{"reason":"NETFILTER_DROP"})",
       {"reason"}},
      {"no socket, and answered",
       kernel_case(answer, no_socket, ""),
       R"("emitted":[)" + frame("eth0", "frame", kUnreachable) + "]",
       {}},
      {"no socket, and not answered", kernel_case("", no_socket, ""), R"("drop":null)", {"reason"}},
      {"delivered on both sides",
       kernel_case("", "", "\"udp\""),
       R"("disposition":"delivered")",
       {}},
      {"delivered by the kernel alone",
       kernel_case("", "", "\"udp\""),
       R"("disposition":"forwarded")",
       {"delivered"}},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) {
      CHECK(fields(compare(row.expected, {.trace = "{\"packet\":1," + row.model + "}\n"})) ==
            row.want);
    }
  }
}

TEST_CASE("kernel cases: a packet without a line, and packets that were not injected") {
  CHECK(fields(compare(kernel_case("", "", ""), {})) == Fields{"missing"});
  const std::string expected = R"({"packets":[{"skipped":true},{"in":"","out":[]}],"final":{}})";
  const Comparison result = compare(expected, {.trace = "{\"packet\":1}\n"});
  CHECK(result.packets == 1);
  CHECK(result.found.empty());
  CHECK_FALSE(compare("{}", {}).unreadable.empty());
}

TEST_CASE("kernel cases: counters at the end") {
  const std::string expected = kernel_case(
      "", "", "",
      R"({"conntrack":"","iptables":{"filter":{"INPUT":{"policy":[1,60],"rules":[[2,120]]}}}})");
  const auto fields_for = [&](const std::string& save) {
    return fields(compare(expected, {.trace = "{\"packet\":1}\n", .counters = save}));
  };
  const std::string head = "# Generated by iptables-save\n*filter\n:INPUT ACCEPT ";
  CHECK(fields_for(head + "[1:60]\n[2:120] -A INPUT -j ACCEPT\nCOMMIT\n").empty());
  CHECK(fields_for(head + "[1:61]\n[2:120] -A INPUT -j ACCEPT\nCOMMIT\n") == Fields{"counters"});
  CHECK(fields_for(head + "[1:60]\n[2:121] -A INPUT -j ACCEPT\nCOMMIT\n") == Fields{"counters"});
  CHECK(fields_for(head + "[1:60]\nCOMMIT\n") == Fields{"counters"});
  CHECK(fields_for("") == Fields{"counters"});
}

TEST_CASE("kernel cases: conntrack at the end") {
  const std::string entry =
      "ipv4     2 udp      17 29 src=10.0.0.2 dst=10.0.1.2 sport=1 dport=2 [UNREPLIED] "
      "src=10.0.1.2 dst=10.0.0.2 sport=2 dport=1 mark=";
  const std::string expected =
      kernel_case("", "", "", "{\"conntrack\":\"" + entry + "7 use=1\\n\"}");
  const auto fields_for = [&](const std::string& table) {
    return fields(compare(expected, {.trace = "{\"packet\":1}\n", .conntrack = table}));
  };
  CHECK(fields_for(entry + "7 use=2\n").empty());
  CHECK(fields_for("ipv4 2 udp 17 3 " + entry.substr(26) + "7\n").empty());  // another timeout
  CHECK(fields_for(entry + "8 use=1\n") == Fields{"conntrack"});
  CHECK(fields_for("") == Fields{"conntrack"});
}

TEST_CASE("kernel cases: the list of expected failures") {
  std::vector<std::string> errors;
  const auto list = read_expected_failures(
      "# words\n\nsnat-port-choice 3 frames F12\nsnat-port-choice 0 conntrack F12\n", errors);
  CHECK(errors.empty());
  REQUIRE(list.size() == 2);
  CHECK(list[0].kase == "snat-port-choice");
  CHECK(list[0].packet == 3);
  CHECK(list[1].field == "conntrack");
  CHECK(list[1].line == 4);
  read_expected_failures("a 1 frames\nb x frames F1\nc 1 frames F1 more\n", errors);
  CHECK(errors.size() == 3);
}

}  // namespace
}  // namespace pktwalk::kernel_cases

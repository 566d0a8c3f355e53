// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "model/packet/mangle.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target ECN: syntax") {
  const SyntaxRow rows[] = {
      {"-p tcp -j ECN --ecn-tcp-remove"},
      {"-p tcp -j ECN --ecn-tcp-ece 1"},
      {"-p tcp -j ECN --ecn-tcp-cwr 0"},
      {"-p tcp -j ECN --ecn-tcp-cwr 0 --ecn-tcp-ece 0", "-p tcp -j ECN --ecn-tcp-remove"},
      {"-p tcp -j ECN --ecn-tcp-cwr 1 --ecn-tcp-ece 1",
       "-p tcp -j ECN --ecn-tcp-ece 1 --ecn-tcp-cwr 1"},
      {"-p tcp -j ECN --ecn-tcp-remove --ecn-ip-ect 1",
       "-p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 0 --ecn-ip-ect 1"},
      {"-j ECN --ecn-ip-ect 3"},
      {"-p udp -j ECN --ecn-ip-ect 0"},
      {"-j ECN", "", "ECN needs"},
      {"-j ECN --ecn-ip-ect 4", "", "--ecn-ip-ect"},
      {"-p tcp -j ECN --ecn-tcp-ece 2", "", "--ecn-tcp-ece"},
      {"-p tcp -j ECN --ecn-tcp-remove --ecn-tcp-ece 1", "", "does not go with"},
      {"-j ECN --ecn-tcp-remove", "", "for protocol tcp only"},
      {"-p udp -j ECN --ecn-tcp-remove", "", "for protocol tcp only"},
      {"! -p tcp -j ECN --ecn-tcp-remove", "", "for protocol tcp only"},
  };
  check_syntax(rows, Family::Ipv4, "mangle");
}

constexpr std::uint8_t kAll = kTcpSyn | kTcpEce | kTcpCwr;

TEST_CASE("target ECN: flags and codepoint before and after, checksums right") {
  struct Case {
    const char* name;
    const char* options;
    std::uint8_t flags_before, flags_after;
    std::uint8_t tos_before, tos_after;
  };
  const Case cases[] = {
      {"both flags go", "--ecn-tcp-remove", kAll, kTcpSyn, 2, 2},
      {"none was there", "--ecn-tcp-remove", kTcpSyn, kTcpSyn, 0, 0},
      {"ECE set", "--ecn-tcp-ece 1", kTcpSyn, kTcpSyn | kTcpEce, 0, 0},
      {"ECE set again", "--ecn-tcp-ece 1", kAll, kAll, 0, 0},
      {"ECE cleared, CWR stays", "--ecn-tcp-ece 0", kAll, kTcpSyn | kTcpCwr, 0, 0},
      {"CWR set", "--ecn-tcp-cwr 1", kTcpSyn, kTcpSyn | kTcpCwr, 0, 0},
      {"CWR cleared, ECE stays", "--ecn-tcp-cwr 0", kAll, kTcpSyn | kTcpEce, 0, 0},
      {"swapped", "--ecn-tcp-ece 0 --ecn-tcp-cwr 1", kTcpSyn | kTcpEce, kTcpSyn | kTcpCwr, 0, 0},
      {"the codepoint's two bits only", "--ecn-ip-ect 1", kAll, kAll, 0xbb, 0xb9},
      {"codepoint 0", "--ecn-ip-ect 0", kAll, kAll, 0xff, 0xfc},
      {"codepoint 3 and flags", "--ecn-ip-ect 3 --ecn-tcp-remove", kAll, kTcpSyn, 0xb8, 0xbb},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      XtFixture f;
      const Skb before = make_tcp({.ip = {.tos = c.tos_before}, .flags = c.flags_before});
      const TargetAnswer a = f.target(std::string("-p tcp -j ECN ") + c.options, before);
      INFO(a.text());
      CHECK(a.verdict == Verdict::Continue);
      const Ipv4View ip(a.skb.l3().data());
      CHECK(ip.tos() == c.tos_after);
      CHECK(TcpView(a.skb.l3().data() + 20).flags() == c.flags_after);
      CHECK(checksums_right(a.skb));
      const std::size_t changes =
          (c.flags_before != c.flags_after ? 1u : 0u) + (c.tos_before != c.tos_after ? 1u : 0u);
      CHECK(a.changes.size() == changes);
      CHECK((a.skb.data == before.data) == (changes == 0));
    }
  }
}

TEST_CASE("target ECN: what is shown are the flags") {
  XtFixture f;
  const TargetAnswer a = f.target("-p tcp -j ECN --ecn-tcp-remove", make_tcp({.flags = kAll}));
  REQUIRE(a.changes.size() == 1);
  CHECK(a.changes[0] == "tcp.flags SYN,ECE,CWR -> SYN");
}

TEST_CASE("target ECN: short packets") {
  XtFixture f;
  const std::string remove = "-p tcp -j ECN --ecn-tcp-remove";
  CHECK(f.target(remove, shortened(make_tcp({.flags = kAll}), 40)).verdict == Verdict::Continue);
  CHECK(f.target(remove, shortened(make_tcp({.flags = kAll}), 39)).verdict == Verdict::Drop);
  CHECK(f.target(remove, captured(make_tcp({.flags = kAll}), 40)).verdict == Verdict::Continue);
  const TargetAnswer cut = f.target(remove, captured(make_tcp({.flags = kAll}), 39));
  CHECK(cut.verdict == Verdict::Unknown);
  CHECK(cut.unknown == "the TCP header was not captured");
}

}  // namespace
}  // namespace pktwalk::testing

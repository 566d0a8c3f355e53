// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target SECMARK: syntax") {
  const SyntaxRow rows[] = {
      {"-j SECMARK --selctx system_u:object_r:firewalld_exec_t:s0"},
      {"-j SECMARK", "", "--selctx"},
  };
  check_syntax(rows, Family::Ipv4, "security");
}

TEST_CASE("target SECMARK: goes on and changes nothing") {
  XtFixture f;
  f.table = "security";
  const Skb skb = make_tcp({});
  const TargetAnswer a = f.target("-j SECMARK --selctx system_u:object_r:http_packet_t:s0", skb);
  CHECK(a.verdict == Verdict::Continue);
  CHECK(a.changes.empty());
  CHECK(a.skb.data == skb.data);
}

}  // namespace
}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/packet/headers.h"
#include "tests/support/xt_fixture.h"

using namespace pktwalk;
using namespace pktwalk::testing;

TEST_CASE("target NFQUEUE: syntax") {
  const SyntaxRow rows[] = {
      {.input = "-j NFQUEUE --queue-num 3 --queue-bypass",
       .canonical = "-j NFQUEUE --queue-num 3 --queue-bypass"},
      {.input = "-j NFQUEUE --queue-balance 0:3", .canonical = "-j NFQUEUE --queue-balance 0:3"},
      {.input = "-j NFQUEUE --queue-balance 0:65535", .canonical = "", .failure = "65535 queues"},
      {.input = "-j NFQUEUE --queue-balance :4", .canonical = "-j NFQUEUE --queue-balance 0:4"},
      {.input = "-j NFQUEUE --queue-balance 4:4", .canonical = "", .failure = "smaller"},
      {.input = "-j NFQUEUE", .canonical = "-j NFQUEUE --queue-num 0"},
      {.input = "-j NFQUEUE --queue-num 70000", .canonical = "", .failure = "queue-num"},
  };
  check_syntax(rows);
}

TEST_CASE("target NFQUEUE: the packet is taken") {
  XtFixture f;
  CHECK(f.target("-j NFQUEUE", make_tcp({})).verdict == Verdict::Queue);
}

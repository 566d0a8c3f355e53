// SPDX-License-Identifier: MIT
#include "model/netfilter/xtables/coverage.h"

#include <doctest/doctest.h>

#include "model/host/host.h"
#include "model/host/state.h"
#include "model/netfilter/xtables/table_loader.h"

namespace pktwalk {
namespace {

TEST_CASE("coverage: what is not modelled is counted by its reason, most rules first") {
  Host host;
  const std::uint32_t file = host.sources.add("iptables-save.txt",
                                              "*filter\n"                                 // line 1
                                              ":INPUT ACCEPT [0:0]\n"                     // 2
                                              "-A INPUT -p tcp -j ACCEPT\n"               // 3
                                              "-A INPUT -m osf --genre Linux\n"           // 4
                                              "-A INPUT -m osf --genre X -j CLUSTERIP\n"  // 5
                                              "-A INPUT -j CLUSTERIP\n"                   // 6
                                              "-A INPUT -j CLUSTERIP\n"                   // 7
                                              "-A INPUT -s nosuch -j DROP\n"              // 8
                                              "COMMIT\n");
  xt::load_dump(host, file);
  const xt::Coverage c = xt::coverage(*host.iptables);
  CHECK(c.rules == 6);
  CHECK(c.modelled == 1);
  CHECK(c.unreadable == 1);
  REQUIRE(c.gaps.size() == 3);
  CHECK(c.gaps[0].reason == "target CLUSTERIP");
  CHECK(c.gaps[0].rules == 3);
  CHECK(c.gaps[0].first.line == 5);
  CHECK(c.gaps[1].reason == "match osf");
  CHECK(c.gaps[1].rules == 2);
  CHECK(c.gaps[1].first.line == 4);
  CHECK(c.gaps[2].reason == "unreadable rule");
  CHECK(c.gaps[2].first.line == 8);
}

TEST_CASE("coverage: the percentage reaches 100 only when all is modelled") {
  CHECK(xt::Coverage{}.percent() == 100);
  CHECK(xt::Coverage{.rules = 4, .modelled = 1}.percent() == 25);
  CHECK(xt::Coverage{.rules = 100000, .modelled = 99999}.percent() < 99.95);
  CHECK(xt::Coverage{.rules = 3, .modelled = 3}.percent() == 100);
}

}  // namespace
}  // namespace pktwalk

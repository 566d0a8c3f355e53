// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/conntrack/conntrack.h"
#include "model/host/state.h"
#include "model/parse/host_file.h"

using namespace pktwalk;

TEST_CASE("conntrack -L: what is read prints the same again") {
  const char* const lines[] = {
      "ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.2 dst=192.0.2.80 sport=40000 dport=80 "
      "src=10.1.0.5 dst=198.51.100.1 "
      "sport=8080 dport=40000 [ASSURED] mark=7 use=1\n",
      "ipv4     2 udp      17 29 src=10.0.0.2 dst=192.0.2.53 sport=5353 dport=53 [UNREPLIED] "
      "src=192.0.2.53 dst=10.0.0.2 "
      "sport=53 dport=5353 mark=0 use=1\n",
      "ipv4     2 icmp     1 29 src=10.0.0.2 dst=192.0.2.1 type=8 code=0 id=77 src=192.0.2.1 "
      "dst=10.0.0.2 type=0 code=0 id=77 "
      "mark=0 use=1\n",
  };
  for (const char* const line : lines) {
    SUBCASE(line) {
      std::vector<HostText> texts;
      texts.push_back({"conntrack.txt", line});
      const Host host = load_host(std::move(texts));
      REQUIRE(host.connections.size() == 1);
      State state = *host.initial;
      const Time start{1'700'000'000 * kNsPerSecond};
      state.conntrack.expire(start);
      CHECK(ct::print_table(state.conntrack, start, host) == line);
    }
  }
}

TEST_CASE("conntrack -L: translated connections are known as such") {
  ct::Table table;
  REQUIRE(ct::load_line(table,
                        "tcp 6 100 ESTABLISHED src=10.0.0.2 dst=192.0.2.80 sport=1 dport=80 "
                        "src=10.1.0.5 dst=198.51.100.1 "
                        "sport=8080 dport=1 [ASSURED] mark=0 use=1"));
  table.for_each([](CtId, const ct::Entry& e) {
    CHECK(e.has(ct::kSrcNat));
    CHECK(e.has(ct::kDstNat));
    CHECK(e.has(ct::kAssured));
  });
  CHECK_FALSE(ct::load_line(table, "tcp 6 100 src=10.0.0.2"));
}

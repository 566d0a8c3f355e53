// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/host/host.h"
#include "model/host/state.h"
#include "model/netfilter/xtables/table.h"
#include "model/parse/host_file.h"

namespace pktwalk {
extern const HostFileDef parse_iptables_save;

namespace {

Host load(const char* name, const char* text) {
  Host host;
  const std::uint32_t file = host.sources.add(name, text);
  parse_iptables_save.parse(host, file);
  return host;
}

TEST_CASE("iptables-save: what is printed after loading is the dump") {
  const char* const text =
      "*filter\n"
      ":INPUT DROP [3:180]\n"
      ":FORWARD ACCEPT [0:0]\n"
      ":OUTPUT ACCEPT [0:0]\n"
      ":web - [0:0]\n"
      "[1:60] -A INPUT -s 10.0.0.0/8 ! -d 192.0.2.1/32 -i eth+ -p tcp -j web\n"
      "[2:120] -A INPUT ! -p icmp -f -g web\n"
      "[0:0] -A web -j RETURN\n"
      "COMMIT\n";
  const Host host = load("iptables-save.txt", text);
  CHECK(host.diagnostics.empty());
  REQUIRE(host.iptables != nullptr);
  CHECK(print_ruleset(*host.iptables, &host.initial->counters) == text);
}

}  // namespace
}  // namespace pktwalk

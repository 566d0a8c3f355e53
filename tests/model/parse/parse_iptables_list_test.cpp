// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/netfilter/xtables/table.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

const char* const kListing =
    "Chain INPUT (policy DROP 0 packets, 0 bytes)\n"
    " pkts bytes target     prot opt in     out     source               destination\n"
    "    0     0 ACCEPT     all  --  lo     *       0.0.0.0/0            0.0.0.0/0\n";

TEST_CASE("iptables -L: whoever brings a listing is told what to bring") {
  std::vector<HostText> texts;
  texts.push_back({"rules.txt", kListing});
  const Host host = load_host(std::move(texts));
  REQUIRE(host.diagnostics.size() == 1);
  CHECK(to_string(host.diagnostics[0], host.sources)
            .find("rules.txt:1:1: error: a listing of `iptables -L` does not tell all of a rule") ==
        0);
  CHECK(host.diagnostics[0].hint == "save the rules with iptables-save");
  CHECK(host.iptables->tables.empty());
}

TEST_CASE("iptables -L: what is none") {
  for (const char* const text :
       {"Chain of command\n", "target prot opt source destination\n",
        "# Chain INPUT (policy DROP)\n*filter\n:INPUT DROP [0:0]\nCOMMIT\n"}) {
    CAPTURE(text);
    std::vector<HostText> texts;
    texts.push_back({"x.txt", text});
    const Host host = load_host(std::move(texts));
    for (const Diagnostic& d : host.diagnostics) CHECK(d.severity != Severity::Error);
  }
}

}  // namespace
}  // namespace pktwalk

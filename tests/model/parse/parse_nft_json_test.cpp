// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/netfilter/nft/print.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

constexpr const char* kJson =
    R"({"nftables": [{"metainfo": {"json_schema_version": 1}},
 {"table": {"family": "ip", "name": "t", "handle": 1}},
 {"chain": {"family": "ip", "table": "t", "name": "c", "handle": 2, "type": "filter",
            "hook": "input", "prio": 0, "policy": "drop"}},
 {"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 3, "expr": [
   {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}},
   {"counter": {"packets": 3, "bytes": 180}}, {"accept": null}]}}]})";
constexpr const char* kText =
    "table ip t {\n\tchain c {\n\t\ttype filter hook input priority filter; policy drop;\n"
    "\t\ttcp dport 22 counter packets 3 bytes 180 accept\n\t}\n}\n";

TEST_CASE("nft -j: says the same as the text") {
  const Host json = load_host({{"nft.json", kJson}});
  CHECK(json.sources.file(0).kind == "nft -j list ruleset");
  const Host text = load_host({{"nft.txt", kText}});
  CHECK(nft::print(*json.nftables) == nft::print(*text.nftables));
  CHECK(nft::print(*text.nftables) == kText);
}

TEST_CASE("nft -j: beside the text form it is left out, with a note") {
  const Host both = load_host({{"a.json", kJson}, {"b.txt", kText}});
  REQUIRE(both.nftables->tables.size() == 1);
  CHECK(both.sources.file(both.nftables->tables[0]->at.file).name == "b.txt");
  REQUIRE(both.diagnostics.size() == 1);
  CHECK(both.diagnostics[0].severity == Severity::Note);
  CHECK(both.diagnostics[0].what ==
        "table ip t was read from b.txt already: this copy is left out");
}

}  // namespace
}  // namespace pktwalk

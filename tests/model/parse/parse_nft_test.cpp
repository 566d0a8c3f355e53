// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/netfilter/nft/ruleset.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

Host loaded(std::string text) {
  std::vector<HostText> texts;
  texts.push_back({"nft-ruleset", std::move(text)});
  return load_host(std::move(texts));
}

TEST_CASE("nft: a list of tables is known for what it is") {
  const Host host = loaded("table ip t {\n}\n");
  CHECK(host.sources.file(0).kind == "nft list ruleset");
  REQUIRE(host.nftables->tables.size() == 1);
  CHECK(host.nftables->tables[0]->title == "ip t");
  CHECK(loaded("").nftables->tables.empty());
}

TEST_CASE("nft: a rule that cannot be read is pointed at") {
  const Host host = loaded("table ip t {\n\tchain c {\n\t\ttcp dprot 22\n\t}\n}\n");
  REQUIRE_FALSE(host.diagnostics.empty());
  CHECK(to_string(host.diagnostics[0], host.sources)
            .starts_with("nft-ruleset:3:7: error: \"dprot\" found"));
}

}  // namespace
}  // namespace pktwalk

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

Host loaded(std::string text) {
  std::vector<HostText> texts;
  texts.push_back({"nft-ruleset", std::move(text)});
  return load_host(std::move(texts));
}

TEST_CASE("nft: both forms are known for what they are") {
  for (const char* const text : {"table ip t {\n}\n",
                                 "{\"nftables\": [{\"metainfo\": {}}, {\"table\": {\"family\": "
                                 "\"ip\", \"name\": \"t\"}}]}"}) {
    CAPTURE(text);
    const Host host = loaded(text);
    CHECK(host.has_nft);
    CHECK(host.sources.file(0).kind == "nft list ruleset");
  }
  CHECK_FALSE(loaded("").has_nft);
}

TEST_CASE("nft: a rule that cannot be read is pointed at") {
  const Host host = loaded("table ip t {\n\tchain c {\n\t\ttcp dprot 22\n\t}\n}\n");
  REQUIRE_FALSE(host.diagnostics.empty());
  CHECK(to_string(host.diagnostics[0], host.sources)
            .starts_with("nft-ruleset:3:7: error: \"dprot\" found"));
}

}  // namespace
}  // namespace pktwalk

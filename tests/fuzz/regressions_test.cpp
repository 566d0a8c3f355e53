// SPDX-License-Identifier: MIT
// Inputs that once broke something, and the seeds, run through their fuzz target in every build.
#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz_targets.h"

namespace pktwalk {
namespace {

namespace fs = std::filesystem;

TEST_CASE("fuzz: seeds and inputs that once broke something") {
  for (const FuzzTarget& target : fuzz_targets()) {
    INFO(target.name);
    target.run({});
    int inputs = 0;
    for (const char* kind : {"seeds", "regressions"}) {
      const fs::path folder = fs::path(PKTWALK_SOURCE_DIR) / "tests/fuzz" / kind / target.name;
      std::error_code missing;
      for (const fs::directory_entry& entry : fs::directory_iterator(folder, missing)) {
        INFO(entry.path().string());
        std::ifstream file(entry.path(), std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file),
                                      std::istreambuf_iterator<char>()};
        target.run({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
        ++inputs;
      }
    }
    CHECK_MESSAGE(inputs > 0, "tests/fuzz/seeds has no file for this target");
  }
}

}  // namespace
}  // namespace pktwalk

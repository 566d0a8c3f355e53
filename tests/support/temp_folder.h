// SPDX-License-Identifier: MIT
#pragma once

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace pktwalk::testing {

// The bytes of a file; empty when there is none.
inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A folder of its own that vanishes with the test.
class TempFolder {
 public:
  TempFolder() {
    char name[] = "/tmp/pktwalk-test-XXXXXX";
    if (::mkdtemp(name) != nullptr) path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    if (ok()) std::filesystem::remove_all(path_, ignored);
  }

  std::string file(std::string_view name, std::string_view contents) const {
    const std::string path = this->path(name);
    std::FILE* out = std::fopen(path.c_str(), "wb");
    if (out != nullptr) {
      std::fwrite(contents.data(), 1, contents.size(), out);
      std::fclose(out);
    }
    return path;
  }
  bool ok() const { return !path_.empty(); }
  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
#include "model/core/result.h"

#include <doctest/doctest.h>

#include <string>

namespace pktwalk {
namespace {

TEST_CASE("result: holds a value or an error") {
  const Result<int> good = 3;
  const Result<int> bad = Error{.what = "a port is a number", .where = {.file = "rules"}};
  CHECK(good.has_value());
  CHECK(*good == 3);
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().what == "a port is a number");
}

TEST_CASE("result: an error names its place as far as it is known") {
  struct Row {
    const char* name;
    Error error;
    const char* want;
  };
  const Row rows[] = {
      {"only a message", {.what = "no such option"}, "no such option"},
      {"a whole file", {.what = "is empty", .where = {.file = "a.pcap"}}, "a.pcap: is empty"},
      {"a line", {.what = "odd", .where = {.file = "f", .line = 4}}, "f:4: odd"},
      {"a column", {.what = "odd", .where = {.file = "f", .line = 4, .column = 9}}, "f:4:9: odd"},
      {"the first byte", {.what = "odd", .where = {.file = "f", .offset = 0}}, "f: offset 0: odd"},
      {"a hint", {.what = "odd", .hint = "turn it off"}, "odd (turn it off)"},
  };
  for (const Row& row : rows) {
    SUBCASE(row.name) { CHECK(to_string(row.error) == row.want); }
  }
}

}  // namespace
}  // namespace pktwalk

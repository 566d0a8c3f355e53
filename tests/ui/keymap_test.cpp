// SPDX-License-Identifier: MIT
#include "ui/keymap.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace pktwalk;

TEST_CASE("keymap: no key is bound twice") {
  std::map<std::uint32_t, std::string> seen;
  for (const Binding& b : bindings()) {
    for (const std::uint32_t key : b.keys) {
      if (key == 0) continue;
      CHECK_MESSAGE(!seen.contains(key), "key ", key, " means \"", seen[key], "\" and \"",
                    std::string(b.help), "\"");
      seen[key] = b.help;
    }
  }
}

TEST_CASE("keymap: every command has a key and a help text") {
  for (const Binding& b : bindings()) {
    CHECK(b.keys[0] != 0);
    CHECK(!b.help.empty());
    CHECK(!b.shown.empty());
  }
}

TEST_CASE("keymap: digits stay free for counts") {
  for (std::uint32_t digit = '0'; digit <= '9'; ++digit) {
    Command command{};
    CHECK_FALSE(command_for(digit, command));
  }
}

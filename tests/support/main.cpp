// SPDX-License-Identifier: MIT
// The test program runs in the project's root: every path in a test starts there.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (chdir(PKTWALK_TEST_ROOT) != 0) {
    std::perror(PKTWALK_TEST_ROOT);
    return 2;
  }
  return doctest::Context(argc, argv).run();
}

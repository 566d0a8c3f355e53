// SPDX-License-Identifier: MIT
#include "ui/surface.h"

#include <doctest/doctest.h>

using namespace pktwalk;

TEST_CASE("surface: text is clipped at the edges and control characters never reach a cell") {
  struct Case {
    const char* name;
    int x;
    std::string text;
    const char* want;
  };
  const Case cases[] = {
      {"fits", 0, "abc", "abc\n"},
      {"clipped at the right", 3, "abcdef", "   abcde\n"},
      {"clipped at the left", -2, "abcdef", "cdef\n"},
      {"an escape sequence from a comment", 0, "\x1b[31mx", "?[31mx\n"},
      {"a C1 control", 0,
       "a\xc2\x9b"
       "b",
       "a?b\n"},
      {"bytes that are no UTF-8", 0,
       "a\xff"
       "b",
       "a\xef\xbf\xbd"
       "b\n"},
      {"a tab is one blank", 0, "a\tb", "a b\n"},
      {"a wide character takes two columns", 0, "\xe6\xbc\xa2x", "\xe6\xbc\xa2x\n"},
      {"a wide character that only half fits is left out", 7, "\xe6\xbc\xa2", "\n"},
      {"text direction marks are left out", 0,
       "a\xe2\x80\xae"
       "b",
       "ab\n"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Surface surface(8, 1);
      surface.put(c.x, 0, c.text);
      CHECK(surface.text() == c.want);
    }
  }
}

TEST_CASE("surface: a frame gives its inside") {
  Surface surface(10, 3);
  const Rect inside = surface.frame({0, 0, 10, 3}, "1 path", false, true);
  CHECK(inside.x == 1);
  CHECK(inside.width == 8);
  CHECK(inside.height == 1);
  CHECK(surface.text() == "+1 path--+\n|        |\n+--------+\n");
}

// SPDX-License-Identifier: MIT
#include "model/host/source.h"

#include "model/core/printable.h"

namespace pktwalk {

TEST_CASE("host sources: lines by number") {
  HostSources sources;
  struct Case {
    const char* name;
    const char* text;
    std::uint32_t lines;
    std::vector<std::string> want;
  };
  const Case cases[] = {
      {"an empty file has no line", "", 0, {}},
      {"a final newline begins no further line", "a\nb\n", 2, {"a", "b"}},
      {"a missing final newline loses nothing", "a\nb", 2, {"a", "b"}},
      {"CRLF is taken off", "a\r\nb\r\n", 2, {"a", "b"}},
      {"empty lines count", "\n\nx\n", 3, {"", "", "x"}},
      {"a lone CR inside a line stays", "a\rb\n", 1, {"a\rb"}},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const std::uint32_t file = sources.add("f", c.text);
      CHECK(sources.file(file).line_count() == c.lines);
      for (std::uint32_t i = 0; i < c.want.size(); ++i) {
        CHECK(std::string(sources.text({file, i + 1})) == c.want[i]);
      }
      CHECK(sources.text({file, 0}).empty());
      CHECK(sources.text({file, c.lines + 1}).empty());
    }
  }
}

TEST_CASE("host sources: a place in a file that is not there has no text") {
  const HostSources sources;
  CHECK(sources.text({7, 1}).empty());
}

TEST_CASE("diagnostic: file, line, column, the line and a caret") {
  HostSources sources;
  const std::uint32_t file = sources.add("host/ip-rule.txt", "0:\tfrom all lookup nowhere\n");
  Diagnostic d;
  d.at = {file, 1};
  d.column = 20;
  d.length = 7;
  d.what = "unknown table \"nowhere\"";
  d.hint = "a number, or local, main, default";
  CHECK(to_string(d, sources) ==
        "host/ip-rule.txt:1:20: warning: unknown table \"nowhere\"\n"
        "    0: from all lookup nowhere\n"
        "                       ^~~~~~~\n"
        "    hint: a number, or local, main, default\n");
}

TEST_CASE("diagnostic: edges") {
  HostSources sources;
  const std::uint32_t file = sources.add("f", "a\x1b[31mb\nword\n");
  Diagnostic d;
  d.what = "x";
  SUBCASE("without a place there is only the message") {
    d.severity = Severity::Error;
    CHECK(to_string(d, sources) == "error: x\n");
  }
  SUBCASE("without a column the whole line is meant") {
    d.severity = Severity::Note;
    d.at = {file, 2};
    CHECK(to_string(d, sources) == "f:2: note: x\n    word\n");
  }
  SUBCASE("escapes are shown, and the caret stands below what they moved") {
    d.at = {file, 1};
    d.column = 7;
    CHECK(to_string(d, sources) == "f:1:7: warning: x\n    a\\x1b[31mb\n             ^\n");
  }
  SUBCASE("a column behind the end points behind the end") {
    d.at = {file, 2};
    d.column = 99;
    CHECK(to_string(d, sources) == "f:2:99: warning: x\n    word\n        ^\n");
  }
  SUBCASE("an escape in the message does not reach the terminal") {
    d.what = "unknown word \"\x1b[2J\"";
    CHECK(to_string(d, sources) == "warning: unknown word \"\\x1b[2J\"\n");
  }
}

TEST_CASE("diagnostic: of a very long line the part around the column is shown") {
  HostSources sources;
  std::string text(5000, 'a');
  text.append("HERE").append(5000, 'b');
  const std::uint32_t file = sources.add("f", text);
  Diagnostic d;
  d.at = {file, 1};
  d.column = 5001;
  d.length = 4;
  const std::string got = to_string(d, sources);
  CHECK(got.size() < 500);
  const std::size_t line = got.find('\n') + 1;
  const std::size_t caret = got.find('\n', line) + 1;
  CHECK(got.substr(line + got.find("^~~~", caret) - caret, 4) == "HERE");
}

TEST_CASE("printable text") {
  struct Case {
    const char* name;
    std::string in;
    const char* want;
    std::size_t width;
  };
  const Case cases[] = {
      {"plain text stays", "abc", "abc", 3},
      {"a tab is a blank", "a\tb", "a b", 3},
      {"NUL", std::string("a\0b", 3), "a\\x00b", 6},
      {"DEL", "\x7f", "\\x7f", 4},
      {"an umlaut is one column", "\xc3\xbc", "\xc3\xbc", 1},
      {"a C1 control in UTF-8", "\xc2\x9b", "\\xc2\\x9b", 8},
      {"a C1 control as a byte", "\x9b", "\\x9b", 4},
      {"a truncated character", "\xe2\x82", "\\xe2\\x82", 8},
      {"an overlong slash", "\xc0\xaf", "\\xc0\\xaf", 8},
      {"a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80", 12},
      {"a right-to-left override", "\xe2\x80\xae", "\\xe2\\x80\\xae", 12},
      {"an emoji stays", "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7", 1},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      CHECK(printable(c.in) == c.want);
      CHECK(printable_width(c.in) == c.width);
    }
  }
}

}  // namespace pktwalk

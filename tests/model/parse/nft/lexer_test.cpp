// SPDX-License-Identifier: MIT
#include "model/parse/nft/lexer.h"

#include <doctest/doctest.h>

#include "model/host/source.h"
#include "model/netfilter/nft/number.h"

namespace pktwalk::nft {
namespace {

// Kind and text of every token: "w" word, "n" number, "q" quoted, "$" variable, "j" junk.
std::string tokens_of(const std::string& text) {
  HostSources sources;
  const std::uint32_t file = sources.add("x", text);
  const Tokens read = tokenize(
      {.text = sources.file(file).text, .places = {}, .line_starts = &sources.file(file).starts});
  std::string all;
  for (const Token& token : read.tokens) {
    if (token.kind == TokenKind::Newline || token.kind == TokenKind::End) continue;
    static constexpr std::string_view kLetters = "wnq$ x  j ";
    const char letter = kLetters[static_cast<std::size_t>(token.kind)];
    if (!all.empty()) all += ' ';
    if (letter != ' ') all += std::string(1, letter) + ":";
    all += token.text;
  }
  return all;
}

TEST_CASE("nft tokens: the longest one is taken") {
  struct Case {
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"22-80", "n:22 - n:80"},
      {"br-lan eth0.100", "w:br-lan w:eth0.100"},
      {"10.0.0.0/8", "w:10.0.0.0 / n:8"},
      {"10.0.0.1-10.0.0.9:80", "w:10.0.0.1 - w:10.0.0.9 : n:80"},
      {"fe80::1-fe80::2", "w:fe80::1 - w:fe80::2"},
      {"::/0 ::1 fe80::", "w::: / n:0 w:::1 w:fe80::"},
      {"1:2:3:4:5:6:7:8", "w:1:2:3:4:5:6:7:8"},
      {"::ffff:10.0.0.1", "w:::ffff:10.0.0.1"},
      {"[fe80::1]:80", "w:fe80::1 : n:80"},
      {"0:1:2:3:4:5", "w:0:1:2:3:4:5"},
      {"1:10 dead:beef", "w:1:10 w:dead:beef"},
      {"{22:accept}", "{ n:22 : w:accept }"},
      {"1h30m 10s 5d2h", "w:1h30m w:10s w:5d2h"},
      {"0x1f 017 8021q", "n:0x1f n:017 w:8021q"},
      {"eth* eth\\* *", "w:eth* w:eth\\* *"},
      {"a.b . c", "w:a.b . w:c"},
      {"\"a b\" $x ${y} $n/24", "q:a b $:x $:y $:n / n:24"},
      {"<= << != & (a|b)", "<= << != & ( w:a | w:b )"},
      {"10/second", "n:10 / w:second"},
      {"`", "j:`"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(tokens_of(c.text) == c.want);
  }
}

TEST_CASE("nft tokens: places and comments") {
  HostSources sources;
  const std::uint32_t file = sources.add("x", "a\n\tb \\\n c # handle 5\n");
  const Tokens read = tokenize(
      {.text = sources.file(file).text, .places = {}, .line_starts = &sources.file(file).starts});
  REQUIRE(read.tokens.size() == 6);
  CHECK(read.tokens[2].at.line == 2);
  CHECK(read.tokens[2].at.column == 2);
  CHECK(read.tokens[3].at.line == 3);
  CHECK(read.tokens[3].at.column == 2);
  REQUIRE(read.comments.size() == 1);
  CHECK(read.comments[0].line == 3);
  CHECK(read.comments[0].text == "handle 5");
}

TEST_CASE("nft numbers and times") {
  CHECK(parse_number("0x10") == 16);
  CHECK(parse_number("18446744073709551615") == 18446744073709551615U);
  CHECK_FALSE(parse_number("18446744073709551616"));
  CHECK_FALSE(parse_number("1x"));
  CHECK_FALSE(parse_number(""));
  CHECK(parse_time_ms("1d2h3m4s5ms") == 93784005);
  CHECK(parse_time_ms("90s") == 90000);
  CHECK_FALSE(parse_time_ms("5"));
  CHECK_FALSE(parse_time_ms("5 weeks"));
  CHECK(time_text(93784005) == "1d2h3m4s5ms");
  CHECK(time_text(0) == "0s");
}

}  // namespace
}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// The tokens of the nft language. A keyword is a word like any other: whether "ip" begins a header,
// names a family or is a value is known to the parser only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/netfilter/nft/ast.h"

namespace pktwalk::nft {

enum class TokenKind : std::uint8_t {
  Word,      // "accept", "10.0.0.1", "fe80::1", "1h30m", "eth*", "00:11:22:33:44:55"
  Number,    // "22", "0x16"; value
  Quoted,    // text without the quotes
  Variable,  // "$name": text without the $
  Punct,     // one of { } ( ) [ ] , . : / - + * @ = ! < > == != <= >= << >> & | ^
  XtName,    // "# xt_recent": what old nft wrote for a match of iptables that it does not know
  Newline,
  Semicolon,
  Junk,  // a character that nft does not know
  End,
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::string_view text;
  std::uint64_t value = 0;       // of a Number; the largest one when it does not fit
  std::uint32_t begin = 0;       // where it stands in the text that was given
  std::uint32_t end = 0;         // behind its last character
  ast::At at;                    // where it stands in the file
  std::uint32_t end_column = 0;  // behind its last character, when that is in the same line
  bool is(std::string_view word) const { return kind == TokenKind::Word && text == word; }
  bool punct(std::string_view sign) const { return kind == TokenKind::Punct && text == sign; }
};

struct Comment {
  std::uint32_t line = 0;
  std::string_view text;  // without the #, trimmed
};

// The text to be read and where its characters stand in the file: the same places when `places` is
// empty. The commands of a shell script are a text of their own.
struct Text {
  std::string_view text;
  std::vector<std::uint32_t> places;                        // of every character of text
  const std::vector<std::uint32_t>* line_starts = nullptr;  // of the file
};

struct Tokens {
  std::vector<Token> tokens;      // the last one is an End, before it stands a Newline
  std::vector<Comment> comments;  // by line
  bool crlf = false;
  bool continued_with_blanks = false;  // "\ " at a line's end: meant as a continuation
};

// Views point into text.text.
Tokens tokenize(const Text& text);

}  // namespace pktwalk::nft

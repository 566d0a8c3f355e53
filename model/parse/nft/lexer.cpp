// SPDX-License-Identifier: MIT
// Tokens of the nft language. Where several kinds of token fit, the longest is taken, as nft's own
// scanner does: "22-80" is three tokens, "br-lan" one, "dead:beef::1" one.
#include "model/parse/nft/lexer.h"

#include <algorithm>
#include <array>
#include <limits>

namespace pktwalk::nft {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool begins_word(char c) { return is_letter(c) || c == '_' || c == '.'; }
bool in_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-' || c == '/';
}

template <typename Test>
std::size_t run(std::string_view text, Test test) {
  std::size_t length = 0;
  while (length < text.size() && test(text[length])) ++length;
  return length;
}

std::size_t ipv4_length(std::string_view text) {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (at >= text.size() || text[at] != '.') return 0;
      ++at;
    }
    const std::size_t digits = run(text.substr(at, 3), is_digit);
    if (digits == 0) return 0;
    at += digits;
  }
  return at;
}

// Groups of up to four hexadecimal digits from `at`, as far as single colons join them; an IPv4
// address at the end counts as two.
struct Groups {
  std::size_t count = 0;
  std::size_t end = 0;
};

Groups groups(std::string_view text, std::size_t at, std::size_t most) {
  Groups found{.count = 0, .end = at};
  while (found.count < most) {
    const std::size_t begin = found.count == 0 ? found.end : found.end + 1;
    if (found.count > 0 && (found.end >= text.size() || text[found.end] != ':')) break;
    if (begin > text.size()) break;
    if (found.count + 2 <= most) {
      const std::size_t ipv4 = ipv4_length(text.substr(begin));
      if (ipv4 != 0) return {.count = found.count + 2, .end = begin + ipv4};
    }
    const std::size_t digits = run(text.substr(begin, 4), is_hex);
    if (digits == 0) break;
    found = {.count = found.count + 1, .end = begin + digits};
  }
  return found;
}

std::size_t ipv6_length(std::string_view text) {
  const Groups head = groups(text, 0, 8);
  if (head.count == 8) return head.end;
  const std::string_view rest = text.substr(head.end);
  if (!rest.starts_with("::")) return 0;
  const Groups tail = groups(text, head.end + 2, 7 - head.count);
  return tail.count == 0 ? head.end + 2 : tail.end;
}

std::size_t mac_length(std::string_view text) {
  std::size_t at = 0;
  for (int part = 0; part < 6; ++part) {
    if (part > 0) {
      if (at >= text.size() || text[at] != ':') return 0;
      ++at;
    }
    const std::size_t digits = run(text.substr(at, 2), is_hex);
    if (digits == 0) return 0;
    at += digits;
  }
  return at;
}

// "1:10", a class of tc, also an hour: only where a blank or the end of an item follows.
std::size_t classid_length(std::string_view text) {
  const std::size_t major = run(text.substr(0, 5), is_hex);
  if (major == 0 || major > 4 || major >= text.size() || text[major] != ':') return 0;
  const std::size_t minor = run(text.substr(major + 1, 5), is_hex);
  if (minor == 0 || minor > 4) return 0;
  const std::size_t end = major + 1 + minor;
  if (end < text.size() &&
      std::string_view(" \t\r\n:-},;").find(text[end]) == std::string_view::npos)
    return 0;
  return end;
}

// "1d2h3m4s5ms" in this order.
std::size_t time_length(std::string_view text) {
  constexpr std::array<std::string_view, 5> kUnits = {"d", "h", "m", "s", "ms"};
  std::size_t at = 0;
  for (std::size_t unit = 0; unit < kUnits.size(); ++unit) {
    const std::size_t digits = run(text.substr(at), is_digit);
    if (digits == 0) break;
    const std::string_view rest = text.substr(at + digits);
    if (!rest.starts_with(kUnits[unit])) continue;
    if (kUnits[unit] == "m" && rest.starts_with("ms")) continue;
    at += digits + kUnits[unit].size();
  }
  return at;
}

// A word, also "eth*", "eth\*" and "\*".
std::size_t word_length(std::string_view text) {
  std::size_t length = begins_word(text.front()) ? run(text, in_word) : 0;
  const std::string_view rest = text.substr(length);
  if (rest.starts_with("\\*")) {
    length += 2;
    return length + run(text.substr(length), in_word);
  }
  if (length > 0 && rest.starts_with("*")) return length + 1;
  return length;
}

std::size_t number_length(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    const std::size_t digits = run(text.substr(2), is_hex);
    if (digits != 0) return digits + 2;
  }
  return run(text, is_digit);
}

std::uint64_t number_value(std::string_view text) {
  std::uint64_t base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0' &&
             text.find_first_of("89") == std::string_view::npos) {
    base = 8;  // a number with a leading zero is octal to nft
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::uint64_t digit = is_digit(c) ? static_cast<std::uint64_t>(c - '0')
                                            : static_cast<std::uint64_t>((c | 0x20) - 'a' + 10);
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / base)
      return std::numeric_limits<std::uint64_t>::max();
    value = value * base + digit;
  }
  return value;
}

class Scanner {
 public:
  explicit Scanner(const Text& text) : input_(text), text_(text.text) {}

  Tokens scan() {
    while (at_ < text_.size()) step();
    if (out_.tokens.empty() || out_.tokens.back().kind != TokenKind::Newline)
      add(TokenKind::Newline, at_);
    add(TokenKind::End, at_);
    return std::move(out_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (is_blank(c)) {
      ++at_;
    } else if (c == '\n') {
      add(TokenKind::Newline, at_ + 1);
    } else if (c == '\r') {
      out_.crlf = true;
      ++at_;
    } else if (c == '#') {
      comment();
    } else if (c == '\\' && continuation()) {
    } else if (c == '"') {
      quoted();
    } else if (c == '$') {
      variable();
    } else if (c == '[' && bracketed_address()) {
    } else {
      longest();
    }
  }

  std::uint32_t place(std::size_t offset) const {
    if (input_.places.empty()) return static_cast<std::uint32_t>(offset);
    if (offset < input_.places.size()) return input_.places[offset];
    return input_.places.back() + 1;
  }

  ast::At at(std::size_t offset) {
    const std::vector<std::uint32_t>& starts = *input_.line_starts;
    const std::uint32_t where = place(offset);
    while (line_ + 1 < starts.size() && starts[line_ + 1] <= where) ++line_;
    while (line_ > 0 && starts[line_] > where) --line_;
    const std::uint32_t start = starts.empty() ? 0 : starts[line_];
    return {.line = static_cast<std::uint32_t>(line_ + 1), .column = where - start + 1};
  }

  void add(TokenKind kind, std::size_t end) { add(kind, end, text_.substr(at_, end - at_)); }

  void add(TokenKind kind, std::size_t end, std::string_view shown) {
    Token token{.kind = kind,
                .text = shown,
                .begin = static_cast<std::uint32_t>(at_),
                .end = static_cast<std::uint32_t>(end),
                .at = at(at_)};
    if (end > at_) {
      const ast::At last = at(end - 1);
      if (last.line == token.at.line) token.end_column = last.column + 1;
    }
    if (kind == TokenKind::Number) token.value = number_value(shown);
    out_.tokens.push_back(token);
    at_ = end;
  }

  std::string_view rest_of_line() const {
    std::string_view line = text_.substr(at_, text_.find('\n', at_) - at_);
    while (!line.empty() && (line.back() == '\r' || is_blank(line.back()))) line.remove_suffix(1);
    return line;
  }

  void comment() {
    const std::string_view line = rest_of_line();
    if (xt_name(line)) return;
    std::string_view text = line.substr(1);
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    out_.comments.push_back({.line = at(at_).line, .text = text});
    at_ += line.size();
  }

  // "# xt_recent counter packets 0 bytes 0": not a comment but a match that nft could not show.
  bool xt_name(std::string_view line) {
    constexpr std::string_view kStart = "# xt_";
    if (!line.starts_with(kStart)) return false;
    const std::string_view name =
        line.substr(kStart.size(), run(line.substr(kStart.size()), in_word));
    std::string_view rest = line.substr(kStart.size() + name.size());
    const bool in_rule = !out_.tokens.empty() && out_.tokens.back().kind != TokenKind::Newline;
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    const bool dumped = rest.empty() || rest.starts_with("#") || rest.starts_with("counter ") ||
                        rest.starts_with("xt ");
    if (name.empty() || (!in_rule && !dumped)) return false;
    add(TokenKind::XtName, at_ + kStart.size() + name.size(), name);
    return true;
  }

  bool continuation() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (is_blank(text_[end]) || text_[end] == '\r')) ++end;
    if (end < text_.size() && text_[end] != '\n') return false;
    if (end > at_ + 1 && text_[at_ + 1] != '\r') out_.continued_with_blanks = true;
    at_ = std::min(end + 1, text_.size());
    return true;
  }

  // nft's strings know no escapes. One that is not closed ends with its line, so that the rest of
  // the file is still read.
  void quoted() {
    const std::size_t line_end = std::min(text_.find('\n', at_), text_.size());
    const std::size_t close = text_.find('"', at_ + 1);
    if (close >= line_end) {
      add(TokenKind::Junk, line_end);
      return;
    }
    add(TokenKind::Quoted, close + 1, text_.substr(at_ + 1, close - at_ - 1));
  }

  void variable() {
    const std::string_view rest = text_.substr(at_ + 1);
    if (rest.starts_with("{")) {
      const std::size_t name = run(rest.substr(1), in_word);
      if (rest.substr(1 + name).starts_with("}"))
        return add(TokenKind::Variable, at_ + name + 3, rest.substr(1, name));
    }
    const std::size_t name = rest.empty() || !begins_word(rest.front()) ? 0 : variable_name(rest);
    if (name == 0) return add(TokenKind::Junk, at_ + 1);
    add(TokenKind::Variable, at_ + 1 + name, rest.substr(0, name));
  }

  // "$net/24" is the variable net, though a / may stand in a word.
  static std::size_t variable_name(std::string_view rest) {
    const std::size_t name = run(rest, in_word);
    return std::min(name, rest.find('/'));
  }

  bool bracketed_address() {
    const std::size_t length = ipv6_length(text_.substr(at_ + 1));
    const std::size_t close = at_ + 1 + length;
    if (length == 0 || close >= text_.size() || text_[close] != ']') return false;
    add(TokenKind::Word, close + 1, text_.substr(at_ + 1, length));
    return true;
  }

  void longest() {
    const std::string_view rest = text_.substr(at_);
    const char c = rest.front();
    std::size_t word = word_length(rest);
    if (is_hex(c) || c == ':') {
      word = std::max({word, ipv6_length(rest), mac_length(rest), ipv4_length(rest)});
      // Behind the / of a prefix stands a number, though "24:80" looks like a class.
      const bool prefix = at_ > 0 && text_[at_ - 1] == '/';
      if (!prefix) word = std::max({word, classid_length(rest), time_length(rest)});
    }
    const std::size_t number = number_length(rest);
    const std::size_t sign = punctuation(rest);
    if (word >= std::max(number, sign) && word > sign) {
      add(TokenKind::Word, at_ + odd_word(rest, word));
    } else if (number > 0) {
      const std::size_t odd = odd_word(rest, number);
      add(odd == number ? TokenKind::Number : TokenKind::Word, at_ + odd);
    } else if (c == ';') {
      add(TokenKind::Semicolon, at_ + 1);
    } else if (sign > 0) {
      add(TokenKind::Punct, at_ + sign);
    } else {
      add(TokenKind::Junk, at_ + 1);
    }
  }

  // "8021q" and the like: what begins with a digit and goes on with letters is one word.
  static std::size_t odd_word(std::string_view rest, std::size_t length) {
    if (!is_digit(rest.front()) || length >= rest.size()) return length;
    if (!is_letter(rest[length]) && rest[length] != '_') return length;
    return length + run(rest.substr(length), in_word);
  }

  static std::size_t punctuation(std::string_view rest) {
    constexpr std::array<std::string_view, 6> kTwo = {"==", "!=", "<=", ">=", "<<", ">>"};
    for (const std::string_view sign : kTwo) {
      if (rest.starts_with(sign)) return 2;
    }
    return std::string_view("{}()[],.:/-+*@=!<>&|^").find(rest.front()) != std::string_view::npos
               ? 1
               : 0;
  }

  const Text& input_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  Tokens out_;
};

}  // namespace

Tokens tokenize(const Text& text) { return Scanner(text).scan(); }

}  // namespace pktwalk::nft

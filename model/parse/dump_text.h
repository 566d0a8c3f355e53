// SPDX-License-Identifier: MIT
// What the readers of text dumps share: lines of words with their columns, shell prompts, numbers,
// devices, and messages about what was not understood.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "model/host/host.h"

namespace pktwalk::dump {

struct Word {
  std::string_view text;
  std::uint32_t column = 1;  // in bytes, from 1
};

// Words between blanks. A lone backslash, which `ip -o` writes for a line break, is left out, also
// when it clings to the word before.
std::vector<Word> split(std::string_view line);

// The command of a line that a shell prompt begins ("root@r1:~# ip route", "$ sudo ip rule",
// "# ip -6 route show table 5"), without sudo and path: "ip -6 route show table 5". Nothing when
// the line is no such line. A bare "# " counts as a prompt only before a command that prints dumps.
std::optional<std::string_view> shell_command(std::string_view line);

// Decimal or 0x number that fills the whole text.
std::optional<std::uint32_t> number(std::string_view text);
// Address, or "default"/"all"/"any" as length 0 of `family`.
std::optional<Prefix> prefix(std::string_view text, Family family);
// "2a02::1/64" or "10.0.0.1/8" with host bits kept; a bare address has the full length.
std::optional<Prefix> address_with_length(std::string_view text);
// Protocol name or number: "tcp", "47".
std::optional<std::uint8_t> protocol(std::string_view text);

// Reads a file line by line: skips empty lines, comments and prompts, keeps the command of the last
// prompt.
class Reader {
 public:
  Reader(Host& host, std::uint32_t file);

  bool next();
  const std::vector<Word>& words() const { return words_; }
  std::string_view line() const { return line_; }
  bool indented() const { return !line_.empty() && (line_[0] == ' ' || line_[0] == '\t'); }
  std::string_view command() const { return command_; }  // of the prompt above, or empty
  SourceLine at() const { return {file_, number_}; }

  // A warning about a word, or about the whole line.
  void warn(const Word& word, std::string what, std::string hint = {});
  void warn_line(std::string what, std::string hint = {});

 private:
  Host& host_;
  std::uint32_t file_;
  std::uint32_t number_ = 0;
  std::string_view line_;
  std::string_view command_;
  std::vector<Word> words_;
};

// The value of an option in the command of a prompt: option_of("ip route show table 5", "table") is
// "5".
std::string_view option_of(std::string_view command, std::string_view option);

// The device of this name. One that no dump of links has is added with an index of its own, so that
// the rest of the dump still means something.
IfIndex device(Host& host, std::string_view name, SourceLine at);

// local, main, default, a number, or a name from rt_tables; an unknown name gets a number of its
// own.
std::uint32_t table_number(Host& host, std::string_view name);

// Lower-case last part of a path, '_' as '-': what names say about empty files.
std::string plain_name(std::string_view path);
bool is_blank(std::string_view text);

// Whether the first meaningful lines of the text satisfy `test`; the score for
// HostFileDef::recognise().
int score_lines(std::string_view text, bool (*test)(std::string_view line), int sure);

// Removes from `all` those added since `first_new` whose key an earlier file brought already.
template <typename T, typename Key>
void drop_known(std::vector<T>& all, std::size_t first_new, Key&& key) {
  if (first_new == 0 || first_new == all.size()) return;
  std::unordered_set<std::string> known;
  for (std::size_t i = 0; i < first_new; ++i) known.insert(key(all[i]));
  std::size_t kept = first_new;
  for (std::size_t i = first_new; i < all.size(); ++i) {
    if (known.contains(key(all[i]))) continue;
    if (kept != i) all[kept] = std::move(all[i]);
    ++kept;
  }
  all.resize(kept);
}

}  // namespace pktwalk::dump

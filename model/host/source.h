// SPDX-License-Identifier: MIT
// The texts that the host was read from, kept so that every answer can point at the user's own
// line.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace pktwalk {

// A line of a loaded file. `file` indexes HostSources; `line` counts from 1; 0 means "not from a
// file".
struct SourceLine {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  bool known() const { return line != 0; }
  bool operator==(const SourceLine&) const = default;
};

struct SourceFile {
  std::string name;                   // as a person would type it: "host/iptables-save.txt"
  std::string text;                   // whole contents
  std::vector<std::uint32_t> starts;  // offset of each line
  std::string kind;                   // what it was recognised as: "iptables-save"

  std::string_view line(
      std::uint32_t number) const;  // without the newline and CR; empty when out of range
  std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts.size()); }
};

// Files in the order they were loaded. Addresses of files are stable: string_views into `text` stay
// valid.
class HostSources {
 public:
  std::uint32_t add(std::string name, std::string text);
  const SourceFile& file(std::uint32_t index) const { return files_[index]; }
  SourceFile& file(std::uint32_t index) { return files_[index]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(files_.size()); }
  std::string_view text(const SourceLine& at) const {
    return at.known() && at.file < files_.size() ? files_[at.file].line(at.line)
                                                 : std::string_view{};
  }

 private:
  std::deque<SourceFile> files_;
};

enum class Severity : std::uint8_t { Note, Warning, Error };

// A message about an input, to be printed as compilers do: file:line:column, the line, a caret.
struct Diagnostic {
  Severity severity = Severity::Warning;
  SourceLine at;
  std::uint32_t column = 0;  // from 1; 0: the whole line
  std::uint32_t length = 1;  // characters to underline
  std::string what;
  std::string hint;
};

// "host/x.txt:14:9: warning: what", the line, a caret line, and the hint; terminal control
// characters are shown as \xNN.
std::string to_string(const Diagnostic& diagnostic, const HostSources& sources);

}  // namespace pktwalk

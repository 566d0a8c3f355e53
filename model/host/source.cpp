// SPDX-License-Identifier: MIT
// The texts a host was read from, and messages about them.
#include "model/host/source.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/core/printable.h"

namespace pktwalk {
namespace {

// A line of JSON can be as long as its file: of a long line the part around the column is shown.
constexpr std::size_t kShownBefore = 60;
constexpr std::size_t kShownBytes = 160;

const char* word_of(Severity severity) {
  switch (severity) {
    case Severity::Note:
      return "note";
    case Severity::Warning:
      return "warning";
    case Severity::Error:
      return "error";
  }
  return "";
}

bool continues_character(char c) { return (static_cast<std::uint8_t>(c) & 0xc0) == 0x80; }

// The line and the caret line below it.
std::string excerpt(std::string_view line, std::size_t column, std::size_t length) {
  const std::size_t at = column == 0 ? 0 : std::min(column - 1, line.size());
  std::size_t begin = 0;
  if (line.size() > kShownBytes && at > kShownBefore) {
    begin = at - kShownBefore;
    while (begin < at && continues_character(line[begin])) ++begin;
  }
  std::size_t end = std::min(line.size(), begin + kShownBytes);
  while (end < line.size() && end > at && continues_character(line[end])) --end;
  const std::string_view head = begin > 0 ? "..." : "";
  const std::string_view tail = end < line.size() ? "..." : "";

  std::string out =
      fmt::format("    {}{}{}\n", head, printable(line.substr(begin, end - begin)), tail);
  if (column == 0) return out;
  const std::size_t before = head.size() + printable_width(line.substr(begin, at - begin));
  const std::size_t marked_end = std::min(end, at + std::max<std::size_t>(length, 1));
  const std::size_t marked =
      std::max<std::size_t>(printable_width(line.substr(at, std::max(marked_end, at) - at)), 1);
  out += fmt::format("    {:{}}^{:~>{}}\n", "", before, "", marked - 1);
  return out;
}

}  // namespace

std::string_view SourceFile::line(std::uint32_t number) const {
  if (number == 0 || number > starts.size()) return {};
  const std::size_t begin = starts[number - 1];
  std::size_t end = number < starts.size() ? starts[number] : text.size();
  if (end > begin && text[end - 1] == '\n') --end;
  if (end > begin && text[end - 1] == '\r') --end;
  return std::string_view(text).substr(begin, end - begin);
}

std::uint32_t HostSources::add(std::string name, std::string text) {
  SourceFile& file = files_.emplace_back();
  file.name = std::move(name);
  file.text = std::move(text);
  for (std::size_t at = 0; at < file.text.size();) {
    file.starts.push_back(static_cast<std::uint32_t>(at));
    const std::size_t newline = file.text.find('\n', at);
    if (newline == std::string::npos) break;
    at = newline + 1;
  }
  return static_cast<std::uint32_t>(files_.size() - 1);
}

std::string to_string(const Diagnostic& diagnostic, const HostSources& sources) {
  const SourceLine& at = diagnostic.at;
  const bool placed = at.known() && at.file < sources.size();
  std::string out;
  if (placed) {
    out += fmt::format("{}:{}:", printable(sources.file(at.file).name), at.line);
    if (diagnostic.column != 0) out += fmt::format("{}:", diagnostic.column);
    out += " ";
  }
  out += fmt::format("{}: {}\n", word_of(diagnostic.severity), printable(diagnostic.what));
  if (placed) out += excerpt(sources.text(at), diagnostic.column, diagnostic.length);
  if (!diagnostic.hint.empty()) out += fmt::format("    hint: {}\n", printable(diagnostic.hint));
  return out;
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// /etc/iproute2/rt_tables: names of routing tables.
#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

bool is_entry(std::string_view line) {
  const std::vector<dump::Word> words = dump::split(line.substr(0, 256));
  return words.size() == 2 && dump::number(words[0].text).has_value() &&
         !dump::number(words[1].text) &&
         words[1].text.find_first_of(":=/") == std::string_view::npos;
}

int recognise(std::string_view name, std::string_view text) {
  const bool named = dump::plain_name(name).find("rt-tables") != std::string::npos;
  if (dump::is_blank(text)) return named ? 50 : 0;
  // Other lists of a number and a word exist; the reserved values make it this one.
  const bool reserved = text.find("255") != std::string_view::npos &&
                        text.find("local") != std::string_view::npos &&
                        text.find("main") != std::string_view::npos;
  if (!named && !reserved) return 0;
  return dump::score_lines(
      text,
      [](std::string_view line) {
        return line.find('#') != std::string_view::npos || is_entry(line);
      },
      75);
}

void parse(Host& host, std::uint32_t file) {
  dump::Reader in(host, file);
  while (in.next()) {
    if (is_entry(in.line())) {
      host.table_names[*dump::number(in.words()[0].text)] = std::string(in.words()[1].text);
    } else {
      in.warn_line("a number and a name are expected");
    }
  }
}

}  // namespace

extern const HostFileDef parse_rt_tables;
const HostFileDef parse_rt_tables{
    .kind = "rt_tables", .order = 5, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

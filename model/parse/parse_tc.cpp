// SPDX-License-Identifier: MIT
// `tc qdisc`, `tc class show`, `tc filter show`: known for what they are. Queues that can neither
// drop by rule nor change a packet are silent.
//
// Differs: queueing disciplines, classes and filters are not walked yet
#include <algorithm>
#include <array>

#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

using dump::Word;

// Words of a line from "qdisc", "class" or "filter" on: collected dumps of several devices have
// "dev eth0 egress" before them.
std::vector<Word> tc_words(std::string_view line) {
  std::vector<Word> words = dump::split(line.substr(0, 512));
  if (words.size() > 2 && words[0].text == "dev") {
    const bool direction = words[2].text == "ingress" || words[2].text == "egress";
    words.erase(words.begin(), words.begin() + (direction ? 3 : 2));
  }
  return words;
}

bool is_tc_line(std::string_view line) {
  const std::vector<Word> words = tc_words(line);
  if (words.size() < 3) return false;
  if (words[0].text == "qdisc") return words[2].text.back() == ':';
  if (words[0].text == "class") return words[2].text.find(':') != std::string_view::npos;
  return words[0].text == "filter" && std::any_of(words.begin(), words.end(), [](const Word& w) {
           return w.text == "protocol" || w.text == "pref";
         });
}

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text)) return dump::plain_name(name).starts_with("tc") ? 50 : 0;
  return dump::score_lines(text, is_tc_line, 85);
}

// Queues of a device that nobody configured, or that only hold packets back.
bool is_plain_queue(std::string_view kind) {
  constexpr std::array<std::string_view, 8> kPlain = {"noqueue", "pfifo_fast", "mq",    "fq_codel",
                                                      "fq",      "pfifo",      "bfifo", "noop"};
  return std::find(kPlain.begin(), kPlain.end(), kind) != kPlain.end();
}

void parse(Host& host, std::uint32_t file) {
  dump::Reader in(host, file);
  while (in.next()) {
    if (!is_tc_line(in.line())) continue;  // statistics and details below a line
    if (in.words()[0].text == "qdisc" && is_plain_queue(in.words()[1].text)) continue;
    const std::string what =
        std::string(in.words()[0].text) + " " + std::string(in.words()[1].text);
    in.warn_line("traffic control (" + what + "): not walked yet");
    return;
  }
}

}  // namespace

extern const HostFileDef parse_tc;
const HostFileDef parse_tc{.kind = "tc", .order = 85, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// `ip maddr`: the multicast groups that devices joined.
#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

using dump::Word;

// "2:      eth0"
bool is_device(const std::vector<Word>& words) {
  return words.size() == 2 && words[0].text.size() > 1 && words[0].text.back() == ':' &&
         dump::number(words[0].text.substr(0, words[0].text.size() - 1)).has_value();
}

bool is_group(const std::vector<Word>& words) {
  if (words.size() < 2) return false;
  if (words[0].text == "link") return MacAddr::parse(words[1].text).has_value();
  if (words[0].text != "inet" && words[0].text != "inet6") return false;
  return words[1].text.find('/') == std::string_view::npos &&
         IpAddr::parse(words[1].text).has_value();
}

bool is_maddr_line(std::string_view line) {
  const std::vector<Word> words = dump::split(line.substr(0, 256));
  return is_device(words) || is_group(words);
}

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text)) {
    return dump::plain_name(name).find("ip-maddr") != std::string::npos ? 50 : 0;
  }
  return dump::score_lines(text, is_maddr_line, 95);
}

void parse(Host& host, std::uint32_t file) {
  host.has_groups = true;
  dump::Reader in(host, file);
  IfIndex dev = IfIndex::None;
  while (in.next()) {
    const std::vector<Word>& words = in.words();
    if (is_device(words)) {
      dev = dump::device(host, words[1].text, in.at());
    } else if (dev != IfIndex::None && is_group(words)) {
      if (words[0].text == "link") continue;
      host.groups.push_back({dev, *IpAddr::parse(words[1].text), in.at()});
    } else {
      in.warn_line("this line of ip maddr is not understood");
    }
  }
}

}  // namespace

extern const HostFileDef parse_ip_maddr;
const HostFileDef parse_ip_maddr{
    .kind = "ip maddr", .order = 42, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

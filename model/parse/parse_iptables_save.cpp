// SPDX-License-Identifier: MIT
// iptables-save, ip6tables-save: rulesets as the tools of the host print them.
//
// Kernel: none; the text is that of iptables 1.8.9, older ones and iptables-nft.
// Differs: nothing known.
#include <string_view>

#include "model/netfilter/xtables/dump_blocks.h"
#include "model/netfilter/xtables/table_loader.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

// What speaks for and against a dump of iptables, line by line.
struct Signs {
  bool banner = false, other_tool = false, table = false, commit = false, chain = false;
};

Signs read_signs(std::string_view text) {
  Signs signs;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.starts_with('#')) {
      const xt::Banner::Tool tool = xt::read_banner(line).tool;
      if (tool == xt::Banner::Tool::Other) signs.other_tool = true;
      if (tool == xt::Banner::Tool::Iptables || tool == xt::Banner::Tool::Ip6tables) {
        signs.banner = true;
      }
    } else if (line == "*filter" || line == "*nat" || line == "*mangle" || line == "*raw" ||
               line == "*security") {
      signs.table = true;
    } else if (line == "COMMIT") {
      signs.commit = true;
    } else if (line.starts_with(':') && (line.find(" ACCEPT") != std::string_view::npos ||
                                         line.find(" DROP") != std::string_view::npos)) {
      signs.chain = true;
    }
  }
  return signs;
}

int recognise(std::string_view name, std::string_view text) {
  const Signs signs = read_signs(text);
  if (signs.banner) return 100;
  if (signs.other_tool) return 0;
  if (signs.table && signs.commit) return 90;
  if (signs.table && signs.chain) return 40;  // ebtables-save looks like this too
  const bool blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (blank && name.find("tables-save") != std::string_view::npos) return 50;
  return 0;
}

void parse(Host& host, std::uint32_t file) {
  const bool blank = host.sources.file(file).text.find_first_not_of(" \t\r\n") == std::string::npos;
  if (blank) {  // "nothing is configured"
    const Family family = xt::family_of_name(host.sources.file(file).name);
    std::unique_ptr<xt::Ruleset>& ruleset = family == Family::Ipv6 ? host.ip6tables : host.iptables;
    if (ruleset == nullptr) ruleset = std::make_unique<xt::Ruleset>();
    ruleset->family = family == Family::Ipv6 ? Family::Ipv6 : Family::Ipv4;
    ruleset->loaded = true;
    return;
  }
  xt::load_dump(host, file);
}

}  // namespace

extern const HostFileDef parse_iptables_save;
const HostFileDef parse_iptables_save{
    .kind = "iptables-save", .order = 120, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

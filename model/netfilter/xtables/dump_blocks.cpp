// SPDX-License-Identifier: MIT
// Finds the tables in a text of iptables-save and tells iptables from ip6tables.
//
// Kernel: none.
// Differs: nothing known.
#include "model/netfilter/xtables/dump_blocks.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include "model/netfilter/extension.h"

namespace pktwalk::xt {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What the argument of an option says for sure.
Family sure_family(std::string_view option, std::string_view argument) {
  if (is_one_of(option, {"-s", "-d", "--source", "--destination", "--src", "--dst", "--to-source",
                         "--to-destination", "--to", "--src-range", "--dst-range", "--ctorigsrc",
                         "--ctorigdst", "--on-ip", "--gateway"})) {
    if (std::count(argument.begin(), argument.end(), ':') >= 2) return Family::Ipv6;
    if (std::count(argument.begin(), argument.end(), '.') >= 3) return Family::Ipv4;
  }
  if (option == "-m") {
    if (is_one_of(argument, {"icmp6", "icmpv6", "hl", "eui64", "rt", "frag", "hbh", "dst", "mh",
                             "ipv6header"})) {
      return Family::Ipv6;
    }
    if (is_one_of(argument, {"icmp", "ttl", "realm"})) return Family::Ipv4;
  }
  if (option == "-j") {
    if (is_one_of(argument, {"HL", "DNPT", "SNPT"})) return Family::Ipv6;
    if (is_one_of(argument, {"TTL", "CLUSTERIP", "ULOG"})) return Family::Ipv4;
  }
  if (option == "--reject-with") {
    if (argument.starts_with("icmp6-")) return Family::Ipv6;
    if (argument.starts_with("icmp-")) return Family::Ipv4;
  }
  return Family::Unspec;
}

// What it only suggests: either tool takes either protocol.
Family likely_family(std::string_view option, std::string_view argument) {
  if (option != "-p" && option != "--protocol") return Family::Unspec;
  if (is_one_of(argument, {"icmp6", "icmpv6", "ipv6-icmp", "58"})) return Family::Ipv6;
  if (is_one_of(argument, {"icmp", "1"})) return Family::Ipv4;
  return Family::Unspec;
}

std::string_view table_of(std::string_view line) {
  line = trimmed(line).substr(1);
  return line.substr(0, line.find_first_of(" \t"));
}

// The families of the blocks that speak. Where only suggestions are to be had, the file's name
// outweighs them.
std::vector<Family> settled(const SourceFile& file, const std::vector<FamilyHint>& hints) {
  const bool any_sure =
      std::any_of(hints.begin(), hints.end(), [](const FamilyHint& hint) { return hint.sure; });
  const Family named = family_of_name(file.name);
  std::vector<Family> families;
  for (const FamilyHint& hint : hints) {
    const bool trusted = hint.sure || (!any_sure && named == Family::Unspec);
    families.push_back(trusted ? hint.family : Family::Unspec);
  }
  return families;
}

// Blocks that say nothing follow the block before them, the first ones the first that speaks. Where
// both families speak, a table that its family has already is the other family's.
void settle_families(const SourceFile& file, std::vector<DumpBlock>& blocks,
                     const std::vector<Family>& spoken) {
  const auto first =
      std::find_if(spoken.begin(), spoken.end(), [](Family f) { return f != Family::Unspec; });
  Family family = first != spoken.end() ? *first : family_of_name(file.name);
  if (family == Family::Unspec) family = Family::Ipv4;
  const auto speaks = [&](Family f) {
    return std::find(spoken.begin(), spoken.end(), f) != spoken.end();
  };
  const bool both = speaks(Family::Ipv4) && speaks(Family::Ipv6);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto taken = [&](Family f) {
      const std::string_view name = table_of(file.line(blocks[i].first_line));
      return std::any_of(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(i),
                         [&](const DumpBlock& block) {
                           return block.family == f &&
                                  table_of(file.line(block.first_line)) == name;
                         });
    };
    if (spoken[i] != Family::Unspec) {
      family = spoken[i];
    } else if (both && taken(family)) {
      const Family other = family == Family::Ipv4 ? Family::Ipv6 : Family::Ipv4;
      if (!taken(other)) family = other;
    }
    blocks[i].family = family;
  }
}

}  // namespace

FamilyHint family_of_line(std::string_view line) {
  FamilyHint hint;
  if (line.find("-A ") == std::string_view::npos && line.find("-I ") == std::string_view::npos &&
      line.find("--append ") == std::string_view::npos) {
    return hint;
  }
  const Result<std::vector<Word>> words = split_words(line);
  if (!words) return hint;
  for (std::size_t i = 0; i + 1 < words->size(); ++i) {
    const Word& option = (*words)[i];
    if (option.quoted || option.text.empty() || option.text[0] != '-') continue;
    std::size_t argument = i + 1;
    if ((*words)[argument].text == "!" && argument + 1 < words->size()) ++argument;
    const std::string& value = (*words)[argument].text;
    const Family family = option.text == "-f" ? Family::Ipv4 : sure_family(option.text, value);
    if (family != Family::Unspec) return {.family = family, .sure = true};
    if (hint.family == Family::Unspec) hint.family = likely_family(option.text, value);
  }
  return hint;
}

Family family_of_name(std::string_view name) {
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  if (name.find("ip6tables") != std::string_view::npos) return Family::Ipv6;
  if (name.find("v6") != std::string_view::npos) return Family::Ipv6;
  if (name.find("iptables") != std::string_view::npos) return Family::Ipv4;
  if (name.find("v4") != std::string_view::npos) return Family::Ipv4;
  return Family::Unspec;
}

Banner read_banner(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with('#')) return {};
  const std::size_t at = line.find("Generated by ");
  if (at == std::string_view::npos) return {};
  std::string_view tool = line.substr(at + 13);
  tool = tool.substr(0, tool.find(' '));
  if (tool.find("tables") == std::string_view::npos || !tool.ends_with("-save")) return {};
  Banner banner{.tool = Banner::Tool::Other, .nft = tool.find("-nft") != std::string_view::npos};
  if (tool.starts_with("ip6tables")) banner.tool = Banner::Tool::Ip6tables;
  if (tool.starts_with("iptables")) banner.tool = Banner::Tool::Iptables;
  return banner;
}

std::vector<DumpBlock> find_dump_blocks(const SourceFile& file) {
  std::vector<DumpBlock> blocks;
  std::vector<FamilyHint> hints;  // what each block's banner or its rules say
  Family banner = Family::Unspec;
  bool open = false;
  for (std::uint32_t number = 1; number <= file.line_count(); ++number) {
    const std::string_view line = trimmed(file.line(number));
    if (const Banner found = read_banner(line); found.tool != Banner::Tool::None) {
      banner = found.tool == Banner::Tool::Ip6tables ? Family::Ipv6 : Family::Ipv4;
      open = false;
    } else if (line.starts_with('*')) {
      blocks.push_back({.first_line = number, .last_line = number});
      hints.push_back({.family = banner, .sure = banner != Family::Unspec});
      open = true;
    } else if (open) {
      DumpBlock& block = blocks.back();
      if (!line.empty()) block.last_line = number;
      block.committed = line == "COMMIT";
      open = !block.committed;
      if (hints.back().sure) continue;
      const FamilyHint hint = family_of_line(line);
      if (hint.sure || hints.back().family == Family::Unspec) hints.back() = hint;
    }
  }
  settle_families(file, blocks, settled(file, hints));
  return blocks;
}

}  // namespace pktwalk::xt

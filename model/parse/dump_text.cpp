// SPDX-License-Identifier: MIT
// Lines and words of text dumps.
#include "model/parse/dump_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace pktwalk::dump {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Programs whose output is a dump: after a bare "# " only these make a line a prompt.
constexpr std::array<std::string_view, 14> kTools = {
    "ip",       "ss",        "netstat",       "sysctl",
    "iptables", "ip6tables", "iptables-save", "ip6tables-save",
    "nft",      "ipset",     "conntrack",     "tc",
    "route",    "cat"};

bool is_tool(std::string_view word) {
  return std::find(kTools.begin(), kTools.end(), word) != kTools.end();
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, std::min(text.find_first_of(" \t"), text.size()));
}

// Without "sudo" and the path of the program.
std::string_view bare_command(std::string_view text) {
  text = trimmed(text);
  if (first_word(text) == "sudo") text = trimmed(text.substr(4));
  const std::string_view program = first_word(text);
  const std::size_t slash = program.rfind('/');
  if (program.starts_with('/') && slash != std::string_view::npos) text.remove_prefix(slash + 1);
  return text;
}

// The end of "user@host:dir# ", "[user@host dir]$ ", "bash$ ", "bash-5.1# " at the line's
// beginning; 0: no prompt with a name.
std::size_t named_prompt(std::string_view line) {
  const std::size_t end = line.find_first_of("#$");
  if (end == std::string_view::npos || end == 0) return 0;
  if (end + 1 < line.size() && !blank(line[end + 1]) && line[end - 1] != ']') return 0;
  const std::string_view name = line.substr(0, end);
  if (name.front() == '[') return name.back() == ']' ? end + 1 : 0;
  const std::size_t at_sign = name.find('@');
  const bool user_at_host = at_sign != std::string_view::npos && at_sign > 0 &&
                            name.substr(0, at_sign).find_first_of(" \t") == std::string_view::npos;
  return user_at_host || name.starts_with("bash") ? end + 1 : 0;
}

}  // namespace

std::vector<Word> split(std::string_view line) {
  std::vector<Word> words;
  for (std::size_t i = 0; i < line.size();) {
    if (blank(line[i]) || (line[i] == '\\' && (i + 1 == line.size() || blank(line[i + 1])))) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < line.size() && !blank(line[end])) ++end;
    std::string_view text = line.substr(i, end - i);
    if (text.size() > 1 && text.back() == '\\') text.remove_suffix(1);
    words.push_back({text, static_cast<std::uint32_t>(i + 1)});
    i = end;
  }
  return words;
}

std::optional<std::string_view> shell_command(std::string_view line) {
  line = trimmed(line);
  if (const std::size_t end = named_prompt(line); end != 0) return bare_command(line.substr(end));
  if (line.size() > 2 && (line[0] == '#' || line[0] == '$') && line[1] == ' ') {
    const std::string_view command = bare_command(line.substr(2));
    if (is_tool(first_word(command))) return command;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

std::optional<Prefix> prefix(std::string_view text, Family family) {
  if (text == "default" || text == "all" || text == "any") {
    return Prefix{IpAddr::mask(family, 0), 0};
  }
  std::optional<Prefix> found = Prefix::parse(text);
  if (found) found->addr = found->addr & IpAddr::mask(found->addr.family(), found->length);
  return found;
}

std::optional<Prefix> address_with_length(std::string_view text) {
  const std::optional<Prefix> net = Prefix::parse(text);
  if (!net) return std::nullopt;
  const std::optional<IpAddr> addr = IpAddr::parse(text.substr(0, text.find('/')));
  return Prefix{*addr, net->length};
}

std::optional<std::uint8_t> protocol(std::string_view text) {
  struct Name {
    std::string_view text;
    std::uint8_t value;
  };
  constexpr std::array<Name, 18> kNames = {{{"icmp", 1},
                                            {"igmp", 2},
                                            {"ipip", 4},
                                            {"ipencap", 4},
                                            {"tcp", 6},
                                            {"udp", 17},
                                            {"dccp", 33},
                                            {"ipv6", 41},
                                            {"rsvp", 46},
                                            {"gre", 47},
                                            {"esp", 50},
                                            {"ah", 51},
                                            {"ipv6-icmp", 58},
                                            {"icmpv6", 58},
                                            {"ospf", 89},
                                            {"pim", 103},
                                            {"sctp", 132},
                                            {"udplite", 136}}};
  for (const Name& name : kNames) {
    if (name.text == text) return name.value;
  }
  const std::optional<std::uint32_t> value = number(text);
  if (!value || *value > 255) return std::nullopt;
  return static_cast<std::uint8_t>(*value);
}

Reader::Reader(Host& host, std::uint32_t file) : host_(host), file_(file) {}

bool Reader::next() {
  const SourceFile& source = host_.sources.file(file_);
  while (number_ < source.line_count()) {
    line_ = source.line(++number_);
    if (const auto command = shell_command(line_)) {
      command_ = *command;
      continue;
    }
    words_ = split(line_);
    if (words_.empty() || words_[0].text.starts_with('#')) continue;
    return true;
  }
  return false;
}

void Reader::warn(const Word& word, std::string what, std::string hint) {
  host_.diagnostics.push_back({.severity = Severity::Warning,
                               .at = at(),
                               .column = word.column,
                               .length = static_cast<std::uint32_t>(word.text.size()),
                               .what = std::move(what),
                               .hint = std::move(hint)});
}

void Reader::warn_line(std::string what, std::string hint) {
  if (words_.empty()) return;
  Word whole = words_.front();
  const Word& last = words_.back();
  whole.text = line_.substr(whole.column - 1, last.column - whole.column + last.text.size());
  warn(whole, std::move(what), std::move(hint));
}

std::string_view option_of(std::string_view command, std::string_view option) {
  const std::vector<Word> words = split(command);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i].text == option) return words[i + 1].text;
  }
  return {};
}

IfIndex device(Host& host, std::string_view name, SourceLine at) {
  if (const Link* link = host.link(name)) return link->index;
  // Far above the indices of real devices, which count from 1.
  constexpr std::uint32_t kFirstInvented = 0x40000000;
  std::uint32_t index = kFirstInvented;
  for (const Link& link : host.links) {
    index = std::max(index, static_cast<std::uint32_t>(link.index) + 1);
  }
  Link link;
  link.index = static_cast<IfIndex>(std::max(index, kFirstInvented));
  link.name = std::string(name);
  link.loopback = name == "lo";
  link.mtu = link.loopback ? 65536 : 1500;
  link.at = at;
  host.links.push_back(std::move(link));
  return host.links.back().index;
}

std::uint32_t table_number(Host& host, std::string_view name) {
  if (const std::optional<std::uint32_t> value = number(name)) return *value;
  for (const auto& [known, text] : host.table_names) {
    if (text == name) return known;
  }
  if (name == "local") return kTableLocal;
  if (name == "main") return kTableMain;
  if (name == "default") return kTableDefault;
  // A name from the host's rt_tables, which was not given: its number does not matter, as long as
  // rules and routes mean the same table by it.
  constexpr std::uint32_t kFirstInvented = 0xf0000000;
  std::uint32_t invented = kFirstInvented;
  if (!host.table_names.empty()) {
    invented = std::max(invented, host.table_names.rbegin()->first + 1);
  }
  host.table_names.emplace(invented, std::string(name));
  return invented;
}

std::string plain_name(std::string_view path) {
  std::string name(path.substr(path.find_last_of('/') + 1));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = '-';
  }
  return name;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

int score_lines(std::string_view text, bool (*test)(std::string_view line), int sure) {
  // Dumps begin with what they are; a few foreign lines (a banner, an error of the tool) may stand
  // before it.
  constexpr int kLinesLookedAt = 12;
  int looked = 0;
  int good = 0;
  while (!text.empty() && looked < kLinesLookedAt) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_blank(line) || shell_command(line)) continue;
    if (line.size() > 4096) line = line.substr(0, 4096);
    ++looked;
    if (test(line)) ++good;
  }
  if (good == 0) return 0;
  return good * 2 >= looked ? sure : std::max(1, sure * good / (looked * 2));
}

}  // namespace pktwalk::dump

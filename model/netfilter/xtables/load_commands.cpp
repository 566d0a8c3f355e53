// SPDX-License-Identifier: MIT
// Rules as commands: the output of `iptables -S`, and the commands that people type or keep in a
// script.
//
// Only plain commands are followed. What a shell would do to them, variables and decisions, is not
// known here; such a line is an error of its own.
//
// Kernel: none; the commands have the effect that iptables 1.8.9 gives them.
// Differs: nothing known.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <vector>

#include "model/netfilter/xtables/base_chains.h"
#include "model/netfilter/xtables/dump_blocks.h"
#include "model/netfilter/xtables/table_loader.h"

namespace pktwalk::xt {
namespace {

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 10> kTools = {
    "iptables",     "ip6tables",     "iptables-legacy", "ip6tables-legacy",
    "iptables-nft", "ip6tables-nft", "$IPTABLES",       "$IP6TABLES",
    "$IPT",         "$IPT6"};
constexpr std::array<std::string_view, 13> kDecisions = {"if",   "then",  "else",    "elif", "fi",
                                                         "for",  "while", "until",   "do",   "done",
                                                         "case", "esac",  "function"};
constexpr std::array<std::string_view, 8> kShows = {
    "-L", "-S", "-V", "-h", "--list", "--list-rules", "--version", "--help"};

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// "iptables" of "/sbin/iptables" and of "${IPTABLES}"; empty when the word is no such tool.
std::string tool_of(std::string_view word) {
  std::string name(last_part(word));
  std::erase_if(name, [](char c) { return c == '{' || c == '}'; });
  return one_of(std::string_view(name), kTools) ? name : std::string{};
}

// What may stand before the tool: a prompt, sudo.
bool is_prelude(std::string_view word) {
  return word == "sudo" || word.find('@') != std::string_view::npos || word.ends_with('#') ||
         word.ends_with('$') || word.ends_with('>') || word.ends_with('%');
}

// Where the tool stands; nothing when the line is no command of it.
std::optional<std::size_t> find_tool(const std::vector<Word>& words) {
  for (std::size_t i = 0; i < words.size() && i < 5; ++i) {
    if (!tool_of(words[i].text).empty()) return i;
    if (!is_prelude(words[i].text)) break;
  }
  return std::nullopt;
}

bool is_listed_command(std::string_view line) {
  return line.starts_with("-P ") || line.starts_with("-N ") || line.starts_with("-A ");
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The table that has just these base chains; filter for those of security.
std::string table_with(const std::set<std::string>& chains) {
  for (const char* const table : {"filter", "nat", "raw", "mangle"}) {
    std::size_t count = 0;
    for (const char* const chain : {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}) {
      if (base_chain_hook(table, chain)) ++count;
    }
    const bool has_all = std::all_of(chains.begin(), chains.end(), [&](const std::string& chain) {
      return base_chain_hook(table, chain).has_value();
    });
    if (has_all && count == chains.size()) return table;
  }
  return "filter";
}

class CommandLoader {
 public:
  CommandLoader(Host& host, std::uint32_t file)
      : load_{.host = host, .file = file, .shared_slots = {}}, source_(host.sources.file(file)) {}

  void run() {
    for (std::uint32_t number = 1; number <= source_.line_count(); ++number) read_line(number);
    for (std::unique_ptr<TableBuilder>& table : tables_) add_table(load_, table->finish());
  }

 private:
  void read_line(std::uint32_t number);
  void read_command(std::uint32_t number, std::vector<Word> words, const std::string& tool);
  bool take_shell_out(std::uint32_t number, std::vector<Word>& words);
  void read_listed(std::uint32_t number, std::vector<Word> words);
  void begin_listing(std::uint32_t number);
  std::size_t table(Family family, const std::string& name, std::uint32_t number);

  LoadContext load_;
  const SourceFile& source_;
  std::vector<std::unique_ptr<TableBuilder>> tables_;
  bool in_policies_ = false;  // of `iptables -S`: the lines -P with which a table begins
  std::size_t listed_ = 0;    // the table they belong to
};

std::size_t CommandLoader::table(Family family, const std::string& name, std::uint32_t number) {
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    if (tables_[i]->family() == family && tables_[i]->name() == name) return i;
  }
  tables_.push_back(std::make_unique<TableBuilder>(load_, name, family, number));
  for (const char* const chain : {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}) {
    if (base_chain_hook(name, chain)) {
      tables_.back()->chain_line(number, fmt::format(":{} ACCEPT [0:0]", chain));
    }
  }
  return tables_.size() - 1;
}

// Takes off what belongs to the shell. False: the line cannot be followed, and that was said.
bool CommandLoader::take_shell_out(std::uint32_t number, std::vector<Word>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& text = words[i].text;
    const bool ends = !words[i].quoted && (text == "||" || text == "&&" || text == ";" ||
                                           text == "|" || text[0] == '#' || text[0] == '>' ||
                                           text.starts_with("2>") || text.starts_with("&>"));
    if (ends) {
      words.resize(i);
      return true;
    }
    if (const std::size_t end = text.find(';'); !words[i].quoted && end != std::string::npos) {
      words[i].text.resize(end);  // "MASQUERADE; echo done"
      words.resize(i + 1);
    }
    if (text.find('$') == std::string::npos && text.find('`') == std::string::npos) continue;
    load_.report(Severity::Error, number, words[i].column,
                 fmt::format("what the shell puts in place of \"{}\" is not known here", text),
                 "save the rules with iptables-save");
    return false;
  }
  return true;
}

void CommandLoader::read_command(std::uint32_t number, std::vector<Word> words,
                                 const std::string& tool) {
  if (!take_shell_out(number, words)) return;
  std::string table_name = "filter";
  std::vector<Word> kept;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& text = words[i].text;
    if (!words[i].quoted && (text == "-t" || text == "--table") && i + 1 < words.size()) {
      table_name = words[++i].text;
    } else if (!words[i].quoted && text.starts_with("--table=")) {
      table_name = text.substr(8);
    } else if (kept.empty() && (text == "-w" || text == "-v" || text == "-n" || text == "--wait" ||
                                text[0] != '-')) {
      continue;  // before the command: -w 5 and the like
    } else {
      kept.push_back(words[i]);
    }
  }
  if (kept.empty() || one_of(std::string_view(kept.front().text), kShows)) return;
  const bool six = tool.starts_with("ip6") || tool.find('6') != std::string::npos;
  const std::size_t at = table(six ? Family::Ipv6 : Family::Ipv4, table_name, number);
  tables_[at]->command(number, source_.line(number), kept, 0, std::nullopt);
}

// The first -P of a listing: which chains follow tells the table, which addresses the family.
void CommandLoader::begin_listing(std::uint32_t number) {
  std::set<std::string> chains;
  Family family = family_of_name(source_.name);
  bool sure = false;
  bool policies = true;
  for (std::uint32_t n = number; n <= source_.line_count(); ++n) {
    const std::string_view line = trimmed(source_.line(n));
    if (!is_listed_command(line)) {
      if (line.empty()) continue;
      break;
    }
    const bool policy = line.starts_with("-P ");
    if (policy && !policies) break;
    policies = policy;
    if (policy) chains.emplace(line.substr(3, line.find(' ', 3) - 3));
    const FamilyHint hint = family_of_line(line);
    if (sure || hint.family == Family::Unspec) continue;
    if (hint.sure || family == Family::Unspec) family = hint.family;
    sure = hint.sure;
  }
  const std::string name = table_with(chains);
  listed_ = table(family == Family::Ipv6 ? Family::Ipv6 : Family::Ipv4, name, number);
  load_.report(Severity::Warning, number, 0,
               fmt::format("a listing of `iptables -S` does not name its table: taken as {}", name),
               "iptables-save tells, and has all tables");
}

void CommandLoader::read_listed(std::uint32_t number, std::vector<Word> words) {
  const bool policy = words.front().text == "-P";
  if (tables_.empty() || (policy && !in_policies_)) begin_listing(number);
  in_policies_ = policy;
  tables_[listed_]->command(number, source_.line(number), words, 0, std::nullopt);
}

void CommandLoader::read_line(std::uint32_t number) {
  const std::string_view whole = source_.line(number);
  const std::string_view line = trimmed(whole);
  if (line.empty()) return;
  Result<std::vector<Word>> words = split_words(whole, source_.name, number);
  if (is_listed_command(line)) {
    if (!words) return load_.report(words.error(), number);
    return read_listed(number, *std::move(words));
  }
  const std::optional<std::size_t> at = words ? find_tool(*words) : std::nullopt;
  if (!at) {
    if (line.front() == '#') return;
    if (!words) return load_.report(words.error(), number);
    if (one_of(std::string_view(words->front().text), kDecisions)) {
      return load_.report(Severity::Error, number, words->front().column,
                          "what a script decides is not followed",
                          "save the rules with iptables-save");
    }
    return load_.report(Severity::Warning, number, words->front().column,
                        "this line is no command of iptables: passed over");
  }
  const std::string tool = tool_of((*words)[*at].text);
  words->erase(words->begin(), words->begin() + static_cast<std::ptrdiff_t>(*at) + 1);
  read_command(number, *std::move(words), tool);
}

}  // namespace

int score_commands(std::string_view text) {
  std::size_t commands = 0;
  std::size_t others = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    if (line.empty() || line.size() > 4096) continue;
    if (line.starts_with('*')) return 0;  // iptables-save
    const Result<std::vector<Word>> words = split_words(line);
    const std::optional<std::size_t> at = words ? find_tool(*words) : std::nullopt;
    const bool command = at && *at + 1 < words->size();
    if (command || is_listed_command(line)) {
      ++commands;
    } else if (line.front() != '#') {
      ++others;
    }
  }
  return commands > 0 && commands >= 3 * others ? 60 : 0;
}

void load_commands(Host& host, std::uint32_t file) {
  if (host.initial == nullptr) host.initial = std::make_unique<State>();
  CommandLoader(host, file).run();
}

}  // namespace pktwalk::xt

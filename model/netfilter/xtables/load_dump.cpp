// SPDX-License-Identifier: MIT
// A text of iptables-save as people have them: several dumps in one file, with shell prompts, with
// carriage returns, without a last newline.
//
// Kernel: none.
// Differs: nothing known.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/netfilter/xtables/dump_blocks.h"
#include "model/netfilter/xtables/table_loader.h"

namespace pktwalk::xt {
namespace {

std::string_view tool_name(Family family) {
  return family == Family::Ipv6 ? "ip6tables" : "iptables";
}

// Extensions that make the kernel track connections, for those that are not modelled.
bool tracks_connections(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "state",   "conntrack", "connmark", "connbytes", "connlabel",   "connlimit", "helper",
      "cluster", "CONNMARK",  "CT",       "SYNPROXY",  "CONNSECMARK", "BALANCE",   "SAME"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool needs_conntrack(const Rule& rule) {
  for (const Rule::NamedMatch& match : rule.matches) {
    if (match.def != nullptr ? match.def->needs_conntrack : tracks_connections(match.name)) {
      return true;
    }
  }
  if (rule.target_def != nullptr) {
    return rule.target_def->needs_conntrack &&
           (rule.target == nullptr || rule.target->registers_conntrack());
  }
  return rule.jump == nullptr && tracks_connections(rule.action);
}

// Extensions that look up sockets want whole packets (nf_defrag_ipv4_enable()).
bool needs_whole_packets(const Rule& rule) {
  return rule.action == "TPROXY" ||
         std::any_of(rule.matches.begin(), rule.matches.end(),
                     [](const Rule::NamedMatch& match) { return match.name == "socket"; });
}

void settle_uses(Ruleset& ruleset) {
  const auto any_rule = [&](bool (*holds)(const Rule&)) {
    for (const std::unique_ptr<Table>& table : ruleset.tables) {
      for (const std::unique_ptr<Chain>& chain : table->chains) {
        if (std::any_of(chain->rules.begin(), chain->rules.end(), holds)) return true;
      }
    }
    return false;
  };
  ruleset.uses_nat = ruleset.table("nat") != nullptr;
  ruleset.uses_conntrack = any_rule(needs_conntrack);
  ruleset.uses_defrag = ruleset.uses_conntrack || any_rule(needs_whole_packets);
}

class DumpLoader {
 public:
  DumpLoader(Host& host, std::uint32_t file)
      : load_{.host = host, .file = file, .shared_slots = {}}, source_(host.sources.file(file)) {}

  void run();

 private:
  void load_block(const DumpBlock& block);
  void block_line(TableBuilder& table, std::uint32_t number);
  void outside_line(std::uint32_t number);
  void comment_line(std::uint32_t number, std::string_view line);
  void check_line_ends();

  LoadContext load_;
  const SourceFile& source_;
};

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void DumpLoader::check_line_ends() {
  if (const std::size_t cr = source_.text.find("\r\n"); cr != std::string::npos) {
    const auto line = std::count(source_.text.begin(),
                                 source_.text.begin() + static_cast<std::ptrdiff_t>(cr), '\n');
    load_.report(Severity::Warning, static_cast<std::uint32_t>(line + 1), 0,
                 "lines end in CR LF: the CR is ignored");
  }
  if (!source_.text.empty() && source_.text.back() != '\n') {
    load_.report(Severity::Warning, source_.line_count(), 0,
                 "the last line has no newline: the file may have been cut");
  }
}

void DumpLoader::comment_line(std::uint32_t number, std::string_view line) {
  if (read_banner(line).nft && !load_.host.iptables_nft) {
    load_.host.iptables_nft = true;
    load_.report(Severity::Note, number, 0,
                 "saved by iptables-nft: the rules are walked as iptables rules");
  }
  if (line.find("Warning: ") != std::string_view::npos &&
      line.find("tables present, use ") != std::string_view::npos) {
    load_.report(Severity::Warning, number, 0,
                 "this host has rules in another backend too, which are not in this dump",
                 "save them with the tool that the line names and load both files");
  }
}

void DumpLoader::outside_line(std::uint32_t number) {
  const std::string_view line = without_blanks(source_.line(number));
  if (line.empty()) return;
  // "root@fw:~# iptables-save", "$ iptables-save -c", "[root@fw ~]#": before or after a dump.
  const bool prompt = line.find("tables-save") != std::string_view::npos ||
                      line.find("tables-legacy-save") != std::string_view::npos ||
                      line.find("# ") != std::string_view::npos ||
                      line.find("$ ") != std::string_view::npos || line.back() == '#' ||
                      line.back() == '$';
  if (line.front() == '#') return comment_line(number, line);
  if (prompt) {
    return load_.report(Severity::Warning, number, 1,
                        "this line of a shell is no part of the dump: passed over");
  }
  load_.report(Severity::Error, number, 1, "this line stands in no table",
               "a table begins with a line \"*filter\"");
}

// The word "[12:345]" at the front of a rule.
std::optional<Counter> front_counter(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (text.size() < 5 || text.back() != ']' || colon == std::string_view::npos) return std::nullopt;
  const auto packets = read_number(text.substr(1, colon - 1), ~std::uint64_t{0});
  const auto bytes =
      read_number(text.substr(colon + 1, text.size() - colon - 2), ~std::uint64_t{0});
  if (!packets || !bytes) return std::nullopt;
  return Counter{*packets, *bytes};
}

void DumpLoader::block_line(TableBuilder& table, std::uint32_t number) {
  const std::string_view whole = source_.line(number);
  const std::string_view line = without_blanks(whole);
  if (line.empty()) return;
  if (line.front() == '#') return comment_line(number, line);
  if (line.front() == ':') return table.chain_line(number, line);
  Result<std::vector<Word>> words = split_words(whole, source_.name, number);
  if (!words) return load_.report(words.error(), number);
  const auto single =
      std::find_if(words->begin(), words->end(), [](const Word& word) { return word.single; });
  if (single != words->end()) {
    load_.report(Severity::Warning, number, single->column, "single quotes are read as double ones",
                 "iptables-restore takes \"...\" only");
  }
  std::size_t command = 0;
  std::optional<Counter> counter;
  if (words->front().text.front() == '[') {
    counter = front_counter(words->front().text);
    command = 1;
    if (!counter) {
      return load_.report(Severity::Error, number, words->front().column,
                          fmt::format("\"{}\" is no counter [packets:bytes]", words->front().text));
    }
  }
  if (command == words->size() || (*words)[command].text.size() < 2 ||
      (*words)[command].text[0] != '-') {
    return load_.report(Severity::Error, number, words->front().column,
                        fmt::format("this line is not understood in table {}", table.name()),
                        "a rule line begins with -A CHAIN");
  }
  table.command(number, whole, *words, command, counter);
}

void DumpLoader::load_block(const DumpBlock& block) {
  std::string_view name = without_blanks(source_.line(block.first_line)).substr(1);
  name = name.substr(0, name.find_first_of(" \t"));
  TableBuilder table(load_, std::string(name), block.family, block.first_line);
  const std::uint32_t end = block.committed ? block.last_line - 1 : block.last_line;
  for (std::uint32_t number = block.first_line + 1; number <= end; ++number) {
    block_line(table, number);
  }
  if (!block.committed) {
    load_.report(Severity::Warning, block.last_line, 0,
                 fmt::format("table {} ends without COMMIT: the dump may have been cut", name));
  } else if (source_.line(block.last_line) != "COMMIT") {
    load_.report(Severity::Warning, block.last_line, 0, "blanks around COMMIT are ignored");
  }
  add_table(load_, table.finish());
}

void DumpLoader::run() {
  check_line_ends();
  std::uint32_t next = 1;
  for (const DumpBlock& block : find_dump_blocks(source_)) {
    for (; next < block.first_line; ++next) outside_line(next);
    load_block(block);
    next = block.last_line + 1;
  }
  for (; next <= source_.line_count(); ++next) outside_line(next);
}

}  // namespace

void add_table(LoadContext& load, std::unique_ptr<Table> table) {
  std::unique_ptr<Ruleset>& ruleset =
      table->family == Family::Ipv6 ? load.host.ip6tables : load.host.iptables;
  if (ruleset == nullptr) ruleset = std::make_unique<Ruleset>();
  ruleset->family = table->family;
  ruleset->loaded = true;
  const auto same =
      std::find_if(ruleset->tables.begin(), ruleset->tables.end(),
                   [&](const std::unique_ptr<Table>& known) { return known->name == table->name; });
  if (same == ruleset->tables.end()) {
    ruleset->tables.push_back(std::move(table));
  } else {
    load.report(Severity::Warning, table->at.line, 0,
                fmt::format("table {} of {} was dumped before ({}:{}): this dump replaces it",
                            table->name, tool_name(table->family),
                            load.host.sources.file((*same)->at.file).name, (*same)->at.line));
    *same = std::move(table);
  }
  settle_uses(*ruleset);
}

void load_dump(Host& host, std::uint32_t file) {
  if (host.initial == nullptr) host.initial = std::make_unique<State>();
  DumpLoader(host, file).run();
}

}  // namespace pktwalk::xt

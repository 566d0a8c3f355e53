// SPDX-License-Identifier: MIT
// `nft list ruleset` and `nft -j list ruleset`: known for what they are, so that nobody believes a
// host without its nftables rules.
//
// Differs: nftables rulesets are not walked yet
#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"
#include "model/parse/json.h"
#include "model/parse/nft/read.h"

namespace pktwalk {
namespace {

bool is_table_line(std::string_view line) {
  const std::vector<dump::Word> words = dump::split(line.substr(0, 256));
  return words.size() >= 3 && words[0].text == "table" && line.find('{') != std::string_view::npos;
}

// A ruleset may begin with a long list of comments and variables; a table is what makes it one.
bool has_table(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (is_table_line(text.substr(0, end))) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text)) return dump::plain_name(name).starts_with("nft") ? 50 : 0;
  if (json::looks_like_json(text)) {
    return text.substr(0, 256).find("\"nftables\"") != std::string_view::npos ? 95 : 0;
  }
  return has_table(text) ? 80 : 0;
}

// Where the first table stands; nothing when the ruleset has none.
void report(Host& host, std::uint32_t file, const nft::ast::Ruleset& ruleset) {
  if (ruleset.tables.empty() || host.has_nft) return;
  host.has_nft = true;
  host.diagnostics.push_back({.severity = Severity::Warning,
                              .at = {file, ruleset.tables.front().at.line},
                              .what = "nftables ruleset: not walked yet, its rules are left out"});
}

void parse(Host& host, std::uint32_t file) {
  const bool is_json = json::looks_like_json(host.sources.file(file).text);
  report(host, file, is_json ? nft::from_json(host, file) : nft::parse_text(host, file));
}

}  // namespace

extern const HostFileDef parse_nft;
const HostFileDef parse_nft{
    .kind = "nft list ruleset", .order = 80, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

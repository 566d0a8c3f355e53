// SPDX-License-Identifier: MIT
// `nft list ruleset` and `nft -j list ruleset`: known for what they are, so that nobody believes a
// host without its nftables rules.
//
// Differs: nftables rulesets are not walked yet
#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"
#include "model/parse/json.h"

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

void report(Host& host, SourceLine at) {
  if (host.has_nft) return;
  host.has_nft = true;
  host.diagnostics.push_back({.severity = Severity::Warning,
                              .at = at,
                              .what = "nftables ruleset: not walked yet, its rules are left out"});
}

void parse(Host& host, std::uint32_t file) {
  const SourceFile& source = host.sources.file(file);
  if (json::looks_like_json(source.text)) {
    json::Problem problem;
    const auto root = json::parse(source.text, problem);
    if (!root) {
      host.diagnostics.push_back({.at = {file, problem.line},
                                  .column = problem.column,
                                  .what = problem.what,
                                  .hint = "expected the output of: nft -j list ruleset"});
      return;
    }
    const json::Value* list = root->find("nftables");
    if (list == nullptr) return;
    for (const json::Value& item : list->items) {
      if (item.has("table")) return report(host, {file, item.line});
    }
    return;
  }
  dump::Reader in(host, file);
  while (in.next()) {
    if (is_table_line(in.line())) return report(host, in.at());
  }
}

}  // namespace

extern const HostFileDef parse_nft;
const HostFileDef parse_nft{
    .kind = "nft list ruleset", .order = 80, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// `nft list ruleset` and `nft -j list ruleset`: known for what they are, so that nobody believes a
// host without its nftables rules.
//
// Differs: nftables rulesets are not walked yet
#include "model/netfilter/nft/builder.h"
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
  return !json::looks_like_json(text) && has_table(text) ? 80 : 0;
}

void parse(Host& host, std::uint32_t file) { nft::build(host, nft::parse_text(host, file), file); }

}  // namespace

extern const HostFileDef parse_nft;
const HostFileDef parse_nft{
    .kind = "nft list ruleset", .order = 130, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

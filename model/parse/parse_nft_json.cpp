// SPDX-License-Identifier: MIT
// `nft -j list ruleset`. Read after the text form: where a host has both they say the same, and the
// text says it in the user's words.
#include "model/netfilter/nft/builder.h"
#include "model/parse/host_file.h"
#include "model/parse/json.h"
#include "model/parse/nft/read.h"

namespace pktwalk {
namespace {

int recognise(std::string_view, std::string_view text) {
  if (!json::looks_like_json(text)) return 0;
  return text.substr(0, 256).find("\"nftables\"") != std::string_view::npos ? 95 : 0;
}

void parse(Host& host, std::uint32_t file) { nft::build(host, nft::from_json(host, file), file); }

}  // namespace

extern const HostFileDef parse_nft_json;
const HostFileDef parse_nft_json{
    .kind = "nft -j list ruleset", .order = 131, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// The two forms in which a ruleset of nftables comes, read to the same tree.
#pragma once

#include <cstdint>

#include "model/host/host.h"
#include "model/netfilter/nft/ast.h"

namespace pktwalk::nft {

// What sources.file(file) says in nft's language: the output of `nft list ruleset`, a file for
// `nft -f`, or the nft commands of a shell script. What cannot be read becomes a diagnostic with
// line and column; the rest is still there.
ast::Ruleset parse_text(Host& host, std::uint32_t file);

// The output of `nft -j list ruleset`.
ast::Ruleset from_json(Host& host, std::uint32_t file);

}  // namespace pktwalk::nft

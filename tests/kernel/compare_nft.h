// SPDX-License-Identifier: MIT
// nftables: which rules a packet hit, as `nft monitor trace` told it, and the counters at the end.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pktwalk::kernel_cases {

// "inet fw/input: tcp dport 22 counter accept", in the order in which the packet hit them: of the
// packet that was injected, not of what the router made because of it. `lines`: the recorded lines.
std::vector<std::string> hits_of_kernel(const nlohmann::json& lines);
// The same of a line of `pktwalk trace --jsonl`.
std::vector<std::string> hits_of_model(const nlohmann::json& packet);

// "packets 3 bytes 180" of every counter in a text of `nft list ruleset`.
std::vector<std::string> nft_counters(const std::string& ruleset);

}  // namespace pktwalk::kernel_cases

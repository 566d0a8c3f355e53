// SPDX-License-Identifier: MIT
#include "tests/kernel/compare_nft.h"

#include <algorithm>
#include <sstream>

namespace pktwalk::kernel_cases {
namespace {

using nlohmann::json;

// A rule's text without what changes while packets pass: counters, the handle, the rest of a block.
std::string plain(const std::string& rule) {
  std::string text;
  std::istringstream words(rule.substr(0, rule.find('#')));
  int skip = 0;
  for (std::string word; words >> word;) {
    if (skip > 0) {
      --skip;
      continue;
    }
    if (word == "{" && (text.ends_with("jump") || text.ends_with("goto"))) break;
    if (!text.empty()) text += ' ';
    text += word;
    if (word == "counter") {
      std::string next;
      const auto place = words.tellg();
      if (words >> next && next == "packets") {
        skip = 3;
      } else {
        words.clear();
        words.seekg(place);
      }
    }
  }
  return text;
}

}  // namespace

// "trace id 61b8b711 inet fw in rule tcp dport 22 accept (verdict accept)"
std::vector<std::string> hits_of_kernel(const json& lines) {
  std::vector<std::string> hits;
  std::string own;
  for (const json& line : lines) {
    std::istringstream words(line.get<std::string>());
    std::string trace, id_word, id, family, table, chain, kind;
    if (!(words >> trace >> id_word >> id >> family >> table >> chain >> kind)) continue;
    std::string rest;
    std::getline(words, rest);
    if (own.empty() && kind == "packet:" && rest.starts_with(" iif")) own = id;
    if (id != own || kind != "rule") continue;
    hits.push_back(family + " " + table + "/" + chain + ": " +
                   plain(rest.substr(0, rest.rfind("(verdict"))));
  }
  return hits;
}

std::vector<std::string> hits_of_model(const json& packet) {
  std::vector<std::string> hits;
  for (const json& hop : packet.value("hops", json::array())) {
    for (const json& step : hop.value("steps", json::array())) {
      if (step.value("type", "") != "rule" || step.value("outcome", "") != "match") continue;
      const json& rule = step.at("rule");
      const std::string title = rule.value("title", "");
      if (title.find(' ') == std::string::npos) continue;  // a table of iptables
      hits.push_back(title + "/" + rule.value("chain", "") + ": " + plain(rule.value("text", "")));
    }
  }
  // The kernel tells nothing of what comes before the packet is marked.
  const auto marked = std::find_if(hits.begin(), hits.end(), [](const std::string& hit) {
    return hit.ends_with("meta nftrace set 1");
  });
  if (marked != hits.end()) hits.erase(hits.begin(), marked);
  return hits;
}

std::vector<std::string> nft_counters(const std::string& ruleset) {
  std::vector<std::string> counters;
  std::istringstream lines(ruleset);
  for (std::string line; std::getline(lines, line);) {
    for (std::size_t at = line.find("counter packets "); at != std::string::npos;
         at = line.find("counter packets ", at + 1)) {
      std::istringstream words(line.substr(at));
      std::string word, packets, bytes;
      words >> word >> word >> packets >> word >> bytes;
      while (!bytes.empty() && (bytes.back() < '0' || bytes.back() > '9')) bytes.pop_back();
      counters.push_back("packets " + packets + " bytes " + bytes);
    }
  }
  return counters;
}

}  // namespace pktwalk::kernel_cases

// SPDX-License-Identifier: MIT
// `ip neigh`, `ip -s neigh`, `ip neigh show proxy`, `ip -j neigh`: the neighbour (ARP) table.
#include <algorithm>
#include <array>

#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"
#include "model/parse/json.h"

namespace pktwalk {
namespace {

using dump::Word;

constexpr std::array<std::string_view, 8> kStates = {
    "INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE", "FAILED", "NOARP", "PERMANENT"};

bool is_state(std::string_view word) {
  return std::find(kStates.begin(), kStates.end(), word) != kStates.end();
}

bool is_neigh_line(std::string_view line) {
  const std::vector<Word> words = dump::split(line.substr(0, 512));
  if (words.size() < 4 || !IpAddr::parse(words[0].text) || words[1].text != "dev") return false;
  return std::any_of(words.begin() + 3, words.end(), [](const Word& w) {
    return w.text == "lladdr" || w.text == "nud" || w.text == "proxy" || is_state(w.text);
  });
}

bool name_says_neighbours(std::string_view name) {
  const std::string plain = dump::plain_name(name);
  return plain.starts_with("ip") && plain.find("-neigh") != std::string::npos;
}

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text)) return name_says_neighbours(name) ? 50 : 0;
  if (json::looks_like_json(text)) {
    const std::string_view head = text.substr(0, 4096);
    if (head.find("\"dst\"") != std::string_view::npos &&
        (head.find("\"lladdr\"") != std::string_view::npos ||
         head.find("\"state\"") != std::string_view::npos ||
         head.find("\"proxy\"") != std::string_view::npos)) {
      return 88;
    }
    return name_says_neighbours(name) &&
                   text.find_first_not_of("[] \t\r\n") == std::string_view::npos
               ? 50
               : 0;
  }
  return dump::score_lines(text, is_neigh_line, 88);
}

// Statistics of `ip -s neigh`: "ref 1 used 2/2/2probes 0".
bool is_statistic(std::string_view word) {
  return word == "ref" || word == "used" || word == "probes" || word.ends_with("probes");
}

void read_line(Host& host, dump::Reader& in) {
  const std::vector<Word>& words = in.words();
  const auto addr = IpAddr::parse(words[0].text);
  if (!addr || words.size() < 3 || words[1].text != "dev") {
    in.warn_line("this line of ip neigh is not understood");
    return;
  }
  Neigh neigh;
  neigh.addr = *addr;
  neigh.at = in.at();
  neigh.dev = dump::device(host, words[2].text, in.at());
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::string_view key = words[i].text;
    const std::string_view value = i + 1 < words.size() ? words[i + 1].text : std::string_view{};
    if (key == "lladdr") {
      neigh.mac = MacAddr::parse(value);
      ++i;
    } else if (key == "nud") {
      neigh.state = std::string(value);
      for (char& c : neigh.state) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      ++i;
    } else if (key == "proxy") {
      neigh.proxy = true;
    } else if (is_state(key)) {
      neigh.state = std::string(key);
    } else if (is_statistic(key) || key == "proto") {
      ++i;
    } else if (key != "router" && key != "extern_learn" && key != "offload" && key != "managed") {
      in.warn(words[i], "unknown word \"" + std::string(key) + "\" in a neighbour");
    }
  }
  if (neigh.state == "FAILED" || neigh.state == "INCOMPLETE") neigh.mac.reset();
  host.neighbours.push_back(std::move(neigh));
}

void read_object(Host& host, const json::Value& value, SourceLine at) {
  const auto addr = IpAddr::parse(value.text_of("dst"));
  const std::string_view dev = value.text_of("dev");
  if (!addr || dev.empty()) {
    host.diagnostics.push_back({.at = at, .what = "a neighbour without address or device"});
    return;
  }
  Neigh neigh;
  neigh.addr = *addr;
  neigh.at = at;
  neigh.dev = dump::device(host, dev, at);
  neigh.mac = MacAddr::parse(value.text_of("lladdr"));
  neigh.proxy = value.has("proxy");
  if (const json::Value* state = value.find("state"); state != nullptr && !state->items.empty()) {
    neigh.state = state->items.front().text;
  }
  if (neigh.state == "FAILED" || neigh.state == "INCOMPLETE") neigh.mac.reset();
  host.neighbours.push_back(std::move(neigh));
}

std::string key_of(const Neigh& n) {
  return std::to_string(static_cast<std::uint32_t>(n.dev)) + ' ' + to_string(n.addr) +
         (n.proxy ? " proxy" : "");
}

void parse(Host& host, std::uint32_t file) {
  host.has_neighbours = true;
  const std::size_t first_new = host.neighbours.size();
  const SourceFile& source = host.sources.file(file);
  if (json::looks_like_json(source.text)) {
    json::Problem problem;
    const auto root = json::parse(source.text, problem);
    if (!root) {
      host.diagnostics.push_back({.at = {file, problem.line},
                                  .column = problem.column,
                                  .what = problem.what,
                                  .hint = "expected the output of: ip -j neigh"});
      return;
    }
    for (const json::Value& item : root->items) read_object(host, item, {file, item.line});
  } else {
    dump::Reader in(host, file);
    while (in.next()) read_line(host, in);
  }
  dump::drop_known(host.neighbours, first_new, key_of);
}

}  // namespace

extern const HostFileDef parse_ip_neigh;
const HostFileDef parse_ip_neigh{
    .kind = "ip neigh", .order = 40, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

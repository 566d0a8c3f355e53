// SPDX-License-Identifier: MIT
// `ip addr`, `ip -d addr`, `ip -o addr`, `ip -j -d addr`: addresses, and the devices when no dump
// of links was given.
#include <algorithm>
#include <array>

#include "model/parse/host_file.h"
#include "model/parse/links.h"

namespace pktwalk {
namespace {

using dump::Word;

bool is_address_word(std::string_view word) { return word == "inet" || word == "inet6"; }

// "1: lo    inet 127.0.0.1/8 ..." of ip -o.
bool is_one_line(const std::vector<Word>& words) {
  return words.size() >= 4 && words[0].text.back() == ':' && is_address_word(words[2].text) &&
         dump::number(words[0].text.substr(0, words[0].text.size() - 1)).has_value();
}

bool is_address_line(std::string_view line) {
  const std::vector<Word> words = dump::split(line.substr(0, 512));
  return words.size() >= 2 && (is_address_word(words[0].text) || is_one_line(words));
}

// Lines of a dump that has addresses somewhere; links look the same in `ip link`.
bool has_addresses(std::string_view text) {
  for (int i = 0; i < 400 && !text.empty(); ++i) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (is_address_line(text.substr(0, end))) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

bool is_addr_line(std::string_view line) {
  const std::vector<Word> words = dump::split(line.substr(0, 512));
  if (words.empty()) return false;
  return dump::LinkReader::is_header(line) || words[0].text.starts_with("link/") ||
         words[0].text == "valid_lft" || is_address_line(line);
}

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text))
    return dump::plain_name(name).find("ip-addr") != std::string::npos ? 50 : 0;
  if (json::looks_like_json(text)) {
    return text.find("\"addr_info\"") != std::string_view::npos ? 92 : 0;
  }
  return has_addresses(text) ? dump::score_lines(text, is_addr_line, 90) : 0;
}

std::uint8_t scope_of(std::string_view word) {
  if (word == "link") return kScopeLink;
  if (word == "host") return kScopeHost;
  if (word == "site") return kScopeSite;
  if (word == "nowhere") return kScopeNowhere;
  return static_cast<std::uint8_t>(dump::number(word).value_or(kScopeUniverse));
}

constexpr std::array<std::string_view, 16> kFlags = {
    "secondary",  "temporary", "tentative",     "deprecated", "home",      "nodad",
    "mngtmpaddr", "dynamic",   "noprefixroute", "autojoin",   "dadfailed", "stable-privacy",
    "optimistic", "permanent", "anycast",       "primary"};

// Options with a value that matters to nobody here.
constexpr std::array<std::string_view, 6> kIgnored = {"metric",    "proto",         "protocol",
                                                      "valid_lft", "preferred_lft", "lifetime"};

class AddressReader {
 public:
  explicit AddressReader(Host& host) : host_(host) {}

  // `from`: where "inet" stands.
  void line(dump::Reader& in, std::size_t from, IfIndex dev) {
    const std::vector<Word>& words = in.words();
    IfAddr a;
    a.dev = dev;
    a.at = in.at();
    const auto net =
        from + 1 < words.size() ? dump::address_with_length(words[from + 1].text) : std::nullopt;
    if (!net) {
      in.warn_line("an address is expected after \"" + std::string(words[from].text) + "\"");
      return;
    }
    a.net = *net;
    std::size_t i = from + 2;
    while (i < words.size()) i = option(in, words, i, a);
    add(std::move(a));
  }

  void object(const json::Value& value, IfIndex dev, SourceLine at) {
    const auto local = IpAddr::parse(value.text_of("local"));
    const auto length = value.number_of("prefixlen");
    if (!local || !length || *length < 0 || *length > address_bits(local->family())) return;
    IfAddr a;
    a.dev = dev;
    a.at = at;
    a.net = {*local, static_cast<std::uint8_t>(*length)};
    if (const auto peer = IpAddr::parse(value.text_of("address"))) a.peer = *peer;
    if (const auto broadcast = IpAddr::parse(value.text_of("broadcast"))) a.broadcast = *broadcast;
    a.scope = scope_of(value.text_of("scope"));
    a.secondary = value.has("secondary");
    a.label = std::string(value.text_of("label"));
    add(std::move(a));
  }

 private:
  std::size_t option(dump::Reader& in, const std::vector<Word>& words, std::size_t i, IfAddr& a) {
    const std::string_view key = words[i].text;
    const std::string_view value = i + 1 < words.size() ? words[i + 1].text : std::string_view{};
    if (key == "peer") {
      if (const auto peer = dump::address_with_length(value)) {
        a.peer = peer->addr;
        a.net.length = peer->length;
      }
      return i + 2;
    }
    if (key == "brd" || key == "any") {
      if (const auto broadcast = IpAddr::parse(value); broadcast && key == "brd") {
        a.broadcast = *broadcast;
      }
      return i + 2;
    }
    if (key == "scope") {
      a.scope = scope_of(value);
      return i + 2;
    }
    if (std::find(kFlags.begin(), kFlags.end(), key) != kFlags.end()) {
      if (key == "secondary" && a.net.addr.is_v4()) a.secondary = true;
      return i + 1;
    }
    if (std::find(kIgnored.begin(), kIgnored.end(), key) != kIgnored.end()) return i + 2;
    const Link* link = host_.link(a.dev);
    const bool is_label =
        link != nullptr && (key == link->name || key.starts_with(link->name + ":"));
    if (is_label || (a.label.empty() && a.net.addr.is_v4())) {
      a.label = std::string(key);
    } else {
      in.warn(words[i], "unknown word \"" + std::string(key) + "\" in an address");
    }
    return i + 1;
  }

  void add(IfAddr a) { host_.addresses.push_back(std::move(a)); }

  Host& host_;
};

std::string key_of(const IfAddr& a) {
  return std::to_string(static_cast<std::uint32_t>(a.dev)) + " " + to_string(a.net.addr) + "/" +
         std::to_string(a.net.length) + " " + to_string(a.peer);
}

void parse_json(Host& host, std::uint32_t file) {
  json::Problem problem;
  const auto root = json::parse(host.sources.file(file).text, problem);
  if (!root) {
    host.diagnostics.push_back({.at = {file, problem.line},
                                .column = problem.column,
                                .what = problem.what,
                                .hint = "expected the output of: ip -j -d addr"});
    return;
  }
  dump::LinkReader links(host);
  for (const json::Value& item : root->items) links.object(item, {file, item.line});
  links.finish();
  AddressReader addresses(host);
  for (const json::Value& item : root->items) {
    const json::Value* list = item.find("addr_info");
    if (list == nullptr) continue;
    const std::string_view name = item.text_of("ifname");
    if (name.empty()) continue;
    const IfIndex dev = dump::device(host, name, {file, item.line});
    for (const json::Value& value : list->items) addresses.object(value, dev, {file, value.line});
  }
}

// The names of `ip -o addr` may be all that is known of the links.
IfIndex one_line_device(Host& host, const dump::Reader& in) {
  const std::string_view name = in.words()[1].text;
  if (const Link* known = host.link(name)) return known->index;
  const std::string_view index = in.words()[0].text;
  Link link;
  link.index = static_cast<IfIndex>(dump::number(index.substr(0, index.size() - 1)).value_or(0));
  link.name = std::string(name);
  link.loopback = name == "lo";
  link.at = in.at();
  if (link.index == IfIndex::None || host.link(link.index) != nullptr) {
    return dump::device(host, name, in.at());
  }
  host.links.push_back(std::move(link));
  return host.links.back().index;
}

void parse_text(Host& host, std::uint32_t file) {
  {
    // Links first, so that an address's label is known from its device's name.
    dump::LinkReader links(host);
    dump::Reader in(host, file);
    while (in.next()) {
      if (!is_address_line(in.line()) && !links.header(in)) links.detail(in);
    }
    links.finish();
  }
  dump::LinkReader links(host);
  AddressReader addresses(host);
  dump::Reader in(host, file);
  IfIndex dev = IfIndex::None;
  while (in.next()) {
    if (links.header(in)) {
      std::string_view name = in.words()[1].text;
      name.remove_suffix(1);
      dev = dump::device(host, name.substr(0, name.find('@')), in.at());
    } else if (is_one_line(in.words())) {
      addresses.line(in, 2, one_line_device(host, in));
    } else if (is_address_word(in.words()[0].text)) {
      if (dev == IfIndex::None) {
        in.warn_line("an address without a device above it");
      } else {
        addresses.line(in, 0, dev);
      }
    } else if (in.words()[0].text != "valid_lft" && !links.detail(in)) {
      in.warn_line("this line of ip addr is not understood");
    }
  }
}

void parse(Host& host, std::uint32_t file) {
  host.has_links = true;
  host.has_addresses = true;
  const std::size_t first_new = host.addresses.size();
  if (json::looks_like_json(host.sources.file(file).text)) {
    parse_json(host, file);
  } else {
    parse_text(host, file);
  }
  dump::drop_known(host.addresses, first_new, key_of);
}

}  // namespace

extern const HostFileDef parse_ip_addr;
const HostFileDef parse_ip_addr{
    .kind = "ip addr", .order = 25, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

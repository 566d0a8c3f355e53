// SPDX-License-Identifier: MIT
// `ip route show table all`, `ip -d route`, `ip -6 route`, `ip -j route`: routes of all tables.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"
#include "model/parse/json.h"
#include "model/parse/route_words.h"

namespace pktwalk {
namespace {

using dump::Word;
using route_words::protocol_of;
using route_words::scope_of;
using route_words::type_of;

bool is_error_type(RouteType type) {
  return type == RouteType::Blackhole || type == RouteType::Unreachable ||
         type == RouteType::Prohibit || type == RouteType::Throw;
}

bool is_prefix_word(std::string_view word) {
  return word == "default" || dump::prefix(word, Family::Ipv4).has_value();
}

// Words that a route's line goes on with after its destination.
constexpr std::array<std::string_view, 8> kAfterPrefix = {"via",   "dev",    "proto", "scope",
                                                          "table", "metric", "src",   "nhid"};

bool is_route_line(std::string_view line) {
  const std::vector<Word> words = dump::split(line.substr(0, 512));
  if (words.empty()) return false;
  if (words[0].text == "nexthop" && words.size() > 2) return true;
  const std::size_t at = type_of(words[0].text) ? 1 : 0;
  if (at >= words.size() || !is_prefix_word(words[at].text)) return false;
  // "10.0.0.9 dev eth0 lladdr 02:..." is a neighbour.
  const bool neighbour = std::any_of(words.begin(), words.end(), [](const Word& w) {
    return w.text == "lladdr" || w.text == "FAILED" || w.text == "INCOMPLETE" || w.text == "nud" ||
           w.text == "proxy";
  });
  if (neighbour) return false;
  if (at == 1) return true;
  return words.size() == 1 ? words[0].text == "default"
                           : std::find(kAfterPrefix.begin(), kAfterPrefix.end(), words[1].text) !=
                                     kAfterPrefix.end() ||
                                 words[1].text == "tos" || words[1].text == "dsfield" ||
                                 words[1].text == "encap" || words[1].text == "from";
}

bool name_says_routes(std::string_view name) {
  const std::string plain = dump::plain_name(name);
  return plain.find("ip-route") != std::string::npos ||
         plain.find("ip6-route") != std::string::npos ||
         plain.find("ip-6-route") != std::string::npos ||
         plain.find("ip--6-route") != std::string::npos;
}

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text)) return name_says_routes(name) ? 50 : 0;
  if (json::looks_like_json(text)) {
    const std::string_view head = text.substr(0, 4096);
    const bool routes = head.find("\"dst\"") != std::string_view::npos &&
                        head.find("\"flags\"") != std::string_view::npos;
    if (routes && head.find("\"lladdr\"") == std::string_view::npos) return 85;
    return name_says_routes(name) && text.find_first_not_of("[] \t\r\n") == std::string_view::npos
               ? 50
               : 0;
  }
  return dump::score_lines(text, is_route_line, 80);
}

// Attributes with one value that change nothing here: metrics of TCP, expiry, offloading.
constexpr std::array<std::string_view, 24> kIgnoredPairs = {"nhid",
                                                            "expires",
                                                            "error",
                                                            "rtt",
                                                            "rttvar",
                                                            "cwnd",
                                                            "initcwnd",
                                                            "initrwnd",
                                                            "ssthresh",
                                                            "reordering",
                                                            "hoplimit",
                                                            "rto_min",
                                                            "quickack",
                                                            "window",
                                                            "features",
                                                            "congctl",
                                                            "fastopen_no_cookie",
                                                            "pref",
                                                            "ttl-propagate",
                                                            "iif",
                                                            "users",
                                                            "used",
                                                            "age",
                                                            "uid"};
constexpr std::array<std::string_view, 10> kIgnoredFlags = {
    "pervasive",  "offload", "trap",  "rt_trap",        "unresolved",
    "rt_offload", "notify",  "cache", "offload_failed", "ecn"};

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

class RouteReader {
 public:
  // `table`: of routes that name none.
  RouteReader(Host& host, Family family, std::uint32_t table)
      : host_(host), family_(family), table_(table) {}

  void text(std::uint32_t file) {
    dump::Reader in(host_, file);
    while (in.next()) line(in);
    flush();
  }

  void object(const json::Value& value, SourceLine at);
  void flush() {
    if (!open_) return;
    open_ = false;
    if (ignored_) return;
    if (route_.hops.empty() && !is_error_type(route_.type)) {
      if (hop_.dev == IfIndex::None && hop_.gateway.family() == Family::Unspec) return;
    }
    if (hop_used_) route_.hops.insert(route_.hops.begin(), hop_);
    if (is_error_type(route_.type)) route_.hops.clear();
    host_.routes.push_back(std::move(route_));
  }

 private:
  void line(dump::Reader& in);
  void begin(dump::Reader& in);
  std::size_t attribute(dump::Reader& in, std::size_t i, NextHop& hop);
  bool route_attribute(dump::Reader& in, std::size_t i, std::string_view key,
                       std::string_view value);
  std::size_t gateway(dump::Reader& in, std::size_t i, NextHop& hop);
  void hop_flag(std::string_view flag, NextHop& hop);
  IfIndex device(std::string_view name, SourceLine at);
  Family family_of_line(const std::vector<Word>& words) const;

  Host& host_;
  Family family_;  // of the lines so far: what "default" means
  std::uint32_t table_;
  Route route_;
  NextHop hop_;
  bool hop_used_ = false;
  bool open_ = false;
  bool ignored_ = false;  // a cached route: not configuration
  std::unordered_map<std::string_view, IfIndex> devices_;
};

IfIndex RouteReader::device(std::string_view name, SourceLine at) {
  const auto known = devices_.find(name);
  if (known != devices_.end()) return known->second;
  const IfIndex index = dump::device(host_, name, at);
  devices_.emplace(name, index);
  return index;
}

Family RouteReader::family_of_line(const std::vector<Word>& words) const {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].text == "pref" || words[i].text == "hoplimit") return Family::Ipv6;
    if (words[i].text == "via" && i + 1 < words.size()) {
      // "via inet6 ADDR" is an IPv4 route with a gateway of the other family.
      if (words[i + 1].text == "inet6") return Family::Ipv4;
      if (const auto gateway = IpAddr::parse(words[i + 1].text)) return gateway->family();
    }
  }
  return family_;
}

void RouteReader::line(dump::Reader& in) {
  const std::vector<Word>& words = in.words();
  const std::string_view first = words[0].text;
  if (in.indented() && open_) {
    if (first == "nexthop") {
      NextHop hop;
      for (std::size_t i = 1; i < words.size();) i = attribute(in, i, hop);
      route_.hops.push_back(hop);
      return;
    }
    if (first == "nh_info") return;  // -d of a nexthop object: says again what the route said
    if (first == "cache") {
      ignored_ = true;
      return;
    }
  }
  const std::size_t at = type_of(first) ? 1 : 0;
  if (at < words.size() && is_prefix_word(words[at].text)) {
    begin(in);
  } else {
    in.warn_line("this line of ip route is not understood");
  }
}

void RouteReader::begin(dump::Reader& in) {
  flush();
  const std::vector<Word>& words = in.words();
  route_ = Route{};
  route_.table = table_;
  hop_ = NextHop{};
  hop_used_ = ignored_ = false;
  open_ = true;
  route_.at = in.at();
  std::size_t i = 0;
  if (const auto type = type_of(words[0].text)) {
    route_.type = *type;
    ++i;
  }
  family_ = family_of_line(words);
  route_.to = *dump::prefix(words[i].text, family_);
  family_ = route_.to.addr.family();
  if (const std::string_view table = dump::option_of(in.command(), "table");
      !table.empty() && table != "all" && table != "cache") {
    route_.table = dump::table_number(host_, table);
  }
  // `ip route show dev X` does not repeat the device.
  if (const std::string_view dev = dump::option_of(in.command(), "dev"); !dev.empty()) {
    hop_.dev = device(dev, in.at());
    hop_used_ = true;
  }
  ++i;
  // Whole lines are walked: nexthops of `ip -o` stand on the same one.
  while (i < words.size()) {
    if (words[i].text == "nexthop") {
      NextHop hop;
      ++i;
      while (i < words.size() && words[i].text != "nexthop") i = attribute(in, i, hop);
      route_.hops.push_back(hop);
    } else {
      const std::size_t next = attribute(in, i, hop_);
      if (words[i].text == "via" || words[i].text == "dev") hop_used_ = true;
      i = next;
    }
  }
}

void RouteReader::hop_flag(std::string_view flag, NextHop& hop) {
  if (flag == "onlink") hop.onlink = true;
  if (flag == "dead") hop.dead = true;
  if (flag == "linkdown") hop.linkdown = true;
}

std::size_t RouteReader::gateway(dump::Reader& in, std::size_t i, NextHop& hop) {
  const std::vector<Word>& words = in.words();
  std::size_t at = i + 1;
  if (at < words.size() && (words[at].text == "inet" || words[at].text == "inet6")) ++at;
  if (at >= words.size()) return at;
  if (const auto address = IpAddr::parse(words[at].text)) {
    hop.gateway = *address;
  } else {
    in.warn(words[at],
            "a gateway's address is expected, not \"" + std::string(words[at].text) + "\"");
  }
  return at + 1;
}

bool RouteReader::route_attribute(dump::Reader& in, std::size_t i, std::string_view key,
                                  std::string_view value) {
  const auto as_number = [&] { return dump::number(value).value_or(0); };
  if (key == "table") {
    route_.table = dump::table_number(host_, value);
  } else if (key == "proto" || key == "protocol") {
    route_.protocol = protocol_of(value);
  } else if (key == "scope") {
    route_.scope = scope_of(value).value_or(route_.scope);
  } else if (key == "src") {
    if (const auto source = IpAddr::parse(value)) route_.prefsrc = *source;
  } else if (key == "metric" || key == "priority" || key == "preference") {
    route_.metric = as_number();
  } else if (key == "tos" || key == "dsfield") {
    const auto tos = dump::number(value);
    if (!tos) in.warn(in.words()[i + 1], "a TOS number is expected");
    route_.tos = static_cast<std::uint8_t>(tos.value_or(0));
  } else if (key == "mtu") {
    route_.mtu = as_number();
  } else if (key == "advmss") {
    route_.advmss = as_number();
  } else if (key == "realm" || key == "realms") {
    const std::size_t slash = value.find('/');
    const auto part = [](std::string_view text) { return dump::number(text).value_or(1) & 0xffff; };
    route_.realm = slash == std::string_view::npos
                       ? part(value)
                       : part(value.substr(0, slash)) << 16 | part(value.substr(slash + 1));
  } else {
    return false;
  }
  return true;
}

std::size_t RouteReader::attribute(dump::Reader& in, std::size_t i, NextHop& hop) {
  const std::vector<Word>& words = in.words();
  const std::string_view key = words[i].text;
  std::string_view value = i + 1 < words.size() ? words[i + 1].text : std::string_view{};
  if (key == "via") return gateway(in, i, hop);
  if (key == "onlink" || key == "dead" || key == "linkdown") {
    hop_flag(key, hop);
    return i + 1;
  }
  if (one_of(key, kIgnoredFlags) || key.front() == '<') return i + 1;
  if (value.empty()) {
    in.warn(words[i], "\"" + std::string(key) + "\" without a value");
    return i + 1;
  }
  if (key == "dev") {
    hop.dev = device(value, in.at());
    return i + 2;
  }
  if (key == "weight") {
    hop.weight = std::clamp<std::uint32_t>(dump::number(value).value_or(1), 1, 256);
    return i + 2;
  }
  if (key == "encap") {
    // Lightweight tunnels: everything up to the next "via" or "dev" describes the tunnel.
    in.warn(words[i], "tunnel routes (encap) are not modelled",
            "the route is used without its tunnel");
    std::size_t at = i + 1;
    while (at < words.size() && words[at].text != "via" && words[at].text != "dev") ++at;
    return at;
  }
  if (key == "from") {  // IPv6 subtrees and cached routes
    if (family_ == Family::Ipv6 && value != "::/0" && value != "default") {
      in.warn(words[i], "source-specific routes are not modelled");
    }
    return i + 2;
  }
  if (value == "lock" && i + 2 < words.size()) {  // "mtu lock 1400"
    if (key == "mtu") route_.mtu_locked = true;
    value = words[i + 2].text;
    if (!route_attribute(in, i, key, value) && !one_of(key, kIgnoredPairs)) {
      in.warn(words[i], "unknown attribute \"" + std::string(key) + "\" of a route");
    }
    return i + 3;
  }
  if (route_attribute(in, i, key, value) || one_of(key, kIgnoredPairs)) return i + 2;
  in.warn(words[i], "unknown attribute \"" + std::string(key) + "\" of a route");
  return i + 1;
}

void RouteReader::object(const json::Value& value, SourceLine at) {
  route_ = Route{};
  route_.table = table_;
  route_.at = at;
  const std::string_view dst = value.text_of("dst");
  const json::Value* via = value.find("via");
  const std::string_view gateway = value.text_of("gateway");
  if (dst == "default") {
    if (const auto address = IpAddr::parse(gateway)) family_ = address->family();
    if (value.has("pref")) family_ = Family::Ipv6;
  }
  const auto to = dump::prefix(dst, family_);
  if (!to) {
    host_.diagnostics.push_back(
        {.at = at, .what = "a route without a destination that is a prefix"});
    return;
  }
  route_.to = *to;
  family_ = to->addr.family();
  if (const auto type = type_of(value.text_of("type"))) route_.type = *type;
  const std::string_view table = value.text_of("table");
  if (!table.empty()) route_.table = dump::table_number(host_, table);
  if (value.has("protocol")) route_.protocol = protocol_of(value.text_of("protocol"));
  route_.scope = scope_of(value.text_of("scope")).value_or(kScopeUniverse);
  if (const auto source = IpAddr::parse(value.text_of("prefsrc"))) route_.prefsrc = *source;
  const auto small = [](std::int64_t v) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(v, 0, 0xffffffff));
  };
  route_.metric = small(value.number_of("metric").value_or(0));
  route_.tos = static_cast<std::uint8_t>(dump::number(value.text_of("tos")).value_or(0));
  if (const json::Value* metrics = value.find("metrics"); metrics != nullptr) {
    for (const json::Value& item : metrics->items) {
      route_.mtu = small(item.number_of("mtu").value_or(route_.mtu));
      route_.advmss = small(item.number_of("advmss").value_or(route_.advmss));
    }
  }
  if (const json::Value* flow = value.find("flow"); flow != nullptr) {
    const std::uint32_t from = dump::number(flow->text_of("from")).value_or(0);
    const std::uint32_t realm_to = dump::number(flow->text_of("to")).value_or(0);
    route_.realm = (from & 0xffff) << 16 | (realm_to & 0xffff);
  }
  const auto read_hop = [&](const json::Value& from) {
    NextHop hop;
    if (const std::string_view dev = from.text_of("dev"); !dev.empty()) hop.dev = device(dev, at);
    if (const auto address = IpAddr::parse(from.text_of("gateway"))) hop.gateway = *address;
    if (const json::Value* other = from.find("via"); other != nullptr) {
      if (const auto address = IpAddr::parse(other->text_of("host"))) hop.gateway = *address;
    }
    hop.weight = std::clamp<std::uint32_t>(small(from.number_of("weight").value_or(1)), 1, 256);
    if (const json::Value* flags = from.find("flags"); flags != nullptr) {
      for (const json::Value& flag : flags->items) hop_flag(flag.text, hop);
    }
    route_.hops.push_back(hop);
  };
  if (value.has("dev") || !gateway.empty() || via != nullptr) read_hop(value);
  if (const json::Value* hops = value.find("nexthops"); hops != nullptr) {
    for (const json::Value& item : hops->items) read_hop(item);
  }
  if (is_error_type(route_.type)) route_.hops.clear();
  if (route_.hops.empty() && !is_error_type(route_.type)) return;
  host_.routes.push_back(std::move(route_));
}

std::string key_of(const Route& r) {
  std::string key = to_string(r.to);
  for (const std::uint32_t part :
       {r.table, static_cast<std::uint32_t>(r.type), static_cast<std::uint32_t>(r.tos), r.metric}) {
    key += ' ';
    key += std::to_string(part);
  }
  key += ' ' + to_string(r.prefsrc);
  for (const NextHop& hop : r.hops) {
    key += ' ' + std::to_string(static_cast<std::uint32_t>(hop.dev)) + ' ' + to_string(hop.gateway);
  }
  return key;
}

// `ip route show table X` does not repeat the table in its lines; a file that keeps its output
// often has it in its name: "ip_route_list_table_DSL.txt".
std::uint32_t table_of_name(Host& host, std::string_view path) {
  const std::string_view name = path.substr(path.find_last_of('/') + 1);
  const std::string plain = dump::plain_name(name);
  constexpr std::string_view kWord = "-table-";
  const std::size_t at = plain.find(kWord);
  if (at == std::string::npos) return kTableMain;
  std::string_view table = name.substr(at + kWord.size());
  table = table.substr(0, table.find_first_of(".-_ "));
  return table.empty() || table == "all" ? kTableMain : dump::table_number(host, table);
}

void parse(Host& host, std::uint32_t file) {
  const SourceFile& source = host.sources.file(file);
  const std::string plain = dump::plain_name(source.name);
  const bool six =
      plain.find("ip6-") != std::string::npos || plain.find("-6-") != std::string::npos;
  if (!six) host.has_routes = true;
  const std::size_t first_new = host.routes.size();
  RouteReader reader(host, six ? Family::Ipv6 : Family::Ipv4, table_of_name(host, source.name));
  if (json::looks_like_json(source.text)) {
    json::Problem problem;
    const auto root = json::parse(source.text, problem);
    if (!root) {
      host.diagnostics.push_back({.at = {file, problem.line},
                                  .column = problem.column,
                                  .what = problem.what,
                                  .hint = "expected the output of: ip -j route show table all"});
      return;
    }
    for (const json::Value& item : root->items) reader.object(item, {file, item.line});
  } else {
    reader.text(file);
  }
  dump::drop_known(host.routes, first_new, key_of);
}

}  // namespace

extern const HostFileDef parse_ip_route;
const HostFileDef parse_ip_route{
    .kind = "ip route", .order = 35, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

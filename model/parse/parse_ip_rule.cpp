// SPDX-License-Identifier: MIT
// `ip rule`, `ip -6 rule`, `ip -d rule`, `ip -j rule`: policy routing.
#include <algorithm>

#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"
#include "model/parse/json.h"

namespace pktwalk {
namespace {

using dump::Word;

bool is_rule_line(std::string_view line) {
  const std::vector<Word> words = dump::split(line.substr(0, 512));
  if (words.size() < 3 || words[0].text.back() != ':') return false;
  std::string_view priority = words[0].text;
  priority.remove_suffix(1);
  return dump::number(priority).has_value() && (words[1].text == "from" || words[1].text == "not");
}

bool name_says_rules(std::string_view name) {
  const std::string plain = dump::plain_name(name);
  return plain.starts_with("ip") && plain.find("-rule") != std::string::npos;
}

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text)) return name_says_rules(name) ? 50 : 0;
  if (json::looks_like_json(text)) {
    const std::string_view head = text.substr(0, 4096);
    const bool rules = head.find("\"priority\"") != std::string_view::npos &&
                       head.find("\"src\"") != std::string_view::npos;
    if (rules) return 90;
    return name_says_rules(name) && text.find_first_not_of("[] \t\r\n") == std::string_view::npos
               ? 50
               : 0;
  }
  return dump::score_lines(text, is_rule_line, 90);
}

using PortRange = std::pair<std::uint16_t, std::uint16_t>;

std::optional<PortRange> port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto low = dump::number(text.substr(0, dash));
  const auto high = dash == std::string_view::npos ? low : dump::number(text.substr(dash + 1));
  if (!low || !high || *low > *high || *high > 65535) return std::nullopt;
  return PortRange{static_cast<std::uint16_t>(*low), static_cast<std::uint16_t>(*high)};
}

std::uint32_t realm_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto part = [](std::string_view t) { return dump::number(t).value_or(1) & 0xffff; };
  if (slash == std::string_view::npos) return part(text);
  return part(text.substr(0, slash)) << 16 | part(text.substr(slash + 1));
}

// One rule of a text dump.
class RuleLine {
 public:
  RuleLine(Host& host, dump::Reader& in, FibRule& rule) : host_(host), in_(in), rule_(rule) {}

  // False: no rule of it could be made.
  bool read() {
    std::string_view priority = words()[0].text;
    priority.remove_suffix(1);
    rule_.priority = *dump::number(priority);
    rule_.at = in_.at();
    for (std::size_t i = 1; i < words().size();) i = part(i);
    return good_;
  }

 private:
  const std::vector<Word>& words() const { return in_.words(); }

  void bad(std::size_t i, std::string what) {
    in_.warn(words()[std::min(i, words().size() - 1)], std::move(what));
    good_ = false;
  }

  // Words that stand alone.
  bool flag(std::string_view key) {
    if (key == "not") {
      rule_.invert = true;
    } else if (key == "nop") {
      rule_.action = FibRule::Action::Nop;
    } else if (key == "blackhole") {
      rule_.action = FibRule::Action::Blackhole;
    } else if (key == "unreachable") {
      rule_.action = FibRule::Action::Unreachable;
    } else if (key == "prohibit") {
      rule_.action = FibRule::Action::Prohibit;
    } else if (key == "l3mdev" || key == "[l3mdev-table]") {
      rule_.l3mdev = true;
    } else {
      // How ip marks a device or a target that does not exist.
      return key == "[detached]" || key == "[unresolved]" || key == "permanent" || key == "offload";
    }
    return true;
  }

  void prefix(std::size_t i, Prefix& into) {
    const auto net = dump::prefix(words()[i].text, rule_.family);
    if (!net) return bad(i, "a prefix or \"all\" is expected");
    into = *net;
    if (words()[i].text != "all" && words()[i].text != "any") rule_.family = net->addr.family();
  }

  void mark(std::size_t i) {
    const std::string_view text = words()[i].text;
    const std::size_t slash = text.find('/');
    const auto value = dump::number(text.substr(0, slash));
    const auto mask = slash == std::string_view::npos ? std::optional<std::uint32_t>(~0u)
                                                      : dump::number(text.substr(slash + 1));
    if (!value || !mask) return bad(i, "a mark is expected, for example 0x1/0xff");
    rule_.fwmark = *value;
    rule_.fwmask = *mask;
  }

  void ports(std::size_t i, std::optional<PortRange>& into) {
    into = port_range(words()[i].text);
    if (!into) bad(i, "a port or a range of ports is expected");
  }

  void count(std::size_t i, std::uint32_t& into) {
    const auto value = dump::number(words()[i].text);
    if (!value) return bad(i, "a number is expected");
    into = *value;
  }

  void action_word(std::size_t i) {
    rule_.action = FibRule::Action::Goto;
    count(i, rule_.goto_priority);
  }

  void table(std::size_t i) {
    if (words()[i].text == "[l3mdev-table]") {
      rule_.l3mdev = true;
    } else {
      rule_.table = dump::table_number(host_, words()[i].text);
    }
  }

  std::size_t part(std::size_t i);
  bool selector(std::size_t i, std::string_view key);
  bool selector_of_packet(std::size_t i, std::string_view key);

  Host& host_;
  dump::Reader& in_;
  FibRule& rule_;
  bool good_ = true;
};

std::size_t RuleLine::part(std::size_t i) {
  const std::string_view key = words()[i].text;
  if (flag(key)) return i + 1;
  if (i + 1 >= words().size()) {
    bad(i, "unknown word \"" + std::string(key) + "\" in a rule, or its value is missing");
    return i + 1;
  }
  if (selector(i + 1, key) || selector_of_packet(i + 1, key)) return i + 2;
  bad(i, "unknown word \"" + std::string(key) + "\" in a rule");
  return i + 1;
}

bool RuleLine::selector(std::size_t i, std::string_view key) {
  if (key == "from") {
    prefix(i, rule_.from);
  } else if (key == "to") {
    prefix(i, rule_.to);
  } else if (key == "iif" || key == "dev") {
    rule_.iif = std::string(words()[i].text);
  } else if (key == "oif") {
    rule_.oif = std::string(words()[i].text);
  } else if (key == "fwmark") {
    mark(i);
  } else if (key == "lookup" || key == "table") {
    table(i);
  } else if (key == "goto") {
    action_word(i);
  } else if (key == "suppress_prefixlength" || key == "suppress_prefixlen") {
    std::uint32_t length = 0;
    count(i, length);
    rule_.suppress_prefix_length = static_cast<std::int32_t>(std::min(length, 128u));
  } else if (key == "suppress_ifgroup") {
    rule_.suppress_ifgroup = std::string(words()[i].text);
  } else if (key == "realms" || key == "realm") {
    rule_.realm = realm_of(words()[i].text);
  } else {
    // `map-to` is the stateless NAT of old kernels; `proto` says who made the rule.
    return key == "proto" || key == "protocol" || key == "map-to" || key == "nat";
  }
  return true;
}

bool RuleLine::selector_of_packet(std::size_t i, std::string_view key) {
  std::uint32_t value = 0;
  if (key == "tos" || key == "dsfield") {
    count(i, value);
    rule_.tos = static_cast<std::uint8_t>(value);
  } else if (key == "dscp") {
    count(i, value);
    rule_.dscp = static_cast<std::uint8_t>(value & 63);
  } else if (key == "ipproto") {
    const auto protocol = dump::protocol(words()[i].text);
    if (!protocol) bad(i, "a protocol is expected");
    rule_.ip_proto = protocol.value_or(0);
  } else if (key == "sport") {
    ports(i, rule_.sport);
  } else if (key == "dport") {
    ports(i, rule_.dport);
  } else if (key == "uidrange") {
    const std::string_view text = words()[i].text;
    const std::size_t dash = text.find('-');
    const auto low = dump::number(text.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : dump::number(text.substr(dash + 1));
    if (low && high) {
      rule_.uid_range = {*low, *high};
    } else {
      bad(i, "a range of user ids is expected");
    }
  } else if (key == "tun_id") {
    count(i, value);
    rule_.tun_id = value;
  } else {
    return false;
  }
  return true;
}

std::optional<Prefix> json_prefix(const json::Value& value, std::string_view name, Family family) {
  const std::string_view text = value.text_of(name);
  auto net = dump::prefix(text, family);
  if (!net || text == "all" || text == "any") return net;
  const auto length = value.number_of(std::string(name) + "len");
  const unsigned bits = address_bits(net->addr.family());
  if (length && *length >= 0 && *length <= bits) net->length = static_cast<std::uint8_t>(*length);
  net->addr = net->addr & IpAddr::mask(net->addr.family(), net->length);
  return net;
}

std::optional<PortRange> json_ports(const json::Value& value, const std::string& name) {
  const auto low = value.number_of(value.has(name) ? name : name + "_start");
  const auto high = value.number_of(value.has(name) ? name : name + "_end");
  if (!low || !high || *low < 0 || *low > *high || *high > 65535) return std::nullopt;
  return PortRange{static_cast<std::uint16_t>(*low), static_cast<std::uint16_t>(*high)};
}

// Numbers stand in JSON as texts ("0x10") as well.
std::uint32_t json_number(const json::Value& value, std::string_view name,
                          std::uint32_t otherwise) {
  const json::Value* found = value.find(name);
  if (found == nullptr) return otherwise;
  if (found->kind == json::Kind::Text) return dump::number(found->text).value_or(otherwise);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(found->number, 0, 0xffffffff));
}

void json_action(Host& host, const json::Value& value, FibRule& rule) {
  const std::string_view action = value.text_of("action");
  if (value.has("nop") || action == "nop") rule.action = FibRule::Action::Nop;
  if (action == "blackhole") rule.action = FibRule::Action::Blackhole;
  if (action == "unreachable") rule.action = FibRule::Action::Unreachable;
  if (action == "prohibit") rule.action = FibRule::Action::Prohibit;
  if (value.has("goto")) {
    rule.action = FibRule::Action::Goto;
    rule.goto_priority = json_number(value, "goto", 0);
  }
  const std::string_view table = value.text_of("table");
  if (!table.empty()) rule.table = dump::table_number(host, table);
}

bool json_rule(Host& host, const json::Value& value, FibRule& rule) {
  const auto from = json_prefix(value, "src", rule.family);
  if (!from || !value.has("priority")) return false;
  rule.priority = json_number(value, "priority", 0);
  rule.from = *from;
  if (value.text_of("src") != "all") rule.family = from->addr.family();
  if (value.has("dst")) {
    const auto to = json_prefix(value, "dst", rule.family);
    if (!to) return false;
    rule.to = *to;
    if (value.text_of("dst") != "all") rule.family = to->addr.family();
  }
  rule.invert = value.has("not");
  rule.iif = std::string(value.text_of("iif"));
  rule.oif = std::string(value.text_of("oif"));
  if (value.has("fwmark")) {
    rule.fwmark = json_number(value, "fwmark", 0);
    rule.fwmask = json_number(value, "fwmask", ~0u);
  }
  rule.tos = static_cast<std::uint8_t>(json_number(value, "tos", 0));
  if (value.has("dscp")) rule.dscp = static_cast<std::uint8_t>(json_number(value, "dscp", 0) & 63);
  rule.ip_proto = dump::protocol(value.text_of("ipproto")).value_or(0);
  rule.sport = json_ports(value, "sport");
  rule.dport = json_ports(value, "dport");
  if (value.has("uid_start")) {
    rule.uid_range = {json_number(value, "uid_start", 0), json_number(value, "uid_end", ~0u)};
  }
  rule.tun_id = json_number(value, "tun_id", 0);
  rule.l3mdev = value.has("l3mdev");
  if (value.has("suppress_prefixlen")) {
    rule.suppress_prefix_length =
        static_cast<std::int32_t>(std::min(json_number(value, "suppress_prefixlen", 0), 128u));
  }
  rule.suppress_ifgroup = std::string(value.text_of("suppress_ifgroup"));
  rule.realm = (json_number(value, "flow_from", 0) & 0xffff) << 16 |
               (json_number(value, "flow_to", 0) & 0xffff);
  json_action(host, value, rule);
  return true;
}

std::string key_of(const FibRule& r) {
  std::string key;
  const auto add = [&](std::uint64_t part) { key += std::to_string(part) + ' '; };
  add(static_cast<std::uint64_t>(r.family));
  add(r.priority);
  add(r.invert);
  key += to_string(r.from) + ' ' + to_string(r.to) + ' ' + r.iif + ' ' + r.oif + ' ';
  add(r.fwmark);
  add(r.fwmask);
  add(r.tos);
  add(r.dscp ? *r.dscp + 1u : 0u);
  add(r.ip_proto);
  for (const auto& ports : {r.sport, r.dport}) {
    add(ports ? ports->first + 1u : 0u);
    add(ports ? ports->second : 0u);
  }
  add(static_cast<std::uint64_t>(r.action));
  add(r.table);
  add(r.goto_priority);
  return key;
}

void read_json(Host& host, std::uint32_t file, Family family) {
  json::Problem problem;
  const auto root = json::parse(host.sources.file(file).text, problem);
  if (!root) {
    host.diagnostics.push_back({.at = {file, problem.line},
                                .column = problem.column,
                                .what = problem.what,
                                .hint = "expected the output of: ip -j rule"});
    return;
  }
  for (const json::Value& item : root->items) {
    FibRule rule;
    rule.family = family;
    rule.at = {file, item.line};
    if (json_rule(host, item, rule)) {
      host.rules.push_back(std::move(rule));
    } else {
      host.diagnostics.push_back({.at = {file, item.line}, .what = "this rule is not understood"});
    }
  }
}

void read_text(Host& host, std::uint32_t file, Family family) {
  dump::Reader in(host, file);
  while (in.next()) {
    if (!is_rule_line(in.line())) {
      in.warn_line("this line of ip rule is not understood");
      continue;
    }
    FibRule rule;
    const bool six =
        dump::split(in.command()).size() > 1 && in.command().find(" -6") != std::string_view::npos;
    rule.family = six ? Family::Ipv6 : family;
    if (RuleLine(host, in, rule).read()) host.rules.push_back(std::move(rule));
  }
}

void parse(Host& host, std::uint32_t file) {
  const SourceFile& source = host.sources.file(file);
  const std::string plain = dump::plain_name(source.name);
  const bool named_six =
      plain.find("ip6-") != std::string::npos || plain.find("-6-") != std::string::npos;
  const std::size_t first_new = host.rules.size();
  const Family family = named_six ? Family::Ipv6 : Family::Ipv4;
  if (json::looks_like_json(source.text)) {
    read_json(host, file, family);
  } else {
    read_text(host, file, family);
  }
  // One dump is of one family. Where neither name nor prefixes tell, a list without the table
  // `default`, which only IPv4 begins with, stays IPv4: deleting that rule is common enough.
  const bool six =
      named_six ||
      std::any_of(host.rules.begin() + static_cast<std::ptrdiff_t>(first_new), host.rules.end(),
                  [](const FibRule& r) { return r.family == Family::Ipv6; });
  for (std::size_t i = first_new; i < host.rules.size(); ++i) {
    FibRule& rule = host.rules[i];
    if (!six) continue;
    rule.family = Family::Ipv6;
    if (rule.from.length == 0) rule.from.addr = IpAddr::mask(Family::Ipv6, 0);
    if (rule.to.length == 0) rule.to.addr = IpAddr{};
  }
  (six ? host.has_rules6 : host.has_rules) = true;
  dump::drop_known(host.rules, first_new, key_of);
}

}  // namespace

extern const HostFileDef parse_ip_rule;
const HostFileDef parse_ip_rule{
    .kind = "ip rule", .order = 30, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

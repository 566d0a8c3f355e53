// SPDX-License-Identifier: MIT
// Links as `ip link` and `ip addr` show them, in text and JSON.
#include "model/parse/links.h"

#include <algorithm>
#include <array>

namespace pktwalk::dump {
namespace {

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// Kinds of link (IFLA_INFO_KIND) that begin a line of `ip -d link`.
constexpr std::array<std::string_view, 42> kKinds = {
    "veth",    "vlan",      "bridge",    "dummy",     "bond",        "team",   "macvlan",
    "macvtap", "ipvlan",    "ipvtap",    "vxlan",     "gre",         "gretap", "erspan",
    "ip6gre",  "ip6gretap", "ip6erspan", "ipip",      "sit",         "ip6tnl", "vti",
    "vti6",    "tun",       "tap",       "wireguard", "vrf",         "ifb",    "geneve",
    "nlmon",   "vcan",      "can",       "xfrm",      "openvswitch", "hsr",    "lowpan",
    "ipoib",   "rmnet",     "netdevsim", "macsec",    "bareudp",     "gtp",    "imq"};

// Lines below a link that say nothing of interest here.
bool is_other_detail(std::string_view first) {
  constexpr std::array<std::string_view, 8> kWords = {"alias", "altname", "vf", "prog/xdp",
                                                      "RX:",   "TX:",     "RX", "TX"};
  return one_of(first, kWords) || first.ends_with("_slave");
}

bool digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "0" to "1.5M", the columns of statistics.
bool is_count(std::string_view text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9' &&
         text.find_first_not_of("0123456789.KMGTPkmi") == std::string_view::npos;
}

void set_flag(Link& link, std::string_view flag) {
  if (flag == "UP") link.up = true;
  if (flag == "LOWER_UP") link.carrier = true;
  if (flag == "NO-CARRIER") link.carrier = false;
  if (flag == "LOOPBACK") link.loopback = true;
  if (flag == "POINTOPOINT") link.point_to_point = true;
  if (flag == "NOARP") link.noarp = true;
  if (flag == "BROADCAST") link.has_broadcast = true;
  if (flag == "PROMISC") link.promisc = true;
}

void clear_flags(Link& link) { link.up = link.carrier = link.has_broadcast = false; }

// Old tools print no LOWER_UP at all: an interface that is up then has its carrier.
void assume_carrier(Link& link, std::string_view flags) {
  if (link.up && flags.find("LOWER_UP") == std::string_view::npos &&
      flags.find("NO-CARRIER") == std::string_view::npos &&
      flags.find("M-DOWN") == std::string_view::npos) {
    link.carrier = true;
  }
}

void set_type(Link& link, std::string_view type) {
  link.ether = type == "ether" || type == "loopback";
  if (type == "loopback") link.loopback = true;
}

void complete(Link& known, const Link& more) {
  if (known.kind.empty()) known.kind = more.kind;
  if (known.vlan_id == 0) {
    known.vlan_id = more.vlan_id;
    known.vlan_protocol = more.vlan_protocol;
  }
  if (known.mac.is_zero()) known.mac = more.mac;
}

}  // namespace

bool LinkReader::is_header(std::string_view line) {
  const std::vector<Word> words = split(line.substr(0, 512));
  return words.size() >= 3 && words[0].text.size() > 1 && words[0].text.back() == ':' &&
         digits(words[0].text.substr(0, words[0].text.size() - 1)) && words[1].text.back() == ':' &&
         words[2].text.front() == '<' && words[2].text.back() == '>';
}

bool LinkReader::header(Reader& in) {
  if (!is_header(in.line())) return false;
  flush();
  const std::vector<Word>& words = in.words();
  current_ = Link{};
  current_.at = in.at();
  std::string_view index = words[0].text;
  index.remove_suffix(1);
  current_.index = static_cast<IfIndex>(number(index).value_or(0));
  std::string_view name = words[1].text;
  name.remove_suffix(1);
  const std::size_t at_sign = name.find('@');
  if (at_sign != std::string_view::npos) lower_ = std::string(name.substr(at_sign + 1));
  current_.name = std::string(name.substr(0, at_sign));
  flags(words[2].text);
  open_ = current_.index != IfIndex::None;
  statistics_ = false;
  attributes(words, 3);
  for (std::size_t i = 3; i < words.size(); ++i) {  // ip -o: all on one line
    if (words[i].text.starts_with("link/")) link_layer(words, i);
    if (current_.kind.empty() && one_of(words[i].text, kKinds)) {
      current_.kind = std::string(words[i].text);
    }
  }
  return true;
}

void LinkReader::flags(std::string_view list) {
  clear_flags(current_);
  if (list.starts_with('<')) list.remove_prefix(1);
  if (list.ends_with('>')) list.remove_suffix(1);
  const std::string_view all = list;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    set_flag(current_, list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  assume_carrier(current_, all);
}

void LinkReader::attributes(const std::vector<Word>& words, std::size_t from) {
  for (std::size_t i = from; i + 1 < words.size(); ++i) {
    const std::string_view key = words[i].text;
    const std::string_view value = words[i + 1].text;
    if (key == "mtu") current_.mtu = number(value).value_or(current_.mtu);
    if (key == "master") master_ = std::string(value);
    if (key == "group") current_.group = std::string(value);
    if (key == "vlan") {
      // "vlan protocol 802.1Q id 5 <REORDER_HDR>"
      current_.kind = "vlan";
    }
    if (key == "protocol" && current_.kind == "vlan") {
      current_.vlan_protocol = value == "802.1ad" ? 0x88a8 : 0x8100;
    }
    if (key == "id" && current_.kind == "vlan") {
      current_.vlan_id = static_cast<std::uint16_t>(number(value).value_or(0) & 0xfff);
    }
  }
}

void LinkReader::link_layer(const std::vector<Word>& words, std::size_t from) {
  set_type(current_, words[from].text.substr(5));
  if (from + 1 >= words.size()) return;
  if (const auto mac = MacAddr::parse(words[from + 1].text)) current_.mac = *mac;
  if (from + 3 < words.size() && words[from + 2].text == "brd") {
    if (const auto mac = MacAddr::parse(words[from + 3].text)) current_.broadcast = *mac;
  }
}

bool LinkReader::detail(Reader& in) {
  const std::vector<Word>& words = in.words();
  const std::string_view first = words[0].text;
  if (!open_ || !in.indented()) return false;
  if (first.starts_with("link/")) {
    link_layer(words, 0);
    return true;
  }
  if (one_of(first, kKinds)) {
    current_.kind = std::string(first);
    attributes(words, 0);
    return true;
  }
  if (first == "RX:" || first == "TX:" || first == "RX" || first == "TX") statistics_ = true;
  if (is_other_detail(first)) return true;
  // -d of a link that has no kind of its own continues with "addrgenmode eui64 ..."; so do options
  // of kinds that fill several lines.
  if (first == "addrgenmode" || first == "promiscuity" || first == "numtxqueues") return true;
  return statistics_ &&
         std::all_of(words.begin(), words.end(), [](const Word& w) { return is_count(w.text); });
}

void LinkReader::object(const json::Value& value, SourceLine at) {
  flush();
  current_ = Link{};
  current_.at = at;
  current_.index = static_cast<IfIndex>(value.number_of("ifindex").value_or(0));
  current_.name = std::string(value.text_of("ifname"));
  open_ = current_.index != IfIndex::None && !current_.name.empty();
  if (!open_) return;
  if (const json::Value* flags = value.find("flags")) {
    clear_flags(current_);
    std::string all;
    for (const json::Value& flag : flags->items) {
      set_flag(current_, flag.text);
      all += flag.text + ",";
    }
    assume_carrier(current_, all);
  }
  if (const auto mtu = value.number_of("mtu")) {
    current_.mtu = static_cast<std::uint32_t>(std::clamp<std::int64_t>(*mtu, 0, 0x7fffffff));
  }
  set_type(current_, value.text_of("link_type"));
  if (const auto mac = MacAddr::parse(value.text_of("address"))) current_.mac = *mac;
  if (const auto mac = MacAddr::parse(value.text_of("broadcast"))) current_.broadcast = *mac;
  if (value.has("group")) current_.group = std::string(value.text_of("group"));
  if (!value.has("link_netnsid")) lower_ = std::string(value.text_of("link"));
  master_ = std::string(value.text_of("master"));
  const json::Value* info = value.find("linkinfo");
  if (info == nullptr) return;
  current_.kind = std::string(info->text_of("info_kind"));
  const json::Value* data = info->find("info_data");
  if (data == nullptr || current_.kind != "vlan") return;
  current_.vlan_id = static_cast<std::uint16_t>(data->number_of("id").value_or(0) & 0xfff);
  current_.vlan_protocol = data->text_of("protocol") == "802.1ad" ? 0x88a8 : 0x8100;
}

void LinkReader::flush() {
  if (open_) {
    const auto known = std::find_if(host_.links.begin(), host_.links.end(), [&](const Link& link) {
      return link.index == current_.index || link.name == current_.name;
    });
    pending_.push_back(
        {known == host_.links.end() ? current_.index : known->index, lower_, master_});
    if (known != host_.links.end()) {
      complete(*known, current_);
    } else {
      host_.links.push_back(current_);
    }
  }
  open_ = false;
  lower_.clear();
  master_.clear();
}

void LinkReader::finish() {
  flush();
  for (const Pending& pending : pending_) {
    for (Link& link : host_.links) {
      if (link.index != pending.index) continue;
      // "eth0@if3" names an index of another network namespace.
      const Link* lower = pending.lower.empty() ? nullptr : host_.link(pending.lower);
      const Link* master = pending.master.empty() ? nullptr : host_.link(pending.master);
      if (lower != nullptr && link.lower == IfIndex::None) link.lower = lower->index;
      if (master != nullptr) link.master = master->index;
    }
  }
  pending_.clear();
}

}  // namespace pktwalk::dump

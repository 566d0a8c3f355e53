// SPDX-License-Identifier: MIT
// Reading and writing elements of ipsets.
//
// Kernel:  the *_uadt() functions of net/netfilter/ipset/; the grammar is that of ipset 7.17,
//          lib/parse.c.
// Differs: host names are not looked up
#include "model/netfilter/ipset_element.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <span>
#include <vector>

#include "model/netfilter/ipset_icmp.h"
#include "model/netfilter/options.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

Error wrong(std::string what, std::string hint = {}) {
  return {.what = std::move(what), .where = {}, .hint = std::move(hint)};
}
std::string quote(std::string_view text) { return "\"" + std::string(text) + "\""; }

// Keys that a text stands for, part by part: each part multiplies what is there.
class Keys {
 public:
  static constexpr std::size_t kMost = 1u << 22;

  // Calls set(key, choice) for every key and choice; false when there would be too many.
  template <typename Choice, typename Set>
  bool spread(std::span<const Choice> choices, Set&& set) {
    if (choices.size() * keys.size() > kMost) return false;
    std::vector<IpSetKey> next;
    next.reserve(keys.size() * choices.size());
    for (const IpSetKey& key : keys) {
      for (const Choice& choice : choices) set(next.emplace_back(key), choice);
    }
    keys = std::move(next);
    return true;
  }

  std::vector<IpSetKey> keys{IpSetKey{}};
};

struct Range {
  IpAddr first, last;       // IPv4 only: last may differ from first
  std::uint8_t prefix = 0;  // of the text "a/n", else the family's width
  bool ranged = false;      // "a-b"
};

std::optional<Range> read_addresses(std::string_view text, Family family) {
  const auto width = static_cast<std::uint8_t>(address_bits(family));
  const std::size_t dash = family == Family::Ipv4 ? text.find('-') : std::string_view::npos;
  const std::size_t slash = text.find('/');
  Range range{.prefix = width};
  const std::optional<IpAddr> first = IpAddr::parse(text.substr(0, std::min(dash, slash)));
  if (!first || first->family() != family) return std::nullopt;
  range.first = range.last = *first;
  if (dash != std::string_view::npos) {
    const std::optional<IpAddr> last = IpAddr::parse(text.substr(dash + 1));
    if (!last || last->family() != family) return std::nullopt;
    range.last = *last;
    range.ranged = true;
    if (range.last < range.first) std::swap(range.first, range.last);
  } else if (slash != std::string_view::npos) {
    const std::optional<std::uint64_t> length = read_number(text.substr(slash + 1), width);
    if (!length) return std::nullopt;
    range.prefix = static_cast<std::uint8_t>(*length);
    const IpAddr mask = IpAddr::mask(family, range.prefix);
    range.first = *first & mask;
    range.last = range.first | ~mask;
  }
  return range;
}

std::vector<IpAddr> single_addresses(const IpSet& set, const Range& range) {
  if (set.family != Family::Ipv4) return {masked_by_set(set, range.first)};
  const std::uint64_t step = std::uint64_t{1} << (32 - set.netmask);
  std::vector<IpAddr> all;
  const std::uint64_t begin = masked_by_set(set, range.first).v4() & ~(step - 1);
  for (std::uint64_t ip = set.netmask == 32 ? range.first.v4() : begin; ip <= range.last.v4();
       ip += step) {
    all.push_back(masked_by_set(set, IpAddr::v4(static_cast<std::uint32_t>(ip))));
    if (all.size() > Keys::kMost) break;
  }
  return all;
}

// The fewest prefixes that cover the range exactly (ip_set_range_to_cidr()).
std::vector<Prefix> networks(const Range& range) {
  if (!range.ranged) return {Prefix{range.first, range.prefix}};
  std::vector<Prefix> all;
  std::uint64_t at = range.first.v4();
  const std::uint64_t last = range.last.v4();
  while (at <= last) {
    std::uint8_t length = 32;
    while (length > 0) {
      const std::uint64_t size = std::uint64_t{1} << (33 - length);
      if ((at & (size - 1)) != 0 || at + size - 1 > last) break;
      --length;
    }
    all.push_back({IpAddr::v4(static_cast<std::uint32_t>(at)), length});
    at += std::uint64_t{1} << (32 - length);
  }
  return all;
}

struct Ports {
  std::uint8_t proto = 0;
  std::vector<std::uint16_t> ports;
};

bool has_ports(std::uint8_t proto) {
  return proto == kProtoTcp || proto == kProtoUdp || proto == kProtoSctp || proto == kProtoUdpLite;
}

std::optional<Ports> read_ports(std::string_view text) {
  Ports result{.proto = kProtoTcp};
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    const std::optional<std::uint8_t> proto = read_protocol(text.substr(0, colon));
    if (!proto) return std::nullopt;
    result.proto = *proto;
    text.remove_prefix(colon + 1);
  }
  if (result.proto == kProtoIcmp || result.proto == kProtoIcmpv6) {
    const std::optional<std::uint16_t> type = read_icmp_word(text, result.proto == kProtoIcmpv6);
    if (!type) return std::nullopt;
    result.ports = {*type};
    return result;
  }
  if (!has_ports(result.proto)) {
    if (text != "0") return std::nullopt;
    result.ports = {0};
    return result;
  }
  if (const std::optional<std::uint16_t> port = read_port(text)) {
    result.ports = {*port};
    return result;
  }
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  std::optional<std::uint16_t> low = read_port(text.substr(0, dash));
  std::optional<std::uint16_t> high = read_port(text.substr(dash + 1));
  if (!low || !high) return std::nullopt;
  if (*low > *high) std::swap(*low, *high);
  for (std::uint32_t p = *low; p <= *high; ++p) {
    result.ports.push_back(static_cast<std::uint16_t>(p));
  }
  return result;
}

std::uint32_t intern(IpSet& set, IpSet::Iface iface) {
  const auto at = std::find(set.ifaces.begin(), set.ifaces.end(), iface);
  if (at != set.ifaces.end()) return static_cast<std::uint32_t>(at - set.ifaces.begin()) + 1;
  set.ifaces.push_back(std::move(iface));
  return static_cast<std::uint32_t>(set.ifaces.size());
}

class Reader {
 public:
  Reader(const Host& host, IpSet& set, const ElementOptions& options)
      : host_(host), set_(set), options_(options) {}

  // Takes one field into the keys; an error text, empty when all is well.
  std::string take(SetPart part, bool second, std::string_view text) {
    switch (part) {
      case SetPart::Ip:
        return addresses(second, text);
      case SetPart::Net:
        return nets(second, text);
      case SetPart::Port:
        return ports(text);
      case SetPart::Iface: {
        const bool phys = text.starts_with("physdev:");
        const std::string_view name = phys ? text.substr(8) : text;
        if (name.empty() || name.size() > 15) return quote(text) + " is no device name";
        const std::uint32_t number = intern(set_, {std::string(name), options_.wildcard, phys});
        for (IpSetKey& key : keys.keys) key.iface = number;
        return {};
      }
      case SetPart::Mac: {
        const std::optional<MacAddr> read = MacAddr::parse(text);
        if (!read) return quote(text) + " is no MAC address";
        mac = read;
        if (set_.kind->bitmap) return {};
        for (IpSetKey& key : keys.keys) key.mac = *read;
        return {};
      }
      case SetPart::Mark: {
        const std::optional<std::uint64_t> mark = read_number(text, 0xffffffff);
        if (!mark) return quote(text) + " is no mark";
        for (IpSetKey& key : keys.keys)
          key.mark = static_cast<std::uint32_t>(*mark) & set_.markmask;
        return {};
      }
      case SetPart::Member:
        for (const auto& other : host_.ipsets) {
          if (other->name != text) continue;
          if (other->type == "list:set") return "a list of lists is not possible";
          keys.keys.front().member = other->index + 1;
          return {};
        }
        return "there is no set " + quote(text) + " before this line";
    }
    return {};
  }

  Keys keys;
  std::optional<MacAddr> mac;

 private:
  static constexpr const char* kTooMany = "the range has too many elements";

  std::string addresses(bool second, std::string_view text) {
    const std::optional<Range> range = read_addresses(text, set_.family);
    if (!range) return quote(text) + " is no address";
    const auto width = address_bits(set_.family);
    if (set_.family == Family::Ipv6 && range->prefix != width) {
      return "a plain address is needed, not a network: " + quote(text);
    }
    const std::vector<IpAddr> all =
        second ? std::vector<IpAddr>{range->first} : single_addresses(set_, *range);
    if (set_.kind->bitmap) {
      if (range->first < set_.range_first || range->last > set_.range_last) {
        return quote(text) + " is outside the set's range";
      }
    } else if (!second && all.front().is_unspecified()) {
      return "the address 0.0.0.0 cannot be stored in this type of set";
    }
    const bool fits = keys.spread<IpAddr>(
        all, [&](IpSetKey& key, const IpAddr& addr) { (second ? key.addr2 : key.addr) = addr; });
    return fits ? "" : kTooMany;
  }

  std::string nets(bool second, std::string_view text) {
    const std::optional<Range> range = read_addresses(text, set_.family);
    if (!range) return quote(text) + " is no network";
    if (range->prefix == 0 && !range->ranged && !set_.kind->net_zero) {
      return "a network of prefix length 0 cannot be stored in this type of set";
    }
    const bool fits = keys.spread<Prefix>(networks(*range), [&](IpSetKey& key, const Prefix& net) {
      (second ? key.addr2 : key.addr) = net.addr;
      (second ? key.prefix2 : key.prefix) = net.length;
    });
    return fits ? "" : kTooMany;
  }

  std::string ports(std::string_view text) {
    const std::optional<Ports> read = read_ports(text);
    if (!read) return quote(text) + " is no port (expected [protocol:]port[-port])";
    const bool plain = set_.kind->dimensions == 1;
    if (plain && (read->ports.front() < set_.port_first || read->ports.back() > set_.port_last)) {
      return quote(text) + " is outside the set's range";
    }
    const bool fits =
        keys.spread<std::uint16_t>(read->ports, [&](IpSetKey& key, std::uint16_t port) {
          key.port = port;
          key.proto = plain ? 0 : read->proto;
        });
    return fits ? "" : kTooMany;
  }

  const Host& host_;
  IpSet& set_;
  const ElementOptions& options_;
};

// "host-unknown", "3/200", "80"
std::string port_text(std::uint8_t proto, std::uint16_t port) {
  if (proto != kProtoIcmp && proto != kProtoIcmpv6) return std::to_string(port);
  return icmp_word(port, proto == kProtoIcmpv6);
}

std::string net_text(const IpAddr& addr, std::uint8_t length) {
  if (length == address_bits(addr.family())) return to_string(addr);
  return to_string(Prefix{addr, length});
}

std::string iface_text(const Host& host, const IpSet& set, std::uint32_t number) {
  if ((number & IpSet::kLinkIface) != 0) {
    return std::string(host.link_name(IfIndex{number & ~IpSet::kLinkIface}));
  }
  const IpSet::Iface& iface = set.ifaces[number - 1];
  return (iface.physdev ? "physdev:" : "") + iface.name;
}

}  // namespace

IpAddr masked_by_set(const IpSet& set, const IpAddr& addr) {
  if (set.bitmask.family() != Family::Unspec) return addr & set.bitmask;
  return addr & IpAddr::mask(set.family, set.netmask);
}

Result<std::uint32_t> add_elements(const Host& host, IpSet& set, IpSetData& data,
                                   std::string_view text, const IpSetElement& like,
                                   const ElementOptions& options) {
  PKTWALK_ASSERT(set.kind != nullptr);
  Reader reader(host, set, options);
  std::string_view rest = text;
  bool seen_address = false;
  for (std::size_t i = 0; i < set.kind->dimensions; ++i) {
    const SetPart part = set.kind->parts[i];
    const bool last = i + 1 == set.kind->dimensions;
    if (rest.empty()) {
      if (part == SetPart::Mac && set.kind->bitmap) break;
      return wrong(quote(text) + " has too few parts for " + set.type);
    }
    const std::size_t comma = rest.find(',');
    if (last && comma != std::string_view::npos) {
      return wrong(quote(text) + " has too many parts for " + set.type);
    }
    const bool address = part == SetPart::Ip || part == SetPart::Net;
    std::string error = reader.take(part, address && seen_address, rest.substr(0, comma));
    if (!error.empty()) return wrong(std::move(error));
    seen_address = seen_address || address;
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  std::uint32_t added = 0;
  for (const IpSetKey& key : reader.keys.keys) {
    const bool known = data.find(key) != nullptr;
    if (!known && !set.kind->bitmap && set.kind->parts[0] != SetPart::Member &&
        data.size() >= set.maxelem) {
      return wrong("the set is full: maxelem " + std::to_string(set.maxelem));
    }
    IpSetElement element = like;
    element.mac = set.kind->bitmap ? reader.mac : std::nullopt;
    data.put(key, element);
    if (!known) ++added;
  }
  return added;
}

std::string element_text(const Host& host, const IpSet& set, const IpSetKey& key,
                         const IpSetElement& element) {
  PKTWALK_ASSERT(set.kind != nullptr);
  std::string text;
  bool seen_address = false;
  for (const SetPart part : set.kind->all()) {
    std::string piece;
    switch (part) {
      case SetPart::Ip:
        piece = to_string(seen_address ? key.addr2 : key.addr);
        seen_address = true;
        break;
      case SetPart::Net:
        piece = seen_address ? net_text(key.addr2, key.prefix2) : net_text(key.addr, key.prefix);
        seen_address = true;
        break;
      case SetPart::Port:
        piece = set.kind->dimensions == 1
                    ? std::to_string(key.port)
                    : protocol_name(key.proto) + ":" + port_text(key.proto, key.port);
        break;
      case SetPart::Iface:
        piece = iface_text(host, set, key.iface);
        break;
      case SetPart::Mac:
        if (set.kind->bitmap && !element.mac) continue;
        piece = to_string(set.kind->bitmap ? *element.mac : key.mac);
        break;
      case SetPart::Mark: {
        char hex[9] = {};
        std::snprintf(hex, sizeof hex, "%08x", key.mark);
        piece = std::string("0x") + hex;
        break;
      }
      case SetPart::Member:
        piece = host.ipsets[key.member - 1]->name;
        break;
    }
    if (!text.empty()) text += ',';
    text += piece;
  }
  return text;
}

}  // namespace pktwalk

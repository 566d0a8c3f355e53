// SPDX-License-Identifier: MIT
// Reading and writing values. The limits and the words are those of nft 1.1 (nft(8), "DATA TYPES").
#include "model/netfilter/nft/datatype.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "model/core/addr.h"
#include "model/core/time.h"
#include "model/netfilter/names.h"
#include "model/netfilter/nft/datatype_symbols.h"

namespace pktwalk::nft {
namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0' &&
             std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '7'; })) {
    base = 8;
  }
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  // What does not fit is no number, rather than another one.
  const auto [stop, failure] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || stop != end || failure != std::errc{}) return std::nullopt;
  return value;
}

Error expected(const Datatype& type, std::string_view text) {
  return {.what = fmt::format("\"{}\" is no {}", text, type.description), .where = {}, .hint = {}};
}
Error wrong(std::string_view what, std::string_view text) {
  return {.what = fmt::format("\"{}\" is no {}", text, what), .where = {}, .hint = {}};
}

Result<Data> read_ip(Family family, std::string_view text) {
  const std::optional<IpAddr> addr = IpAddr::parse(text);
  if (!addr || addr->family() != family)
    return wrong(family == Family::Ipv4 ? "IPv4 address" : "IPv6 address", text);
  std::array<std::uint8_t, 16> bytes{};
  addr->to_bytes(bytes.data());
  return Data::from(std::span(bytes).first(family == Family::Ipv4 ? 4 : 16));
}
Result<Data> read_ipv4(std::string_view text, std::size_t) { return read_ip(Family::Ipv4, text); }
Result<Data> read_ipv6(std::string_view text, std::size_t) { return read_ip(Family::Ipv6, text); }
std::string write_ipv4(const Data& v) {
  return to_string(IpAddr::from_bytes(Family::Ipv4, v.bytes().data()));
}
std::string write_ipv6(const Data& v) {
  return to_string(IpAddr::from_bytes(Family::Ipv6, v.bytes().data()));
}
Result<Data> read_ether(std::string_view text, std::size_t) {
  const std::optional<MacAddr> mac = MacAddr::parse(text);
  if (!mac) return wrong("link-layer address", text);
  return Data::from(mac->bytes);
}
std::string write_ether(const Data& v) {
  MacAddr mac;
  std::copy_n(v.bytes().begin(), std::min<std::size_t>(6, v.size()), mac.bytes.begin());
  return to_string(mac);
}

Result<Data> read_string(std::string_view text, std::size_t bytes) {
  if (text.size() > bytes) return wrong(fmt::format("text of at most {} bytes", bytes), text);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '*') continue;
    plain += text[i];
  }
  plain.resize(bytes, '\0');
  return Data::from(std::span(reinterpret_cast<const std::uint8_t*>(plain.data()), bytes));
}
std::string write_string(const Data& v) {
  const std::string text(v.bytes().begin(), v.bytes().end());
  return fmt::format("\"{}\"", text.substr(0, text.find('\0')));
}

Result<Data> read_service(std::string_view text, std::size_t bytes) {
  if (const std::optional<std::uint16_t> port = service_port(text))
    return Data::number(*port, bytes);
  return wrong("port or service", text);
}
Result<Data> read_protocol(std::string_view text, std::size_t bytes) {
  std::string_view name = text;
  if (name == "icmpv6") name = "ipv6-icmp";
  if (const std::optional<std::uint8_t> number = protocol_number(name))
    return Data::number(*number, bytes);
  return wrong("protocol", text);
}
std::string write_protocol(const Data& v) {
  const auto number = static_cast<std::uint8_t>(v.number());
  if (number == 58) return "ipv6-icmp";
  const std::string_view name = protocol_name_or_empty(number);
  return name.empty() ? std::to_string(number) : std::string(name);
}

// "1h30m5s250ms", or seconds: milliseconds.
Result<Data> read_duration(std::string_view text, std::size_t bytes) {
  const std::string_view whole = text;
  std::uint64_t ms = 0;
  if (const std::optional<std::uint64_t> seconds = number_of(text))
    return Data::number(*seconds * 1000, bytes);
  while (!text.empty()) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return wrong("time (for example 1h30m)", whole);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with("ms")) {
      ms += value;
      text.remove_prefix(2);
      continue;
    }
    const char unit = text.empty() ? 's' : text[0];
    const std::uint64_t scale = unit == 'w'   ? 604'800
                                : unit == 'd' ? 86'400
                                : unit == 'h' ? 3600
                                : unit == 'm' ? 60
                                : unit == 's' ? 1
                                              : 0;
    if (scale == 0) return wrong("time (for example 1h30m)", whole);
    ms += value * scale * 1000;
    if (!text.empty()) text.remove_prefix(1);
  }
  return Data::number(ms, bytes);
}
std::string write_duration(const Data& v) {
  std::uint64_t ms = v.number();
  if (ms == 0) return "0s";
  std::string text;
  constexpr std::pair<std::uint64_t, const char*> kUnits[] = {
      {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}, {1, "ms"}};
  for (const auto& [scale, unit] : kUnits) {
    if (ms >= scale) text += fmt::format("{}{}", ms / scale, unit);
    ms %= scale;
  }
  return text;
}

// Days from 1970-01-01 to a day of the Gregorian calendar.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}
// Numbers with anything between them: "2024-01-01 12:00:00".
std::vector<std::int64_t> numbers_in(std::string_view text) {
  std::vector<std::int64_t> found;
  bool open = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      if (!open) found.push_back(0);
      found.back() = found.back() * 10 + (c - '0');
    }
    open = c >= '0' && c <= '9';
  }
  return found;
}
Result<Data> read_date(std::string_view text, std::size_t bytes) {
  // A bare number counts seconds, as in nft.
  if (const std::optional<std::uint64_t> seconds = number_of(text)) {
    if (*seconds > 0xffffffffu) return wrong("date in seconds since 1970", text);
    return Data::number(*seconds * kNsPerSecond, bytes);
  }
  std::vector<std::int64_t> n = numbers_in(text);
  if (n.size() < 3 || n.size() > 6 || n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31)
    return wrong("date (for example \"2024-01-31 12:00:00\")", text);
  n.resize(6, 0);
  const std::int64_t seconds = days_of(n[0], n[1], n[2]) * 86'400 + n[3] * 3600 + n[4] * 60 + n[5];
  return Data::number(static_cast<std::uint64_t>(seconds * kNsPerSecond), bytes);
}
std::string write_date(const Data& v) {
  const auto seconds = static_cast<std::int64_t>(v.number()) / kNsPerSecond;
  std::int64_t day = seconds / 86'400;
  const std::int64_t of_day = seconds % 86'400;
  std::int64_t year = 1970;
  while (days_of(year + 1, 1, 1) <= day) ++year;
  std::int64_t month = 12;
  while (days_of(year, month, 1) > day) --month;
  day -= days_of(year, month, 1);
  return fmt::format("\"{:04}-{:02}-{:02} {:02}:{:02}:{:02}\"", year, month, day + 1, of_day / 3600,
                     of_day / 60 % 60, of_day % 60);
}
Result<Data> read_hour(std::string_view text, std::size_t bytes) {
  std::vector<std::int64_t> n = numbers_in(text);
  if (n.size() < 2 || n.size() > 3 || text.find(':') == std::string_view::npos || n[0] > 23 ||
      (n.size() == 3 && n[2] > 59) || n[1] > 59)
    return wrong("time of day (for example \"17:00\")", text);
  n.resize(3, 0);
  return Data::number(static_cast<std::uint64_t>(n[0] * 3600 + n[1] * 60 + n[2]), bytes);
}
std::string write_hour(const Data& v) {
  const std::uint64_t s = v.number();
  if (s % 60 == 0) return fmt::format("\"{:02}:{:02}\"", s / 3600, s / 60 % 60);
  return fmt::format("\"{:02}:{:02}:{:02}\"", s / 3600, s / 60 % 60, s % 60);
}

// "1:2": the halves of a class or realm.
Result<Data> read_classid(std::string_view text, std::size_t bytes) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return wrong("class (for example 1:20)", text);
  const auto half = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    if (digits.empty()) return 0;
    if (std::from_chars(digits.data(), end, value, 16).ptr != end || value > 0xffff)
      return std::nullopt;
    return value;
  };
  const auto major = half(text.substr(0, colon)), minor = half(text.substr(colon + 1));
  if (!major || !minor) return wrong("class (for example 1:20)", text);
  return Data::number(*major << 16 | *minor, bytes);
}
std::string write_classid(const Data& v) {
  return fmt::format("{:x}:{:x}", v.number() >> 16, v.number() & 0xffff);
}
std::string write_mark(const Data& v) { return fmt::format("{:#010x}", v.number()); }

// A label is the number of a bit.
Result<Data> read_label(std::string_view text, std::size_t bytes) {
  const std::optional<std::uint64_t> bit = number_of(text);
  if (!bit || *bit > 127) return wrong("connection label (a number from 0 to 127)", text);
  Data d = Data::number(0, bytes);
  d.bytes()[bytes - 1 - *bit / 8] = static_cast<std::uint8_t>(1u << (*bit % 8));
  return d;
}
std::string write_label(const Data& v) {
  std::string text;
  for (std::size_t bit = 0; bit < v.size() * 8; ++bit) {
    if ((v.bytes()[v.size() - 1 - bit / 8] >> (bit % 8) & 1) != 0)
      text += fmt::format("{}{}", text.empty() ? "" : ",", bit);
  }
  return text.empty() ? "0" : text;
}

std::string bits_text(const Datatype& type, std::uint64_t value) {
  std::string text;
  for (const Symbol& symbol : *type.symbols) {
    if ((value & symbol.value) != symbol.value) continue;
    text += (text.empty() ? "" : ",") + std::string(symbol.name);
    value &= ~symbol.value;
  }
  if (value != 0) text += (text.empty() ? "" : ",") + fmt::format("{:#x}", value);
  return text.empty() ? "0" : text;
}

}  // namespace

namespace types {

// clang-format off
constinit const Datatype kInteger{.name = "integer", .description = "number"};
constinit const Datatype kString{.name = "string", .description = "text", .string = true, .parse_text = read_string, .print_text = write_string};
constinit const Datatype kLlAddr{.name = "ll_addr", .description = "link-layer address", .parse_text = read_ether, .print_text = write_ether};
constinit const Datatype kIpv4Addr{.name = "ipv4_addr", .description = "IPv4 address", .bits = 32, .address = true, .parse_text = read_ipv4, .print_text = write_ipv4};
constinit const Datatype kIpv6Addr{.name = "ipv6_addr", .description = "IPv6 address", .bits = 128, .address = true, .parse_text = read_ipv6, .print_text = write_ipv6};
constinit const Datatype kEtherAddr{.name = "ether_addr", .description = "Ethernet address", .bits = 48, .parse_text = read_ether, .print_text = write_ether};
constinit const Datatype kEtherType{.name = "ether_type", .description = "Ethernet protocol", .bits = 16, .format = NumberFormat::Hex, .symbols = &symbols::kEtherType};
constinit const Datatype kArpOp{.name = "arp_op", .description = "ARP operation", .bits = 16, .symbols = &symbols::kArpOp};
constinit const Datatype kInetProto{.name = "inet_proto", .description = "protocol", .bits = 8, .parse_text = read_protocol, .print_text = write_protocol};
constinit const Datatype kInetService{.name = "inet_service", .description = "port or service", .bits = 16, .parse_text = read_service};
constinit const Datatype kIcmpType{.name = "icmp_type", .description = "ICMP type", .bits = 8, .symbols = &symbols::kIcmpType};
constinit const Datatype kIcmpv6Type{.name = "icmpv6_type", .description = "ICMPv6 type", .bits = 8, .symbols = &symbols::kIcmpv6Type};
constinit const Datatype kIcmpCode{.name = "icmp_code", .description = "ICMP code", .bits = 8, .symbols = &symbols::kIcmpCode};
constinit const Datatype kIcmpv6Code{.name = "icmpv6_code", .description = "ICMPv6 code", .bits = 8, .symbols = &symbols::kIcmpv6Code};
constinit const Datatype kIcmpxCode{.name = "icmpx_code", .description = "icmpx code", .bits = 8, .symbols = &symbols::kIcmpxCode};
constinit const Datatype kTcpFlag{.name = "tcp_flag", .description = "TCP flag", .bits = 8, .bitmask = true, .symbols = &symbols::kTcpFlag};
constinit const Datatype kDccpPkttype{.name = "dccp_pkttype", .description = "DCCP packet type", .bits = 4, .symbols = &symbols::kDccpPkttype};
constinit const Datatype kMhType{.name = "mh_type", .description = "mobility header type", .bits = 8, .symbols = &symbols::kMhType};
constinit const Datatype kBitmask{.name = "bitmask", .description = "number", .format = NumberFormat::Hex};
constinit const Datatype kBoolean{.name = "boolean", .description = "exists or missing", .bits = 8, .symbols = &symbols::kBoolean};
constinit const Datatype kDscp{.name = "dscp", .description = "DSCP", .bits = 6, .format = NumberFormat::Hex, .symbols = &symbols::kDscp};
constinit const Datatype kEcn{.name = "ecn", .description = "ECN codepoint", .bits = 2, .symbols = &symbols::kEcn};
constinit const Datatype kCtState{.name = "ct_state", .description = "connection state", .bits = 32, .order = ByteOrder::Host, .bitmask = true, .symbols = &symbols::kCtState};
constinit const Datatype kCtDir{.name = "ct_dir", .description = "direction", .bits = 8, .symbols = &symbols::kCtDir};
constinit const Datatype kCtStatus{.name = "ct_status", .description = "connection status", .bits = 32, .order = ByteOrder::Host, .bitmask = true, .symbols = &symbols::kCtStatus};
constinit const Datatype kCtLabel{.name = "ct_label", .description = "connection label", .bits = 128, .order = ByteOrder::Host, .bitmask = true, .parse_text = read_label, .print_text = write_label};
constinit const Datatype kCtEvent{.name = "ct_event", .description = "connection event", .bits = 32, .order = ByteOrder::Host, .bitmask = true, .symbols = &symbols::kCtEvent};
constinit const Datatype kIfIndex{.name = "iface_index", .description = "device", .bits = 32, .order = ByteOrder::Host};
constinit const Datatype kIfName{.name = "ifname", .description = "device name", .bits = 128, .order = ByteOrder::Host, .string = true, .parse_text = read_string, .print_text = write_string};
constinit const Datatype kIfaceType{.name = "iface_type", .description = "kind of device", .bits = 16, .order = ByteOrder::Host, .symbols = &symbols::kIfaceType};
constinit const Datatype kMark{.name = "mark", .description = "mark", .bits = 32, .order = ByteOrder::Host, .print_text = write_mark};
constinit const Datatype kNfProto{.name = "nf_proto", .description = "family", .bits = 8, .symbols = &symbols::kNfProto};
constinit const Datatype kPktType{.name = "pkt_type", .description = "packet type", .bits = 8, .symbols = &symbols::kPktType};
constinit const Datatype kUid{.name = "uid", .description = "user id", .bits = 32, .order = ByteOrder::Host, .symbols = &symbols::kUid};
constinit const Datatype kGid{.name = "gid", .description = "group id", .bits = 32, .order = ByteOrder::Host, .symbols = &symbols::kUid};
constinit const Datatype kRealm{.name = "realm", .description = "routing realm", .bits = 32, .order = ByteOrder::Host, .symbols = &symbols::kRealm};
constinit const Datatype kClassId{.name = "classid", .description = "traffic class", .bits = 32, .order = ByteOrder::Host, .symbols = &symbols::kClassId, .parse_text = read_classid, .print_text = write_classid};
constinit const Datatype kDevGroup{.name = "devgroup", .description = "device group", .bits = 32, .order = ByteOrder::Host, .symbols = &symbols::kDevGroup};
constinit const Datatype kCgroup{.name = "cgroup", .description = "control group", .bits = 32, .order = ByteOrder::Host};
constinit const Datatype kCgroupV2{.name = "cgroupsv2", .description = "control group", .bits = 64, .order = ByteOrder::Host};
constinit const Datatype kTime{.name = "time", .description = "time", .bits = 64, .order = ByteOrder::Host, .parse_text = read_duration, .print_text = write_duration};
constinit const Datatype kDay{.name = "day", .description = "day of the week", .bits = 8, .symbols = &symbols::kDay};
constinit const Datatype kHour{.name = "hour", .description = "time of day", .bits = 32, .order = ByteOrder::Host, .parse_text = read_hour, .print_text = write_hour};
constinit const Datatype kTimeOfDay{.name = "date", .description = "date", .bits = 64, .order = ByteOrder::Host, .parse_text = read_date, .print_text = write_date};
constinit const Datatype kFibAddrType{.name = "fib_addrtype", .description = "address type", .bits = 32, .order = ByteOrder::Host, .symbols = &symbols::kFibAddrType};
constinit const Datatype kIgmpType{.name = "igmp_type", .description = "IGMP type", .bits = 8, .symbols = &symbols::kIgmpType};
constinit const Datatype kVerdict{.name = "verdict", .description = "verdict"};
constinit const Datatype kPolicy{.name = "policy", .description = "policy"};
constinit const Datatype kOsf{.name = "osf", .description = "operating system", .bits = 128, .string = true, .parse_text = read_string, .print_text = write_string};
constinit const Datatype kSecpath{.name = "secpath", .description = "exists or missing", .bits = 8, .symbols = &symbols::kBoolean};
// clang-format on

}  // namespace types

const Datatype* find_datatype(std::string_view name) {
  using namespace types;
  static constexpr const Datatype* kAll[] = {
      &kInteger,   &kString,      &kLlAddr,    &kIpv4Addr,    &kIpv6Addr,    &kEtherAddr,
      &kEtherType, &kArpOp,       &kInetProto, &kInetService, &kIcmpType,    &kIcmpv6Type,
      &kIcmpCode,  &kIcmpv6Code,  &kIcmpxCode, &kTcpFlag,     &kDccpPkttype, &kMhType,
      &kBitmask,   &kBoolean,     &kDscp,      &kEcn,         &kCtState,     &kCtDir,
      &kCtStatus,  &kCtLabel,     &kCtEvent,   &kIfIndex,     &kIfName,      &kIfaceType,
      &kMark,      &kNfProto,     &kPktType,   &kUid,         &kGid,         &kRealm,
      &kClassId,   &kDevGroup,    &kCgroup,    &kCgroupV2,    &kTime,        &kDay,
      &kHour,      &kFibAddrType, &kIgmpType,  &kVerdict,     &kOsf};
  const auto found = std::find_if(std::begin(kAll), std::end(kAll),
                                  [&](const Datatype* t) { return t->name == name; });
  return found == std::end(kAll) ? nullptr : *found;
}

Result<Data> parse_data(const Datatype& type, std::string_view text, unsigned bits) {
  const std::size_t bytes = bytes_of(bits);
  if (type.symbols != nullptr) {
    for (const Symbol& symbol : *type.symbols) {
      if (symbol.name == text) return Data::number(symbol.value, bytes);
    }
  }
  if (!type.string && !type.address) {
    if (const std::optional<std::uint64_t> number = number_of(text);
        number && type.print_text != write_label && &type != &types::kTime &&
        &type != &types::kTimeOfDay) {
      if (bits < 64 && *number >> bits != 0)
        return Error{.what = fmt::format("{} is too large for a {}", text, type.description),
                     .where = {},
                     .hint = fmt::format("at most {}", (std::uint64_t{1} << bits) - 1)};
      return Data::number(*number, bytes);
    }
  }
  if (type.parse_text != nullptr) return type.parse_text(text, bytes);
  return expected(type, text);
}

std::string print_data(const Datatype& type, const Data& value) {
  if (type.symbols != nullptr && value.size() <= 8) {
    const std::uint64_t number = value.number();
    if (type.bitmask) return bits_text(type, number);
    for (const Symbol& symbol : *type.symbols) {
      if (symbol.value == number) return std::string(symbol.name);
    }
  }
  if (type.print_text != nullptr) return type.print_text(value);
  if (value.size() > 8) {
    std::string hex = "0x";
    for (const std::uint8_t byte : value.bytes()) hex += fmt::format("{:02x}", byte);
    return hex;
  }
  return type.format == NumberFormat::Hex ? fmt::format("{:#x}", value.number())
                                          : std::to_string(value.number());
}

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
#include "model/trace/value.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace pktwalk {
namespace {

std::string bit_list(std::uint64_t bits,
                     std::initializer_list<std::pair<std::uint64_t, const char*>> names,
                     const char* none) {
  std::string text;
  for (const auto& [bit, name] : names) {
    if ((bits & bit) == 0) continue;
    if (!text.empty()) text += ',';
    text += name;
  }
  return text.empty() ? none : text;
}

std::string tcp_flags_text(std::uint64_t flags) {
  return bit_list(flags,
                  {{1, "FIN"},
                   {2, "SYN"},
                   {4, "RST"},
                   {8, "PSH"},
                   {16, "ACK"},
                   {32, "URG"},
                   {64, "ECE"},
                   {128, "CWR"}},
                  "NONE");
}

std::string protocol_text(std::uint64_t protocol) {
  switch (protocol) {
    case 1:
      return "icmp";
    case 2:
      return "igmp";
    case 4:
      return "ipip";
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 33:
      return "dccp";
    case 41:
      return "ipv6";
    case 47:
      return "gre";
    case 50:
      return "esp";
    case 51:
      return "ah";
    case 58:
      return "ipv6-icmp";
    case 89:
      return "ospf";
    case 112:
      return "vrrp";
    case 132:
      return "sctp";
    case 136:
      return "udplite";
    default:
      return fmt::format("protocol {}", protocol);
  }
}

std::string icmp_text(std::uint64_t type, std::uint64_t code) {
  const char* name = nullptr;
  switch (type) {
    case 0:
      name = "echo-reply";
      break;
    case 3:
      name = "destination-unreachable";
      break;
    case 4:
      name = "source-quench";
      break;
    case 5:
      name = "redirect";
      break;
    case 8:
      name = "echo-request";
      break;
    case 9:
      name = "router-advertisement";
      break;
    case 10:
      name = "router-solicitation";
      break;
    case 11:
      name = "time-exceeded";
      break;
    case 12:
      name = "parameter-problem";
      break;
    case 13:
      name = "timestamp-request";
      break;
    case 14:
      name = "timestamp-reply";
      break;
    case 17:
      name = "address-mask-request";
      break;
    case 18:
      name = "address-mask-reply";
      break;
    default:
      break;
  }
  return name == nullptr ? fmt::format("{}/{}", type, code)
                         : fmt::format("{}/{} ({})", type, code, name);
}

std::string duration_text(std::int64_t ns) {
  if (ns % 1'000'000'000 == 0) return fmt::format("{}s", ns / 1'000'000'000);
  return fmt::format("{:.3f}s", static_cast<double>(ns) / 1e9);
}

std::string clock_text(std::int64_t ns) {
  const std::time_t seconds = static_cast<std::time_t>(ns / 1'000'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return fmt::format("{} UTC", text.data());
}

std::string ct_state_text(std::uint64_t bits) {
  return bit_list(bits,
                  {{kCtStateInvalid, "INVALID"},
                   {kCtStateNew, "NEW"},
                   {kCtStateEstablished, "ESTABLISHED"},
                   {kCtStateRelated, "RELATED"},
                   {kCtStateUntracked, "UNTRACKED"},
                   {kCtStateSnat, "SNAT"},
                   {kCtStateDnat, "DNAT"}},
                  "NONE");
}

std::string tcp_state_text(std::uint64_t state) {
  static constexpr const char* kNames[] = {"NONE",     "SYN_SENT",   "SYN_RECV", "ESTABLISHED",
                                           "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT",
                                           "CLOSE",    "SYN_SENT2"};
  return state < std::size(kNames) ? kNames[state] : "?";
}

}  // namespace

std::string to_string(const Value& v) {
  switch (v.kind) {
    case ValueKind::None:
      return "absent";
    case ValueKind::Dec:
      return fmt::format("{}", v.a);
    case ValueKind::Hex:
      return fmt::format("{:#x}", v.a);
    case ValueKind::Masked:
      return fmt::format("{:#x}/{:#x}", v.a, v.b);
    case ValueKind::Range:
      return fmt::format("{}:{}", v.a, v.b);
    case ValueKind::Bool:
      return v.a != 0 ? "yes" : "no";
    case ValueKind::Addr:
      return to_string(v.addr);
    case ValueKind::AddrPort:
      return v.addr.is_v4() ? fmt::format("{}:{}", to_string(v.addr), v.a)
                            : fmt::format("[{}]:{}", to_string(v.addr), v.a);
    case ValueKind::Net:
      return fmt::format("{}/{}", to_string(v.addr), v.a);
    case ValueKind::Mac: {
      MacAddr mac;
      for (std::size_t i = 0; i < 6; ++i)
        mac.bytes[i] = static_cast<std::uint8_t>(v.a >> (8 * (5 - i)));
      return to_string(mac);
    }
    case ValueKind::Proto:
      return protocol_text(v.a);
    case ValueKind::TcpFlags:
      return tcp_flags_text(v.a);
    case ValueKind::IcmpType:
      return icmp_text(v.a, v.b);
    case ValueKind::CtState:
      return ct_state_text(v.a);
    case ValueKind::CtStatus:
      return bit_list(v.a,
                      {{1, "EXPECTED"},
                       {2, "SEEN_REPLY"},
                       {4, "ASSURED"},
                       {8, "CONFIRMED"},
                       {16, "SNAT"},
                       {32, "DNAT"}},
                      "NONE");
    case ValueKind::TcpState:
      return tcp_state_text(v.a);
    case ValueKind::Tos:
      return fmt::format("{:#04x}", v.a);
    case ValueKind::Duration:
      return duration_text(static_cast<std::int64_t>(v.a));
    case ValueKind::Clock:
      return clock_text(static_cast<std::int64_t>(v.a));
    case ValueKind::Text:
      return std::string(v.text);
    case ValueKind::Typed:
      return v.owner->format(v.bytes);
    case ValueKind::Frag:
      if (v.a == 0 && v.b == 0) return "no fragment";
      if (v.a == 0) return "first fragment";
      return fmt::format("fragment at byte {}{}", v.a, v.b != 0 ? "" : " (last)");
  }
  return "?";
}

}  // namespace pktwalk

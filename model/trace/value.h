// SPDX-License-Identifier: MIT
// A typed value that a packet or a rule had. Steps carry values; renderers make text of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/core/addr.h"
#include "model/core/time.h"

namespace pktwalk {

enum class ValueKind : std::uint8_t {
  None,      // nothing to show ("absent": no such header, no entry)
  Dec,       // a
  Hex,       // a, as 0x..
  Masked,    // a/b in hex, as iptables writes marks
  Range,     // a to b, decimal ("a:b")
  Bool,      // a
  Addr,      // addr
  AddrPort,  // addr, a
  Net,       // addr/a
  Mac,       // 48 bits in a
  Proto,     // IP protocol number in a: "tcp"
  TcpFlags,  // flag byte in a: "SYN,ACK"
  IcmpType,  // type in a, code in b
  CtState,   // state bits in a (kCtStateNew...): "NEW"
  CtStatus,  // IPS_* bits in a
  TcpState,  // conntrack TCP state in a
  Tos,       // TOS/DSCP byte in a, hex
  Duration,  // nanoseconds in a
  Clock,     // Time in a
  Text,      // text: a literal, or text that the Host or the rule owns
  Frag,      // fragment: offset in bytes in a, more-fragments flag in b
  Typed,     // bytes in `bytes`, in the words of `owner`
};

// How a value of a type that only its owner knows is written. It must outlive the trace.
class ValueFormat {
 public:
  virtual ~ValueFormat() = default;
  virtual std::string format(std::span<const std::uint8_t> bytes) const = 0;
};

struct Value {
  ValueKind kind = ValueKind::None;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  IpAddr addr{};
  std::string_view text{};
  const ValueFormat* owner = nullptr;
  std::vector<std::uint8_t> bytes{};

  static Value none() { return {}; }
  static Value dec(std::uint64_t v) { return {.kind = ValueKind::Dec, .a = v}; }
  static Value hex(std::uint64_t v) { return {.kind = ValueKind::Hex, .a = v}; }
  static Value masked(std::uint32_t v, std::uint32_t m) {
    return {.kind = ValueKind::Masked, .a = v, .b = m};
  }
  static Value range(std::uint64_t lo, std::uint64_t hi) {
    return {.kind = ValueKind::Range, .a = lo, .b = hi};
  }
  static Value boolean(bool v) { return {.kind = ValueKind::Bool, .a = v}; }
  static Value address(const IpAddr& v) { return {.kind = ValueKind::Addr, .addr = v}; }
  static Value endpoint(const IpAddr& v, std::uint16_t port) {
    return {.kind = ValueKind::AddrPort, .a = port, .addr = v};
  }
  static Value net(const Prefix& p) {
    return {.kind = ValueKind::Net, .a = p.length, .addr = p.addr};
  }
  static Value mac(const MacAddr& m) {
    std::uint64_t v = 0;
    for (const std::uint8_t byte : m.bytes) v = v << 8 | byte;
    return {.kind = ValueKind::Mac, .a = v};
  }
  static Value proto(std::uint8_t p) { return {.kind = ValueKind::Proto, .a = p}; }
  static Value tcp_flags(std::uint8_t f) { return {.kind = ValueKind::TcpFlags, .a = f}; }
  static Value icmp(std::uint8_t type, std::uint8_t code) {
    return {.kind = ValueKind::IcmpType, .a = type, .b = code};
  }
  static Value ct_state(std::uint32_t bits) { return {.kind = ValueKind::CtState, .a = bits}; }
  static Value ct_status(std::uint32_t bits) { return {.kind = ValueKind::CtStatus, .a = bits}; }
  static Value tcp_state(std::uint8_t s) { return {.kind = ValueKind::TcpState, .a = s}; }
  static Value tos(std::uint8_t v) { return {.kind = ValueKind::Tos, .a = v}; }
  static Value duration(std::int64_t ns) {
    return {.kind = ValueKind::Duration, .a = static_cast<std::uint64_t>(ns)};
  }
  static Value clock(Time t) {
    return {.kind = ValueKind::Clock, .a = static_cast<std::uint64_t>(t.ns)};
  }
  static Value frag(std::uint32_t byte_offset, bool more) {
    return {.kind = ValueKind::Frag, .a = byte_offset, .b = more};
  }
  static Value typed(const ValueFormat& owner, std::span<const std::uint8_t> bytes) {
    return {.kind = ValueKind::Typed, .owner = &owner, .bytes = {bytes.begin(), bytes.end()}};
  }
  // `v` must outlive the trace: a string literal, or text owned by the Host.
  static Value literal(std::string_view v) { return {.kind = ValueKind::Text, .text = v}; }
};

// Bits of ValueKind::CtState.
inline constexpr std::uint32_t kCtStateInvalid = 1u << 0;
inline constexpr std::uint32_t kCtStateNew = 1u << 1;
inline constexpr std::uint32_t kCtStateEstablished = 1u << 2;
inline constexpr std::uint32_t kCtStateRelated = 1u << 3;
inline constexpr std::uint32_t kCtStateUntracked = 1u << 4;
inline constexpr std::uint32_t kCtStateSnat = 1u << 5;
inline constexpr std::uint32_t kCtStateDnat = 1u << 6;

// The words a user would write for it: "10.0.0.5", "tcp", "0x1/0xff", "SYN,ACK", "absent".
std::string to_string(const Value& value);

}  // namespace pktwalk

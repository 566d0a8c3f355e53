// SPDX-License-Identifier: MIT
// Checked views of packet headers. Once a view exists its accessors cannot fail; values come out in
// host order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "model/core/addr.h"
#include "model/core/bytes.h"

namespace pktwalk {

inline constexpr std::uint8_t kProtoIcmp = 1, kProtoIgmp = 2, kProtoIpip = 4, kProtoTcp = 6,
                              kProtoUdp = 17, kProtoDccp = 33, kProtoIpv6 = 41, kProtoGre = 47,
                              kProtoEsp = 50, kProtoAh = 51, kProtoIcmpv6 = 58, kProtoSctp = 132,
                              kProtoUdpLite = 136;

// The IPv4 header's fixed part (20 bytes are there).
class Ipv4View {
 public:
  static std::optional<Ipv4View> at(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < 20) return std::nullopt;
    return Ipv4View(bytes.data());
  }
  explicit Ipv4View(const std::uint8_t* p) : p_(p) {}  // 20 bytes must be there

  unsigned version() const { return p_[0] >> 4; }
  unsigned header_length() const { return (p_[0] & 15u) * 4; }
  std::uint8_t tos() const { return p_[1]; }
  std::uint16_t total_length() const { return load_be16(p_ + 2); }
  std::uint16_t id() const { return load_be16(p_ + 4); }
  bool dont_fragment() const { return (p_[6] & 0x40) != 0; }
  bool more_fragments() const { return (p_[6] & 0x20) != 0; }
  unsigned fragment_offset() const { return (load_be16(p_ + 6) & 0x1fffu) * 8; }  // bytes
  bool is_fragment() const { return (load_be16(p_ + 6) & 0x3fffu) != 0; }
  std::uint8_t ttl() const { return p_[8]; }
  std::uint8_t protocol() const { return p_[9]; }
  std::uint16_t checksum() const { return load_be16(p_ + 10); }
  IpAddr saddr() const { return IpAddr::v4(load_be32(p_ + 12)); }
  IpAddr daddr() const { return IpAddr::v4(load_be32(p_ + 16)); }

 private:
  const std::uint8_t* p_;
};

inline constexpr std::uint8_t kTcpFin = 1, kTcpSyn = 2, kTcpRst = 4, kTcpPsh = 8, kTcpAck = 16,
                              kTcpUrg = 32, kTcpEce = 64, kTcpCwr = 128;

class TcpView {
 public:
  static std::optional<TcpView> at(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < 20) return std::nullopt;
    return TcpView(bytes.data());
  }
  explicit TcpView(const std::uint8_t* p) : p_(p) {}

  std::uint16_t sport() const { return load_be16(p_); }
  std::uint16_t dport() const { return load_be16(p_ + 2); }
  std::uint32_t seq() const { return load_be32(p_ + 4); }
  std::uint32_t ack() const { return load_be32(p_ + 8); }
  unsigned header_length() const { return (p_[12] >> 4) * 4u; }
  std::uint8_t flags() const { return p_[13]; }
  bool has(std::uint8_t bits) const { return (p_[13] & bits) != 0; }
  std::uint16_t window() const { return load_be16(p_ + 14); }
  std::uint16_t checksum() const { return load_be16(p_ + 16); }

 private:
  const std::uint8_t* p_;
};

class UdpView {
 public:
  static std::optional<UdpView> at(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < 8) return std::nullopt;
    return UdpView(bytes.data());
  }
  explicit UdpView(const std::uint8_t* p) : p_(p) {}
  std::uint16_t sport() const { return load_be16(p_); }
  std::uint16_t dport() const { return load_be16(p_ + 2); }
  std::uint16_t length() const { return load_be16(p_ + 4); }
  std::uint16_t checksum() const { return load_be16(p_ + 6); }

 private:
  const std::uint8_t* p_;
};

class IcmpView {
 public:
  static std::optional<IcmpView> at(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < 8) return std::nullopt;
    return IcmpView(bytes.data());
  }
  explicit IcmpView(const std::uint8_t* p) : p_(p) {}
  std::uint8_t type() const { return p_[0]; }
  std::uint8_t code() const { return p_[1]; }
  std::uint16_t checksum() const { return load_be16(p_ + 2); }
  std::uint16_t id() const { return load_be16(p_ + 4); }
  std::uint16_t sequence() const { return load_be16(p_ + 6); }
  // Types 3, 4, 5, 11, 12: about another packet, whose header follows.
  bool is_error() const {
    const std::uint8_t t = p_[0];
    return t == 3 || t == 4 || t == 5 || t == 11 || t == 12;
  }

 private:
  const std::uint8_t* p_;
};

}  // namespace pktwalk

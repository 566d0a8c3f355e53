// SPDX-License-Identifier: MIT
// Addresses. One type holds both families, so that nothing in the model needs a second copy for
// IPv6.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pktwalk {

// The kernel's own numbers (NFPROTO_*, AF_*).
enum class Family : std::uint8_t { Unspec = 0, Ipv4 = 2, Ipv6 = 10 };

// Bits in an address of this family: 32 or 128.
constexpr unsigned address_bits(Family family) { return family == Family::Ipv4 ? 32 : 128; }

// An IPv4 or IPv6 address. Words are in host order, most significant first; IPv4 uses word 0 only
// and keeps the others zero, so that comparison and hashing need no look at the family.
class IpAddr {
 public:
  constexpr IpAddr() = default;

  static constexpr IpAddr v4(std::uint32_t host_order) {
    IpAddr a;
    a.family_ = Family::Ipv4;
    a.words_[0] = host_order;
    return a;
  }
  // The address whose bytes, in network order, start at `bytes`: 4 or 16 of them.
  static IpAddr from_bytes(Family family, const std::uint8_t* bytes);
  // Dotted quad or RFC 4291 text; nothing else (no names, no "10.1").
  static std::optional<IpAddr> parse(std::string_view text);
  // The address with the first `length` bits set.
  static IpAddr mask(Family family, unsigned length);

  constexpr Family family() const { return family_; }
  constexpr bool is_v4() const { return family_ == Family::Ipv4; }
  // IPv4 address as a host-order number.
  constexpr std::uint32_t v4() const { return words_[0]; }
  constexpr std::uint32_t word(std::size_t i) const { return words_[i]; }
  constexpr void set_word(std::size_t i, std::uint32_t value) { words_[i] = value; }
  void to_bytes(std::uint8_t* out) const;  // 4 or 16 bytes, network order

  constexpr bool is_unspecified() const {
    return (words_[0] | words_[1] | words_[2] | words_[3]) == 0;
  }
  constexpr bool is_v4_multicast() const { return (words_[0] & 0xf0000000u) == 0xe0000000u; }
  constexpr bool is_v4_loopback() const { return (words_[0] & 0xff000000u) == 0x7f000000u; }
  constexpr bool is_v4_zeronet() const { return (words_[0] & 0xff000000u) == 0; }
  constexpr bool is_v4_limited_broadcast() const { return words_[0] == 0xffffffffu; }
  // 224.0.0.0/24
  constexpr bool is_v4_local_multicast() const { return (words_[0] & 0xffffff00u) == 0xe0000000u; }

  constexpr IpAddr operator&(const IpAddr& m) const {
    IpAddr r = *this;
    for (std::size_t i = 0; i < 4; ++i) r.words_[i] &= m.words_[i];
    return r;
  }
  constexpr IpAddr operator|(const IpAddr& m) const {
    IpAddr r = *this;
    for (std::size_t i = 0; i < 4; ++i) r.words_[i] |= m.words_[i];
    return r;
  }
  // Ones' complement within the family's width.
  IpAddr operator~() const;

  constexpr bool operator==(const IpAddr&) const = default;
  // Numeric order within a family.
  constexpr auto operator<=>(const IpAddr&) const = default;

 private:
  Family family_ = Family::Unspec;
  std::array<std::uint32_t, 4> words_{};
};

std::string to_string(const IpAddr& addr);

// A prefix "10.0.0.0/8". `addr` has no bits beyond `length` when it comes from a route; interface
// addresses keep them.
struct Prefix {
  IpAddr addr;
  std::uint8_t length = 0;

  bool contains(const IpAddr& a) const {
    if (a.is_v4()) {
      const std::uint32_t m = length == 0 ? 0 : ~0u << (32 - length);
      return ((a.v4() ^ addr.v4()) & m) == 0;
    }
    const IpAddr m = IpAddr::mask(addr.family(), length);
    return (a & m) == (addr & m);
  }
  bool operator==(const Prefix&) const = default;

  // "10.0.0.0/8", or a bare address as a host prefix.
  static std::optional<Prefix> parse(std::string_view text);
};

std::string to_string(const Prefix& prefix);

// Ethernet address.
struct MacAddr {
  std::array<std::uint8_t, 6> bytes{};

  constexpr bool operator==(const MacAddr&) const = default;
  constexpr auto operator<=>(const MacAddr&) const = default;
  bool is_broadcast() const { return *this == MacAddr{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  bool is_multicast() const { return (bytes[0] & 1) != 0; }
  bool is_zero() const { return *this == MacAddr{}; }
  static std::optional<MacAddr> parse(std::string_view text);  // "02:00:00:00:00:01"
};

std::string to_string(const MacAddr& mac);  // lower case, colons

// The kernel's interface index; 0 is "no device".
enum class IfIndex : std::uint32_t { None = 0 };

}  // namespace pktwalk

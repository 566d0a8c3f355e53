// SPDX-License-Identifier: MIT
#include "model/core/addr.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace pktwalk {

IpAddr IpAddr::from_bytes(Family family, const std::uint8_t* bytes) {
  IpAddr a;
  a.family_ = family;
  const std::size_t words = family == Family::Ipv4 ? 1 : 4;
  for (std::size_t i = 0; i < words; ++i) {
    a.words_[i] = std::uint32_t{bytes[4 * i]} << 24 | std::uint32_t{bytes[4 * i + 1]} << 16 |
                  std::uint32_t{bytes[4 * i + 2]} << 8 | std::uint32_t{bytes[4 * i + 3]};
  }
  return a;
}

std::optional<IpAddr> IpAddr::parse(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  std::uint8_t bytes[16];
  if (inet_pton(AF_INET, buffer, bytes) == 1) return from_bytes(Family::Ipv4, bytes);
  if (inet_pton(AF_INET6, buffer, bytes) == 1) return from_bytes(Family::Ipv6, bytes);
  return std::nullopt;
}

IpAddr IpAddr::mask(Family family, unsigned length) {
  IpAddr a;
  a.family_ = family;
  const std::size_t words = family == Family::Ipv4 ? 1 : 4;
  for (std::size_t i = 0; i < words; ++i) {
    const unsigned bits = length > 32 * i ? length - static_cast<unsigned>(32 * i) : 0;
    a.words_[i] = bits >= 32 ? ~0u : bits == 0 ? 0u : ~0u << (32 - bits);
  }
  return a;
}

void IpAddr::to_bytes(std::uint8_t* out) const {
  const std::size_t words = family_ == Family::Ipv4 ? 1 : 4;
  for (std::size_t i = 0; i < words; ++i) {
    out[4 * i] = static_cast<std::uint8_t>(words_[i] >> 24);
    out[4 * i + 1] = static_cast<std::uint8_t>(words_[i] >> 16);
    out[4 * i + 2] = static_cast<std::uint8_t>(words_[i] >> 8);
    out[4 * i + 3] = static_cast<std::uint8_t>(words_[i]);
  }
}

IpAddr IpAddr::operator~() const {
  IpAddr r = *this;
  const std::size_t words = family_ == Family::Ipv4 ? 1 : 4;
  for (std::size_t i = 0; i < words; ++i) r.words_[i] = ~r.words_[i];
  return r;
}

std::string to_string(const IpAddr& addr) {
  if (addr.family() == Family::Unspec) return "any";
  std::uint8_t bytes[16] = {};
  addr.to_bytes(bytes);
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(addr.is_v4() ? AF_INET : AF_INET6, bytes, buffer, sizeof buffer);
  return buffer;
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddr> addr = IpAddr::parse(text.substr(0, slash));
  if (!addr) return std::nullopt;
  const unsigned bits = address_bits(addr->family());
  if (slash == std::string_view::npos) return Prefix{*addr, static_cast<std::uint8_t>(bits)};
  unsigned length = 0;
  const char* const begin = text.data() + slash + 1;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(begin, end, length);
  if (error != std::errc{} || rest != end || length > bits) return std::nullopt;
  return Prefix{*addr, static_cast<std::uint8_t>(length)};
}

std::string to_string(const Prefix& prefix) {
  return to_string(prefix.addr) + "/" + std::to_string(prefix.length);
}

std::optional<MacAddr> MacAddr::parse(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  MacAddr mac;
  for (std::size_t i = 0; i < 6; ++i) {
    const char* const begin = text.data() + 3 * i;
    unsigned value = 0;
    const auto [rest, error] = std::from_chars(begin, begin + 2, value, 16);
    if (error != std::errc{} || rest != begin + 2) return std::nullopt;
    if (i < 5 && begin[2] != ':' && begin[2] != '-') return std::nullopt;
    mac.bytes[i] = static_cast<std::uint8_t>(value);
  }
  return mac;
}

std::string to_string(const MacAddr& mac) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(17);
  for (std::size_t i = 0; i < 6; ++i) {
    if (i != 0) text += ':';
    text += digits[mac.bytes[i] >> 4];
    text += digits[mac.bytes[i] & 15];
  }
  return text;
}

}  // namespace pktwalk

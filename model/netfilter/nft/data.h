// SPDX-License-Identifier: MIT
// A value in an nftables expression: what the kernel holds in its registers.
//
// Numbers are big-endian whatever the kernel's order is, so that comparing bytes compares numbers;
// where the byte order in memory matters (jhash over a mark) the type knows it. The fields of a
// concatenation stand one behind the other, each padded with zeros to a multiple of four bytes, as
// in the registers.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace pktwalk::nft {

// Kernel: NFT_DATA_VALUE_MAXLEN (64)
inline constexpr std::size_t kMaxData = 64;

class Data {
 public:
  Data() = default;
  static Data number(std::uint64_t value, std::size_t bytes) {
    Data d;
    d.size_ = static_cast<std::uint8_t>(bytes);
    for (std::size_t i = 0; i < bytes && i < 8; ++i)
      d.bytes_[bytes - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    return d;
  }
  static Data from(std::span<const std::uint8_t> bytes) {
    Data d;
    d.append(bytes);
    return d;
  }

  std::size_t size() const { return size_; }
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }
  std::span<std::uint8_t> bytes() { return {bytes_.data(), size_}; }
  // The last eight bytes as a number.
  std::uint64_t number() const {
    std::uint64_t v = 0;
    for (std::size_t i = size_ > 8 ? size_ - 8u : 0; i < size_; ++i) v = v << 8 | bytes_[i];
    return v;
  }
  // Appends, without padding. What goes beyond kMaxData is cut: the builder refuses such rules.
  void append(std::span<const std::uint8_t> more) {
    const std::size_t n = std::min(more.size(), kMaxData - size_);
    std::copy_n(more.begin(), n, bytes_.begin() + size_);
    size_ = static_cast<std::uint8_t>(size_ + n);
  }
  // Zeros up to the next multiple of four: the end of a field of a concatenation.
  void pad() {
    while (size_ % 4 != 0 && size_ < kMaxData) bytes_[size_++] = 0;
  }
  void clear() {
    bytes_.fill(0);
    size_ = 0;
  }

  bool operator==(const Data& o) const {
    return size_ == o.size_ && std::memcmp(bytes_.data(), o.bytes_.data(), size_) == 0;
  }
  // As numbers of equal width.
  std::strong_ordering operator<=>(const Data& o) const {
    const int c = std::memcmp(bytes_.data(), o.bytes_.data(), std::min(size_, o.size_));
    if (c != 0) return c <=> 0;
    return size_ <=> o.size_;
  }

 private:
  std::array<std::uint8_t, kMaxData> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
#include "model/packet/checksum.h"

#include "model/core/bytes.h"

namespace pktwalk {

std::uint64_t sum_bytes(std::span<const std::uint8_t> bytes, std::uint64_t start) {
  std::uint64_t sum = start;
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) sum += load_be32(bytes.data() + i);
  if (i + 2 <= bytes.size()) {
    sum += load_be16(bytes.data() + i);
    i += 2;
  }
  if (i < bytes.size())
    sum += std::uint64_t{bytes[i]} << 8;  // an odd last byte is padded with zero
  return sum;
}

std::uint16_t finish_sum(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint64_t pseudo_sum(const IpAddr& src, const IpAddr& dst, std::uint8_t protocol,
                         std::uint32_t length) {
  std::uint64_t sum = protocol;
  sum += length;
  for (std::size_t i = 0; i < 4; ++i) sum += std::uint64_t{src.word(i)} + dst.word(i);
  return sum;
}

std::uint16_t update_checksum(std::uint16_t check, std::uint16_t from, std::uint16_t to) {
  // RFC 1624, equation 3: HC' = ~(~HC + ~m + m')
  std::uint32_t sum = static_cast<std::uint16_t>(~check);
  sum += static_cast<std::uint16_t>(~from);
  sum += to;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint16_t update_checksum32(std::uint16_t check, std::uint32_t from, std::uint32_t to) {
  const std::uint16_t high = update_checksum(check, static_cast<std::uint16_t>(from >> 16),
                                             static_cast<std::uint16_t>(to >> 16));
  return update_checksum(high, static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to));
}

}  // namespace pktwalk

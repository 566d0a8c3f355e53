// SPDX-License-Identifier: MIT
// Internet checksums (RFC 1071), whole and incremental (RFC 1624).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/core/addr.h"

namespace pktwalk {

// Ones' complement sum of the bytes added to `start`, not folded.
std::uint64_t sum_bytes(std::span<const std::uint8_t> bytes, std::uint64_t start = 0);
// Folded and complemented: the value for a checksum field, or 0 when the summed bytes include a
// right checksum.
std::uint16_t finish_sum(std::uint64_t sum);
inline std::uint16_t checksum(std::span<const std::uint8_t> bytes) {
  return finish_sum(sum_bytes(bytes));
}
// Sum of the TCP/UDP pseudo header.
std::uint64_t pseudo_sum(const IpAddr& src, const IpAddr& dst, std::uint8_t protocol,
                         std::uint32_t length);

// RFC 1624: the checksum after a 16-bit word of the summed bytes changed.
std::uint16_t update_checksum(std::uint16_t check, std::uint16_t from, std::uint16_t to);
std::uint16_t update_checksum32(std::uint16_t check, std::uint32_t from, std::uint32_t to);

}  // namespace pktwalk

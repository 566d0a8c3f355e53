// SPDX-License-Identifier: MIT
#include "model/packet/checksum.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "model/core/bytes.h"

using namespace pktwalk;

TEST_CASE("checksum: the example of RFC 1071 and odd lengths") {
  const std::array<std::uint8_t, 8> rfc{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  CHECK(checksum(rfc) == static_cast<std::uint16_t>(~0xddf2));
  const std::array<std::uint8_t, 3> odd{0x01, 0x02, 0x03};
  CHECK(checksum(odd) == static_cast<std::uint16_t>(~(0x0102 + 0x0300)));
  CHECK(checksum({}) == 0xffff);
}

TEST_CASE("checksum: an update equals a new sum, for every kind of carry") {
  const std::uint16_t words[] = {0x0000, 0x0001, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x1234};
  for (const std::uint16_t other : words) {
    for (const std::uint16_t from : words) {
      for (const std::uint16_t to : words) {
        std::vector<std::uint8_t> bytes(6);
        store_be16(bytes.data(), other);
        store_be16(bytes.data() + 2, from);
        bytes[5] = 1;  // not all zero
        const std::uint16_t before = checksum(bytes);
        store_be16(bytes.data() + 2, to);
        CAPTURE(other);
        CAPTURE(from);
        CAPTURE(to);
        const std::uint16_t updated = update_checksum(before, from, to);
        const std::uint16_t fresh = checksum(bytes);
        // 0x0000 and 0xffff are the same number in ones' complement.
        CHECK(updated % 0xffff == fresh % 0xffff);
      }
    }
  }
}

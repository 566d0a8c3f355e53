// SPDX-License-Identifier: MIT
#include "tracer/source/link_type.h"

#include <doctest/doctest.h>

using namespace pktwalk;

TEST_CASE("link type: names") {
  struct Case {
    std::uint32_t number;
    const char* text;
    bool supported;
  };
  const Case cases[] = {
      {0, "0 (NULL)", true},
      {1, "1 (EN10MB)", true},
      {9, "9 (PPP)", false},
      {12, "12 (RAW)", true},
      {13, "13 (unknown)", false},
      {14, "14 (RAW)", true},
      {101, "101 (RAW)", true},
      {108, "108 (LOOP)", true},
      {113, "113 (LINUX_SLL)", true},
      {127, "127 (IEEE802_11_RADIOTAP)", false},
      {228, "228 (IPV4)", true},
      {229, "229 (IPV6)", true},
      {239, "239 (NFLOG)", false},
      {276, "276 (LINUX_SLL2)", true},
      {289, "289 (ATSC_ALP)", false},
      {290, "290 (unknown)", false},
      {0x03ffffffU, "67108863 (unknown)", false},
  };
  for (const Case& c : cases) {
    SUBCASE(c.text) {
      const auto type = static_cast<LinkType>(c.number);
      CHECK(describe(type) == c.text);
      CHECK(is_supported(type) == c.supported);
    }
  }
}

TEST_CASE("link type: the largest captured length") {
  CHECK(max_captured_length(LinkType::Ethernet) == 262144);
  CHECK(max_captured_length(static_cast<LinkType>(231)) == 128U * 1024 * 1024);
  CHECK(max_captured_length(static_cast<LinkType>(249)) == 1024U * 1024);
  CHECK(max_captured_length(static_cast<LinkType>(279)) == 8U * 1024 * 1024);
}

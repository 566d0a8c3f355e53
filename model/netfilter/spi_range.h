// SPDX-License-Identifier: MIT
// A range of 32-bit numbers in a header: the SPI of AH and ESP, the CPI of IPComp.
#pragma once

#include <cstddef>
#include <string_view>

#include "model/netfilter/match.h"

namespace pktwalk {

struct SpiHeader {
  std::string_view match;   // "esp"
  std::string_view option;  // "--espspi"
  std::size_t length = 0;   // of the header, all of which must be there
  std::size_t offset = 0;   // of the number
  std::size_t width = 4;    // of the number in bytes, 2 or 4
  Field field = Field::Other;
  NumberRange otherwise;         // when the option was not given
  std::string_view unused = {};  // an option that is kept but asks nothing ("--compres")
};

// The match on this header. `header` must be static.
Result<MatchPtr> parse_spi_match(Options& in, const SpiHeader& header);

}  // namespace pktwalk

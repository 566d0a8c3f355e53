// SPDX-License-Identifier: MIT
// The headers that nftables knows by name, and where their fields are.
//
// Names and widths follow nft(8), "PAYLOAD EXPRESSIONS"; places are those of the RFCs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/netfilter/nft/datatype.h"
#include "model/trace/field.h"

namespace pktwalk::nft {

// Kernel: NFT_PAYLOAD_LL_HEADER ...
enum class PayloadBase : std::uint8_t { Link, Network, Transport, Inner };

struct PayloadField {
  std::string_view name;  // "saddr"
  std::uint16_t offset;   // bits from the start of the header
  std::uint16_t bits;
  const Datatype* type;
  Field field = Field::Other;
};

struct PayloadHeader {
  std::string_view name;  // "tcp"
  PayloadBase base;
  std::uint8_t protocol;    // transport protocol that the packet must have; 0: any
  std::uint16_t ethertype;  // network protocol that it must have; 0: any
  std::uint8_t protocol2;   // a second transport protocol that will do (icmp errors); 0: none
  std::span<const PayloadField> fields;
  const PayloadField* find(std::string_view field) const;
};

// The header of this name ("tcp", "th", "ether"); null when there is none.
const PayloadHeader* find_header(std::string_view name);

}  // namespace pktwalk::nft

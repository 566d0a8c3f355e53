// SPDX-License-Identifier: MIT
// The types of nftables: how a value is written and how wide it is.
//
// The words follow nft(8) ("DATA TYPES") and the tables of nftables' src/datatype.c, ct.c, meta.c,
// proto.c and fib.c.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/core/result.h"
#include "model/netfilter/nft/data.h"

namespace pktwalk::nft {

enum class ByteOrder : std::uint8_t { Network, Host };

struct Symbol {
  std::string_view name;
  std::uint64_t value;
};

// How the numbers of a type without a symbol are written.
enum class NumberFormat : std::uint8_t { Decimal, Hex, Special };

struct Datatype {
  std::string_view name;         // "inet_service", as in "type inet_service"
  std::string_view description;  // "internet network service", for errors
  std::uint16_t bits = 0;        // 0: taken from what is looked at (integer, string)
  ByteOrder order = ByteOrder::Network;
  bool bitmask = false;  // a word means "this bit is set": ct_state, tcp_flag, ct_status ...
  bool string = false;   // names of devices, helpers, times of day as text
  bool address = false;  // has prefixes ("10.0.0.0/8")
  NumberFormat format = NumberFormat::Decimal;
  const std::span<const Symbol>* symbols = nullptr;
  // For types with a syntax of their own (addresses, times); null: symbols, then numbers.
  Result<Data> (*parse_text)(std::string_view text, std::size_t bytes) = nullptr;
  std::string (*print_text)(const Data& value) = nullptr;
};

// The type of this name ("ipv4_addr"); null when there is none.
const Datatype* find_datatype(std::string_view name);

// A value as it may be written: a symbol, a number, an address, a device. `bits` is the width where
// the type leaves it open, and the limit for numbers. Error: what was expected.
Result<Data> parse_data(const Datatype& type, std::string_view text, unsigned bits);
// As nft list prints it (with -n for services and protocols: numbers; nft 0.9 and later without
// -S).
std::string print_data(const Datatype& type, const Data& value);

// The width in bytes of a value of `bits` bits.
constexpr std::size_t bytes_of(unsigned bits) { return (bits + 7) / 8; }

// The types by name, for code that needs one.
namespace types {
extern const Datatype kInteger, kString, kLlAddr, kIpv4Addr, kIpv6Addr, kEtherAddr, kEtherType,
    kArpOp, kInetProto, kInetService, kIcmpType, kIcmpv6Type, kIcmpCode, kIcmpv6Code, kIcmpxCode,
    kTcpFlag, kDccpPkttype, kMhType, kBitmask, kBoolean, kDscp, kEcn, kCtState, kCtDir, kCtStatus,
    kCtLabel, kCtEvent, kIfIndex, kIfName, kIfaceType, kMark, kNfProto, kPktType, kUid, kGid,
    kRealm, kClassId, kDevGroup, kCgroup, kCgroupV2, kTime, kDay, kHour, kTimeOfDay, kFibAddrType,
    kIgmpType, kVerdict, kPolicy, kOsf, kSecpath;
}  // namespace types

}  // namespace pktwalk::nft

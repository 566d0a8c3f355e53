// SPDX-License-Identifier: MIT
// What makes two packets belong to one connection: the tuple of a packet, and its inverse.
//
// Kernel: net/netfilter/nf_conntrack_core.c (ipv4_get_l4proto(), nf_ct_get_tuple(),
//         nf_ct_invert_tuple()), nf_conntrack_proto_icmp.c, nf_conntrack_proto_gre.c
// Differs: the keys that a PPTP helper would have noted are not known: the source key of GRE
//          version 1 is 0.
#include "model/conntrack/tuple.h"

#include "model/conntrack/conntrack.h"
#include "model/core/bytes.h"
#include "model/packet/headers.h"

namespace pktwalk::ct {
namespace {

constexpr std::uint64_t kMix1 = 0x9e3779b97f4a7c15u;
constexpr std::uint64_t kMix2 = 0xbf58476d1ce4e5b9u;

// The ICMP type that answers a type; -1: none.
int answer_of(std::uint8_t type) {
  switch (type) {
    case 8:
      return 0;
    case 0:
      return 8;
    case 13:
      return 14;
    case 14:
      return 13;
    case 15:
      return 16;
    case 16:
      return 15;
    case 17:
      return 18;
    case 18:
      return 17;
    default:
      return -1;
  }
}

bool gre_ids(const std::uint8_t* header, std::size_t length, Tuple& tuple) {
  if (length < 4 || (header[1] & 7) != 1) return true;  // not PPTP's version: like any protocol
  if (length < 8) return true;
  if (load_be16(header + 2) != 0x880b) return false;  // PPTP carries PPP only
  tuple.dst_id = load_be16(header + 6);
  return true;
}

}  // namespace

std::size_t hash(const Tuple& tuple, std::uint16_t zone) {
  std::uint64_t h = (std::uint64_t{tuple.src.word(0)} << 32 | tuple.dst.word(0)) * kMix1;
  h ^= h >> 29;
  h += std::uint64_t{tuple.src_id} << 48 | std::uint64_t{tuple.dst_id} << 32 |
       std::uint64_t{zone} << 16 | tuple.proto;
  h *= kMix2;
  if (!tuple.src.is_v4()) {
    for (std::size_t i = 1; i < 4; ++i) {
      h = (h ^ h >> 31) + (std::uint64_t{tuple.src.word(i)} << 32 | tuple.dst.word(i));
      h *= kMix1;
    }
  }
  h ^= h >> 32;
  h *= kMix1;
  return h ^ h >> 29;
}

bool tuple_of(const std::uint8_t* ip, std::size_t length, Tuple& tuple) {
  tuple = {};
  if (length < 20) return false;
  const Ipv4View header(ip);
  if (header.fragment_offset() != 0) return false;  // nobody asks a quoted header's version
  const std::size_t transport = header.header_length();
  if (transport > length) return false;
  tuple.src = header.saddr();
  tuple.dst = header.daddr();
  tuple.proto = header.protocol();
  const std::uint8_t* const l4 = ip + transport;
  const std::size_t rest = length - transport;
  switch (tuple.proto) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoSctp:
      if (rest < 4) return false;
      tuple.src_id = load_be16(l4);
      tuple.dst_id = load_be16(l4 + 2);
      return true;
    case kProtoIcmp:
      if (rest < 8) return false;
      tuple.src_id = load_be16(l4 + 4);
      tuple.dst_id = load_be16(l4);  // type << 8 | code
      return true;
    case kProtoGre:
      return gre_ids(l4, rest, tuple);
    default:  // DCCP among them: its tracker left the kernel with 6.16
      return true;
  }
}

bool invert(const Tuple& tuple, Tuple& inverted) {
  inverted = {};
  inverted.src = tuple.dst;
  inverted.dst = tuple.src;
  inverted.proto = tuple.proto;
  if (tuple.proto == kProtoIcmp) {
    const int type = answer_of(static_cast<std::uint8_t>(tuple.dst_id >> 8));
    if (type < 0) return false;
    inverted.src_id = tuple.src_id;
    inverted.dst_id = static_cast<std::uint16_t>(type << 8 | (tuple.dst_id & 0xff));
    return true;
  }
  if (tuple.proto == kProtoIcmpv6) {
    const int type = tuple.dst_id >> 8;
    const int answer = type == 128   ? 129
                       : type == 129 ? 128
                       : type == 139 ? 140
                       : type == 140 ? 139
                                     : -1;
    if (answer < 0) return false;
    inverted.src_id = tuple.src_id;
    inverted.dst_id = static_cast<std::uint16_t>(answer << 8 | (tuple.dst_id & 0xff));
    return true;
  }
  inverted.src_id = tuple.dst_id;
  inverted.dst_id = tuple.src_id;
  return true;
}

}  // namespace pktwalk::ct

// SPDX-License-Identifier: MIT
// LinkType: what stands first in a captured frame, by the numbers that capture files use
// (LINKTYPE_).
#pragma once

#include <cstdint>
#include <string>

namespace pktwalk {

// The enumerators are the link types that link_layer.h decodes. Any other number is kept as it
// stands in the file: a capture may mix link types, and one that cannot be decoded must not hide
// the others.
enum class LinkType : std::uint32_t {
  Null = 0,  // BSD loopback: four bytes of protocol family in the capturing machine's byte order
  Ethernet = 1,     // EN10MB
  RawBsd = 12,      // DLT_RAW of most systems; seen in files of careless writers
  RawOpenBsd = 14,  // DLT_RAW of OpenBSD
  Raw = 101,        // begins with the IPv4 or IPv6 header
  Loop = 108,       // OpenBSD loopback: the family in network byte order
  LinuxSll = 113,   // "cooked" capture, version 1
  Ipv4 = 228,       // raw IPv4
  Ipv6 = 229,       // raw IPv6
  LinuxSll2 = 276,  // "cooked" capture, version 2: what `tcpdump -i any` writes today
};

// The name without its LINKTYPE_ prefix ("IEEE802_11_RADIOTAP"), "unknown" for a number nobody has
// named.
const char* link_type_name(LinkType type);

// "127 (IEEE802_11_RADIOTAP)", for messages.
std::string describe(LinkType type);

// Whether decode_link_layer() can find the network header behind this link type.
bool is_supported(LinkType type);

// The largest captured length that a file may claim for one packet of this link type, in bytes. The
// limits are libpcap's: 256 KiB, more for buses that carry larger units. A larger claim means a
// damaged file.
std::uint32_t max_captured_length(LinkType type);

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Edits of packet bytes with their checksums, each reported as a ChangeStep. The only way to change
// a packet.
#pragma once

#include <cstdint>

#include "model/packet/skb.h"
#include "model/trace/field.h"
#include "model/trace/recorder.h"

namespace pktwalk {

void set_ttl(Skb& skb, std::uint8_t ttl, Recorder* recorder);
void set_tos(Skb& skb, std::uint8_t tos, Recorder* recorder);
void set_mark(Skb& skb, std::uint32_t mark, Recorder* recorder);
void set_priority(Skb& skb, std::uint32_t priority, Recorder* recorder);
// Addresses of the IP header, with the checksums of IP and of the TCP, UDP or UDP-Lite header
// behind it (a UDP checksum of zero stays zero; later fragments have none; NAT leaves DCCP's
// alone).
void set_saddr(Skb& skb, const IpAddr& addr, Recorder* recorder);
void set_daddr(Skb& skb, const IpAddr& addr, Recorder* recorder);
// Ports or ICMP identifier, with the checksum. Nothing happens when the header is not there.
void set_l4_source(Skb& skb, std::uint16_t value,
                   Recorder* recorder);  // source port; ICMP: identifier
void set_l4_destination(Skb& skb, std::uint16_t value,
                        Recorder* recorder);  // destination port; ICMP: identifier
// A 16-bit word of the TCP header or options at `offset` bytes from the transport header, checksum
// included.
void set_tcp_word(Skb& skb, std::size_t offset, std::uint16_t value, Field field,
                  Recorder* recorder);

// The IP header's checksum computed anew.
void fill_ip_checksum(Skb& skb);
// The transport checksum computed anew (TCP, UDP, ICMP) over the captured bytes; nothing when bytes
// are missing.
void fill_transport_checksum(Skb& skb);
// Whether the transport checksum is right. Unknown when bytes are missing from the capture.
enum class ChecksumState : std::uint8_t { Right, Wrong, Absent, Unknown };
ChecksumState verify_transport_checksum(const Skb& skb);

}  // namespace pktwalk

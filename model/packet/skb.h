// SPDX-License-Identifier: MIT
// The packet in the stack: its bytes, which are the truth, and the kernel's metadata about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/core/addr.h"
#include "model/routing/dst.h"

namespace pktwalk {

struct Socket;  // model/host/host.h

// Where the frame was sent to on the link (PACKET_*), with the kernel's numbers.
enum class PktType : std::uint8_t {
  Host = 0,
  Broadcast = 1,
  Multicast = 2,
  OtherHost = 3,
  Outgoing = 4,
  Loopback = 5
};

// A place in the conntrack table (model/conntrack/table.h). 0 is "no entry".
enum class CtId : std::uint32_t { None = 0 };

// Kernel: enum ip_conntrack_info. Untracked and None are states of a packet without an entry.
enum class CtInfo : std::uint8_t {
  Established = 0,
  Related = 1,
  New = 2,
  EstablishedReply = 3,
  RelatedReply = 4,
  Untracked = 7,  // a rule said so (NOTRACK, CT --notrack)
  None = 8,       // not looked at yet, or INVALID
};
constexpr bool is_reply(CtInfo info) {
  return info == CtInfo::EstablishedReply || info == CtInfo::RelatedReply;
}

// Who made the packet: what `origin` says in the machine contract.
enum class Origin : std::uint8_t {
  Received,
  Forwarded,
  Fragment,
  IcmpError,
  IcmpReply,
  Redirect,
  TcpReset,
  Clone,
  Arp,
  Local,
};
const char* to_string(Origin origin);  // "icmp-error"; Received and Forwarded are both "forwarded"

// The IP options of a received packet. Offsets are from the start of the IP header, 0: not there.
// Kernel: struct ip_options
struct IpOptions {
  std::uint8_t source_route = 0, record_route = 0, timestamp = 0;
  bool strict = false;       // the source route allows no other routers in between
  bool route_hit = false;    // the packet was sent to us, and goes on to `next_hop`
  bool record_addr = false;  // our address was recorded: the output device's replaces it
  bool stamp_addr = false;   // the same for the timestamp option
  bool stamp_time = false;   // it asks for our time
  bool changed = false;      // the header's checksum is renewed when the packet is forwarded
  IpAddr next_hop{};
  bool operator==(const IpOptions&) const = default;
};

// Options of an answer that the host makes, ready for the header.
struct EchoedOptions {
  std::vector<std::uint8_t> bytes{};  // a multiple of four
  IpOptions fields{};
  std::optional<IpAddr> first_hop{};  // where the answer goes first: the source route, reversed
  bool operator==(const EchoedOptions&) const = default;
};

// sk_buff. `data` holds the frame from its link header on (received) or from the IP header on (made
// by the router, or before the link header is written; then `network` is kHeadroom). Only the first
// bytes may be there when the capture was cut: see `missing`.
//
// Mangle bytes through model/packet/mangle.h, which keeps checksums and reports the change.
struct Skb {
  static constexpr std::size_t kHeadroom =
      64;  // room for link headers in front of locally made packets

  std::vector<std::uint8_t> data;
  std::size_t network = 0;  // offset of the IP header in `data`
  std::size_t missing = 0;  // bytes at the end that were on the wire but not captured (snaplen)
  bool has_mac = false;     // an Ethernet header of a received frame stands at `mac`
  std::size_t mac = 0;      // offset of that header

  std::uint16_t protocol = 0x0800;  // EtherType, of frames without an Ethernet header
  Family family = Family::Ipv4;
  IfIndex dev = IfIndex::None;      // skb->dev
  IfIndex skb_iif = IfIndex::None;  // the device it arrived on; None for local packets
  PktType pkt_type = PktType::Host;
  std::uint32_t mark = 0;
  std::uint32_t priority = 0;
  std::uint32_t secmark = 0;

  CtId ct = CtId::None;
  CtInfo ctinfo = CtInfo::None;
  std::uint16_t ct_template_zone = 0;  // CT --zone (a template conntrack in the kernel)
  bool ct_template = false;
  // Which directions the template's zone is for: bit 0 original (--zone-orig), bit 1 reply
  // (--zone-reply).
  std::uint8_t ct_template_dirs = 3;
  bool ct_template_from_mark = false;  // --zone mark: the zone is the mark when conntrack looks

  std::optional<Dst> dst;            // the attached route
  bool local = false;                // made by this host (skb->sk or icmp/reset socket)
  bool without_socket = false;       // local, but skb->sk is null: what a REJECT --tcp-reset makes
  bool known_checksum = false;       // made by us: checksum correct by construction
  bool random_sequence = false;      // TCP of ours whose sequence number the kernel draws
  std::optional<std::uint32_t> uid;  // owner of the local socket, when known
  std::optional<std::uint32_t> gid;
  // skb->sk of a received packet: the socket that TPROXY gave it to. In the host, not owned.
  const Socket* assigned = nullptr;
  Origin origin = Origin::Received;

  std::uint32_t frag_max_size = 0;  // IPCB: biggest fragment seen by reassembly, 0 none
  bool ignore_df = false;  // skb->ignore_df: reassembled by conntrack, may be fragmented again
  std::vector<std::uint32_t> frag_list;  // payload sizes of the fragments it was reassembled from
                                         // (skb_shinfo()->frag_list)
  bool frag_pmtu = false;                // IPSKB_FRAG_PMTU: the biggest one had DF set
  IpOptions options;                     // IPCB: known once ip_rcv_options() has run
  bool nf_trace = false;                 // TRACE

  // The IP packet as captured (without the link header).
  std::span<std::uint8_t> l3() { return std::span(data).subspan(network); }
  std::span<const std::uint8_t> l3() const { return std::span(data).subspan(network); }
  // skb->len at the IP layer: what was on the wire, captured or not.
  std::size_t len() const { return data.size() - network + missing; }
};

}  // namespace pktwalk

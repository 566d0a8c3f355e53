// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "model/conntrack/tuple.h"
#include "model/core/time.h"
#include "model/packet/skb.h"

namespace pktwalk::ct {

// struct nf_conn's status bits, with the kernel's numbers (IPS_*).
enum Status : std::uint32_t {
  kExpected = 1u << 0,
  kSeenReply = 1u << 1,
  kAssured = 1u << 2,
  kConfirmed = 1u << 3,
  kSrcNat = 1u << 4,
  kDstNat = 1u << 5,
  kSeqAdjust = 1u << 6,
  kSrcNatDone = 1u << 7,
  kDstNatDone = 1u << 8,
  kDying = 1u << 9,
  kFixedTimeout = 1u << 10,
  kTemplate = 1u << 11,
  // Inside the kernel bit 12 means that only the reply tuple is in the table.
  kNatClash = 1u << 12,
  kHelper = 1u << 13,
};

// TCP states with the kernel's numbers (TCP_CONNTRACK_*).
enum TcpState : std::uint8_t {
  kTcpNone = 0,
  kTcpSynSent = 1,
  kTcpSynRecv = 2,
  kTcpEstablished = 3,
  kTcpFinWait = 4,
  kTcpCloseWait = 5,
  kTcpLastAck = 6,
  kTcpTimeWait = 7,
  kTcpClose = 8,
  kTcpSynSent2 = 9,
  kTcpIgnore = 10,
  kTcpInvalid = 11,
};
const char* tcp_state_name(std::uint8_t state);  // "SYN_SENT", as conntrack -L writes it

// Flags of a side's window (IP_CT_TCP_FLAG_*).
enum TcpFlag : std::uint8_t {
  kTcpWindowScale = 0x01,
  kTcpSackPerm = 0x02,
  kTcpCloseInit = 0x04,
  kTcpBeLiberal = 0x08,
  kTcpDataUnacknowledged = 0x10,
  kTcpMaxAckSet = 0x20,
  kTcpChallengeAck = 0x40,      // in last_flags: a SYN was let through in LAST_ACK
  kTcpSimultaneousOpen = 0x80,  // in last_flags
};

// struct ip_ct_tcp_state: what is known of one side's window.
struct TcpSide {
  std::uint32_t end = 0, maxend = 0, maxwin = 0, maxack = 0;
  std::uint8_t scale = 0, flags = 0;
  bool operator==(const TcpSide&) const = default;
};

struct TcpTrack {
  std::array<TcpSide, 2> seen;
  std::uint8_t state = kTcpNone;
  std::uint8_t last_dir = 0, retrans = 0, last_index = 0;
  std::uint32_t last_seq = 0, last_ack = 0, last_end = 0;
  std::uint16_t last_win = 0;
  std::uint8_t last_wscale = 0, last_flags = 0;
  // The side whose sequence numbers are this host's guess at its own random ones, plus 1; 0 none.
  // The first acknowledgement of them tells the true ones.
  std::uint8_t guessed_side = 0;
  bool operator==(const TcpTrack&) const = default;
};

// SCTP states with the kernel's numbers (SCTP_CONNTRACK_*).
enum SctpState : std::uint8_t {
  kSctpNone = 0,
  kSctpClosed = 1,
  kSctpCookieWait = 2,
  kSctpCookieEchoed = 3,
  kSctpEstablished = 4,
  kSctpShutdownSent = 5,
  kSctpShutdownRecd = 6,
  kSctpShutdownAckSent = 7,
  kSctpHeartbeatSent = 8,
  kSctpInvalid = 10,
};
const char* sctp_state_name(std::uint8_t state);  // "COOKIE_WAIT"

// struct ip_ct_sctp
struct SctpTrack {
  std::array<std::uint32_t, 2> vtag{};
  std::array<std::uint8_t, 2> init{};
  std::uint8_t state = kSctpNone;
  std::uint8_t last_dir = 0;
  bool heartbeat_vtag_failed = false;
  bool operator==(const SctpTrack&) const = default;
};

// A tracked connection (struct nf_conn).
struct Entry {
  std::array<Tuple, 2> tuple;  // [0] original, [1] reply
  std::uint32_t status = 0;
  std::uint32_t mark = 0;
  std::uint32_t secmark = 0;
  Time expires;                 // confirmed entries only
  std::int64_t timeout = 0;     // ns: what the tracker chose, applied at confirmation
  std::uint16_t zone_orig = 0;  // zone of the original / reply direction
  std::uint16_t zone_reply = 0;
  CtId master = CtId::None;
  IfIndex masq_dev = IfIndex::None;                 // MASQUERADE: the device it was set up for
  Time created;                                     // UDP: when the flow began
  TcpTrack tcp;                                     // TCP only
  SctpTrack sctp;                                   // SCTP only
  std::array<std::uint64_t, 2> packets{}, bytes{};  // nf_conntrack_acct
  std::array<std::uint64_t, 2> labels{};            // connlabel: bit n is label n
  std::uint32_t order = 0;                          // of creation: stable printing
  bool from_dump = false;  // its windows are not known until packets show them
  bool in_use = false;     // the slot holds an entry
  bool operator==(const Entry&) const = default;

  bool has(std::uint32_t bits) const { return (status & bits) != 0; }
};

}  // namespace pktwalk::ct

// SPDX-License-Identifier: MIT
// TCP sequence numbers against the windows that conntrack has seen.
#pragma once

#include <cstdint>
#include <span>

#include "model/conntrack/entry.h"
#include "model/packet/tcp.h"

namespace pktwalk::ct {

// The rows of the state table (enum tcp_bit_set).
enum TcpIndex : std::uint8_t {
  kIndexSyn = 0,
  kIndexSynAck = 1,
  kIndexFin = 2,
  kIndexAck = 3,
  kIndexRst = 4,
  kIndexNone = 5,
};

// What the tracker reads from a TCP header.
struct TcpSegment {
  std::uint32_t seq = 0, ack = 0;
  std::uint32_t end = 0;  // sequence number after the segment's last byte; SYN and FIN count
  std::uint16_t win = 0;
  std::uint8_t flags = 0;
  std::uint8_t index = kIndexNone;
  std::span<const std::uint8_t> options;  // as far as captured

  bool has(std::uint8_t bits) const { return (flags & bits) != 0; }
};

// Reads window scale and SACK-permitted of a SYN into the side (tcp_options()).
void read_tcp_options(const TcpSegment& segment, TcpSide& side);

enum class InWindow : std::uint8_t { Accept, Ignore, Invalid };
struct WindowAnswer {
  InWindow answer = InWindow::Accept;
  const char* why = nullptr;  // static text unless Accept
};
// tcp_in_window(): whether the segment fits what both sides may send and acknowledge; updates both
// sides when it does.
WindowAnswer tcp_in_window(TcpTrack& tcp, std::uint8_t dir, const TcpSegment& segment,
                           bool liberal);

}  // namespace pktwalk::ct

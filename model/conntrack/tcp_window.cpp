// SPDX-License-Identifier: MIT
// TCP sequence numbers against the windows that conntrack has seen.
//
// Conntrack sits between the two ends: it knows what it saw, not what they have. A segment fits
// when it does not lie beyond what the receiver has offered (I), not entirely before what the
// sender has repeated for (II), acknowledges nothing that was never sent (III), and nothing from
// the distant past (IV).
//
// Kernel: net/netfilter/nf_conntrack_proto_tcp.c (tcp_in_window(), tcp_init_sender(),
//         tcp_options(), tcp_sack())
// Differs: no helper changes the length of a payload here, so there is no sequence offset.
#include "model/conntrack/tcp_window.h"

#include <algorithm>

#include "model/core/bytes.h"
#include "model/packet/headers.h"

namespace pktwalk::ct {
namespace {

constexpr std::uint8_t kMaxScale = 14;          // RFC 7323, 2.3
constexpr std::uint32_t kMaxAckWindow = 66000;  // MAXACKWINCONST

// The highest right edge that a SACK option reports (tcp_sack()).
std::uint32_t highest_ack(const TcpSegment& segment) {
  std::uint32_t highest = segment.ack;
  for_each_tcp_option(segment.options, [&](std::uint8_t kind, std::span<const std::uint8_t> value) {
    if (kind != kTcpOptionSack || value.size() < 8 || value.size() % 8 != 0) return true;
    for (std::size_t i = 0; i < value.size(); i += 8) {
      const std::uint32_t right = load_be32(value.data() + i + 4);
      if (after(right, highest)) highest = right;
    }
    return false;
  });
  return highest;
}

// A SYN, or the SYN/ACK to it, says where the sender begins (tcp_init_sender()).
void init_sender(TcpTrack& tcp, std::uint8_t dir, const TcpSegment& segment) {
  TcpSide& sender = tcp.seen[dir];
  TcpSide& receiver = tcp.seen[1 - dir];
  sender.end = sender.maxend = segment.end;
  sender.maxwin = segment.win == 0 ? 1 : segment.win;
  read_tcp_options(segment, sender);
  // RFC 7323: windows are scaled only when both sides asked for it.
  if (dir == 1 && (sender.flags & receiver.flags & kTcpWindowScale) == 0) {
    sender.scale = receiver.scale = 0;
  }
}

// The first segment of this side in a connection whose beginning was not seen.
void init_from_middle(TcpSide& sender, TcpSide& receiver, const TcpSegment& segment,
                      std::uint32_t sack) {
  const std::uint32_t window = std::uint32_t{segment.win} << sender.scale;
  sender.end = segment.end;
  sender.maxwin = window == 0 ? 1 : window;
  sender.maxend = segment.end + sender.maxwin;
  if (receiver.maxwin == 0) {
    receiver.end = receiver.maxend = sack;  // nothing seen of it yet: believe the ACK
  } else if (sack == receiver.end + 1) {
    ++receiver.end;  // the answer to a keep-alive
  }
}

std::uint32_t ack_window(const TcpSide& sender) { return std::max(sender.maxwin, kMaxAckWindow); }

void update_sides(TcpSide& sender, TcpSide& receiver, const TcpSegment& segment, std::uint32_t ack,
                  std::uint32_t sack) {
  std::uint32_t win = segment.win;
  if (!segment.has(kTcpSyn)) win <<= sender.scale;
  sender.maxwin = std::max(sender.maxwin, win + (sack - ack));
  if (after(segment.end, sender.end)) {
    sender.end = segment.end;
    sender.flags |= kTcpDataUnacknowledged;
  }
  if (segment.has(kTcpAck)) {
    if ((sender.flags & kTcpMaxAckSet) == 0) {
      sender.maxack = ack;
      sender.flags |= kTcpMaxAckSet;
    } else if (after(ack, sender.maxack)) {
      sender.maxack = ack;
    }
  }
  if (receiver.maxwin != 0 && after(segment.end, sender.maxend)) {
    receiver.maxwin += segment.end - sender.maxend;
  }
  if (after(sack + win, receiver.maxend - 1)) {
    receiver.maxend = sack + win;
    if (win == 0) ++receiver.maxend;  // a window probe of one byte fits
  }
  if (ack == receiver.end) {
    receiver.flags = static_cast<std::uint8_t>(receiver.flags & ~kTcpDataUnacknowledged);
  }
}

// The same ACK again and again means that what follows it does not get through.
void count_retransmission(TcpTrack& tcp, std::uint8_t dir, const TcpSegment& segment,
                          std::uint32_t seq, std::uint32_t ack, std::uint32_t end) {
  if (segment.index != kIndexAck) return;
  if (tcp.last_dir == dir && tcp.last_seq == seq && tcp.last_ack == ack && tcp.last_end == end &&
      tcp.last_win == segment.win) {
    ++tcp.retrans;
    return;
  }
  tcp.last_dir = dir;
  tcp.last_seq = seq;
  tcp.last_ack = ack;
  tcp.last_end = end;
  tcp.last_win = segment.win;
  tcp.retrans = 0;
}

}  // namespace

void read_tcp_options(const TcpSegment& segment, TcpSide& side) {
  if (segment.options.empty()) return;
  side.scale = 0;
  side.flags &= kTcpBeLiberal;
  for_each_tcp_option(segment.options, [&](std::uint8_t kind, std::span<const std::uint8_t> value) {
    if (kind == kTcpOptionSackPerm && value.empty()) side.flags |= kTcpSackPerm;
    if (kind == kTcpOptionWindow && value.size() == 1) {
      side.scale = std::min(value[0], kMaxScale);
      side.flags |= kTcpWindowScale;
    }
    return true;
  });
}

WindowAnswer tcp_in_window(TcpTrack& tcp, std::uint8_t dir, const TcpSegment& segment,
                           bool liberal) {
  TcpSide& sender = tcp.seen[dir];
  TcpSide& receiver = tcp.seen[1 - dir];
  std::uint32_t seq = segment.seq;
  std::uint32_t end = segment.end;
  std::uint32_t ack = segment.ack;
  std::uint32_t sack = (receiver.flags & kTcpSackPerm) != 0 ? highest_ack(segment) : ack;

  if (sender.maxwin == 0) {
    if (segment.has(kTcpSyn)) {
      init_sender(tcp, dir, segment);
      if (!segment.has(kTcpAck)) return {};  // both ends open at once
    } else {
      init_from_middle(sender, receiver, segment, sack);
    }
  } else if (segment.has(kTcpSyn) && after(end, sender.end) &&
             (tcp.state == kTcpSynSent || tcp.state == kTcpSynRecv)) {
    // RFC 793: a TCP that starts again uses higher sequence numbers; forget the first attempt.
    init_sender(tcp, dir, segment);
    if (dir == 1 && !segment.has(kTcpAck)) return {};
  }

  // Without ACK, or with the zero ACK that some stacks put into a RST: nothing to check.
  if (!segment.has(kTcpAck) || (segment.has(kTcpRst) && ack == 0)) ack = sack = receiver.end;
  // The RST that answers a SYN may have sequence number 0.
  if (segment.has(kTcpRst) && seq == 0 && tcp.state == kTcpSynSent) seq = end = sender.end;

  const auto refuse = [&](InWindow answer, const char* why) -> WindowAnswer {
    if (liberal || (sender.flags & kTcpBeLiberal) != 0) return {};
    return {answer, why};
  };
  const std::uint32_t oldest_ack = receiver.end - ack_window(sender) - 1;
  const std::uint32_t oldest_end = sender.end - receiver.maxwin - 1;

  if (!before(seq, sender.maxend + 1)) {
    const std::uint32_t overshot = end - sender.maxend + 1;
    if (receiver.maxwin != 0 && after(end, oldest_end) && after(sack, oldest_ack) &&
        overshot <= receiver.maxwin && before(sack, receiver.end + 1)) {
      sender.end = end;
      sender.flags |= kTcpDataUnacknowledged;
      return refuse(InWindow::Ignore, "sends somewhat more than the receiver's window allows");
    }
    return refuse(InWindow::Invalid,
                  "sequence number is beyond the window that the receiver has offered");
  }
  if (!before(sack, receiver.end + 1)) {
    return refuse(InWindow::Invalid, "acknowledges data that was not seen yet");
  }
  if (receiver.maxwin != 0 && !after(end, oldest_end)) {
    return refuse(InWindow::Ignore, "repeats data that was acknowledged already");
  }
  if (!after(sack, oldest_ack)) {
    return refuse(InWindow::Ignore, "acknowledges data of long ago: possibly much delayed");
  }

  TcpSegment counted = segment;
  counted.end = end;
  update_sides(sender, receiver, counted, ack, sack);
  count_retransmission(tcp, dir, segment, seq, ack, end);
  return {};
}

}  // namespace pktwalk::ct

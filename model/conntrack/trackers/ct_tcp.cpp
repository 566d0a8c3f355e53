// SPDX-License-Identifier: MIT
// Connection tracking of TCP: states, windows, timeouts.
//
// Kernel: net/netfilter/nf_conntrack_proto_tcp.c (nf_conntrack_tcp_packet(), tcp_new(),
//         tcp_error(), nf_tcp_handle_invalid()), the table tcp_conntracks
// Differs: no SYNPROXY; timeouts set by a CT --timeout policy are not known.
#include <algorithm>
#include <array>

#include "model/conntrack/tcp_window.h"
#include "model/conntrack/track_util.h"
#include "model/conntrack/tracker.h"
#include "model/packet/headers.h"

namespace pktwalk {
namespace {

using namespace ct;
using Answer = TrackerDef::Answer;

constexpr std::uint8_t SS = kTcpSynSent, SR = kTcpSynRecv, ES = kTcpEstablished, FW = kTcpFinWait,
                       CW = kTcpCloseWait, LA = kTcpLastAck, TW = kTcpTimeWait, CL = kTcpClose,
                       S2 = kTcpSynSent2, IG = kTcpIgnore, IV = kTcpInvalid;

// What becomes of a state (columns NONE to SYN_SENT2) when a segment (rows) comes from the side
// that began (first half) or from the other one.
constexpr std::uint8_t kNext[2][6][10] = {
    {
        // NO  SS  SR  ES  FW  CW  LA  TW  CL  S2
        {SS, SS, IG, IG, IG, IG, IG, SS, SS, S2},  // SYN
        {IV, IV, SR, IV, IV, IV, IV, IV, IV, SR},  // SYN/ACK
        {IV, IV, FW, FW, LA, LA, LA, TW, CL, IV},  // FIN
        {ES, IV, ES, ES, CW, CW, TW, TW, CL, IV},  // ACK
        {IV, CL, CL, CL, CL, CL, CL, CL, CL, CL},  // RST
        {IV, IV, IV, IV, IV, IV, IV, IV, IV, IV},  // none of them
    },
    {
        {IV, S2, IV, IV, IV, IV, IV, SS, IV, S2},  // SYN
        {IV, SR, IG, IG, IG, IG, IG, IG, IG, SR},  // SYN/ACK
        {IV, IV, FW, FW, LA, LA, LA, TW, CL, IV},  // FIN
        {IV, IG, SR, ES, CW, CW, TW, TW, CL, IG},  // ACK
        {IV, CL, CL, CL, CL, CL, CL, CL, CL, CL},  // RST
        {IV, IV, IV, IV, IV, IV, IV, IV, IV, IV},  // none of them
    },
};

std::uint8_t index_of(std::uint8_t flags) {
  if ((flags & kTcpRst) != 0) return kIndexRst;
  if ((flags & kTcpSyn) != 0) return (flags & kTcpAck) != 0 ? kIndexSynAck : kIndexSyn;
  if ((flags & kTcpFin) != 0) return kIndexFin;
  return (flags & kTcpAck) != 0 ? kIndexAck : kIndexNone;
}

// Combinations of FIN, SYN, RST, ACK and URG that a sane stack sends.
bool valid_flags(std::uint8_t flags) {
  switch (flags & (kTcpFin | kTcpSyn | kTcpRst | kTcpAck | kTcpUrg)) {
    case kTcpSyn:
    case kTcpSyn | kTcpUrg:
    case kTcpSyn | kTcpAck:
    case kTcpRst:
    case kTcpRst | kTcpAck:
    case kTcpFin | kTcpAck:
    case kTcpFin | kTcpAck | kTcpUrg:
    case kTcpAck:
    case kTcpAck | kTcpUrg:
      return true;
    default:
      return false;
  }
}

// One segment and the connection it belongs to.
class TcpPacket {
 public:
  TcpPacket(TrackContext& ctx, Entry& entry)
      : ctx_(ctx), entry_(entry), tcp_(entry.tcp), sysctls_(ctx.hook.walk.host().sysctls) {}
  Answer run();

 private:
  enum class Move { Check, Skip, Answered };  // windows are to be checked, not, or all is said

  bool read(Answer& answer);
  bool begin();
  Move transition(Answer& answer);
  Move reopen_or_ignore(Answer& answer);
  Move reset(Answer& answer);
  bool answers_ignored_syn() const;
  void resync();
  void remember_ignored();
  bool closing() const;
  bool established() const;
  void learn_sequence();
  bool check_window(Answer& answer);
  void lower_timeout();
  std::int64_t timeout() const;
  Answer finish();

  TcpSide& sender() { return tcp_.seen[ctx_.dir]; }
  TcpSide& receiver() { return tcp_.seen[1 - ctx_.dir]; }
  std::uint32_t limit(std::size_t state) const { return sysctls_.tcp_timeouts[state]; }

  TrackContext& ctx_;
  Entry& entry_;
  TcpTrack& tcp_;
  const NetSysctls& sysctls_;
  TcpSegment seg_;
  bool options_cut_ = false;
  std::uint8_t old_ = kTcpNone;
  std::uint8_t new_ = kTcpNone;
};

Answer invalid(TrackContext& ctx, const char* why) {
  ctx.why = why;
  return Answer::Invalid;
}

// Reads the header; false when it is broken (tcp_error()).
bool TcpPacket::read(Answer& answer) {
  const std::span<const std::uint8_t> bytes = transport_bytes(ctx_);
  const std::size_t length = transport_length(ctx_);
  const std::optional<TcpView> view = TcpView::at(bytes);
  if (!view) {
    answer = length >= 20 ? Answer::Unknown : Answer::Invalid;
    ctx_.why = length >= 20 ? "the capture ends within the TCP header" : "TCP header is cut short";
    return false;
  }
  const std::size_t header = view->header_length();
  if (header < 20 || length < header) {
    answer = invalid(ctx_, "TCP header is cut short");
    return false;
  }
  if (checks_checksums(ctx_.hook) && checksum_is_wrong(ctx_)) {
    answer = invalid(ctx_, "TCP checksum is wrong");
    return false;
  }
  if (!valid_flags(view->flags())) {
    answer = invalid(ctx_, "impossible combination of TCP flags");
    return false;
  }
  seg_.seq = view->seq();
  seg_.ack = view->ack();
  seg_.win = view->window();
  seg_.flags = view->flags();
  seg_.index = index_of(seg_.flags);
  seg_.end = seg_.seq + static_cast<std::uint32_t>(length - header) + (seg_.has(kTcpSyn) ? 1 : 0) +
             (seg_.has(kTcpFin) ? 1 : 0);
  seg_.options = bytes.subspan(20, std::min(header, bytes.size()) - 20);
  options_cut_ = header > bytes.size() && seg_.has(kTcpSyn);
  return true;
}

// The first packet of a connection (tcp_new()). False: it cannot begin one.
bool TcpPacket::begin() {
  const std::uint8_t state = kNext[0][seg_.index][kTcpNone];
  if (state == kTcpInvalid) {
    ctx_.why = seg_.index == kIndexSynAck ? "SYN/ACK without a SYN before it"
               : seg_.index == kIndexRst  ? "RST of an unknown connection"
                                          : "FIN of an unknown connection";
    return false;
  }
  if (state != kTcpSynSent && !sysctls_.tcp_loose) {
    ctx_.why = "ACK of an unknown connection, and nf_conntrack_tcp_loose is 0";
    return false;
  }
  tcp_ = {};
  TcpSide& first = tcp_.seen[0];
  first.end = seg_.end;
  first.maxwin = std::max<std::uint32_t>(seg_.win, 1);
  if (state == kTcpSynSent) {
    first.maxend = first.end;
    read_tcp_options(seg_, first);
  } else {
    first.maxend = first.end + first.maxwin;
    // Window scaling was agreed on before we looked: windows cannot be judged.
    tcp_.seen[0].flags = tcp_.seen[1].flags = kTcpSackPerm | kTcpBeLiberal;
    ctx_.why = "picked up in the middle of a connection";
  }
  tcp_.last_index = kIndexNone;
  return true;
}

// The connection is about to end: its tuple may be in use again already (tcp_can_early_drop()).
bool TcpPacket::closing() const { return tcp_.state >= kTcpFinWait && tcp_.state <= kTcpClose; }

// nf_conntrack_tcp_established()
bool TcpPacket::established() const {
  return tcp_.state == kTcpEstablished && entry_.has(kAssured);
}

bool TcpPacket::answers_ignored_syn() const {
  return seg_.index == kIndexSynAck && tcp_.last_index == kIndexSyn && tcp_.last_dir != ctx_.dir &&
         seg_.ack == tcp_.last_end;
}

// The SYN that was let through was right, and what we had in mind was wrong: take it as the
// beginning.
void TcpPacket::resync() {
  old_ = kTcpSynSent;
  new_ = kTcpSynRecv;
  TcpSide& opener = tcp_.seen[tcp_.last_dir];
  opener.end = opener.maxend = tcp_.last_end;
  opener.maxwin = std::max<std::uint32_t>(tcp_.last_win, 1);
  opener.scale = tcp_.last_wscale;
  tcp_.last_flags = static_cast<std::uint8_t>(tcp_.last_flags & ~kTcpChallengeAck);
  opener.flags = tcp_.last_flags;
  TcpSide fresh;
  fresh.flags = sender().flags & kTcpBeLiberal;
  sender() = fresh;
}

void TcpPacket::remember_ignored() {
  tcp_.last_index = seg_.index;
  tcp_.last_dir = ctx_.dir;
  tcp_.last_seq = seg_.seq;
  tcp_.last_end = seg_.end;
  tcp_.last_win = seg_.win;
  if (seg_.index == kIndexSyn && ctx_.dir == 0) {
    TcpSide seen;
    read_tcp_options(seg_, seen);
    tcp_.last_flags = seen.flags & (kTcpWindowScale | kTcpSackPerm);
    tcp_.last_wscale = seen.scale;
    // The other end may answer a stray SYN with an ACK (RFC 5961), which would look like the last.
    if (old_ == kTcpLastAck) tcp_.last_flags |= kTcpChallengeAck;
  }
  if (old_ == kTcpSynSent && seg_.index == kIndexAck && ctx_.dir == 1) tcp_.last_ack = seg_.ack;
}

TcpPacket::Move TcpPacket::reopen_or_ignore(Answer& answer) {
  if (new_ == kTcpSynSent) {
    const bool closed_actively = ((tcp_.seen[0].flags | tcp_.seen[1].flags) & kTcpCloseInit) != 0;
    const bool aborted = tcp_.last_dir == ctx_.dir && tcp_.last_index == kIndexRst;
    if (closed_actively || aborted) {
      ctx_.why = "a SYN opens the closed connection again";
      ctx_.hook.walk.state().conntrack.kill(ctx_.hook.skb.ct);
      answer = Answer::Repeat;
      return Move::Answered;
    }
  }
  if (answers_ignored_syn()) {
    resync();
    return Move::Check;
  }
  remember_ignored();
  ctx_.why = seg_.index == kIndexSyn      ? "SYN within a connection: let through, not believed"
             : seg_.index == kIndexSynAck ? "SYN/ACK within a connection: let through, not believed"
                                          : "ACK before the SYN/ACK: let through, not believed";
  answer = Answer::Accept;
  return Move::Answered;
}

TcpPacket::Move TcpPacket::reset(Answer& answer) {
  if (closing()) return Move::Skip;
  if ((receiver().flags & kTcpMaxAckSet) != 0 && tcp_.last_index != kIndexSyn) {
    const std::uint32_t expected = receiver().maxack;
    // The answer to a SYN that was let through above.
    if (seg_.seq == 0 && !established()) return Move::Check;
    if (before(seg_.seq, expected) && !sysctls_.tcp_ignore_invalid_rst) {
      answer = invalid(ctx_, "RST with an old sequence number");
      return Move::Answered;
    }
    if (!established() || seg_.seq == expected) return Move::Check;
    const bool after_own_data =
        tcp_.last_index == kIndexAck && tcp_.last_dir == ctx_.dir && seg_.seq == tcp_.last_end;
    if (after_own_data) return Move::Check;
    // Not exactly the next byte: the other end may challenge it, so the connection lives on.
    new_ = old_;
    ctx_.why = "RST that is not exactly in sequence: the connection stays";
  }
  const bool answers_syn =
      entry_.has(kSeenReply) && tcp_.last_index == kIndexSyn && tcp_.last_dir != ctx_.dir;
  const bool answers_ack = !entry_.has(kAssured) && tcp_.last_index == kIndexAck;
  if ((answers_syn || answers_ack) && seg_.ack == tcp_.last_end) return Move::Skip;
  if (old_ == kTcpSynSent && tcp_.last_index == kIndexAck && tcp_.last_dir == 1 &&
      seg_.seq == tcp_.last_ack) {
    return Move::Skip;  // answers a challenge ACK
  }
  return Move::Check;
}

TcpPacket::Move TcpPacket::transition(Answer& answer) {
  switch (new_) {
    case kTcpSynSent:
      if (old_ < kTcpTimeWait) return Move::Check;
      return reopen_or_ignore(answer);
    case kTcpIgnore:
      return reopen_or_ignore(answer);
    case kTcpInvalid:
      answer = invalid(ctx_, seg_.index == kIndexSyn      ? "SYN from the wrong side"
                             : seg_.index == kIndexSynAck ? "SYN/ACK from the side that began"
                                                          : "not expected in this state");
      return Move::Answered;
    case kTcpTimeWait:
      if (old_ == kTcpLastAck && seg_.index == kIndexAck && tcp_.last_dir != ctx_.dir &&
          tcp_.last_index == kIndexSyn && (tcp_.last_flags & kTcpChallengeAck) != 0) {
        tcp_.last_flags = static_cast<std::uint8_t>(tcp_.last_flags & ~kTcpChallengeAck);
        ctx_.why = "challenge ACK (RFC 5961): let through";
        answer = Answer::Accept;
        return Move::Answered;
      }
      return Move::Check;
    case kTcpSynSent2:
      tcp_.last_flags |= kTcpSimultaneousOpen;
      return Move::Check;
    case kTcpSynRecv:
      if (ctx_.dir == 1 && seg_.index == kIndexAck &&
          (tcp_.last_flags & kTcpSimultaneousOpen) != 0) {
        new_ = kTcpEstablished;
      }
      return Move::Check;
    case kTcpClose:
      return seg_.index == kIndexRst ? reset(answer) : Move::Check;
    default:
      return Move::Check;
  }
}

// A FIN or RST out of the window on either side: the connection probably ended without us
// (nf_tcp_handle_invalid()).
void TcpPacket::lower_timeout() {
  if (!entry_.has(kAssured) || entry_.has(kFixedTimeout)) return;
  if (seg_.index != kIndexRst && seg_.index != kIndexFin) return;
  if (tcp_.last_dir == ctx_.dir || (tcp_.last_index != kIndexFin && tcp_.last_index != kIndexRst)) {
    tcp_.last_index = seg_.index;
    tcp_.last_dir = ctx_.dir;
    return;
  }
  const Time now = ctx_.hook.walk.now();
  const std::int64_t left = entry_.expires - now;
  const std::int64_t unack = seconds(sysctls_.tcp_timeout_unacknowledged);
  if (left >= seconds(120) && left > unack) entry_.expires = now + unack;
}

// False when the segment does not fit.
bool TcpPacket::check_window(Answer& answer) {
  const WindowAnswer window = tcp_in_window(tcp_, ctx_.dir, seg_, sysctls_.tcp_be_liberal);
  switch (window.answer) {
    case InWindow::Accept:
      return true;
    case InWindow::Ignore:
      ctx_.why = window.why;
      answer = Answer::Accept;
      return false;
    case InWindow::Invalid:
      lower_timeout();
      answer = invalid(ctx_, window.why);
      return false;
  }
  return true;
}

std::int64_t TcpPacket::timeout() const {
  const std::uint32_t normal = limit(new_);
  const std::uint32_t retrans = sysctls_.tcp_timeout_max_retrans;
  const std::uint32_t unack = sysctls_.tcp_timeout_unacknowledged;
  std::uint32_t chosen = normal;
  const bool unacknowledged =
      ((tcp_.seen[0].flags | tcp_.seen[1].flags) & kTcpDataUnacknowledged) != 0;
  if (tcp_.retrans >= sysctls_.tcp_max_retrans && normal > retrans) {
    chosen = retrans;
  } else if (seg_.index == kIndexRst && new_ == kTcpEstablished && normal > unack) {
    chosen = unack;
  } else if (unacknowledged && normal > unack) {
    chosen = unack;
  } else if (tcp_.last_win == 0 && normal > retrans) {
    chosen = retrans;
  }
  return seconds(chosen);
}

Answer TcpPacket::finish() {
  tcp_.last_index = seg_.index;
  tcp_.last_dir = ctx_.dir;
  tcp_.state = new_;
  if (ctx_.hook.skb.random_sequence) tcp_.guessed_side = static_cast<std::uint8_t>(ctx_.dir + 1);
  if (old_ != new_ && new_ == kTcpFinWait) sender().flags |= kTcpCloseInit;
  if (options_cut_) {
    sender().flags |= kTcpBeLiberal;
    receiver().flags |= kTcpBeLiberal;
    ctx_.why = "TCP options were not captured: windows of this connection are taken as right";
  }
  std::int64_t chosen = timeout();
  if (!entry_.has(kSeenReply)) {
    if (seg_.has(kTcpRst)) {
      // The only answer is a refusal: no connection came of it.
      ctx_.why = "RST before the connection was established: the entry goes";
      kill(ctx_, entry_);
      return Answer::Accept;
    }
    if (seg_.index == kIndexSyn && old_ == kTcpSynSent) return Answer::Accept;  // a repeated SYN
    if (new_ == kTcpEstablished) {
      chosen = std::min(chosen, seconds(sysctls_.tcp_timeout_unacknowledged));
    }
  } else if (!entry_.has(kAssured) && (old_ == kTcpSynRecv || old_ == kTcpEstablished) &&
             new_ == kTcpEstablished) {
    entry_.status |= kAssured;
  }
  refresh(ctx_, entry_, chosen);
  return Answer::Accept;
}

// The other end acknowledges a SYN/ACK of this host, whose sequence number the kernel drew: from
// here on it is known.
void TcpPacket::learn_sequence() {
  if (tcp_.guessed_side != 2 - ctx_.dir || tcp_.state != kTcpSynRecv) return;
  if (!seg_.has(kTcpAck) || seg_.has(kTcpRst)) return;
  const std::uint32_t shift = seg_.ack - receiver().end;
  receiver().end += shift;
  receiver().maxend += shift;
  if (tcp_.last_dir != ctx_.dir) {
    tcp_.last_seq += shift;
    tcp_.last_end += shift;
  }
  tcp_.guessed_side = 0;
}

Answer TcpPacket::run() {
  Answer answer = Answer::Accept;
  if (!read(answer)) return answer;
  learn_sequence();
  if (!entry_.has(kConfirmed) && !begin()) return Answer::Invalid;
  old_ = tcp_.state;
  new_ = kNext[ctx_.dir][seg_.index][old_];
  switch (transition(answer)) {
    case Move::Answered:
      return answer;
    case Move::Check:
      if (!check_window(answer)) return answer;
      break;
    case Move::Skip:
      break;
  }
  return finish();
}

Answer packet(TrackContext& ctx, Entry& entry) { return TcpPacket(ctx, entry).run(); }

}  // namespace

extern const TrackerDef ct_tcp;
const TrackerDef ct_tcp{.name = "tcp", .proto = kProtoTcp, .packet = packet};

}  // namespace pktwalk

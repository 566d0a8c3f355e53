// SPDX-License-Identifier: MIT
// Connection tracking of SCTP: chunks move the state, verification tags must fit.
//
// Kernel: net/netfilter/nf_conntrack_proto_sctp.c (nf_conntrack_sctp_packet(), sctp_new(),
//         do_basic_checks(), sctp_error()), the table sctp_conntracks
// Differs: chunks beyond the captured bytes are not seen
#include <array>
#include <optional>

#include "model/conntrack/track_util.h"
#include "model/conntrack/tracker.h"
#include "model/core/bytes.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"

namespace pktwalk {
namespace {

using namespace ct;
using Answer = TrackerDef::Answer;

constexpr std::uint8_t kInit = 1, kInitAck = 2, kHeartbeat = 4, kHeartbeatAck = 5, kAbort = 6,
                       kShutdown = 7, kShutdownAck = 8, kError = 9, kCookieEcho = 10,
                       kCookieAck = 11, kShutdownComplete = 14, kData = 0;
constexpr std::uint8_t kFlagT = 1;

constexpr std::uint8_t CL = kSctpClosed, CW = kSctpCookieWait, CE = kSctpCookieEchoed,
                       ES = kSctpEstablished, SS = kSctpShutdownSent, SR = kSctpShutdownRecd,
                       SA = kSctpShutdownAckSent, HS = kSctpHeartbeatSent, IV = kSctpInvalid;

// What becomes of a state (columns NONE to HEARTBEAT_SENT) when a chunk (rows) comes from the side
// that began (first half) or from the other one.
constexpr std::uint8_t kNext[2][11][9] = {
    {
        {CL, CL, CW, CE, ES, CL, CL, SA, CW},  // INIT
        {CL, CL, CW, CE, ES, SS, SR, SA, CL},  // INIT ACK
        {CL, CL, CL, CL, CL, CL, CL, CL, CL},  // ABORT
        {CL, CL, CW, CE, SS, SS, SR, SA, CL},  // SHUTDOWN
        {SA, CL, CW, CE, ES, SA, SA, SA, SA},  // SHUTDOWN ACK
        {CL, CL, CW, CE, ES, SS, SR, SA, CL},  // ERROR
        {CL, CL, CE, CE, ES, SS, SR, SA, CL},  // COOKIE ECHO
        {CL, CL, CW, ES, ES, SS, SR, SA, CL},  // COOKIE ACK
        {CL, CL, CW, CE, ES, SS, SR, CL, CL},  // SHUTDOWN COMPLETE
        {HS, CL, CW, CE, ES, SS, SR, SA, HS},  // HEARTBEAT
        {CL, CL, CW, CE, ES, SS, SR, SA, HS},  // HEARTBEAT ACK
    },
    {
        {IV, CL, CW, CE, ES, SS, SR, SA, IV},  // INIT
        {IV, CW, CW, CE, ES, SS, SR, SA, IV},  // INIT ACK
        {IV, CL, CL, CL, CL, CL, CL, CL, IV},  // ABORT
        {IV, CL, CW, CE, SR, SS, SR, SA, IV},  // SHUTDOWN
        {IV, CL, CW, CE, ES, SA, SA, SA, IV},  // SHUTDOWN ACK
        {IV, CL, CW, CL, ES, SS, SR, SA, IV},  // ERROR
        {IV, CL, CE, CE, ES, SS, SR, SA, IV},  // COOKIE ECHO
        {IV, CL, CW, ES, ES, SS, SR, SA, IV},  // COOKIE ACK
        {IV, CL, CW, CE, ES, SS, SR, CL, IV},  // SHUTDOWN COMPLETE
        {IV, CL, CW, CE, ES, SS, SR, SA, HS},  // HEARTBEAT
        {IV, CL, CW, CE, ES, SS, SR, SA, ES},  // HEARTBEAT ACK
    },
};

// sctp_new_state(): other chunks (DATA, SACK) leave the state as it is.
std::uint8_t next_state(std::uint8_t dir, std::uint8_t state, std::uint8_t chunk) {
  static constexpr std::array<std::uint8_t, 11> kRows = {
      kInit,      kInitAck,          kAbort,     kShutdown,    kShutdownAck, kError, kCookieEcho,
      kCookieAck, kShutdownComplete, kHeartbeat, kHeartbeatAck};
  for (std::size_t row = 0; row < kRows.size(); ++row) {
    if (kRows[row] == chunk) return kNext[dir][row][state];
  }
  return state;
}

struct Chunk {
  std::uint8_t type = 0, flags = 0;
  std::size_t offset = 0;  // from the SCTP header
};

class SctpPacket {
 public:
  SctpPacket(TrackContext& ctx, Entry& entry)
      : ctx_(ctx), entry_(entry), sctp_(entry.sctp), bytes_(transport_bytes(ctx)) {}
  Answer run();

 private:
  // f(chunk, number) for every chunk; f returns false to stop. False when it was stopped.
  template <typename F>
  bool for_each_chunk(F&& f) const;
  bool has(std::uint8_t type) const { return (seen_[type / 64] >> type % 64 & 1) != 0; }
  bool checksum_right() const;
  const char* check_chunks();
  const char* begin();
  bool tag_checked_by_chunk() const;
  bool accept_chunk(const Chunk& chunk);
  bool accept_heartbeat(const Chunk& chunk);
  bool heartbeat_mismatch(bool ack);
  bool note_init(const Chunk& chunk, std::uint8_t before, std::uint8_t after);
  bool note_init_ack(const Chunk& chunk);
  std::optional<std::uint32_t> init_tag(const Chunk& chunk) const;
  Answer invalid(const char* why) {
    ctx_.why = why;
    return Answer::Invalid;
  }

  TrackContext& ctx_;
  Entry& entry_;
  SctpTrack& sctp_;
  std::span<const std::uint8_t> bytes_;
  std::array<std::uint64_t, 4> seen_{};
  std::uint32_t vtag_ = 0;
  std::uint8_t state_ = kSctpNone;  // after the last chunk that counted
  bool ignore_ = false;             // accepted without renewing the timeout
  bool skip_ = false;               // this chunk moves nothing
};

template <typename F>
bool SctpPacket::for_each_chunk(F&& f) const {
  unsigned count = 0;
  for (std::size_t at = 12; at + 4 <= bytes_.size(); ++count) {
    const std::size_t length = load_be16(bytes_.data() + at + 2);
    if (!f(Chunk{bytes_[at], bytes_[at + 1], at}, count)) return false;
    if (length == 0) return true;
    at += (length + 3) & ~std::size_t{3};
  }
  return true;
}

bool SctpPacket::checksum_right() const {
  const Skb& skb = ctx_.hook.skb;
  if (skb.known_checksum || skb.missing != 0) return true;
  Skb right = skb;
  fill_transport_checksum(right);
  return load_be32(right.data.data() + ctx_.transport + 8) == load_be32(bytes_.data() + 8);
}

// do_basic_checks(): null when the chunks may stand together.
const char* SctpPacket::check_chunks() {
  bool lone = false;
  unsigned chunks = 0;
  const bool fine = for_each_chunk([&](const Chunk& chunk, unsigned number) {
    ++chunks;
    if (chunk.type == kInit || chunk.type == kInitAck || chunk.type == kShutdownComplete) {
      lone = true;
    }
    const bool first = chunk.type == kCookieAck || chunk.type == kCookieEcho || lone;
    if ((first && number != 0) || load_be16(bytes_.data() + chunk.offset + 2) == 0) return false;
    seen_[chunk.type / 64] |= std::uint64_t{1} << chunk.type % 64;
    return true;
  });
  if (!fine) return "SCTP chunks that may not stand together";
  return chunks == 0 ? "SCTP without a chunk" : nullptr;
}

std::optional<std::uint32_t> SctpPacket::init_tag(const Chunk& chunk) const {
  if (chunk.offset + 4 + 16 > bytes_.size()) return std::nullopt;
  return load_be32(bytes_.data() + chunk.offset + 4);
}

// sctp_new(): null when the packet may begin an association.
const char* SctpPacket::begin() {
  if (has(kAbort) || has(kShutdownComplete) || has(kCookieAck)) {
    return "SCTP chunk of an unknown association";
  }
  sctp_ = {};
  const char* problem = nullptr;
  for_each_chunk([&](const Chunk& chunk, unsigned) {
    if (next_state(0, kSctpNone, chunk.type) == kSctpNone) {
      problem = "SCTP chunk of an unknown association";
      return false;
    }
    if (chunk.type == kInit) {
      const std::optional<std::uint32_t> tag = init_tag(chunk);
      if (vtag_ != 0 || !tag) {
        problem = "SCTP INIT with a verification tag";
        return false;
      }
      sctp_.vtag[1] = *tag;
    } else if (chunk.type == kHeartbeat) {
      sctp_.vtag[0] = vtag_;
    } else if (chunk.type == kShutdownAck) {
      sctp_.vtag[1] = vtag_;
    }
    return true;
  });
  return problem;
}

// Chunks that have rules of their own for the verification tag.
bool SctpPacket::tag_checked_by_chunk() const {
  return has(kInit) || has(kShutdownComplete) || has(kCookieEcho) || has(kAbort) ||
         has(kShutdownAck) || has(kHeartbeat) || has(kHeartbeatAck);
}

// A heartbeat whose tag does not fit. True when it may pass (a path that began elsewhere).
bool SctpPacket::heartbeat_mismatch(bool ack) {
  if (has(kData) || ignore_) return false;
  if (!ack) {
    sctp_.heartbeat_vtag_failed = true;
    sctp_.last_dir = ctx_.dir;
    ignore_ = true;
    skip_ = true;
    return true;
  }
  if (!sctp_.heartbeat_vtag_failed || sctp_.last_dir == ctx_.dir) return false;
  sctp_.heartbeat_vtag_failed = false;
  sctp_.vtag[ctx_.dir] = vtag_;
  sctp_.vtag[1 - ctx_.dir] = 0;
  return true;
}

bool SctpPacket::accept_heartbeat(const Chunk& chunk) {
  std::uint32_t& own = sctp_.vtag[ctx_.dir];
  if (own == 0) {
    own = vtag_;
  } else if (own != vtag_) {
    return heartbeat_mismatch(chunk.type == kHeartbeatAck);
  } else {
    sctp_.heartbeat_vtag_failed = false;
  }
  return true;
}

bool SctpPacket::note_init(const Chunk& chunk, std::uint8_t before, std::uint8_t after) {
  const std::optional<std::uint32_t> tag = init_tag(chunk);
  if (!tag) return false;
  const std::uint8_t dir = ctx_.dir;
  const std::uint8_t other = static_cast<std::uint8_t>(1 - dir);
  if (before == kSctpNone || sctp_.vtag[other] != *tag) {
    if (sctp_.init[dir] != 0 && sctp_.init[other] != 0) sctp_.init[other] = 0;
    sctp_.init[dir] = 1;
  }
  sctp_.vtag[other] = *tag;
  // A repeated INIT does not keep the entry alive.
  if (after == kSctpClosed && before == kSctpClosed && entry_.has(kConfirmed)) ignore_ = true;
  return true;
}

bool SctpPacket::note_init_ack(const Chunk& chunk) {
  const std::optional<std::uint32_t> tag = init_tag(chunk);
  if (!tag) return false;
  const std::uint8_t dir = ctx_.dir;
  const std::uint8_t other = static_cast<std::uint8_t>(1 - dir);
  const std::uint32_t known = sctp_.vtag[other];
  if (sctp_.init[other] == 0 && known != 0 && known != *tag) return false;
  if (sctp_.init[dir] != 0 && sctp_.init[other] != 0 && known != *tag) return false;
  sctp_.vtag[other] = *tag;
  return true;
}

// False: the packet is INVALID.
bool SctpPacket::accept_chunk(const Chunk& chunk) {
  const std::uint8_t dir = ctx_.dir;
  skip_ = false;
  if (chunk.type == kInit) {
    if (vtag_ != 0) return false;
  } else if (chunk.type == kAbort || chunk.type == kShutdownComplete) {
    const std::uint8_t whose =
        (chunk.flags & kFlagT) != 0 ? static_cast<std::uint8_t>(1 - dir) : dir;
    if (vtag_ != sctp_.vtag[whose]) return false;
  } else if (chunk.type == kCookieEcho) {
    if (vtag_ != sctp_.vtag[dir]) return false;
  } else if (chunk.type == kCookieAck) {
    sctp_.init = {};
  } else if (chunk.type == kHeartbeat || chunk.type == kHeartbeatAck) {
    if (!accept_heartbeat(chunk)) return false;
  }
  if (skip_) return true;
  const std::uint8_t before = sctp_.state;
  const std::uint8_t after = next_state(dir, before, chunk.type);
  if (after == kSctpInvalid) return false;
  if (chunk.type == kInit && !note_init(chunk, before, after)) return false;
  if (chunk.type == kInitAck && !note_init_ack(chunk)) return false;
  sctp_.state = state_ = after;
  if (before != after && after == kSctpEstablished) entry_.status |= kAssured;
  return true;
}

Answer SctpPacket::run() {
  if (bytes_.size() < 12) {
    const bool cut = transport_length(ctx_) >= 12;
    ctx_.why = cut ? "the capture ends within the SCTP header" : "SCTP header is cut short";
    return cut ? Answer::Unknown : Answer::Invalid;
  }
  if (checks_checksums(ctx_.hook) && !checksum_right()) return invalid("SCTP checksum is wrong");
  vtag_ = load_be32(bytes_.data() + 4);
  if (const char* const problem = check_chunks()) return invalid(problem);
  if (!entry_.has(kConfirmed)) {
    if (const char* const problem = begin()) return invalid(problem);
  }
  if (!tag_checked_by_chunk() && vtag_ != sctp_.vtag[ctx_.dir] && !entry_.from_dump) {
    return invalid("SCTP verification tag is not this association's");
  }
  if (!for_each_chunk([&](const Chunk& chunk, unsigned) { return accept_chunk(chunk); })) {
    return invalid("SCTP chunk not expected in this state, or with another verification tag");
  }
  if (ignore_) return Answer::Accept;
  refresh(ctx_, entry_, seconds(ctx_.hook.walk.host().sysctls.sctp_timeouts[state_]));
  return Answer::Accept;
}

Answer packet(TrackContext& ctx, Entry& entry) { return SctpPacket(ctx, entry).run(); }

}  // namespace

extern const TrackerDef ct_sctp;
const TrackerDef ct_sctp{.name = "sctp", .proto = kProtoSctp, .packet = packet};

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
#include "tracer/session.h"

#include <algorithm>
#include <utility>

#include "model/path/walk.h"
#include "model/trace/recorder.h"

namespace pktwalk {
namespace {

constexpr std::size_t kHeadShown = 64;

}  // namespace

Session::Session(const Host& host, std::unique_ptr<PacketSource> source, std::string in_device)
    : host_(host),
      source_(std::move(source)),
      placer_(host, std::move(in_device)),
      state_(*host.initial) {}

Result<bool> Session::next(WalkedPacket& packet, bool record) {
  CapturedPacket captured;
  const Result<bool> more = source_->next(captured);
  if (!more || !*more) return more;
  Result<PlacedPacket> placed = placer_.place(captured, source_->interfaces());
  if (!placed) return placed.error();

  packet = {};
  const std::optional<std::uint64_t> keep_at = std::exchange(keep_at_, std::nullopt);
  kept_.reset();
  now_ = Time{captured.time_ns};
  packet.header = {.number = captured.number,
                   .time = now_,
                   .dev = placed->skb.dev,
                   .wire_length = captured.wire_length,
                   .captured = static_cast<std::uint32_t>(captured.bytes.size()),
                   .comment = std::string(captured.comment)};
  // Without a recording the beginning is enough: it is what lists show.
  const std::size_t shown =
      record ? placed->skb.l3().size() : std::min<std::size_t>(placed->skb.l3().size(), kHeadShown);
  packet.captured_l3.assign(placed->skb.l3().begin(),
                            placed->skb.l3().begin() + static_cast<std::ptrdiff_t>(shown));
  if (placed->transmitted_copy) {
    packet.result.disposition = Disposition::TransmittedCopy;
    packet.result.why = "the host itself sent this frame";
    packet.trace.result = packet.result;
    return true;
  }
  state_.conntrack.expire(now_);
  if (!record) {
    packet.result = Walk(host_, state_, now_).receive(std::move(placed->skb));
    return true;
  }
  Recorder recorder(packet.trace);
  if (keep_at) recorder.keep_state_at(*keep_at);
  packet.result = Walk(host_, state_, now_, &recorder).receive(std::move(placed->skb));
  packet.trace.result = packet.result;
  if (recorder.kept_state() != nullptr) kept_ = std::make_unique<State>(*recorder.kept_state());
  return true;
}

Status Session::resume(const SourcePosition& at, State state, Time now) {
  const Status sought = source_->seek(at);
  if (!sought) return sought;
  state_ = std::move(state);
  now_ = now;
  return Ok{};
}

}  // namespace pktwalk

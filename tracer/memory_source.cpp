// SPDX-License-Identifier: MIT
#include "tracer/memory_source.h"

namespace pktwalk {

std::unique_ptr<MemorySource> MemorySource::read_all(PacketSource& from) {
  auto source = std::make_unique<MemorySource>();
  source->format_ = from.format();
  CapturedPacket packet;
  for (;;) {
    const Result<bool> more = from.next(packet);
    if (!more) source->error_ = more.error();
    if (!more || !*more) break;
    Kept& kept = source->packets_.emplace_back();
    kept.bytes.assign(packet.bytes.begin(), packet.bytes.end());
    kept.comment = packet.comment;
    kept.packet = packet;
    kept.packet.bytes = kept.bytes;
    kept.packet.comment = kept.comment;
  }
  source->interfaces_.assign(from.interfaces().begin(), from.interfaces().end());
  return source;
}

Result<bool> MemorySource::next(CapturedPacket& packet) {
  if (at_ == packets_.size()) {
    if (error_) return *error_;
    return false;
  }
  packet = packets_[at_++].packet;
  return true;
}

SourcePosition MemorySource::position() const {
  SourcePosition position;
  position.number = at_;
  return position;
}

Status MemorySource::seek(const SourcePosition& position) {
  at_ = static_cast<std::size_t>(position.number);
  return Ok{};
}

}  // namespace pktwalk

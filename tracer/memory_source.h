// SPDX-License-Identifier: MIT
// A capture held in memory: for standard input and compressed files, which cannot be read twice.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "tracer/source/packet_source.h"

namespace pktwalk {

class MemorySource final : public PacketSource {
 public:
  // Reads `from` to its end; a malformed end is repeated when it is reached.
  static std::unique_ptr<MemorySource> read_all(PacketSource& from);

  Result<bool> next(CapturedPacket& packet) override;
  std::span<const CaptureInterface> interfaces() const override { return interfaces_; }
  std::string_view format() const override { return format_; }
  bool seekable() const override { return true; }
  SourcePosition position() const override;
  Status seek(const SourcePosition& position) override;

 private:
  struct Kept {
    CapturedPacket packet;  // its views point into the two members below
    std::vector<std::uint8_t> bytes;
    std::string comment;
  };
  std::deque<Kept> packets_;
  std::vector<CaptureInterface> interfaces_;
  std::string format_;
  std::optional<Error> error_;
  std::size_t at_ = 0;
};

}  // namespace pktwalk

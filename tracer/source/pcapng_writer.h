// SPDX-License-Identifier: MIT
// PcapngWriter: writes frames as pcapng, one interface a device, times in nanoseconds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/core/result.h"
#include "tracer/source/link_type.h"
#include "tracer/source/new_file.h"

namespace pktwalk {

// What write() notes beside the bytes.
struct FrameRecord {
  std::uint32_t interface_id = 0;  // from add_interface()
  std::int64_t time_ns = 0;        // since 1970; must not be negative
  std::span<const std::uint8_t> bytes;
  std::uint32_t wire_length = 0;  // 0: the number of bytes
  std::uint32_t flags = 0;        // epb_flags; 0: none written
  std::string_view comment;       // empty: none written; at most 65535 bytes, the rest is cut
};

// The output is little-endian on every machine and holds no date and no version: the same calls
// give the same bytes. The file appears when it is complete (see NewFile).
class PcapngWriter {
 public:
  static Result<std::unique_ptr<PcapngWriter>> create(const std::string& path);
  PcapngWriter(const PcapngWriter&) = delete;
  PcapngWriter& operator=(const PcapngWriter&) = delete;

  // Declares a device; may be called at any time before its first frame. Returns its id, from 0.
  std::uint32_t add_interface(std::string_view name, LinkType type = LinkType::Ethernet,
                              std::string_view description = {});

  // Appends one frame. Fails when the disk does; every later call repeats the failure.
  Status write(const FrameRecord& frame);

  // Completes the file under its own name. Nothing may be written afterwards.
  Status finish();

 private:
  PcapngWriter(std::string path, std::unique_ptr<NewFile> file);
  Status flush();

  std::string path_;
  std::unique_ptr<NewFile> file_;
  std::uint32_t interface_count_ = 0;
  std::optional<Error> failure_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace pktwalk

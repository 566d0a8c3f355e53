// SPDX-License-Identifier: MIT
// PacketSource: where packets come from, one at a time and in order. A capture file is one, a live
// interface another. Nothing is decoded here: a packet is its bytes and what was noted beside them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "model/core/result.h"
#include "tracer/source/link_type.h"

namespace pktwalk {

// One packet as it was recorded. `bytes` and `comment` point into the source's buffer and are valid
// until the next call of next() or seek(); nothing is copied.
struct CapturedPacket {
  std::uint64_t number = 0;  // place in the capture, from 1
  std::int64_t time_ns = 0;  // since 1970, UTC; without has_time that of the packet before
  bool has_time = true;      // false: the file gives no time (pcapng Simple Packet Block)
  LinkType link_type = LinkType::Ethernet;
  std::uint32_t interface_id = 0;  // index into PacketSource::interfaces()
  std::uint32_t wire_length =
      0;  // bytes on the wire as recorded; damaged files may say less than bytes.size()
  std::uint32_t flags = 0;  // pcapng epb_flags: bits 0-1 are 1 inbound, 2 outbound; 0 not recorded
  std::span<const std::uint8_t>
      bytes;  // what was captured: fewer than wire_length when cut by the snap length
  std::string_view comment;       // the packet's first comment, not checked for control characters
  std::uint64_t file_offset = 0;  // of the record, in the decompressed data
};

// Direction recorded in epb_flags.
enum class CaptureDirection : std::uint8_t { Unknown = 0, Inbound = 1, Outbound = 2 };
inline CaptureDirection direction_of(const CapturedPacket& packet) {
  const std::uint32_t bits = packet.flags & 3U;
  return bits == 1   ? CaptureDirection::Inbound
         : bits == 2 ? CaptureDirection::Outbound
                     : CaptureDirection::Unknown;
}

// An interface that packets were captured on. A pcap file has one without a name.
struct CaptureInterface {
  std::string name;         // if_name ("eth0"); empty when the file has none
  std::string description;  // if_description
  LinkType link_type = LinkType::Ethernet;
  std::uint32_t snaplen = 0;      // 0: no limit
  std::uint8_t tsresol = 6;       // as pcapng writes it: 10^-n seconds, with bit 7 set 2^-n
  std::int64_t tsoffset_s = 0;    // seconds to add to every time of the interface (already added)
  std::uint32_t section = 0;      // pcapng section, from 0
  std::uint64_t file_offset = 0;  // of its Interface Description Block
};

// A place between two packets of one open source, to which seek() returns.
struct SourcePosition {
  std::uint64_t file_offset = 0;
  std::uint64_t number = 0;           // packets delivered before this place
  std::int64_t time_ns = 0;           // time of the last of them
  std::uint32_t section = 0;          // what follows is pcapng only
  std::uint32_t section_start = 0;    // index of the section's first interface
  std::uint32_t interface_count = 0;  // interfaces declared before this place
  bool swapped = false;               // the section is in the other byte order

  bool operator==(const SourcePosition&) const = default;
};

class ByteInput;

class PacketSource {
 public:
  PacketSource() = default;
  PacketSource(const PacketSource&) = delete;
  PacketSource& operator=(const PacketSource&) = delete;
  virtual ~PacketSource() = default;

  // Reads the next packet. True: `packet` is filled. False: the end. An Error says what is
  // malformed and at which offset; all packets before it have been delivered, and every further
  // call repeats it.
  virtual Result<bool> next(CapturedPacket& packet) = 0;

  // The interfaces declared so far; next() may add to them (and so move them).
  virtual std::span<const CaptureInterface> interfaces() const = 0;

  // What the source is, for people: "pcap, microseconds", "pcapng".
  virtual std::string_view format() const = 0;

  // Whether seek() works: true for uncompressed regular files.
  virtual bool seekable() const { return false; }

  // The place before the packet that next() would read. Costs nothing; may be kept for every
  // packet.
  virtual SourcePosition position() const { return {}; }

  // Makes next() continue at a position that this source itself gave out. Clears an error met
  // before.
  virtual Status seek(const SourcePosition& position);

  // Size of the uncompressed regular file in bytes, 0 when not known; with position().file_offset
  // it tells how far the reading is.
  virtual std::uint64_t size() const { return 0; }
};

// Opens a capture, pcap or pcapng, plain or compressed (gz, bz2, xz, lzma, zst, lz4, Z, lz), told
// apart by content; "-" is standard input. The Error says why it is no capture and what it looks
// like instead.
Result<std::unique_ptr<PacketSource>> open_capture(const std::string& path);

// The same for an input that is open; `name` stands in errors.
Result<std::unique_ptr<PacketSource>> open_capture(std::unique_ptr<ByteInput> input,
                                                   const std::string& name);

}  // namespace pktwalk

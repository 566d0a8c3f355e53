// SPDX-License-Identifier: MIT
// What the readers of capture files have in common: the stream, its name, and errors with an
// offset.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "model/core/result.h"
#include "tracer/source/byte_stream.h"
#include "tracer/source/packet_source.h"

namespace pktwalk {

class CaptureFile : public PacketSource {
 public:
  // `compression` is the name of the outer format whose decompressed data the stream holds, or
  // nullptr.
  CaptureFile(std::string name, const char* compression, ByteStream stream)
      : name_(std::move(name)), compression_(compression), stream_(std::move(stream)) {}

  bool seekable() const final { return stream_.seekable(); }
  std::uint64_t size() const final { return stream_.size(); }

 protected:
  // An error at a byte of the capture. When the input itself failed (a disk, a decompressor) that
  // failure is the cause and is told instead.
  Error fault(std::uint64_t offset, std::string what) const;

  // Integers of the file. `swapped_` hardly ever changes, so the branch costs nothing.
  std::uint16_t u16(const std::uint8_t* at) const {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap16(value) : value;
  }
  std::uint32_t u32(const std::uint8_t* at) const {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap32(value) : value;
  }
  std::uint64_t u64(const std::uint8_t* at) const {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap64(value) : value;
  }

  std::string name_;
  const char* compression_;
  ByteStream stream_;
  bool swapped_ = false;  // the file's byte order is not this machine's
};

// Readers for streams whose first bytes have been recognised; they begin at offset 0.
bool is_pcap_magic(std::uint32_t magic);                    // in either byte order
inline constexpr std::uint32_t kPcapngMagic = 0x0a0d0d0aU;  // the same in either byte order
Result<std::unique_ptr<PacketSource>> open_pcap(std::string name, const char* compression,
                                                ByteStream stream);
Result<std::unique_ptr<PacketSource>> open_pcapng(std::string name, const char* compression,
                                                  ByteStream stream);

}  // namespace pktwalk

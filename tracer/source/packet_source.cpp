// SPDX-License-Identifier: MIT
#include "tracer/source/packet_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "tracer/source/byte_stream.h"
#include "tracer/source/capture_file.h"
#include "tracer/source/compressed_file.h"

namespace pktwalk {
namespace {

// Enough to tell every format apart.
constexpr std::size_t kSniffed = 8;

std::uint32_t magic_of(std::span<const std::uint8_t> bytes) {
  std::uint32_t magic = 0;
  if (bytes.size() >= sizeof magic) std::memcpy(&magic, bytes.data(), sizeof magic);
  return magic;
}

bool begins_with(std::span<const std::uint8_t> bytes, std::string_view text) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
      .starts_with(text);
}

// Says what a file that is no capture looks like.
Error not_a_capture(const std::string& name, std::span<const std::uint8_t> bytes) {
  Error error{.what = "", .where = {.file = name, .offset = 0}};
  if (bytes.empty()) {
    error.what = "is empty, a capture was expected";
  } else if (begins_with(bytes, "snoop")) {
    error.what = "is a snoop capture, which is not supported";
    error.hint = "convert it: editcap -F pcapng FILE OUT";
  } else if (begins_with(bytes, "PK\x03\x04")) {
    error.what = "is a zip archive, a capture was expected";
    error.hint = "unpack it first";
  } else {
    std::string shown;
    for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 4))) {
      shown += fmt::format("{}{:02x}", shown.empty() ? "" : " ", byte);
    }
    error.what = fmt::format("is no pcap or pcapng capture: it begins with the bytes {}", shown);
    const bool text = std::ranges::all_of(bytes, [](std::uint8_t byte) {
      return byte == '\n' || byte == '\t' || byte == '\r' || (byte >= 32 && byte < 127);
    });
    if (text) error.hint = "it looks like text; a host's files are given with --host";
  }
  return error;
}

Result<std::unique_ptr<PacketSource>> open_stream(const std::string& name, const char* compression,
                                                  ByteStream stream) {
  stream.ensure(kSniffed);
  const std::span<const std::uint8_t> first(stream.data(), std::min(stream.available(), kSniffed));
  const std::uint32_t magic = magic_of(first);
  if (is_pcap_magic(magic)) return open_pcap(name, compression, std::move(stream));
  if (magic == kPcapngMagic) return open_pcapng(name, compression, std::move(stream));
  if (stream.error()) return *stream.error();
  Error error = not_a_capture(name, first);
  if (compression != nullptr) error.what += fmt::format(" (after {} decompression)", compression);
  return error;
}

}  // namespace

Status PacketSource::seek(const SourcePosition&) {
  return Error{.what = "this capture can only be read forwards"};
}

Error CaptureFile::fault(std::uint64_t offset, std::string what) const {
  Error error{.what = std::move(what),
              .where = {.file = name_, .offset = static_cast<std::int64_t>(offset)}};
  if (stream_.error()) {
    error.what = fmt::format("{} ({})", stream_.error()->what, error.what);
  }
  if (compression_ != nullptr) {
    error.hint = fmt::format("the offset counts the data after {} decompression", compression_);
  }
  return error;
}

Result<std::unique_ptr<PacketSource>> open_capture(const std::string& path) {
  Result<std::unique_ptr<ByteInput>> file = open_file(path);
  if (!file) return file.error();
  return open_capture(std::move(*file), display_name(path));
}

Result<std::unique_ptr<PacketSource>> open_capture(std::unique_ptr<ByteInput> input,
                                                   const std::string& name) {
  Result<DecompressedStream> opened = open_decompressed(std::move(input), name);
  if (!opened) return opened.error();
  return open_stream(name, opened->compression, std::move(opened->stream));
}

}  // namespace pktwalk

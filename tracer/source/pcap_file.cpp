// SPDX-License-Identifier: MIT
// The classic capture file of tcpdump: a header of 24 bytes, then records of 16 bytes and the
// packet. Either byte order; microseconds, nanoseconds, and the longer record headers of Alexey
// Kuznetsov's libpcap (Linux distributions around 1999).
#include <fmt/format.h>

#include "tracer/source/capture_file.h"

namespace pktwalk {
namespace {

constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4U;
constexpr std::uint32_t kNanoseconds = 0xa1b23c4dU;
constexpr std::uint32_t kModified = 0xa1b2cd34U;
constexpr std::uint32_t kFileHeader = 24;
constexpr std::uint32_t kRecordHeader = 16;
constexpr std::uint32_t kModifiedRecordHeader = 24;  // and interface index, protocol, packet type
// The link type field's upper bits tell of a frame check sequence; the type has 26 (as libpcap has
// it).
constexpr std::uint32_t kLinkTypeMask = 0x03ffffffU;

class PcapFile final : public CaptureFile {
 public:
  using CaptureFile::CaptureFile;

  Status read_file_header();
  Result<bool> next(CapturedPacket& packet) override;
  std::span<const CaptureInterface> interfaces() const override { return {&interface_, 1}; }
  std::string_view format() const override { return format_; }
  SourcePosition position() const override {
    return {.file_offset = stream_.offset(), .number = number_, .time_ns = time_ns_};
  }
  Status seek(const SourcePosition& position) override;

 private:
  // Files before version 2.3 have the two lengths the other way round; those of 2.3 do or do not.
  enum class Lengths : std::uint8_t { CapturedFirst, WireFirst, Either };

  Result<bool> end_or_cut_header() const;
  Error too_long(std::uint32_t captured) const;
  Error cut_short(std::uint32_t captured) const;

  CaptureInterface interface_;
  std::string_view format_;
  std::uint32_t record_header_ = kRecordHeader;
  std::uint32_t max_captured_ = 0;
  std::uint32_t fraction_ns_ = 1000;  // nanoseconds that the second time field counts in
  Lengths lengths_ = Lengths::CapturedFirst;
  LinkType link_type_ = LinkType::Ethernet;
  std::uint64_t number_ = 0;
  std::int64_t time_ns_ = 0;
};

Status PcapFile::read_file_header() {
  if (!stream_.ensure(kFileHeader)) {
    return fault(0, fmt::format("the pcap file header is cut short: {} of {} bytes",
                                stream_.available(), kFileHeader));
  }
  const std::uint8_t* header = stream_.data();
  std::uint32_t magic = u32(header);
  if (magic != kMicroseconds && magic != kNanoseconds && magic != kModified) {
    swapped_ = true;
    magic = u32(header);
  }
  const std::uint16_t major = u16(header + 4);
  const std::uint16_t minor = u16(header + 6);
  const bool dg_ux = major == 543 && minor == 0;
  if (!dg_ux && (major != 2 || minor > 4)) {
    return fault(4, fmt::format("pcap version {}.{} is not supported, 2.4 or older was expected",
                                major, minor));
  }
  if (dg_ux || minor < 3) lengths_ = Lengths::WireFirst;
  if (!dg_ux && minor == 3) lengths_ = Lengths::Either;
  if (magic == kNanoseconds) fraction_ns_ = 1;
  if (magic == kModified) record_header_ = kModifiedRecordHeader;
  format_ = magic == kNanoseconds ? "pcap, nanoseconds"
            : magic == kModified  ? "pcap, modified"
                                  : "pcap, microseconds";
  link_type_ = static_cast<LinkType>(u32(header + 20) & kLinkTypeMask);
  max_captured_ = max_captured_length(link_type_);
  interface_.link_type = link_type_;
  interface_.snaplen = u32(header + 16);
  interface_.tsresol = magic == kNanoseconds ? 9 : 6;
  stream_.consume(kFileHeader);
  return Ok{};
}

Result<bool> PcapFile::next(CapturedPacket& packet) {
  if (!stream_.ensure(record_header_)) [[unlikely]]
    return end_or_cut_header();
  const std::uint8_t* header = stream_.data();
  std::uint32_t captured = u32(header + 8);
  std::uint32_t wire = u32(header + 12);
  if (lengths_ != Lengths::CapturedFirst) [[unlikely]] {
    if (lengths_ == Lengths::WireFirst || captured > wire) std::swap(captured, wire);
  }
  if (captured > max_captured_) [[unlikely]]
    return too_long(captured);
  const std::size_t record = std::size_t{record_header_} + captured;
  if (stream_.available() < record) [[unlikely]] {
    if (!stream_.ensure(record)) return cut_short(captured);
    header = stream_.data();
  }
  // Two unsigned 32-bit fields cannot overflow 64 bits, however wrong they are.
  time_ns_ =
      std::int64_t{u32(header)} * 1'000'000'000 + std::int64_t{u32(header + 4)} * fraction_ns_;
  packet.number = ++number_;
  packet.time_ns = time_ns_;
  packet.has_time = true;
  packet.link_type = link_type_;
  packet.interface_id = 0;
  packet.wire_length = wire;
  packet.flags = 0;
  packet.bytes = {header + record_header_, captured};
  packet.comment = {};
  packet.file_offset = stream_.offset();
  stream_.consume(record);
  return true;
}

Result<bool> PcapFile::end_or_cut_header() const {
  if (stream_.available() == 0 && !stream_.error()) return false;
  return fault(stream_.offset(),
               fmt::format("the file ends within the record header of packet {}: {} of {} bytes",
                           number_ + 1, stream_.available(), record_header_));
}

Error PcapFile::too_long(std::uint32_t captured) const {
  return fault(stream_.offset(),
               fmt::format("packet {} claims {} captured bytes, more than the {} possible for link "
                           "type {}: the file is damaged here",
                           number_ + 1, captured, max_captured_, describe(link_type_)));
}

Error PcapFile::cut_short(std::uint32_t captured) const {
  return fault(stream_.offset(),
               fmt::format("packet {} is cut short: {} of {} captured bytes are in the file",
                           number_ + 1, stream_.available() - record_header_, captured));
}

Status PcapFile::seek(const SourcePosition& position) {
  if (Status moved = stream_.seek(position.file_offset); !moved) return moved;
  number_ = position.number;
  time_ns_ = position.time_ns;
  return Ok{};
}

}  // namespace

bool is_pcap_magic(std::uint32_t magic) {
  for (const std::uint32_t known : {kMicroseconds, kNanoseconds, kModified}) {
    if (magic == known || magic == __builtin_bswap32(known)) return true;
  }
  return false;
}

Result<std::unique_ptr<PacketSource>> open_pcap(std::string name, const char* compression,
                                                ByteStream stream) {
  auto file = std::make_unique<PcapFile>(std::move(name), compression, std::move(stream));
  if (Status read = file->read_file_header(); !read) return read.error();
  return std::unique_ptr<PacketSource>(std::move(file));
}

}  // namespace pktwalk

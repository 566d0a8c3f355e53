// SPDX-License-Identifier: MIT
// pcapng: blocks with a type and a length on either side. Interfaces have names, link types, snap
// lengths and time resolutions of their own; packets have comments and flags; a file may hold
// several sections, each in a byte order of its own. Blocks that tell nothing about packets are
// stepped over.
#include <fmt/format.h>

#include <optional>
#include <vector>

#include "tracer/source/capture_file.h"
#include "tracer/source/time_scale.h"

namespace pktwalk {
namespace {

enum BlockType : std::uint32_t {
  kInterfaceBlock = 1,
  kPacketBlock = 2,  // obsolete, still found in old files
  kSimplePacketBlock = 3,
  kEnhancedPacketBlock = 6,
  kSectionBlock = kPcapngMagic,
};

constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4dU;
constexpr std::uint32_t kFrame = 12;  // type, length, and the length again at the end
// Options beside a packet, or a whole interface description; as much as libpcap takes.
constexpr std::uint32_t kMaxMetadata = 16U << 20U;

// Options that are read, by block.
constexpr std::uint16_t kEndOfOptions = 0;
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kPacketFlags = 2;
constexpr std::uint16_t kInterfaceName = 2;
constexpr std::uint16_t kInterfaceDescription = 3;
constexpr std::uint16_t kInterfaceTimeResolution = 9;
constexpr std::uint16_t kInterfaceTimeOffset = 14;

struct Option {
  std::uint16_t code = 0;
  std::span<const std::uint8_t> value;
  std::uint64_t offset = 0;  // in the file
  std::string_view text() const {
    // Some writers count the terminating zero of a C string.
    std::string_view all(reinterpret_cast<const char*>(value.data()), value.size());
    return all.substr(0, all.find('\0'));
  }
};

constexpr std::uint32_t padded(std::uint32_t length) { return (length + 3U) & ~3U; }

class PcapngFile final : public CaptureFile {
 public:
  using CaptureFile::CaptureFile;

  Status read_first_section() { return section_header(); }
  Result<bool> next(CapturedPacket& packet) override;
  std::span<const CaptureInterface> interfaces() const override { return interfaces_; }
  std::string_view format() const override { return "pcapng"; }
  SourcePosition position() const override {
    return {.file_offset = stream_.offset(),
            .number = number_,
            .time_ns = time_ns_,
            .section = section_,
            .section_start = section_start_,
            .interface_count = interface_count_,
            .swapped = swapped_};
  }
  Status seek(const SourcePosition& position) override;

 private:
  // Where a packet block keeps what; the three kinds differ in nothing else.
  struct PacketFields {
    std::uint32_t interface = 0;  // within the section
    std::uint32_t captured = 0;
    std::uint32_t wire = 0;
    std::uint32_t data_at = 0;  // from the start of the block
    bool has_time = true;
    bool has_options = true;
    std::uint64_t ticks = 0;
  };

  Result<bool> packet_block(std::uint32_t type, std::uint32_t length, CapturedPacket& packet);
  PacketFields packet_fields(std::uint32_t type, const std::uint8_t* block) const;
  Status section_header();
  Status interface_block(std::uint32_t length);
  Status skip_block(std::uint32_t length);
  Status packet_options(std::uint32_t from, std::uint32_t length, CapturedPacket& packet);

  // Reads the option at `at` (from the start of the block, which is in the buffer) and steps over
  // it; nothing at the end of the options.
  Result<std::optional<Option>> option(std::uint32_t& at, std::uint32_t end) const;

  Status whole_block(std::uint32_t type, std::uint32_t length);
  Error block_too_short(std::uint32_t type, std::uint32_t length) const;
  Error block_cut_short(std::uint32_t type, std::uint32_t length, std::uint64_t at) const;

  std::vector<CaptureInterface> interfaces_;  // of all sections met so far
  std::vector<TimeScale> scales_;             // one for each
  std::uint32_t section_ = 0;
  std::uint32_t section_start_ = 0;  // the section's interface 0 in interfaces_
  std::uint32_t interface_count_ =
      0;  // declared before this place; less than known ones after seek()
  std::uint64_t number_ = 0;
  std::int64_t time_ns_ = 0;
  std::optional<Error> failure_;  // of a block that was stepped over and cannot be looked at again
};

const char* block_name(std::uint32_t type) {
  switch (type) {
    case kSectionBlock:
      return "section header";
    case kInterfaceBlock:
      return "interface description";
    case kPacketBlock:
      return "packet";
    case kSimplePacketBlock:
      return "simple packet";
    case kEnhancedPacketBlock:
      return "enhanced packet";
    case 4:
      return "name resolution";
    case 5:
      return "interface statistics";
    case 10:
      return "decryption secrets";
    case 0x0bad:
    case 0x40000bad:
      return "custom";
    default:
      return "unknown";
  }
}

std::string describe_block(std::uint32_t type) {
  return fmt::format("block of type {:#x} ({})", type, block_name(type));
}

Result<bool> PcapngFile::next(CapturedPacket& packet) {
  if (failure_) [[unlikely]]
    return *failure_;
  while (true) {
    if (!stream_.ensure(8)) [[unlikely]] {
      if (stream_.available() == 0 && !stream_.error()) return false;
      return fault(
          stream_.offset(),
          fmt::format("the file ends within a block header: {} of 8 bytes", stream_.available()));
    }
    const std::uint32_t type = u32(stream_.data());
    const std::uint32_t length = u32(stream_.data() + 4);
    if (type != kSectionBlock && (length < kFrame || length % 4 != 0)) [[unlikely]] {
      return fault(stream_.offset() + 4,
                   fmt::format("the {} has length {}, a multiple of 4 from {} up was expected",
                               describe_block(type), length, kFrame));
    }
    Status done = Ok{};
    switch (type) {
      case kEnhancedPacketBlock:
      case kSimplePacketBlock:
      case kPacketBlock:
        return packet_block(type, length, packet);
      case kSectionBlock:
        done = section_header();
        break;
      case kInterfaceBlock:
        done = interface_block(length);
        break;
      default:
        done = skip_block(length);
        break;
    }
    if (!done) {
      failure_ = done.error();
      return *failure_;
    }
  }
}

PcapngFile::PacketFields PcapngFile::packet_fields(std::uint32_t type,
                                                   const std::uint8_t* block) const {
  PacketFields fields;
  if (type == kSimplePacketBlock) {
    fields.wire = fields.captured = u32(block + 8);
    fields.data_at = 12;
    fields.has_time = fields.has_options = false;
    return fields;
  }
  fields.interface = type == kPacketBlock ? u16(block + 8) : u32(block + 8);
  fields.ticks = (std::uint64_t{u32(block + 12)} << 32U) | u32(block + 16);
  fields.captured = u32(block + 20);
  fields.wire = u32(block + 24);
  fields.data_at = 28;
  return fields;
}

Result<bool> PcapngFile::packet_block(std::uint32_t type, std::uint32_t length,
                                      CapturedPacket& packet) {
  const std::uint32_t fixed = type == kSimplePacketBlock ? 12 : 28;
  if (length < fixed + 4) [[unlikely]]
    return block_too_short(type, length);
  const std::uint64_t start = stream_.offset();
  if (!stream_.ensure(fixed)) [[unlikely]]
    return block_cut_short(type, length, start);
  PacketFields fields = packet_fields(type, stream_.data());
  if (fields.interface >= interface_count_ - section_start_) [[unlikely]] {
    return fault(start,
                 fmt::format("packet {} refers to interface {}, but {} were declared before",
                             number_ + 1, fields.interface, interface_count_ - section_start_));
  }
  const std::uint32_t index = section_start_ + fields.interface;
  const CaptureInterface& interface = interfaces_[index];
  if (!fields.has_time && interface.snaplen != 0 && fields.captured > interface.snaplen) {
    fields.captured =
        interface.snaplen;  // a Simple Packet Block leaves the captured length to be inferred
  }
  const std::uint32_t max_captured = max_captured_length(interface.link_type);
  if (fields.captured > max_captured || length - fixed > max_captured + kMaxMetadata) [[unlikely]] {
    return fault(
        start, fmt::format("packet {} claims {} captured bytes in a block of {}, more than the {} "
                           "possible for link type {}: the file is damaged here",
                           number_ + 1, fields.captured, length, max_captured,
                           describe(interface.link_type)));
  }
  if (fields.captured > length - fixed - 4) [[unlikely]] {
    return fault(start, fmt::format("packet {} claims {} captured bytes, its block has room for {}",
                                    number_ + 1, fields.captured, length - fixed - 4));
  }
  if (Status whole = whole_block(type, length); !whole) return whole.error();

  packet.flags = 0;
  packet.comment = {};
  const std::uint32_t data_end = fixed + padded(fields.captured);
  if (fields.has_options && data_end + 4 < length) {
    if (Status read = packet_options(data_end, length - 4, packet); !read) return read.error();
  }
  if (fields.has_time) time_ns_ = scales_[index].nanoseconds(fields.ticks);
  packet.number = ++number_;
  packet.time_ns = time_ns_;
  packet.has_time = fields.has_time;
  packet.link_type = interface.link_type;
  packet.interface_id = index;
  packet.wire_length = fields.wire;
  packet.bytes = {stream_.data() + fixed, fields.captured};
  packet.file_offset = start;
  stream_.consume(length);
  return true;
}

Status PcapngFile::packet_options(std::uint32_t from, std::uint32_t length,
                                  CapturedPacket& packet) {
  while (true) {
    Result<std::optional<Option>> found = option(from, length);
    if (!found) return found.error();
    if (!found->has_value()) return Ok{};
    const Option& entry = **found;
    if (entry.code == kComment && packet.comment.empty()) {
      packet.comment = entry.text();
    } else if (entry.code == kPacketFlags) {
      if (entry.value.size() != 4) {
        return fault(entry.offset,
                     fmt::format("packet {}: the flags option has {} bytes, 4 were expected",
                                 number_ + 1, entry.value.size()));
      }
      packet.flags = u32(entry.value.data());
    }
  }
}

Result<std::optional<Option>> PcapngFile::option(std::uint32_t& at, std::uint32_t end) const {
  // Blocks and options are multiples of four bytes: what is left holds at least an option's header.
  if (at == end) return std::optional<Option>();
  const std::uint64_t offset = stream_.offset() + at;
  const std::uint8_t* header = stream_.data() + at;
  const std::uint16_t code = u16(header);
  const std::uint16_t size = u16(header + 2);
  if (code == kEndOfOptions) return std::optional<Option>();
  if (size > end - at - 4) {
    return fault(offset, fmt::format("option {} claims {} bytes, its block has {} left", code, size,
                                     end - at - 4));
  }
  at += 4 + padded(size);
  return std::optional<Option>({.code = code, .value = {header + 4, size}, .offset = offset});
}

Status PcapngFile::section_header() {
  const std::uint64_t start = stream_.offset();
  if (!stream_.ensure(28)) return block_cut_short(kSectionBlock, 28, start);
  const std::uint8_t* block = stream_.data();
  swapped_ = false;
  if (u32(block + 8) != kByteOrderMagic) {
    swapped_ = true;
    if (u32(block + 8) != kByteOrderMagic) {
      return fault(start + 8,
                   fmt::format("the section's byte-order mark is {:#010x}, {:#010x} was expected",
                               __builtin_bswap32(u32(block + 8)), kByteOrderMagic));
    }
  }
  const std::uint32_t length = u32(block + 4);
  if (length < 28 || length % 4 != 0) return block_too_short(kSectionBlock, length);
  // Minor version 2 was written by some programs; it is the same format.
  const std::uint16_t major = u16(block + 12);
  const std::uint16_t minor = u16(block + 14);
  if (major != 1 || (minor != 0 && minor != 2)) {
    return fault(start + 12, fmt::format("pcapng version {}.{} is not supported, 1.0 was expected",
                                         major, minor));
  }
  if (Status whole = whole_block(kSectionBlock, length); !whole) return whole;
  stream_.consume(length);
  if (start != 0) ++section_;
  section_start_ = interface_count_;
  return Ok{};
}

Status PcapngFile::interface_block(std::uint32_t length) {
  if (length < 20) return block_too_short(kInterfaceBlock, length);
  if (Status whole = whole_block(kInterfaceBlock, length); !whole) return whole;
  const std::uint8_t* block = stream_.data();
  CaptureInterface interface;
  interface.link_type = static_cast<LinkType>(u16(block + 8));
  interface.snaplen = u32(block + 12);
  interface.section = section_;
  interface.file_offset = stream_.offset();
  std::uint32_t at = 16;
  while (true) {
    Result<std::optional<Option>> found = option(at, length - 4);
    if (!found) return found.error();
    if (!found->has_value()) break;
    const Option& entry = **found;
    const auto wrong_size = [&](const char* name, std::size_t wanted) {
      return fault(entry.offset,
                   fmt::format("{} of interface {} has {} bytes, {} were expected", name,
                               interface_count_ - section_start_, entry.value.size(), wanted));
    };
    if (entry.code == kInterfaceName) {
      interface.name = entry.text();
    } else if (entry.code == kInterfaceDescription) {
      interface.description = entry.text();
    } else if (entry.code == kInterfaceTimeResolution) {
      if (entry.value.size() != 1) return wrong_size("if_tsresol", 1);
      interface.tsresol = entry.value[0];
    } else if (entry.code == kInterfaceTimeOffset) {
      if (entry.value.size() != 8) return wrong_size("if_tsoffset", 8);
      interface.tsoffset_s = static_cast<std::int64_t>(u64(entry.value.data()));
    }
  }
  stream_.consume(length);
  // After seek() the blocks between are read again; what they declare is known.
  if (interface_count_ == interfaces_.size()) {
    scales_.emplace_back(interface.tsresol, interface.tsoffset_s);
    interfaces_.push_back(std::move(interface));
  }
  ++interface_count_;
  return Ok{};
}

Status PcapngFile::skip_block(std::uint32_t length) {
  const std::uint64_t start = stream_.offset();
  const std::uint32_t type = u32(stream_.data());
  if (!stream_.skip(length - 4) || !stream_.ensure(4)) return block_cut_short(type, length, start);
  const std::uint32_t again = u32(stream_.data());
  if (again != length) {
    return fault(start, fmt::format("the {} has length {} at its start and {} at its end",
                                    describe_block(type), length, again));
  }
  stream_.consume(4);
  return Ok{};
}

// Brings the whole block into the buffer and compares its two lengths.
Status PcapngFile::whole_block(std::uint32_t type, std::uint32_t length) {
  if (type != kPacketBlock && type != kSimplePacketBlock && type != kEnhancedPacketBlock &&
      length > kMaxMetadata) {
    return fault(stream_.offset(),
                 fmt::format("the {} claims {} bytes, more than {}: the file is damaged here",
                             describe_block(type), length, kMaxMetadata));
  }
  if (!stream_.ensure(length)) return block_cut_short(type, length, stream_.offset());
  const std::uint32_t again = u32(stream_.data() + length - 4);
  if (again != length) {
    return fault(stream_.offset(),
                 fmt::format("the {} has length {} at its start and {} at its end",
                             describe_block(type), length, again));
  }
  return Ok{};
}

Error PcapngFile::block_too_short(std::uint32_t type, std::uint32_t length) const {
  return fault(stream_.offset() + 4,
               fmt::format("the {} has length {}, too little for its fixed fields",
                           describe_block(type), length));
}

Error PcapngFile::block_cut_short(std::uint32_t type, std::uint32_t length,
                                  std::uint64_t at) const {
  return fault(
      at, fmt::format("the {} is cut short: {} of {} bytes are in the file", describe_block(type),
                      stream_.offset() + stream_.available() - at, length));
}

Status PcapngFile::seek(const SourcePosition& position) {
  if (position.interface_count > interfaces_.size()) {
    return Error{.what = "the position is not one of this capture", .where = {.file = name_}};
  }
  if (Status moved = stream_.seek(position.file_offset); !moved) return moved;
  failure_.reset();
  number_ = position.number;
  time_ns_ = position.time_ns;
  section_ = position.section;
  section_start_ = position.section_start;
  interface_count_ = position.interface_count;
  swapped_ = position.swapped;
  return Ok{};
}

}  // namespace

Result<std::unique_ptr<PacketSource>> open_pcapng(std::string name, const char* compression,
                                                  ByteStream stream) {
  auto file = std::make_unique<PcapngFile>(std::move(name), compression, std::move(stream));
  if (Status read = file->read_first_section(); !read) return read.error();
  return std::unique_ptr<PacketSource>(std::move(file));
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Builds capture files byte by byte, in either byte order, and reads them to their end.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temp_folder.h"
#include "tracer/source/byte_stream.h"
#include "tracer/source/packet_source.h"

namespace pktwalk::capture_test {

enum class Order { Little, Big };

// Appends integers in the byte order of the file under construction.
class Bytes {
 public:
  explicit Bytes(Order order = Order::Little) : order_(order) {}

  Bytes& number(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      const unsigned shift = 8 * (order_ == Order::Little ? i : size - 1 - i);
      data_.push_back(static_cast<char>((value >> shift) & 0xffU));
    }
    return *this;
  }
  Bytes& u8(std::uint64_t value) { return number(value, 1); }
  Bytes& u16(std::uint64_t value) { return number(value, 2); }
  Bytes& u32(std::uint64_t value) { return number(value, 4); }
  Bytes& u64(std::uint64_t value) { return number(value, 8); }
  Bytes& text(std::string_view bytes) {
    data_ += bytes;
    return *this;
  }
  Bytes& pad() {
    while (data_.size() % 4 != 0) data_.push_back('\0');
    return *this;
  }

  Order order() const { return order_; }
  const std::string& str() const { return data_; }

 private:
  Order order_;
  std::string data_;
};

// A pcap file header with the given magic and record headers of four fields.
inline Bytes pcap_header(Order order = Order::Little, std::uint32_t magic = 0xa1b2c3d4U,
                         std::uint32_t link_type = 1, std::uint32_t minor = 4) {
  Bytes bytes(order);
  bytes.u32(magic).u16(2).u16(minor).u32(0).u32(0).u32(262144).u32(link_type);
  return bytes;
}

inline Bytes& pcap_record(Bytes& file, std::uint32_t seconds, std::uint32_t fraction,
                          std::string_view data, std::uint32_t wire = 0) {
  file.u32(seconds).u32(fraction).u32(data.size());
  return file.u32(wire == 0 ? data.size() : wire).text(data);
}

// A pcapng block around a body that is padded here.
inline std::string block(Order order, std::uint32_t type, Bytes body) {
  body.pad();
  Bytes whole(order);
  whole.u32(type).u32(body.str().size() + 12).text(body.str()).u32(body.str().size() + 12);
  return whole.str();
}

inline Bytes& option(Bytes& body, std::uint16_t code, std::string_view value) {
  return body.u16(code).u16(value.size()).text(value).pad();
}

inline std::string section(Order order = Order::Little, std::uint16_t major = 1,
                           std::uint16_t minor = 0) {
  return block(order, 0x0a0d0d0aU, Bytes(order).u32(0x1a2b3c4dU).u16(major).u16(minor).u64(~0ULL));
}

inline std::string interface(Order order = Order::Little, std::uint16_t link_type = 1,
                             std::uint32_t snaplen = 0, std::string_view options = {}) {
  return block(order, 1, Bytes(order).u16(link_type).u16(0).u32(snaplen).text(options));
}

inline std::string enhanced(std::uint32_t interface_id, std::uint64_t ticks, std::string_view data,
                            std::string_view options = {}, Order order = Order::Little) {
  Bytes body(order);
  body.u32(interface_id).u32(ticks >> 32U).u32(ticks & 0xffffffffU);
  body.u32(data.size()).u32(data.size()).text(data).pad().text(options);
  return block(order, 6, body);
}

using testing::TempFolder;

// A packet that outlives the source's buffer.
struct KeptPacket {
  CapturedPacket meta;  // its views are empty
  std::string bytes;
  std::string comment;
};

struct Reading {
  std::vector<KeptPacket> packets;
  std::vector<CaptureInterface> interfaces;
  std::string error;  // what was wrong, without the place; empty: read to the end
  std::int64_t error_offset = -1;
  std::string hint;
};

inline KeptPacket keep(const CapturedPacket& packet) {
  KeptPacket kept{.meta = packet,
                  .bytes = std::string(packet.bytes.begin(), packet.bytes.end()),
                  .comment = std::string(packet.comment)};
  kept.meta.bytes = {};
  kept.meta.comment = {};
  return kept;
}

inline Reading read_all(PacketSource& source) {
  Reading reading;
  CapturedPacket packet;
  while (true) {
    const Result<bool> more = source.next(packet);
    if (!more) {
      reading.error = more.error().what;
      reading.error_offset = more.error().where.offset;
      reading.hint = more.error().hint;
      break;
    }
    if (!*more) break;
    reading.packets.push_back(keep(packet));
  }
  reading.interfaces.assign(source.interfaces().begin(), source.interfaces().end());
  return reading;
}

inline Reading read_all(Result<std::unique_ptr<PacketSource>> source) {
  if (source) return read_all(**source);
  Reading reading;
  reading.error = source.error().what;
  reading.error_offset = source.error().where.offset;
  reading.hint = source.error().hint;
  return reading;
}

inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline Reading read_bytes(std::string_view contents) {
  return read_all(open_capture(memory_input(as_bytes(contents)), "memory"));
}

}  // namespace pktwalk::capture_test

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/tracer/source/capture_bytes.h"

using namespace pktwalk;
using namespace pktwalk::capture_test;

namespace {

constexpr std::uint32_t kMicro = 0xa1b2c3d4U;
constexpr std::uint32_t kNano = 0xa1b23c4dU;
constexpr std::uint32_t kModified = 0xa1b2cd34U;

}  // namespace

TEST_CASE("pcap: byte orders and resolutions") {
  struct Case {
    const char* name;
    Order order;
    std::uint32_t magic;
    std::int64_t time_ns;
  };
  const Case cases[] = {
      {"little-endian microseconds", Order::Little, kMicro, 1'700'000'000'000'123'000},
      {"big-endian microseconds", Order::Big, kMicro, 1'700'000'000'000'123'000},
      {"little-endian nanoseconds", Order::Little, kNano, 1'700'000'000'000'000'123},
      {"big-endian nanoseconds", Order::Big, kNano, 1'700'000'000'000'000'123},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Bytes file = pcap_header(c.order, c.magic);
      pcap_record(file, 1'700'000'000, 123, "first packet", 60);
      pcap_record(file, 1'700'000'001, 0, "");
      const Reading reading = read_bytes(file.str());
      CHECK(reading.error == "");
      REQUIRE(reading.packets.size() == 2);
      CHECK(reading.packets[0].meta.number == 1);
      CHECK(reading.packets[0].meta.time_ns == c.time_ns);
      CHECK(reading.packets[0].meta.has_time);
      CHECK(reading.packets[0].meta.wire_length == 60);
      CHECK(reading.packets[0].meta.file_offset == 24);
      CHECK(reading.packets[0].bytes == "first packet");
      CHECK(reading.packets[1].meta.number == 2);
      CHECK(reading.packets[1].meta.file_offset == 24 + 16 + 12);
      CHECK(reading.packets[1].bytes == "");
      REQUIRE(reading.interfaces.size() == 1);
      CHECK(reading.interfaces[0].name == "");
      CHECK(reading.interfaces[0].snaplen == 262144);
      CHECK(reading.interfaces[0].link_type == LinkType::Ethernet);
    }
  }
}

TEST_CASE("pcap: the last second that fits and a nonsensical fraction do not overflow") {
  Bytes file = pcap_header();
  pcap_record(file, 0xffffffffU, 0xffffffffU, "x");
  const Reading reading = read_bytes(file.str());
  REQUIRE(reading.packets.size() == 1);
  CHECK(reading.packets[0].meta.time_ns == 4294967295LL * 1'000'000'000 + 4294967295LL * 1000);
}

TEST_CASE("pcap: the link type is what stands below the bits about check sequences") {
  Bytes file = pcap_header(Order::Little, kMicro, 0x30000071U);
  pcap_record(file, 1, 0, "x");
  const Reading reading = read_bytes(file.str());
  REQUIRE(reading.packets.size() == 1);
  CHECK(reading.packets[0].meta.link_type == LinkType::LinuxSll);
  CHECK(reading.interfaces[0].link_type == LinkType::LinuxSll);
}

TEST_CASE("pcap: old files have the lengths the other way round") {
  struct Case {
    const char* name;
    std::uint32_t minor, first, second, want_wire;
  };
  const Case cases[] = {
      {"version 2.4 writes the captured length first", 4, 3, 60, 60},
      {"version 2.3 may write the captured length first", 3, 3, 60, 60},
      {"version 2.3 may write the wire length first", 3, 60, 3, 60},
      {"version 2.2 writes the wire length first", 2, 60, 3, 60},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Bytes file = pcap_header(Order::Little, kMicro, 1, c.minor);
      file.u32(1).u32(0).u32(c.first).u32(c.second).text("abc");
      const Reading reading = read_bytes(file.str());
      CHECK(reading.error == "");
      REQUIRE(reading.packets.size() == 1);
      CHECK(reading.packets[0].bytes == "abc");
      CHECK(reading.packets[0].meta.wire_length == c.want_wire);
    }
  }
}

TEST_CASE("pcap: the modified format of 1999 has longer record headers") {
  Bytes file = pcap_header(Order::Little, kModified);
  file.u32(1).u32(0).u32(3).u32(3).u32(2).u16(0x800).u8(0).u8(0).text("abc");
  file.u32(2).u32(0).u32(1).u32(1).u32(2).u16(0x800).u8(0).u8(0).text("d");
  const Reading reading = read_bytes(file.str());
  CHECK(reading.error == "");
  REQUIRE(reading.packets.size() == 2);
  CHECK(reading.packets[0].bytes == "abc");
  CHECK(reading.packets[1].bytes == "d");
}

TEST_CASE("pcap: a captured length above the snap length is delivered whole") {
  Bytes file(Order::Little);
  file.u32(kMicro).u16(2).u16(4).u32(0).u32(0).u32(2).u32(1);
  pcap_record(file, 1, 0, "longer than two bytes");
  const Reading reading = read_bytes(file.str());
  REQUIRE(reading.packets.size() == 1);
  CHECK(reading.packets[0].bytes == "longer than two bytes");
  CHECK(reading.interfaces[0].snaplen == 2);
}

TEST_CASE("pcap: damage is told with its offset, after the packets before it") {
  Bytes good = pcap_header();
  pcap_record(good, 1, 0, "whole");
  const std::int64_t second = 24 + 16 + 5;
  struct Case {
    const char* name;
    std::string tail;
    const char* error;
  };
  const Case cases[] = {
      {"the end in a record header", Bytes().u32(1).u8(0).str(),
       "the file ends within the record header of packet 2: 5 of 16 bytes"},
      {"one byte of a record header", "x",
       "the file ends within the record header of packet 2: 1 of 16 bytes"},
      {"the end in the packet", Bytes().u32(1).u32(0).u32(74).u32(74).text("cut").str(),
       "packet 2 is cut short: 3 of 74 captured bytes are in the file"},
      {"no byte of the packet", Bytes().u32(1).u32(0).u32(1).u32(1).str(),
       "packet 2 is cut short: 0 of 1 captured bytes are in the file"},
      {"the largest possible length, cut short", Bytes().u32(1).u32(0).u32(262144).u32(1).str(),
       "packet 2 is cut short: 0 of 262144 captured bytes are in the file"},
      {"one more than the largest length", Bytes().u32(1).u32(0).u32(262145).u32(1).str(),
       "packet 2 claims 262145 captured bytes, more than the 262144 possible for link type 1 "
       "(EN10MB): the file is damaged here"},
      {"a length of all ones", Bytes().u32(1).u32(0).u32(0xffffffffU).u32(1).str(),
       "packet 2 claims 4294967295 captured bytes, more than the 262144 possible for link type 1 "
       "(EN10MB): the file is damaged here"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const Reading reading = read_bytes(good.str() + c.tail);
      CHECK(reading.packets.size() == 1);
      CHECK(reading.error == c.error);
      CHECK(reading.error_offset == second);
    }
  }
}

TEST_CASE("pcap: an error is repeated by every further call") {
  const TempFolder folder;
  const auto source = open_capture(folder.file("cut.pcap", pcap_header().str() + "abc"));
  REQUIRE(source);
  CapturedPacket packet;
  const Result<bool> first = (*source)->next(packet);
  const Result<bool> second = (*source)->next(packet);
  REQUIRE(!first);
  REQUIRE(!second);
  CHECK(to_string(first.error()) == to_string(second.error()));
  CHECK(first.error().where.file == folder.path("cut.pcap"));
}

TEST_CASE("pcap: a D-Bus message may be larger than any frame") {
  const std::string message(300'000, 'm');
  Bytes file = pcap_header(Order::Little, kMicro, 231);
  pcap_record(file, 1, 0, message);
  const Reading reading = read_bytes(file.str());
  CHECK(reading.error == "");
  REQUIRE(reading.packets.size() == 1);
  CHECK(reading.packets[0].bytes == message);
}

TEST_CASE("pcap: file headers that cannot be read") {
  struct Case {
    const char* name;
    std::string file;
    const char* error;
    std::int64_t offset;
  };
  const Case cases[] = {
      {"version 1", Bytes().u32(kMicro).u16(1).u16(0).u32(0).u32(0).u32(0).u32(1).str(),
       "pcap version 1.0 is not supported, 2.4 or older was expected", 4},
      {"version 2.5", pcap_header(Order::Big, kMicro, 1, 5).str(),
       "pcap version 2.5 is not supported, 2.4 or older was expected", 4},
      {"cut short", pcap_header().str().substr(0, 23),
       "the pcap file header is cut short: 23 of 24 bytes", 0},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const Reading reading = read_bytes(c.file);
      CHECK(reading.error == c.error);
      CHECK(reading.error_offset == c.offset);
    }
  }
}

TEST_CASE("pcap: a header alone is an empty capture") {
  const Reading reading = read_bytes(pcap_header().str());
  CHECK(reading.error == "");
  CHECK(reading.packets.empty());
}

TEST_CASE("pcap: seek returns to any place that was remembered") {
  const TempFolder folder;
  Bytes file = pcap_header(Order::Big, kNano);
  // Several buffers full, so that some places have left the buffer and others have not.
  for (std::uint32_t i = 0; i < 3000; ++i)
    pcap_record(file, i, 7, std::string(1000, static_cast<char>(i)));
  const auto opened = open_capture(folder.file("big.pcap", file.str()));
  REQUIRE(opened);
  PacketSource& source = **opened;
  REQUIRE(source.seekable());
  CHECK(source.size() == file.str().size());
  std::vector<SourcePosition> places;
  CapturedPacket packet;
  do {
    places.push_back(source.position());
  } while (*source.next(packet));
  REQUIRE(places.size() == 3001);
  for (const std::uint64_t wanted : {2999U, 0U, 1500U, 1U, 2998U, 1499U}) {
    REQUIRE(source.seek(places[wanted]));
    CHECK(source.position() == places[wanted]);
    REQUIRE(*source.next(packet));
    CHECK(packet.number == wanted + 1);
    CHECK(packet.time_ns == static_cast<std::int64_t>(wanted) * 1'000'000'000 + 7);
    CHECK(packet.bytes[999] == static_cast<std::uint8_t>(wanted));
  }
  REQUIRE(source.seek(places[3000]));
  CHECK(*source.next(packet) == false);
}

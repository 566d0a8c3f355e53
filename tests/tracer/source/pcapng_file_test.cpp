// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/tracer/source/capture_bytes.h"

using namespace pktwalk;
using namespace pktwalk::capture_test;

namespace {

// One section in one byte order: two interfaces of different kinds and a packet on each.
std::string two_interfaces(Order order) {
  Bytes ethernet(order);
  option(ethernet, 2, "eth0");
  option(ethernet, 3, "uplink");
  option(ethernet, 9, std::string_view("\x09", 1));
  option(ethernet, 0, "");
  Bytes any(order);
  option(any, 2, std::string_view("any\0", 4));  // some writers count the final zero
  option(any, 14, Bytes(order).u64(1000).str());
  Bytes packet(order);
  option(packet, 1, "first comment");
  option(packet, 1, "second comment");
  option(packet, 2, Bytes(order).u32(0x0000'0002U).str());
  option(packet, 5, Bytes(order).u64(99).str());
  return section(order) + interface(order, 1, 96, ethernet.str()) +
         interface(order, 276, 0, any.str()) +
         enhanced(0, 1'700'000'000'000'000'001ULL, "on eth0", packet.str(), order) +
         enhanced(1, 5'000'000, "on any", {}, order);
}

}  // namespace

TEST_CASE("pcapng: interfaces, names, resolutions, comments and flags in either byte order") {
  for (const Order order : {Order::Little, Order::Big}) {
    const char* name = order == Order::Little ? "little-endian" : "big-endian";
    SUBCASE(name) {
      const Reading reading = read_bytes(two_interfaces(order));
      CHECK(reading.error == "");
      REQUIRE(reading.interfaces.size() == 2);
      CHECK(reading.interfaces[0].name == "eth0");
      CHECK(reading.interfaces[0].description == "uplink");
      CHECK(reading.interfaces[0].link_type == LinkType::Ethernet);
      CHECK(reading.interfaces[0].snaplen == 96);
      CHECK(reading.interfaces[0].tsresol == 9);
      CHECK(reading.interfaces[0].file_offset == 28);
      CHECK(reading.interfaces[1].name == "any");
      CHECK(reading.interfaces[1].link_type == LinkType::LinuxSll2);
      CHECK(reading.interfaces[1].tsoffset_s == 1000);
      REQUIRE(reading.packets.size() == 2);
      CHECK(reading.packets[0].meta.time_ns == 1'700'000'000'000'000'001);
      CHECK(reading.packets[0].meta.interface_id == 0);
      CHECK(reading.packets[0].meta.flags == 2);
      CHECK(direction_of(reading.packets[0].meta) == CaptureDirection::Outbound);
      CHECK(reading.packets[0].comment == "first comment");
      CHECK(reading.packets[0].bytes == "on eth0");
      CHECK(reading.packets[1].meta.time_ns == 1'005'000'000'000);
      CHECK(reading.packets[1].meta.interface_id == 1);
      CHECK(reading.packets[1].meta.link_type == LinkType::LinuxSll2);
      CHECK(reading.packets[1].meta.flags == 0);
      CHECK(reading.packets[1].comment == "");
      CHECK(reading.packets[1].bytes == "on any");
    }
  }
}

TEST_CASE("pcapng: every section has its own interfaces and byte order") {
  const std::string file = two_interfaces(Order::Little) + two_interfaces(Order::Big) +
                           section(Order::Little, 1, 2) + interface() + enhanced(0, 1, "third");
  const Reading reading = read_bytes(file);
  CHECK(reading.error == "");
  REQUIRE(reading.interfaces.size() == 5);
  CHECK(reading.interfaces[1].section == 0);
  CHECK(reading.interfaces[2].section == 1);
  CHECK(reading.interfaces[4].section == 2);
  REQUIRE(reading.packets.size() == 5);
  CHECK(reading.packets[2].meta.interface_id == 2);
  CHECK(reading.packets[2].meta.number == 3);
  CHECK(reading.packets[3].bytes == "on any");
  CHECK(reading.packets[4].meta.interface_id == 4);
  CHECK(reading.packets[4].meta.time_ns == 1000);
}

TEST_CASE("pcapng: a Simple Packet Block has no time and infers its length") {
  struct Case {
    const char* name;
    std::uint32_t snaplen, wire;
    std::string data, want;
  };
  const Case cases[] = {
      {"whole", 0, 5, "abcde", "abcde"},
      {"cut by the snap length", 4, 9, "abcd", "abcd"},
      {"shorter than the snap length", 96, 3, "abc", "abc"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const std::string file = section() + interface(Order::Little, 1, c.snaplen) +
                               enhanced(0, 7, "x") +
                               block(Order::Little, 3, Bytes().u32(c.wire).text(c.data));
      const Reading reading = read_bytes(file);
      CHECK(reading.error == "");
      REQUIRE(reading.packets.size() == 2);
      CHECK(reading.packets[1].bytes == c.want);
      CHECK(reading.packets[1].meta.wire_length == c.wire);
      CHECK_FALSE(reading.packets[1].meta.has_time);
      CHECK(reading.packets[1].meta.time_ns == 7000);
    }
  }
}

TEST_CASE("pcapng: the obsolete Packet Block is read, its drop count is not the interface") {
  Bytes body;
  body.u16(1).u16(0xffff).u32(0).u32(9).u32(3).u32(60).text("old").pad();
  option(body, 1, "from 2004");
  const std::string file =
      section() + interface() + interface(Order::Little, 113) + block(Order::Little, 2, body);
  const Reading reading = read_bytes(file);
  CHECK(reading.error == "");
  REQUIRE(reading.packets.size() == 1);
  CHECK(reading.packets[0].meta.interface_id == 1);
  CHECK(reading.packets[0].meta.link_type == LinkType::LinuxSll);
  CHECK(reading.packets[0].meta.wire_length == 60);
  CHECK(reading.packets[0].meta.time_ns == 9000);
  CHECK(reading.packets[0].bytes == "old");
  CHECK(reading.packets[0].comment == "from 2004");
}

TEST_CASE("pcapng: blocks that are not about packets are stepped over") {
  std::string file = section() + interface();
  for (const std::uint32_t type : {4U, 5U, 9U, 10U, 0xbadU, 0x40000badU, 0x7fffffffU}) {
    file += block(Order::Little, type, Bytes().u32(type).text("whatever"));
    file += enhanced(0, 1, "packet");
  }
  file += block(Order::Little, 10, Bytes().text(std::string(3'000'000, 's')));  // beyond the buffer
  file += enhanced(0, 1, "packet");
  const Reading reading = read_bytes(file);
  CHECK(reading.error == "");
  CHECK(reading.packets.size() == 8);
  CHECK(reading.packets[7].bytes == "packet");
}

TEST_CASE("pcapng: a packet with room behind its data but no options is no error") {
  Bytes body;
  body.u32(0).u32(0).u32(1).u32(2).u32(2).text("ab").pad().u16(0).u16(0);
  const Reading reading = read_bytes(section() + interface() + block(Order::Little, 6, body));
  CHECK(reading.error == "");
  CHECK(reading.packets.size() == 1);
}

TEST_CASE("pcapng: damage is told with its offset, after the packets before it") {
  const std::string good = section() + interface() + enhanced(0, 1, "good");
  const auto start = static_cast<std::int64_t>(good.size());
  Bytes long_option;
  long_option.u16(1).u16(9).text("abcd");
  Bytes short_flags;
  option(short_flags, 2, "ab");
  Bytes resolution;
  option(resolution, 9, "ab");
  Bytes offset;
  option(offset, 14, "abcd");
  std::string wrong_trailer = enhanced(0, 1, "x");
  wrong_trailer[wrong_trailer.size() - 4] ^= 4;
  std::string wrong_skip = block(Order::Little, 5, Bytes().u64(0));
  wrong_skip[wrong_skip.size() - 4] ^= 4;
  struct Case {
    const char* name;
    std::string tail;
    const char* error;
    std::int64_t at;  // from the end of the good blocks
  };
  const Case cases[] = {
      {"the end in a block header", "abcdefg", "the file ends within a block header: 7 of 8 bytes",
       0},
      {"the end in a packet", enhanced(0, 1, "cut").substr(0, 30),
       "the block of type 0x6 (enhanced packet) is cut short: 30 of 36 bytes are in the file", 0},
      {"the end in a block that is stepped over",
       block(Order::Little, 5, Bytes().u64(0)).substr(0, 17),
       "the block of type 0x5 (interface statistics) is cut short: 17 of 20 bytes are in the file",
       0},
      {"a block of length 8", Bytes().u32(6).u32(8).str(),
       "the block of type 0x6 (enhanced packet) has length 8, a multiple of 4 from 12 up was "
       "expected",
       4},
      {"a block of length 34", Bytes().u32(6).u32(34).str(),
       "the block of type 0x6 (enhanced packet) has length 34, a multiple of 4 from 12 up was "
       "expected",
       4},
      {"a packet block without its fields", block(Order::Little, 6, Bytes().u32(0)),
       "the block of type 0x6 (enhanced packet) has length 16, too little for its fixed fields", 4},
      {"an interface block without its fields", block(Order::Little, 1, Bytes().u32(0)),
       "the block of type 0x1 (interface description) has length 16, too little for its fixed "
       "fields",
       4},
      {"an interface that was not declared", enhanced(1, 1, "x"),
       "packet 2 refers to interface 1, but 1 were declared before", 0},
      {"two lengths that differ", wrong_trailer,
       "the block of type 0x6 (enhanced packet) has length 36 at its start and 32 at its end", 0},
      {"two lengths that differ around what is stepped over", wrong_skip,
       "the block of type 0x5 (interface statistics) has length 20 at its start and 16 at its end",
       0},
      {"a captured length beyond the block",
       block(Order::Little, 6, Bytes().u32(0).u64(0).u32(5).u32(5).text("abcd")),
       "packet 2 claims 5 captured bytes, its block has room for 4", 0},
      {"an absurd captured length",
       block(Order::Little, 6, Bytes().u32(0).u64(0).u32(0xfffffff0U).u32(5).text("abcd")),
       "packet 2 claims 4294967280 captured bytes in a block of 36, more than the 262144 possible "
       "for link type 1 (EN10MB): the file is damaged here",
       0},
      {"an absurd block length", Bytes().u32(6).u32(0xfffffff0U).u32(0).u64(0).u64(0).str(),
       "packet 2 claims 0 captured bytes in a block of 4294967280, more than the 262144 possible "
       "for link type 1 (EN10MB): the file is damaged here",
       0},
      {"an absurd interface block", Bytes().u32(1).u32(0xfffffff0U).u64(0).str(),
       "the block of type 0x1 (interface description) claims 4294967280 bytes, more than 16777216: "
       "the file is damaged here",
       0},
      {"an option beyond its block", enhanced(0, 1, "x", long_option.str()),
       "option 1 claims 9 bytes, its block has 4 left", 32},
      {"flags of two bytes", enhanced(0, 1, "x", short_flags.str()),
       "packet 2: the flags option has 2 bytes, 4 were expected", 32},
      {"a time resolution of two bytes", interface(Order::Little, 1, 0, resolution.str()),
       "if_tsresol of interface 1 has 2 bytes, 1 were expected", 16},
      {"a time offset of four bytes", interface(Order::Little, 1, 0, offset.str()),
       "if_tsoffset of interface 1 has 4 bytes, 8 were expected", 16},
      {"a section with another byte-order mark",
       block(Order::Little, 0x0a0d0d0aU, Bytes().u32(0x12345678U).u32(1).u64(0)),
       "the section's byte-order mark is 0x12345678, 0x1a2b3c4d was expected", 8},
      {"a section of version 2", section(Order::Little, 2, 0),
       "pcapng version 2.0 is not supported, 1.0 was expected", 12},
      {"a section of version 1.1", section(Order::Little, 1, 1),
       "pcapng version 1.1 is not supported, 1.0 was expected", 12},
      {"a section that is cut short", section().substr(0, 27),
       "the block of type 0xa0d0d0a (section header) is cut short: 27 of 28 bytes are in the file",
       0},
      {"a packet right after a section", section() + enhanced(0, 1, "x"),
       "packet 2 refers to interface 0, but 0 were declared before", 28},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const TempFolder folder;
      const auto source = open_capture(folder.file("damaged.pcapng", good + c.tail));
      REQUIRE(source);
      const Reading reading = read_all(**source);
      CHECK(reading.packets.size() == 1);
      CHECK(reading.error == c.error);
      CHECK(reading.error_offset == start + c.at);
      const Reading again = read_all(**source);
      CHECK(again.packets.empty());
      CHECK(again.error == reading.error);
      CHECK(again.error_offset == reading.error_offset);
    }
  }
}

TEST_CASE("pcapng: seek returns to any place, across sections and byte orders") {
  const TempFolder folder;
  const std::string simple = block(Order::Big, 3, Bytes(Order::Big).u32(3).text("abc"));
  const std::string file = two_interfaces(Order::Little) + two_interfaces(Order::Big) + simple +
                           interface(Order::Big, 101) + enhanced(2, 9, "raw", {}, Order::Big);
  const auto opened = open_capture(folder.file("sections.pcapng", file));
  REQUIRE(opened);
  PacketSource& source = **opened;
  std::vector<SourcePosition> places;
  std::vector<KeptPacket> packets;
  CapturedPacket packet;
  places.push_back(source.position());
  while (*source.next(packet)) {
    packets.push_back(keep(packet));
    places.push_back(source.position());
  }
  REQUIRE(packets.size() == 6);
  CHECK(source.interfaces().size() == 5);
  for (const std::size_t wanted : {5U, 0U, 3U, 1U, 4U, 2U, 5U}) {
    REQUIRE(source.seek(places[wanted]));
    for (std::size_t i = wanted; i < packets.size(); ++i) {
      REQUIRE(*source.next(packet));
      const KeptPacket got = keep(packet);
      CHECK(got.bytes == packets[i].bytes);
      CHECK(got.comment == packets[i].comment);
      CHECK(got.meta.number == packets[i].meta.number);
      CHECK(got.meta.time_ns == packets[i].meta.time_ns);
      CHECK(got.meta.interface_id == packets[i].meta.interface_id);
      CHECK(got.meta.link_type == packets[i].meta.link_type);
    }
    CHECK(source.interfaces().size() == 5);
  }
  const auto fresh = open_capture(folder.path("sections.pcapng"));
  REQUIRE(fresh);
  CHECK_FALSE((*fresh)->seek(places[5]));
}

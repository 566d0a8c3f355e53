// SPDX-License-Identifier: MIT
#include "tracer/source/packet_source.h"

#include <doctest/doctest.h>

#include <random>

#include "tests/tracer/source/capture_bytes.h"

using namespace pktwalk;
using namespace pktwalk::capture_test;

TEST_CASE("open_capture: what is no capture is told by what it looks like") {
  struct Case {
    const char* name;
    std::string contents, error, hint;
  };
  const Case cases[] = {
      {"nothing", "", "is empty, a capture was expected", ""},
      {"two bytes", "\xd4\xc3", "is no pcap or pcapng capture: it begins with the bytes d4 c3", ""},
      {"text", "*filter\n:INPUT ACCEPT [0:0]\n",
       "is no pcap or pcapng capture: it begins with the bytes 2a 66 69 6c",
       "it looks like text; a host's files are given with --host"},
      {"a snoop file", std::string("snoop\0\0\0\0\0\0\x02", 12),
       "is a snoop capture, which is not supported", "convert it: editcap -F pcapng FILE OUT"},
      {"a zip archive", "PK\x03\x04 and more", "is a zip archive, a capture was expected",
       "unpack it first"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const Reading reading = read_bytes(c.contents);
      CHECK(reading.error == c.error);
      CHECK(reading.hint == c.hint);
      CHECK(reading.error_offset == 0);
    }
  }
}

TEST_CASE("open_capture: the format is told") {
  const auto format = [](std::string_view bytes) {
    const auto source = open_capture(memory_input(as_bytes(bytes)), "memory");
    return source ? std::string((*source)->format()) : std::string("none");
  };
  CHECK(format(pcap_header().str()) == "pcap, microseconds");
  CHECK(format(pcap_header(Order::Big, 0xa1b23c4dU).str()) == "pcap, nanoseconds");
  CHECK(format(pcap_header(Order::Big, 0xa1b2cd34U).str()) == "pcap, modified");
  CHECK(format(section()) == "pcapng");
}

TEST_CASE("open_capture: a packet keeps a link type that nobody here can decode") {
  Bytes file = pcap_header(Order::Little, 0xa1b2c3d4U, 127);
  pcap_record(file, 1, 0, "radio");
  const Reading reading = read_bytes(file.str());
  REQUIRE(reading.packets.size() == 1);
  CHECK(describe(reading.packets[0].meta.link_type) == "127 (IEEE802_11_RADIOTAP)");
}

TEST_CASE("open_capture: a missing file") {
  const auto source = open_capture("/nowhere/at/all.pcap");
  REQUIRE_FALSE(source);
  CHECK(to_string(source.error()) ==
        "/nowhere/at/all.pcap: cannot be opened: No such file or directory");
}

TEST_CASE("open_capture: files with bytes flipped, cut and doubled end in an end or an error") {
  Bytes options;
  option(options, 1, "comment");
  option(options, 2, Bytes().u32(1).str());
  Bytes names;
  option(names, 2, "eth0");
  option(names, 9, std::string_view("\x89", 1));
  const std::string pcapng = section() + interface(Order::Little, 1, 96, names.str()) +
                             enhanced(0, 1, "packet", options.str()) +
                             block(Order::Little, 3, Bytes().u32(5).text("abcde")) +
                             section(Order::Big) + interface(Order::Big, 113) +
                             enhanced(0, 1, "packet", {}, Order::Big);
  Bytes pcap = pcap_header(Order::Big);
  for (int i = 0; i < 4; ++i) pcap_record(pcap, 1, 2, "some bytes", 60);
  std::mt19937 random(20250101);  // NOLINT(cert-msc51-cpp): the same mutations on every machine
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  std::size_t ends = 0;
  std::size_t errors = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string file = round % 2 == 0 ? pcapng : pcap.str();
    for (std::size_t change = 0; change <= below(3); ++change) {
      switch (below(4)) {
        case 0:
          file[below(file.size())] = static_cast<char>(random());
          break;
        case 1:
          file[below(file.size())] ^= static_cast<char>(1U << below(8));
          break;
        case 2:
          file.resize(1 + below(file.size()));
          break;
        default:
          file.insert(below(file.size()), file.substr(below(file.size()), below(40)));
          break;
      }
    }
    const Reading reading = read_bytes(file);
    ++(reading.error.empty() ? ends : errors);
    bool inside = true;
    for (const KeptPacket& packet : reading.packets) {
      inside = inside && packet.meta.file_offset < file.size() &&
               packet.bytes.size() < file.size() &&
               packet.meta.interface_id < reading.interfaces.size();
    }
    CHECK(inside);
    if (!reading.error.empty()) {
      CHECK(reading.error_offset >= 0);
      CHECK(reading.error_offset <= static_cast<std::int64_t>(file.size()));
    }
  }
  // Both kinds of outcome were met, or the mutations test nothing.
  CHECK(ends > 400);
  CHECK(errors > 400);
}

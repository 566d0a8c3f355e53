// SPDX-License-Identifier: MIT
#include "tracer/source/pcapng_writer.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/tracer/source/capture_bytes.h"

using namespace pktwalk;
using namespace pktwalk::capture_test;

namespace fs = std::filesystem;

namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::size_t files_in(const TempFolder& folder) {
  const fs::directory_iterator files(folder.path(""));
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

std::unique_ptr<PcapngWriter> writer_for(const std::string& path) {
  Result<std::unique_ptr<PcapngWriter>> writer = PcapngWriter::create(path);
  REQUIRE(writer);
  return std::move(*writer);
}

}  // namespace

TEST_CASE("pcapng writer: what is written is read again") {
  const TempFolder folder;
  const std::string path = folder.path("out.pcapng");
  const auto writer = writer_for(path);
  CHECK(writer->add_interface("eth0") == 0);
  REQUIRE(writer->write(
      {.interface_id = 0, .time_ns = 1'700'000'000'123'456'789, .bytes = as_bytes("frame")}));
  CHECK(writer->add_interface("cooked", LinkType::LinuxSll2, "both ways") == 1);
  REQUIRE(writer->write({.interface_id = 1,
                         .time_ns = 0,
                         .bytes = as_bytes(""),
                         .wire_length = 1514,
                         .flags = 2,
                         .comment = "rule 4 dropped it"}));
  REQUIRE(writer->finish());
  const Reading reading = read_all(open_capture(path));
  CHECK(reading.error == "");
  REQUIRE(reading.interfaces.size() == 2);
  CHECK(reading.interfaces[0].name == "eth0");
  CHECK(reading.interfaces[0].tsresol == 9);
  CHECK(reading.interfaces[0].link_type == LinkType::Ethernet);
  CHECK(reading.interfaces[1].name == "cooked");
  CHECK(reading.interfaces[1].description == "both ways");
  CHECK(reading.interfaces[1].link_type == LinkType::LinuxSll2);
  REQUIRE(reading.packets.size() == 2);
  CHECK(reading.packets[0].bytes == "frame");
  CHECK(reading.packets[0].meta.time_ns == 1'700'000'000'123'456'789);
  CHECK(reading.packets[0].meta.wire_length == 5);
  CHECK(reading.packets[0].comment == "");
  CHECK(reading.packets[1].bytes == "");
  CHECK(reading.packets[1].meta.wire_length == 1514);
  CHECK(reading.packets[1].meta.flags == 2);
  CHECK(reading.packets[1].comment == "rule 4 dropped it");
}

TEST_CASE("pcapng writer: the bytes of a small file") {
  const TempFolder folder;
  const std::string path = folder.path("out.pcapng");
  const auto writer = writer_for(path);
  writer->add_interface("v0");
  REQUIRE(writer->write({.interface_id = 0, .time_ns = 0x100000002, .bytes = as_bytes("abc")}));
  REQUIRE(writer->finish());
  Bytes names;
  option(names, 2, "v0");
  option(names, 9, std::string_view("\x09", 1));
  option(names, 0, "");
  CHECK(contents(path) ==
        section() + interface(Order::Little, 1, 0, names.str()) + enhanced(0, 0x100000002, "abc"));
}

TEST_CASE("pcapng writer: nothing is there before finish, and nothing is left without it") {
  const TempFolder folder;
  const std::string path = folder.file("out.pcapng", "what was there before");
  {
    const auto writer = writer_for(path);
    writer->add_interface("eth0");
    REQUIRE(writer->write({.bytes = as_bytes("frame")}));
    CHECK(contents(path) == "what was there before");
  }
  CHECK(contents(path) == "what was there before");
  CHECK(files_in(folder) == 1);
  const auto writer = writer_for(path);
  REQUIRE(writer->finish());
  CHECK(contents(path) == section());
  CHECK(files_in(folder) == 1);
}

TEST_CASE("pcapng writer: a link stays a link, its target is replaced") {
  const TempFolder folder;
  const std::string target = folder.file("target", "before");
  fs::create_symlink(target, folder.path("link"));
  REQUIRE(writer_for(folder.path("link"))->finish());
  CHECK(fs::is_symlink(folder.path("link")));
  CHECK(contents(target) == section());
}

TEST_CASE("pcapng writer: long comments are cut, long files are flushed") {
  const TempFolder folder;
  const std::string path = folder.path("out.pcapng");
  const auto writer = writer_for(path);
  writer->add_interface("eth0");
  const std::string comment(70'000, 'c');
  const std::string frame(1514, 'f');
  for (std::int64_t i = 0; i < 1000; ++i) {
    REQUIRE(writer->write({.time_ns = i,
                           .bytes = as_bytes(frame),
                           .comment = i == 500 ? std::string_view(comment) : std::string_view()}));
  }
  REQUIRE(writer->finish());
  const Reading reading = read_all(open_capture(path));
  CHECK(reading.error == "");
  REQUIRE(reading.packets.size() == 1000);
  CHECK(reading.packets[500].comment.size() == 65535);
  CHECK(reading.packets[999].bytes == frame);
  CHECK(reading.packets[999].meta.time_ns == 999);
}

TEST_CASE("pcapng writer: what cannot be written") {
  const TempFolder folder;
  struct Case {
    const char* name;
    std::string path, error;
  };
  const Case cases[] = {
      {"into a missing folder", folder.path("missing/out.pcapng"),
       "cannot be written: No such file or directory"},
      {"over a folder", folder.path(""), "is a folder, a file to write was expected"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const auto writer = PcapngWriter::create(c.path);
      REQUIRE_FALSE(writer);
      CHECK(writer.error().what == c.error);
      CHECK(writer.error().where.file == c.path);
    }
  }
  SUBCASE("a time before 1970") {
    const auto writer = writer_for(folder.path("out.pcapng"));
    writer->add_interface("eth0");
    const Status written = writer->write({.time_ns = -1, .bytes = as_bytes("x")});
    REQUIRE_FALSE(written);
    CHECK(written.error().what == "a frame's time is before 1970, which pcapng cannot hold");
    CHECK(writer->write({.time_ns = 0, .bytes = as_bytes("x")}));
  }
  SUBCASE("a full disk, told by write or finish and by finish again") {
    const auto writer = writer_for("/dev/full");
    CHECK_FALSE(writer->finish());
    const Status again = writer->finish();
    REQUIRE_FALSE(again);
    CHECK(again.error().what == "cannot be written: No space left on device");
  }
}

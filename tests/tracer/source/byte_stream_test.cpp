// SPDX-License-Identifier: MIT
#include "tracer/source/byte_stream.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/tracer/source/capture_bytes.h"

using namespace pktwalk;
using namespace pktwalk::capture_test;

namespace {

// Hands out at most `step` bytes a call, as a pipe does, and may fail in the end.
class Trickle final : public ByteInput {
 public:
  Trickle(std::string bytes, std::size_t step, bool fails = false)
      : bytes_(std::move(bytes)), step_(step), fails_(fails) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min({step_, into.size(), bytes_.size() - at_});
    if (count == 0 && fails_) return Error{.what = "the disk is on fire"};
    std::copy_n(bytes_.data() + at_, count, into.data());
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t step_;
  bool fails_;
  std::size_t at_ = 0;
};

std::string numbered(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
  return bytes;
}

std::string front(const ByteStream& stream, std::size_t count) {
  return {reinterpret_cast<const char*>(stream.data()), count};
}

}  // namespace

TEST_CASE("byte stream: pieces of every size from buffers and inputs of every size") {
  const std::string bytes = numbered(5000);
  for (const std::size_t buffer : {64U, 100U, 4096U, 100'000U}) {
    for (const std::size_t step : {1U, 63U, 64U, 100'000U}) {
      for (const std::size_t piece : {1U, 7U, 63U, 64U, 65U, 1000U}) {
        CAPTURE(buffer);
        CAPTURE(step);
        CAPTURE(piece);
        ByteStream stream(std::make_unique<Trickle>(bytes, step), buffer);
        std::size_t at = 0;
        bool same = true;
        for (; stream.ensure(piece); at += piece) {
          same = same && stream.offset() == at && front(stream, piece) == bytes.substr(at, piece);
          stream.consume(piece);
        }
        CHECK(same);
        CHECK(stream.available() == bytes.size() - at);
        CHECK(stream.offset() == at);
        CHECK_FALSE(stream.error());
      }
    }
  }
}

TEST_CASE("byte stream: the buffer grows for a piece larger than itself") {
  const std::string bytes = numbered(100'000);
  ByteStream stream(std::make_unique<Trickle>(bytes, 777), 64);
  REQUIRE(stream.ensure(10));
  stream.consume(10);
  REQUIRE(stream.ensure(90'000));
  CHECK(front(stream, 90'000) == bytes.substr(10, 90'000));
  CHECK_FALSE(stream.ensure(99'991));
  CHECK(stream.available() == 99'990);
}

TEST_CASE("byte stream: skip steps over what is buffered and what is not") {
  const std::string bytes = numbered(1000);
  ByteStream stream(std::make_unique<Trickle>(bytes, 50), 64);
  REQUIRE(stream.ensure(20));
  CHECK(stream.skip(15));
  CHECK(stream.offset() == 15);
  CHECK(stream.skip(900));
  CHECK(stream.offset() == 915);
  REQUIRE(stream.ensure(5));
  CHECK(front(stream, 5) == bytes.substr(915, 5));
  CHECK(stream.skip(85));
  CHECK(stream.offset() == 1000);
  CHECK_FALSE(stream.skip(1));
}

TEST_CASE("byte stream: a failing input gives all its bytes before the failure") {
  ByteStream stream(std::make_unique<Trickle>(numbered(100), 30, true), 64);
  CHECK(stream.ensure(60));
  stream.consume(60);
  CHECK_FALSE(stream.ensure(41));
  CHECK(stream.available() == 40);
  REQUIRE(stream.error());
  CHECK(stream.error()->what == "the disk is on fire");
  CHECK(stream.ensure(40));
}

TEST_CASE("byte stream: positioning within and beyond the buffer") {
  const std::string bytes = numbered(5000);
  ByteStream stream(memory_input(as_bytes(bytes)), 1000);
  REQUIRE(stream.seekable());
  CHECK(stream.size() == 5000);
  for (const std::size_t target : {4000U, 10U, 500U, 999U, 4999U, 0U, 2500U}) {
    REQUIRE(stream.seek(target));
    CHECK(stream.offset() == target);
    REQUIRE(stream.ensure(1));
    CHECK(front(stream, 1) == bytes.substr(target, 1));
  }
  REQUIRE(stream.seek(5000));
  CHECK_FALSE(stream.ensure(1));
  REQUIRE(stream.seek(0));
  CHECK(stream.ensure(5000));
}

TEST_CASE("byte stream: an input that only goes forwards says so") {
  ByteStream stream(std::make_unique<Trickle>("abc", 1));
  CHECK_FALSE(stream.seekable());
  CHECK(stream.size() == 0);
  CHECK_FALSE(stream.seek(0));
}

TEST_CASE("open_file: what cannot be read is told by name") {
  const TempFolder folder;
  struct Case {
    const char* name;
    std::string path, error;
  };
  const Case cases[] = {
      {"missing", folder.path("missing"), "cannot be opened: No such file or directory"},
      {"a folder", folder.path(""), "is a folder, a file was expected"},
      {"through a file", folder.file("plain", "x") + "/y", "cannot be opened: Not a directory"},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      const auto file = open_file(c.path);
      REQUIRE_FALSE(file);
      CHECK(file.error().what == c.error);
      CHECK(file.error().where.file == c.path);
    }
  }
}

TEST_CASE("open_file: a device is read but not positioned") {
  const auto file = open_file("/dev/zero");
  REQUIRE(file);
  CHECK_FALSE((*file)->seekable());
  std::uint8_t bytes[4] = {1, 2, 3, 4};
  CHECK(*(*file)->read(bytes) == 4);
  CHECK(bytes[3] == 0);
}

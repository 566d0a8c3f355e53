// SPDX-License-Identifier: MIT
#include "tracer/source/gzip_input.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace pktwalk {
namespace {

class GzipInput final : public ByteInput {
 public:
  GzipInput(ByteStream compressed, std::string name)
      : compressed_(std::move(compressed)), name_(std::move(name)) {
    constexpr int kGzipOnly = 16;  // added to the window's size, as inflateInit2() has it
    if (inflateInit2(&inflater_, MAX_WBITS + kGzipOnly) != Z_OK) fail("out of memory");
  }
  ~GzipInput() override { inflateEnd(&inflater_); }

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const auto room =
        static_cast<uInt>(std::min<std::size_t>(into.size(), std::numeric_limits<uInt>::max()));
    inflater_.next_out = into.data();
    inflater_.avail_out = room;
    while (inflater_.avail_out == room && !ended_ && !failure_) step();
    if (inflater_.avail_out != room) return static_cast<std::size_t>(room - inflater_.avail_out);
    if (failure_) return *failure_;
    return std::size_t{0};
  }

 private:
  // Inflates what is read ahead, as far as there is room.
  void step() {
    if (!compressed_.ensure(1)) {
      if (compressed_.error()) {
        failure_ = *compressed_.error();
      } else {
        fail("the gzip data breaks off");
      }
      return;
    }
    const auto given = static_cast<uInt>(
        std::min<std::size_t>(compressed_.available(), std::numeric_limits<uInt>::max()));
    inflater_.next_in = const_cast<Bytef*>(compressed_.data());  // zlib does not write there
    inflater_.avail_in = given;
    const int status = inflate(&inflater_, Z_NO_FLUSH);
    compressed_.consume(given - inflater_.avail_in);
    if (status == Z_STREAM_END) {
      next_member();
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      fail(inflater_.msg != nullptr ? inflater_.msg : "out of memory");
    }
  }

  void next_member() {
    const bool another =
        compressed_.ensure(2) && compressed_.data()[0] == 0x1f && compressed_.data()[1] == 0x8b;
    ended_ = !another;
    if (another) inflateReset(&inflater_);
  }

  void fail(const char* why) {
    failure_ =
        Error{.what = fmt::format("cannot be decompressed: {}", why), .where = {.file = name_}};
  }

  ByteStream compressed_;
  std::string name_;
  z_stream inflater_{};
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace

std::unique_ptr<ByteInput> decompress_gzip(ByteStream compressed, const std::string& name) {
  return std::make_unique<GzipInput>(std::move(compressed), name);
}

}  // namespace pktwalk

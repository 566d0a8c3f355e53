// SPDX-License-Identifier: MIT
// ByteStream: reads ahead from a file, a pipe or a decompressor into one large buffer and hands out
// views of it. A capture reader asks for as many bytes as a record needs and looks at them in
// place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "model/core/result.h"

namespace pktwalk {

// Where bytes come from.
class ByteInput {
 public:
  ByteInput() = default;
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;
  virtual ~ByteInput() = default;

  // Fills some of `into`, at least one byte unless the end is reached (0).
  virtual Result<std::size_t> read(std::span<std::uint8_t> into) = 0;

  virtual bool seekable() const { return false; }
  virtual Status seek(std::uint64_t offset);

  // Size in bytes of a regular file, 0 when not known.
  virtual std::uint64_t size() const { return 0; }
};

// How a path is called in messages: "-" is "standard input".
std::string display_name(const std::string& path);

// Opens a file for reading, "-" is standard input. A folder is an Error.
Result<std::unique_ptr<ByteInput>> open_file(const std::string& path);

// Bytes in memory as an input; can be positioned. The bytes must stay.
std::unique_ptr<ByteInput> memory_input(std::span<const std::uint8_t> bytes);

class ByteStream {
 public:
  // 1 MiB lies well in a second-level cache and makes the system call's cost vanish.
  static constexpr std::size_t kDefaultBuffer = 1U << 20U;

  explicit ByteStream(std::unique_ptr<ByteInput> input, std::size_t buffer_size = kDefaultBuffer);

  // Makes `count` bytes available in one piece. False: the input ends (or fails, see error())
  // before. Moves what data() points to. The buffer grows no faster than data arrives, so that a
  // false length in a small file costs nothing.
  bool ensure(std::size_t count) { return available() >= count || refill(count); }

  const std::uint8_t* data() const { return begin_; }
  std::size_t available() const { return static_cast<std::size_t>(end_ - begin_); }

  // Steps over bytes that are available.
  void consume(std::size_t count) { begin_ += count; }

  // Steps over `count` bytes, available or not. False: the input ends before.
  bool skip(std::uint64_t count);

  // Offset of data() from the start of the input.
  std::uint64_t offset() const {
    return base_ + static_cast<std::uint64_t>(begin_ - buffer_.get());
  }

  // The failure that ended the reading, if it was not the end of the input.
  const std::optional<Error>& error() const { return error_; }

  bool seekable() const { return input_->seekable(); }
  std::uint64_t size() const { return input_->size(); }
  Status seek(std::uint64_t offset);

 private:
  bool refill(std::size_t count);
  void grow(std::size_t capacity);

  std::unique_ptr<ByteInput> input_;
  std::size_t capacity_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  const std::uint8_t* begin_;
  const std::uint8_t* end_;
  std::uint64_t base_ = 0;  // offset of the buffer's first byte
  bool ended_ = false;
  std::optional<Error> error_;
};

}  // namespace pktwalk

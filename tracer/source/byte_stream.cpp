// SPDX-License-Identifier: MIT
#include "tracer/source/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace pktwalk {
namespace {

class FileInput final : public ByteInput {
 public:
  FileInput(std::string name, int descriptor, bool owned, std::optional<std::uint64_t> size)
      : name_(std::move(name)), descriptor_(descriptor), owned_(owned), size_(size) {}
  ~FileInput() override {
    if (owned_) ::close(descriptor_);
  }

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    ssize_t got = 0;
    do {
      got = ::read(descriptor_, into.data(), into.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) return failure("cannot be read");
    return static_cast<std::size_t>(got);
  }

  bool seekable() const override { return size_.has_value(); }
  std::uint64_t size() const override { return size_.value_or(0); }

  Status seek(std::uint64_t offset) override {
    if (!seekable()) return ByteInput::seek(offset);
    if (::lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) < 0) {
      return failure("cannot be positioned");
    }
    return Ok{};
  }

 private:
  Error failure(const char* what) const {
    return Error{.what = std::string(what) + ": " + std::strerror(errno), .where = {.file = name_}};
  }

  std::string name_;
  int descriptor_;
  bool owned_;
  std::optional<std::uint64_t> size_;
};

class MemoryInput final : public ByteInput {
 public:
  explicit MemoryInput(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size() - at_);
    std::copy_n(bytes_.data() + at_, count, into.data());
    at_ += count;
    return count;
  }
  bool seekable() const override { return true; }
  std::uint64_t size() const override { return bytes_.size(); }
  Status seek(std::uint64_t offset) override {
    at_ = static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size()));
    return Ok{};
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<ByteInput> memory_input(std::span<const std::uint8_t> bytes) {
  return std::make_unique<MemoryInput>(bytes);
}

Status ByteInput::seek(std::uint64_t) { return Error{.what = "this input cannot be positioned"}; }

std::string display_name(const std::string& path) { return path == "-" ? "standard input" : path; }

Result<std::unique_ptr<ByteInput>> open_file(const std::string& path) {
  const bool standard_input = path == "-";
  const std::string name = display_name(path);
  const int descriptor =
      standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) {
    return Error{.what = std::string("cannot be opened: ") + std::strerror(errno),
                 .where = {.file = name}};
  }
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) status.st_mode = 0;
  if (S_ISDIR(status.st_mode)) {
    if (!standard_input) ::close(descriptor);
    return Error{.what = "is a folder, a file was expected", .where = {.file = name}};
  }
  // Standard input may be a regular file, opened somewhere in its middle: not positioned, to be
  // sure.
  std::optional<std::uint64_t> size;
  if (S_ISREG(status.st_mode) && !standard_input) size = static_cast<std::uint64_t>(status.st_size);
  return std::unique_ptr<ByteInput>(
      std::make_unique<FileInput>(name, descriptor, !standard_input, size));
}

ByteStream::ByteStream(std::unique_ptr<ByteInput> input, std::size_t buffer_size)
    : input_(std::move(input)),
      capacity_(std::max<std::size_t>(buffer_size, 64)),
      buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity_)),
      begin_(buffer_.get()),
      end_(buffer_.get()) {}

void ByteStream::grow(std::size_t capacity) {
  auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
  const std::size_t kept = available();
  if (kept != 0) std::memcpy(larger.get(), begin_, kept);
  base_ = offset();
  buffer_ = std::move(larger);
  capacity_ = capacity;
  begin_ = buffer_.get();
  end_ = begin_ + kept;
}

bool ByteStream::refill(std::size_t count) {
  while (available() < count) {
    if (ended_) return false;
    const auto used = static_cast<std::size_t>(end_ - buffer_.get());
    if (used == capacity_ || (begin_ != buffer_.get() && capacity_ - used < count - available())) {
      // Room is made by moving what is left to the front; only a full buffer grows, by doubling.
      const std::size_t kept = available();
      if (kept == capacity_) {
        grow(capacity_ * 2);
      } else {
        base_ = offset();
        std::memmove(buffer_.get(), begin_, kept);
        begin_ = buffer_.get();
        end_ = begin_ + kept;
      }
    }
    std::uint8_t* free = buffer_.get() + (end_ - buffer_.get());
    const auto room = static_cast<std::size_t>(buffer_.get() + capacity_ - free);
    Result<std::size_t> got = input_->read({free, room});
    if (!got) error_ = got.error();
    if (!got || *got == 0) {
      ended_ = true;
    } else {
      end_ += *got;
    }
  }
  return true;
}

bool ByteStream::skip(std::uint64_t count) {
  while (count > available()) {
    count -= available();
    consume(available());
    if (!ensure(1)) return false;
  }
  consume(static_cast<std::size_t>(count));
  return true;
}

Status ByteStream::seek(std::uint64_t target) {
  if (!seekable()) return input_->seek(target);
  const std::uint64_t buffered = static_cast<std::uint64_t>(end_ - buffer_.get());
  if (target >= base_ && target - base_ <= buffered && !error_) {
    begin_ = buffer_.get() + (target - base_);
    return Ok{};
  }
  if (Status moved = input_->seek(target); !moved) return moved;
  base_ = target;
  begin_ = end_ = buffer_.get();
  ended_ = false;
  error_.reset();
  return Ok{};
}

}  // namespace pktwalk

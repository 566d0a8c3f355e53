// SPDX-License-Identifier: MIT
#include "tracer/source/pcapng_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

namespace pktwalk {
namespace {

constexpr std::size_t kFlushAt = 256 * 1024;

// Appends one block, little-endian; the length is filled in at the end.
class Block {
 public:
  Block(std::vector<std::uint8_t>& out, std::uint32_t type) : out_(out), start_(out.size()) {
    put32(type);
    put32(0);
  }

  void put16(std::uint32_t value) {
    out_.push_back(static_cast<std::uint8_t>(value));
    out_.push_back(static_cast<std::uint8_t>(value >> 8U));
  }
  void put32(std::uint32_t value) {
    put16(value & 0xffffU);
    put16(value >> 16U);
  }
  void put_padded(std::span<const std::uint8_t> bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    while ((out_.size() - start_) % 4 != 0) out_.push_back(0);
  }
  void option(std::uint16_t code, std::span<const std::uint8_t> value) {
    value = value.first(std::min<std::size_t>(value.size(), 0xffff));
    put16(code);
    put16(static_cast<std::uint32_t>(value.size()));
    put_padded(value);
  }
  void option(std::uint16_t code, std::string_view text) {
    option(code, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  void end_options() { put32(0); }
  void finish() {
    const auto length = static_cast<std::uint32_t>(out_.size() - start_ + 4);
    put32(length);
    for (std::uint32_t byte = 0; byte < 4; ++byte) {
      out_[start_ + 4 + byte] = static_cast<std::uint8_t>(length >> (8 * byte));
    }
  }

 private:
  std::vector<std::uint8_t>& out_;
  std::size_t start_;
};

Error system_failure(const std::string& path, const char* doing) {
  return Error{.what = fmt::format("{}: {}", doing, std::strerror(errno)), .where = {.file = path}};
}

// The file that a path names after all links, so that renaming replaces the file and not the link.
std::string real_target(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string real(resolved);
  std::free(resolved);
  return real;
}

}  // namespace

Result<std::unique_ptr<PcapngWriter>> PcapngWriter::create(const std::string& path) {
  std::string target = path == "-" ? path : real_target(path);
  std::string temporary;
  int descriptor = -1;
  struct stat status {};
  if (path == "-") {
    descriptor = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  } else if (::stat(target.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    if (S_ISDIR(status.st_mode)) {
      return Error{.what = "is a folder, a file to write was expected", .where = {.file = path}};
    }
    descriptor = ::open(target.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } else {
    // The process id keeps two runs apart; O_EXCL makes sure that nothing existing is taken.
    for (int attempt = 0; attempt < 100 && descriptor < 0; ++attempt) {
      temporary = fmt::format("{}.{}-{}.partial", target, ::getpid(), attempt);
      descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor < 0 && errno != EEXIST) break;
    }
  }
  if (descriptor < 0) return system_failure(path, "cannot be written");
  std::unique_ptr<PcapngWriter> writer(
      new PcapngWriter(std::move(target), std::move(temporary), descriptor));
  Block block(writer->buffer_, 0x0a0d0d0aU);
  block.put32(0x1a2b3c4dU);
  block.put16(1);  // version 1.0
  block.put16(0);
  block.put32(0xffffffffU);  // section length: not given
  block.put32(0xffffffffU);
  block.finish();
  return writer;
}

PcapngWriter::PcapngWriter(std::string path, std::string temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {
  buffer_.reserve(kFlushAt + 64 * 1024);
}

PcapngWriter::~PcapngWriter() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

std::uint32_t PcapngWriter::add_interface(std::string_view name, LinkType type,
                                          std::string_view description) {
  Block block(buffer_, 1);
  block.put16(static_cast<std::uint32_t>(type) & 0xffffU);
  block.put16(0);
  block.put32(0);  // no snap length
  if (!name.empty()) block.option(2, name);
  if (!description.empty()) block.option(3, description);
  const std::uint8_t nanoseconds[] = {9};
  block.option(9, nanoseconds);
  block.end_options();
  block.finish();
  return interface_count_++;
}

Status PcapngWriter::write(const FrameRecord& frame) {
  if (failure_) return *failure_;
  PKTWALK_ASSERT(frame.interface_id < interface_count_);
  if (frame.time_ns < 0 ||
      frame.bytes.size() > std::numeric_limits<std::uint32_t>::max() - 0x20000U) {
    return Error{.what = frame.time_ns < 0
                             ? "a frame's time is before 1970, which pcapng cannot hold"
                             : "a frame is too long for pcapng",
                 .where = {.file = path_}};
  }
  const auto length = static_cast<std::uint32_t>(frame.bytes.size());
  const auto time = static_cast<std::uint64_t>(frame.time_ns);
  Block block(buffer_, 6);
  block.put32(frame.interface_id);
  block.put32(static_cast<std::uint32_t>(time >> 32U));
  block.put32(static_cast<std::uint32_t>(time & 0xffffffffU));
  block.put32(length);
  block.put32(frame.wire_length == 0 ? length : frame.wire_length);
  block.put_padded(frame.bytes);
  if (!frame.comment.empty()) block.option(1, frame.comment);
  if (frame.flags != 0) {
    block.put16(2);
    block.put16(4);
    block.put32(frame.flags);
  }
  if (!frame.comment.empty() || frame.flags != 0) block.end_options();
  block.finish();
  return buffer_.size() >= kFlushAt ? flush() : Status(Ok{});
}

Status PcapngWriter::flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t wrote = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      failure_ = system_failure(path_, "cannot be written");
      return *failure_;
    }
    done += static_cast<std::size_t>(wrote);
  }
  buffer_.clear();
  return Ok{};
}

Status PcapngWriter::finish() {
  if (failure_) return *failure_;
  PKTWALK_ASSERT(descriptor_ >= 0);
  if (Status flushed = flush(); !flushed) return flushed;
  const int closed = ::close(std::exchange(descriptor_, -1));
  // A full disk may show only here.
  if (closed != 0 || (!temporary_.empty() && std::rename(temporary_.c_str(), path_.c_str()) != 0)) {
    failure_ = system_failure(path_, "cannot be written");
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    return *failure_;
  }
  return Ok{};
}

}  // namespace pktwalk

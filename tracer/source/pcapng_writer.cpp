// SPDX-License-Identifier: MIT
#include "tracer/source/pcapng_writer.h"

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

}  // namespace

Result<std::unique_ptr<PcapngWriter>> PcapngWriter::create(const std::string& path) {
  Result<std::unique_ptr<NewFile>> file = NewFile::create(path);
  if (!file) return file.error();
  std::unique_ptr<PcapngWriter> writer(new PcapngWriter(path, std::move(*file)));
  Block block(writer->buffer_, 0x0a0d0d0aU);
  block.put32(0x1a2b3c4dU);
  block.put16(1);  // version 1.0
  block.put16(0);
  block.put32(0xffffffffU);  // section length: not given
  block.put32(0xffffffffU);
  block.finish();
  return writer;
}

PcapngWriter::PcapngWriter(std::string path, std::unique_ptr<NewFile> file)
    : path_(std::move(path)), file_(std::move(file)) {
  buffer_.reserve(kFlushAt + 64 * 1024);
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
  if (const Status written = file_->write(buffer_); !written) {
    failure_ = written.error();
    return *failure_;
  }
  buffer_.clear();
  return Ok{};
}

Status PcapngWriter::finish() {
  if (failure_) return *failure_;
  if (Status flushed = flush(); !flushed) return flushed;
  const Status done = file_->finish();
  if (!done) failure_ = done.error();
  return done;
}

}  // namespace pktwalk

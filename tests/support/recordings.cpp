// SPDX-License-Identifier: MIT
#include "tests/support/recordings.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "model/core/time.h"
#include "tracer/host_loader.h"

namespace pktwalk::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kHour = 3600 * kNsPerSecond;

// Packets that tests have changed, as a source that can be read again.
class EditedSource final : public PacketSource {
 public:
  explicit EditedSource(PacketSource& from) {
    CapturedPacket packet;
    while (*from.next(packet))
      packets_.push_back({packet, {packet.bytes.begin(), packet.bytes.end()}});
    interfaces_.assign(from.interfaces().begin(), from.interfaces().end());
  }
  void repeat(std::uint64_t times) { times_ = times; }
  void mark_sent(std::uint64_t number) { packets_[number - 1].packet.flags = 2; }

  Result<bool> next(CapturedPacket& packet) override {
    if (at_ >= packets_.size() * times_) return false;
    const Kept& kept = packets_[at_ % packets_.size()];
    packet = kept.packet;
    packet.bytes = kept.bytes;
    packet.comment = {};
    packet.time_ns += static_cast<std::int64_t>(at_ / packets_.size()) * kHour;
    packet.number = ++at_;
    return true;
  }
  std::span<const CaptureInterface> interfaces() const override { return interfaces_; }
  std::string_view format() const override { return "edited by a test"; }
  bool seekable() const override { return true; }
  SourcePosition position() const override { return {.number = at_}; }
  Status seek(const SourcePosition& position) override {
    at_ = position.number;
    return Ok{};
  }

 private:
  struct Kept {
    CapturedPacket packet;
    std::vector<std::uint8_t> bytes;
  };
  std::vector<Kept> packets_;
  std::vector<CaptureInterface> interfaces_;
  std::uint64_t times_ = 1, at_ = 0;
};

void sort_by_name(std::vector<Recording>& recordings) {
  std::sort(recordings.begin(), recordings.end(),
            [](const Recording& a, const Recording& b) { return a.name < b.name; });
}

}  // namespace

std::vector<Recording> bundled_captures() {
  std::vector<Recording> found;
  const fs::path folder = fs::path(PKTWALK_SOURCE_DIR) / "captures";
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".pcapng") continue;
    const std::string name = entry.path().stem().string();
    found.push_back({name, (folder / "hosts" / name).string(), entry.path().string()});
  }
  REQUIRE(found.size() >= 6);
  sort_by_name(found);
  return found;
}

std::vector<Recording> all_recordings() {
  std::vector<Recording> found = bundled_captures();
  const fs::path folder = fs::path(PKTWALK_SOURCE_DIR) / "tests" / "kernel";
  const std::size_t bundled = found.size();
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const fs::path capture = entry.path() / "in.pcapng";
    if (fs::exists(capture)) {
      found.push_back(
          {entry.path().filename().string(), (entry.path() / "host").string(), capture.string()});
    }
  }
  REQUIRE(found.size() > bundled);
  sort_by_name(found);
  return found;
}

Recording recording_named(const std::string& name) {
  for (Recording& recording : all_recordings()) {
    if (recording.name == name) return recording;
  }
  FAIL("no recording is called " << name);
  return {};
}

Host load_recording(const Recording& recording) {
  Result<Host> host = load_host_paths({recording.host});
  REQUIRE(host);
  return std::move(*host);
}

std::unique_ptr<PacketSource> open_recording(const Recording& recording) {
  Result<std::unique_ptr<PacketSource>> source = open_capture(recording.capture);
  REQUIRE(source);
  return std::move(*source);
}

std::unique_ptr<PacketSource> repeat_recording(const Recording& recording, std::uint64_t times) {
  auto source = std::make_unique<EditedSource>(*open_recording(recording));
  source->repeat(times);
  return source;
}

std::unique_ptr<PacketSource> sent_by_the_host(const Recording& recording, std::uint64_t number) {
  auto source = std::make_unique<EditedSource>(*open_recording(recording));
  source->mark_sent(number);
  return source;
}

}  // namespace pktwalk::testing

// SPDX-License-Identifier: MIT
// Any bytes as a capture, pcap, pcapng or compressed: read to the end or to an error, every
// link-layer header decoded. Going back to a remembered place must give the same packets again.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/core/assert.h"
#include "tracer/source/byte_stream.h"
#include "tracer/source/link_layer.h"
#include "tracer/source/packet_source.h"

namespace pktwalk {
namespace {

struct Seen {
  SourcePosition before;
  std::int64_t time_ns = 0;
  std::size_t size = 0;
  std::uint32_t interface_id = 0;
};

// Touches every byte that the packet claims to have, for the sanitizers to judge.
std::uint32_t touch(const CapturedPacket& packet) {
  std::uint32_t sum = 0;
  for (const std::uint8_t byte : packet.bytes) sum += byte;
  for (const char letter : packet.comment) sum += static_cast<unsigned char>(letter);
  return sum;
}

// Reads on to the end or an error, which it returns.
std::string read_on(PacketSource& source, std::vector<Seen>* seen) {
  CapturedPacket packet;
  std::uint64_t number = source.position().number;
  while (true) {
    const SourcePosition before = source.position();
    const Result<bool> more = source.next(packet);
    if (!more) return to_string(more.error());
    if (!*more) return {};
    PKTWALK_ASSERT(packet.number == ++number);
    PKTWALK_ASSERT(packet.interface_id < source.interfaces().size());
    PKTWALK_ASSERT(packet.bytes.size() <= max_captured_length(packet.link_type));
    [[maybe_unused]] volatile const std::uint32_t sum = touch(packet);
    const Result<LinkHeader> header = decode_link_layer(packet.link_type, packet.bytes);
    if (header) PKTWALK_ASSERT(header->network_offset <= packet.bytes.size());
    if (seen == nullptr) continue;
    seen->push_back({before, packet.time_ns, packet.bytes.size(), packet.interface_id});
  }
}

}  // namespace

void fuzz_capture(std::span<const std::uint8_t> input) {
  const auto opened = open_capture(memory_input(input), "input");
  if (!opened) return;
  PacketSource& source = **opened;
  std::vector<Seen> seen;
  const std::string error = read_on(source, &seen);
  PKTWALK_ASSERT(read_on(source, nullptr) == error);
  if (!source.seekable() || seen.empty()) return;
  const Seen& middle = seen[seen.size() / 2];
  CapturedPacket packet;
  PKTWALK_ASSERT(source.seek(middle.before).has_value());
  const Result<bool> again = source.next(packet);
  PKTWALK_ASSERT(again.has_value() && *again);
  PKTWALK_ASSERT(packet.time_ns == middle.time_ns && packet.bytes.size() == middle.size &&
                 packet.interface_id == middle.interface_id);
  PKTWALK_ASSERT(read_on(source, nullptr) == error);
}

}  // namespace pktwalk

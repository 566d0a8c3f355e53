// SPDX-License-Identifier: MIT
#include "tracer/measure.h"

#include <pcap/pcap.h>

#include <chrono>
#include <memory>

#include "model/packet/headers.h"
#include "tracer/session.h"
#include "tracer/source/link_layer.h"
#include "tracer/source/packet_source.h"

namespace pktwalk {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
}

// Keeps the compiler from leaving the loop's work out.
volatile std::uint64_t g_sink;

}  // namespace

Result<Measured> measure_libpcap(const std::string& path) {
  char message[PCAP_ERRBUF_SIZE] = {};
  pcap_t* const capture = pcap_open_offline(path.c_str(), message);
  if (capture == nullptr) return Error{.what = message, .where = {path, 0, 0, -1}, .hint = {}};
  Measured m;
  const Clock::time_point start = Clock::now();
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  std::uint64_t sum = 0;
  int status = 0;
  while ((status = pcap_next_ex(capture, &header, &bytes)) == 1) {
    ++m.packets;
    if (header->caplen != 0) sum += bytes[0];
  }
  g_sink = sum;
  m.ns = since(start);
  const std::string why = status == PCAP_ERROR ? pcap_geterr(capture) : "";
  pcap_close(capture);
  if (status == PCAP_ERROR) return Error{.what = why, .where = {path, 0, 0, -1}, .hint = {}};
  return m;
}

Result<Measured> measure_read(const std::string& path) {
  Result<std::unique_ptr<PacketSource>> source = open_capture(path);
  if (!source) return source.error();
  Measured m;
  const Clock::time_point start = Clock::now();
  CapturedPacket packet;
  std::uint64_t sum = 0;
  for (;;) {
    const Result<bool> more = (*source)->next(packet);
    if (!more) return more.error();
    if (!*more) break;
    ++m.packets;
    const Result<LinkHeader> link = decode_link_layer(packet.link_type, packet.bytes);
    if (!link) continue;
    const std::optional<Ipv4View> ip = Ipv4View::at(packet.bytes.subspan(link->network_offset));
    if (ip) sum += ip->saddr().v4() ^ ip->daddr().v4() ^ ip->protocol();
  }
  g_sink = sum;
  m.ns = since(start);
  return m;
}

Result<Measured> measure_walk(const Host& host, const std::string& path,
                              const std::string& in_device) {
  Result<std::unique_ptr<PacketSource>> source = open_capture(path);
  if (!source) return source.error();
  Session session(host, std::move(*source), in_device);
  Measured m;
  const Clock::time_point start = Clock::now();
  WalkedPacket packet;
  for (;;) {
    const Result<bool> more = session.next(packet, false);
    if (!more) return more.error();
    if (!*more) break;
    ++m.packets;
  }
  m.ns = since(start);
  return m;
}

}  // namespace pktwalk

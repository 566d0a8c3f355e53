// SPDX-License-Identifier: MIT
#include "bench/capture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <queue>
#include <string>
#include <unordered_set>
#include <vector>

#include "tracer/source/new_file.h"

namespace pktwalk::bench {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kPublic = 0xcb007101;  // 203.0.113.1
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kPush = 0x08;
constexpr std::uint8_t kAck = 0x10;
constexpr std::size_t kMaxSegment = 1448;
constexpr double kNanosecond = 1e-9;

// splitmix64: small, fast, and the same everywhere, which std:: distributions are not.
class Random {
 public:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
    return z ^ (z >> 31U);
  }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(next() % limit); }
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_ = 20261125;
};

void put16(Bytes& bytes, std::uint32_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8U));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

void put32(Bytes& bytes, std::uint32_t value) {
  put16(bytes, value >> 16U);
  put16(bytes, value & 0xffffU);
}

std::uint32_t sum16(const Bytes& bytes, std::size_t from, std::uint32_t sum) {
  for (std::size_t i = from; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8U);
    if (i + 1 < bytes.size()) sum += bytes[i + 1];
  }
  return sum;
}

void store_checksum(Bytes& bytes, std::size_t at, std::uint32_t sum) {
  while (sum > 0xffffU) sum = (sum & 0xffffU) + (sum >> 16U);
  sum = ~sum & 0xffffU;
  bytes[at] = static_cast<std::uint8_t>(sum >> 8U);
  bytes[at + 1] = static_cast<std::uint8_t>(sum);
}

// One connection or exchange. `step` counts the packets that were sent; `packets` is how many there
// will be.
struct Flow {
  std::uint8_t protocol = kTcp;
  std::uint32_t client = 0;
  std::uint32_t server = 0;
  std::uint16_t client_port = 0;  // the identifier of an echo
  std::uint16_t server_port = 0;
  std::uint32_t packets = 0;
  std::uint32_t step = 0;
  std::uint32_t client_seq = 0;
  std::uint32_t server_seq = 0;
  double gap = 0;  // mean seconds between its packets
};

// What one packet of a flow is, before it becomes bytes.
struct Segment {
  bool from_client = true;
  std::uint8_t tcp_flags = 0;
  std::size_t payload = 0;
};

Segment next_tcp_segment(const Flow& flow, Random& random) {
  const std::uint32_t step = flow.step;
  const std::uint32_t left = flow.packets - step;
  if (step == 0) return {.from_client = true, .tcp_flags = kSyn};
  if (step == 1) return {.from_client = false, .tcp_flags = kSyn | kAck};
  if (step == 2) return {.from_client = true, .tcp_flags = kAck};
  if (left == 3) return {.from_client = true, .tcp_flags = kFin | kAck};
  if (left == 2) return {.from_client = false, .tcp_flags = kFin | kAck};
  if (left == 1) return {.from_client = true, .tcp_flags = kAck};
  if (step == 3)
    return {.from_client = true, .tcp_flags = kPush | kAck, .payload = 80 + random.below(300)};
  // Behind the request: the server's data, mostly short, and the client's bare acknowledgements.
  if (step % 2 == 1) return {.from_client = true, .tcp_flags = kAck};
  const bool full = random.below(100) < 52;
  return {.from_client = false,
          .tcp_flags = kPush | kAck,
          .payload = full ? kMaxSegment : 20 + random.below(600)};
}

Segment next_segment(const Flow& flow, Random& random) {
  if (flow.protocol == kTcp) return next_tcp_segment(flow, random);
  const bool from_client = flow.step % 2 == 0;
  if (flow.protocol == kIcmp) return {.from_client = from_client, .payload = 56};
  return {.from_client = from_client,
          .payload = (from_client ? 30 : 60) + random.below(from_client ? 120 : 900)};
}

// Makes frames. Addresses are those on the wire: the server's side sees the router's address for
// the client's.
class FrameMaker {
 public:
  const Bytes& make(Flow& flow, const Segment& segment) {
    frame_.clear();
    ethernet(segment.from_client);
    const std::uint32_t source = segment.from_client ? flow.client : flow.server;
    const std::uint32_t destination = segment.from_client ? flow.server : kPublic;
    const std::size_t header = flow.protocol == kTcp ? tcp_header_length(segment) : 8;
    ipv4(flow.protocol, source, destination, header + segment.payload);
    const std::size_t start = frame_.size();
    transport(flow, segment);
    for (std::size_t i = 0; i < segment.payload; ++i)
      frame_.push_back(static_cast<std::uint8_t>('a' + i % 26));
    finish(flow.protocol, start, source, destination);
    return frame_;
  }

 private:
  static std::size_t tcp_header_length(const Segment& segment) {
    return (segment.tcp_flags & kSyn) != 0 ? 28 : 20;  // a SYN carries its MSS and window scale
  }

  void ethernet(bool from_client) {
    // The router's own addresses tell on which device a frame arrives.
    static constexpr std::array<std::uint8_t, 14> kLan{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    static constexpr std::array<std::uint8_t, 14> kWan{2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 2, 8, 0};
    const auto& header = from_client ? kLan : kWan;
    frame_.insert(frame_.end(), header.begin(), header.end());
  }

  void ipv4(std::uint8_t protocol, std::uint32_t source, std::uint32_t destination,
            std::size_t payload) {
    const std::size_t start = frame_.size();
    put16(frame_, 0x4500);
    put16(frame_, static_cast<std::uint32_t>(20 + payload));
    put16(frame_, ++id_ & 0xffffU);
    put16(frame_, 0x4000);
    frame_.push_back(57);
    frame_.push_back(protocol);
    put16(frame_, 0);
    put32(frame_, source);
    put32(frame_, destination);
    store_checksum(frame_, start + 10, sum16(frame_, start, 0));
  }

  void transport(Flow& flow, const Segment& segment) {
    if (flow.protocol == kIcmp) {
      frame_.push_back(segment.from_client ? 8 : 0);
      frame_.push_back(0);
      put16(frame_, 0);
      put16(frame_, flow.client_port);
      put16(frame_, flow.step / 2 + 1);
      return;
    }
    put16(frame_, segment.from_client ? flow.client_port : flow.server_port);
    put16(frame_, segment.from_client ? flow.server_port : flow.client_port);
    if (flow.protocol == kUdp) {
      put16(frame_, static_cast<std::uint32_t>(8 + segment.payload));
      put16(frame_, 0);
      return;
    }
    tcp(flow, segment);
  }

  void tcp(Flow& flow, const Segment& segment) {
    std::uint32_t& seq = segment.from_client ? flow.client_seq : flow.server_seq;
    const std::uint32_t ack = segment.from_client ? flow.server_seq : flow.client_seq;
    put32(frame_, seq);
    put32(frame_, (segment.tcp_flags & kAck) != 0 ? ack : 0);
    frame_.push_back(static_cast<std::uint8_t>(tcp_header_length(segment) / 4 << 4U));
    frame_.push_back(segment.tcp_flags);
    put16(frame_, 64240);
    put32(frame_, 0);
    if ((segment.tcp_flags & kSyn) != 0) {
      put32(frame_, 0x020405b4);
      put32(frame_, 0x01030307);
    }
    seq += static_cast<std::uint32_t>(segment.payload);
    if ((segment.tcp_flags & (kSyn | kFin)) != 0) ++seq;
  }

  void finish(std::uint8_t protocol, std::size_t start, std::uint32_t source,
              std::uint32_t destination) {
    if (protocol == kIcmp) {
      store_checksum(frame_, start + 2, sum16(frame_, start, 0));
      return;
    }
    const std::uint32_t pseudo = (source >> 16U) + (source & 0xffffU) + (destination >> 16U) +
                                 (destination & 0xffffU) + protocol +
                                 static_cast<std::uint32_t>(frame_.size() - start);
    const std::size_t at = start + (protocol == kTcp ? 16 : 6);
    store_checksum(frame_, at, sum16(frame_, start, pseudo));
    if (protocol == kUdp && frame_[at] == 0 && frame_[at + 1] == 0)
      frame_[at] = frame_[at + 1] = 0xff;
  }

  Bytes frame_;
  std::uint32_t id_ = 0;
};

class FlowMaker {
 public:
  explicit FlowMaker(Random& random) : random_(random) {}

  Flow make() {
    Flow flow;
    // Flows differ in length; these shares of flows give the shares of packets named above.
    const std::uint32_t kind = random_.below(1000);
    flow.protocol = kind < 765 ? kTcp : kind < 965 ? kUdp : kIcmp;
    flow.client = 0x0a000000U + 256U + random_.below(20000);
    flow.server = 0xc6120000U + random_.below(random_.below(4) == 0 ? 200 : 85000);
    flow.server_port = server_port(flow.protocol);
    do {
      flow.client_port = static_cast<std::uint16_t>(32768 + random_.below(28232));
    } while (!used_.insert(key(flow)).second);
    flow.client_seq = static_cast<std::uint32_t>(random_.next());
    flow.server_seq = static_cast<std::uint32_t>(random_.next());
    const double shape = 1.25;  // a heavy tail with a finite mean
    const double pareto = std::pow(1.0 - random_.unit(), -1.0 / shape);
    const double shortest = flow.protocol == kTcp ? 1.6 : flow.protocol == kUdp ? 1.4 : 1.0;
    const std::uint32_t length = static_cast<std::uint32_t>(std::min(shortest * pareto, 5000.0));
    if (flow.protocol == kTcp) {
      flow.packets = 6 + length - length % 2;
    } else {
      flow.packets = 2 * std::max(length, 1U);
    }
    flow.gap = 0.002 + 0.2 * random_.unit() / (1.0 + length / 20.0);
    return flow;
  }

 private:
  std::uint16_t server_port(std::uint8_t protocol) {
    static constexpr std::array<std::uint16_t, 6> kTcpPorts{443, 443, 80, 8080, 22, 25};
    static constexpr std::array<std::uint16_t, 4> kUdpPorts{53, 443, 123, 3478};
    if (protocol == kIcmp) return 0;
    return protocol == kTcp ? kTcpPorts[random_.below(6)] : kUdpPorts[random_.below(4)];
  }

  static std::uint64_t key(const Flow& flow) {
    return (std::uint64_t{flow.server & 0x1ffffU} << 40U) | (std::uint64_t{flow.protocol} << 32U) |
           (std::uint64_t{flow.server_port} << 16U) | flow.client_port;
  }

  Random& random_;
  std::unordered_set<std::uint64_t> used_;
};

class PcapFile {
 public:
  explicit PcapFile(NewFile& file) : file_(file) {
    const std::array<std::uint32_t, 6> header{0xa1b23c4d, 0x00040002, 0,
                                              0,          262144,     1};  // nanoseconds, Ethernet
    append(header.data(), sizeof header);
  }

  void add(double time, const Bytes& frame) {
    const double second = std::floor(time);
    const auto length = static_cast<std::uint32_t>(frame.size());
    const std::array<std::uint32_t, 4> header{
        1700000000U + static_cast<std::uint32_t>(second),
        static_cast<std::uint32_t>((time - second) / kNanosecond), length, length};
    append(header.data(), sizeof header);
    append(frame.data(), frame.size());
    if (buffer_.size() >= kFlushAt) flush();
  }

  const Status& status() const { return status_; }
  Status finish() {
    flush();
    return status_ ? file_.finish() : status_;
  }

 private:
  static constexpr std::size_t kFlushAt = 256 * 1024;

  void append(const void* data, std::size_t size) {
    const auto* const bytes = static_cast<const std::uint8_t*>(data);
    buffer_.insert(buffer_.end(), bytes, bytes + size);
  }
  void flush() {
    if (status_) status_ = file_.write(buffer_);
    buffer_.clear();
  }

  NewFile& file_;
  Bytes buffer_;
  Status status_ = Ok{};
};

struct Event {
  double time = 0;
  std::uint64_t order = 0;  // ties are broken by age, so that the file is the same everywhere
  std::size_t flow = 0;
  bool operator>(const Event& other) const {
    return time != other.time ? time > other.time : order > other.order;
  }
};

void count(CaptureTotals& totals, std::uint8_t protocol, std::size_t size) {
  ++totals.packets;
  totals.bytes += size;
  ++(protocol == kTcp ? totals.tcp : protocol == kUdp ? totals.udp : totals.icmp);
}

// Flows begin as long as packets are wanted; whoever is in the middle when the last one is written
// is cut off, as at the end of every capture.
CaptureTotals write_packets(PcapFile& file, std::uint64_t wanted) {
  Random random;
  FlowMaker flow_maker(random);
  FrameMaker frame_maker;
  std::vector<Flow> flows;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  CaptureTotals totals;
  std::uint64_t order = 0;
  double next_start = 0;
  constexpr double kFlowsPerSecond = 900;
  while (totals.packets < wanted && file.status()) {
    while (events.empty() || events.top().time > next_start) {
      flows.push_back(flow_maker.make());
      events.push({next_start, order++, flows.size() - 1});
      next_start += -std::log(1.0 - random.unit()) / kFlowsPerSecond;
    }
    const Event event = events.top();
    events.pop();
    Flow& flow = flows[event.flow];
    const Segment segment = next_segment(flow, random);
    const Bytes& frame = frame_maker.make(flow, segment);
    file.add(event.time, frame);
    count(totals, flow.protocol, frame.size());
    if (++flow.step < flow.packets) {
      events.push(
          {event.time + 1e-6 - std::log(1.0 - random.unit()) * flow.gap, order++, event.flow});
    }
  }
  totals.flows = flows.size();
  return totals;
}

}  // namespace

Result<CaptureTotals> write_capture(const std::string& path, std::uint64_t packets) {
  const Result<std::unique_ptr<NewFile>> output = NewFile::create(path);
  if (!output) return output.error();
  PcapFile file(**output);
  const CaptureTotals totals = write_packets(file, packets);
  if (const Status done = file.finish(); !done) return done.error();
  return totals;
}

}  // namespace pktwalk::bench

// SPDX-License-Identifier: MIT
// Timings of the parts of a replay over one capture file, for `pktwalk bench` and the benchmarks.
#pragma once

#include <cstdint>
#include <string>

#include "model/core/result.h"
#include "model/host/host.h"

namespace pktwalk {

struct Measured {
  std::uint64_t packets = 0;
  std::int64_t ns = 0;  // wall time of the whole loop
  double per_packet() const {
    return packets == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(packets);
  }
};

// The bare pcap_next_ex() loop, which touches one byte of each packet: what everything is held
// against.
Result<Measured> measure_libpcap(const std::string& path);
// Reading with our own reader and decoding link and IP headers.
Result<Measured> measure_read(const std::string& path);
// The whole walk, without a recorder.
Result<Measured> measure_walk(const Host& host, const std::string& path,
                              const std::string& in_device);

}  // namespace pktwalk

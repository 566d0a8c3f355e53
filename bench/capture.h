// SPDX-License-Identifier: MIT
// The capture that the benchmarks walk: what arrives on both sides of the router in bench/host.
//
// The same number of packets gives the same bytes on every machine. Of the packets about 80 % are
// TCP with handshakes and orderly ends, 18 % UDP and 2 % ICMP echo; flows have Pareto-distributed
// lengths and overlap; checksums are correct; a packet has about 324 bytes.
//
// Clients in 10.0.0.0/8 behind eth0 talk to servers in 198.18.0.0/15 behind eth1. The router
// translates the clients' addresses to its own, 203.0.113.1. No two flows to one server share a
// source port, so the kernel keeps each port, and the answers here are addressed as a real server
// would address them.
#pragma once

#include <cstdint>
#include <string>

#include "model/core/result.h"

namespace pktwalk::bench {

struct CaptureTotals {
  std::uint64_t packets = 0, bytes = 0, flows = 0;
  std::uint64_t tcp = 0, udp = 0, icmp = 0;  // packets
};

// Writes a pcap file with so many packets. It appears under its name when it is complete.
Result<CaptureTotals> write_capture(const std::string& path, std::uint64_t packets);

}  // namespace pktwalk::bench

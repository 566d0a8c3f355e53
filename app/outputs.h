// SPDX-License-Identifier: MIT
// The files that trace and packet write at the end: counters, conntrack, tc, emitted frames.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>

#include "model/core/result.h"
#include "model/host/host.h"
#include "model/host/state.h"
#include "tracer/session.h"
#include "tracer/source/pcapng_writer.h"

namespace pktwalk {

struct OutputFiles {
  std::string counters, conntrack, tc, emit, ipset;
};

void add_output_options(CLI::App& command, OutputFiles& files);

class Outputs {
 public:
  static Result<Outputs> open(const OutputFiles& files, const Host& host);
  Status packet(const WalkedPacket& packet);
  // Nothing is left half-written: files appear when they are complete.
  Status finish(const State& state, Time now);

 private:
  Outputs(const OutputFiles& files, const Host& host) : files_(files), host_(&host) {}
  OutputFiles files_;
  const Host* host_;
  std::unique_ptr<PcapngWriter> writer_;
  std::map<IfIndex, std::uint32_t> interfaces_;
};

}  // namespace pktwalk

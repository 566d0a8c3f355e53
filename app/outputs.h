// SPDX-License-Identifier: MIT
// What trace and packet print, and the files that they write: counters, conntrack, sets, frames.
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

struct OutputOptions {
  bool jsonl = false, minimal = false, detailed = false;
  std::string counters, conntrack, tc, emit, ipset;  // files; empty: not wanted
};

void add_output_options(CLI::App& command, OutputOptions& options);

class Outputs {
 public:
  // Opens all files, so that one that cannot be written is told before anything is done.
  static Result<Outputs> open(const OutputOptions& options, const Host& host);

  // Prints the packet's story and writes its frames.
  Status packet(const WalkedPacket& packet);
  // Writes what is known at the end only, and completes the files. Without it none appears.
  Status finish(const State& state, Time now);

  bool any_unknown() const { return any_unknown_; }

 private:
  Outputs(const OutputOptions& options, const Host& host) : options_(options), host_(&host) {}
  Status write_frames(const WalkedPacket& packet);

  OutputOptions options_;
  const Host* host_;
  std::unique_ptr<NewFile> counters_, conntrack_, ipset_, tc_;
  std::unique_ptr<PcapngWriter> writer_;
  std::map<IfIndex, std::uint32_t> interfaces_;
  bool any_unknown_ = false;
};

}  // namespace pktwalk

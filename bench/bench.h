// SPDX-License-Identifier: MIT
// The groups of benchmarks of pktwalk_bench.
#pragma once

#include <string>

#include "model/host/host.h"

namespace pktwalk::bench {

// Passes over a whole capture file, ns per packet. `host` must outlive the run.
void register_file_benchmarks(const Host& host, const std::string& capture);
// Single decisions of the model; they make the hosts they need.
void register_model_benchmarks();
// Look-ups in sets of nftables.
void register_set_benchmarks();

// A benchmark could not run (it said why itself): the program's exit status tells.
void note_failure();

}  // namespace pktwalk::bench

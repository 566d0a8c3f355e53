// SPDX-License-Identifier: MIT
// The options that several commands have: which host, which capture.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "model/core/result.h"
#include "model/host/host.h"
#include "tracer/source/packet_source.h"

namespace pktwalk {

struct HostOptions {
  std::vector<std::string> paths;
  bool verbose = false;
};
void add_host_options(CLI::App& command, HostOptions& options);
void add_verbose_option(CLI::App& command, HostOptions& options);
// Loads the host. Errors in the dumps, and with `verbose` warnings, go to stderr; else how many
// warnings there are.
Result<Host> load_host(const HostOptions& options);

struct CaptureOptions {
  std::string path, in_device, kernel = "modern";
};
void add_capture_options(CLI::App& command, CaptureOptions& options, const std::string& what);
// Looks at the options, and opens the capture.
Result<std::unique_ptr<PacketSource>> open_capture(const CaptureOptions& options, const Host& host);

}  // namespace pktwalk

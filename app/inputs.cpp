// SPDX-License-Identifier: MIT
#include "app/inputs.h"

#include <fmt/format.h>

#include <cstdio>

#include "tracer/host_loader.h"

namespace pktwalk {
namespace {

std::string devices_of(const Host& host) {
  std::string names;
  for (const Link& link : host.links) names += (names.empty() ? "" : ", ") + link.name;
  return names;
}

bool anything_recognised(const Host& host) {
  for (std::uint32_t i = 0; i < host.sources.size(); ++i) {
    if (!host.sources.file(i).kind.empty()) return true;
  }
  return false;
}

}  // namespace

void add_host_options(CLI::App& command, HostOptions& options) {
  command
      .add_option("--host", options.paths,
                  "The router's dumps: folder, file or archive; repeatable")
      ->required()
      ->allow_extra_args(false)
      ->option_text("PATH");
}

void add_verbose_option(CLI::App& command, HostOptions& options) {
  command.add_flag("-v,--verbose", options.verbose, "Show warnings about the dumps");
}

Result<Host> load_host(const HostOptions& options) {
  Result<Host> host = load_host_paths(options.paths);
  if (!host) return host;
  if (!anything_recognised(*host)) {
    return Error{.what = "nothing here is a dump that pktwalk knows",
                 .where = {.file = options.paths.front()},
                 .hint = "expected is what iptables-save, ip addr, ip route ... print"};
  }
  std::size_t warnings = 0;
  for (const Diagnostic& d : host->diagnostics) {
    warnings += d.severity == Severity::Warning;
    if (options.verbose || d.severity == Severity::Error)
      fmt::print(stderr, "{}\n", to_string(d, host->sources));
  }
  if (!options.verbose && warnings != 0) {
    fmt::print(stderr,
               "pktwalk: {} warning{} about the host's dumps: \"pktwalk lint\" shows them\n",
               warnings, warnings == 1 ? "" : "s");
  }
  return host;
}

void add_capture_options(CLI::App& command, CaptureOptions& options, const std::string& what) {
  command.add_option("CAPTURE", options.path, what)->required()->option_text("CAPTURE");
  command
      .add_option("--in", options.in_device,
                  "Device they arrive on, where the capture does not tell")
      ->option_text("DEV");
  command.add_option("--kernel", options.kernel, "Kernel to model: modern (the default)")
      ->option_text("PROFILE");
}

Result<std::unique_ptr<PacketSource>> open_capture(const CaptureOptions& options,
                                                   const Host& host) {
  if (options.kernel != "modern") {
    return Error{.what = fmt::format("--kernel {}: only \"modern\" is modelled", options.kernel),
                 .where = {},
                 .hint = {}};
  }
  if (!options.in_device.empty() && host.link(options.in_device) == nullptr) {
    return Error{.what = fmt::format("--in {}: the host has no such device", options.in_device),
                 .where = {},
                 .hint = "it has " + devices_of(host)};
  }
  return open_capture(options.path);
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/command.h"
#include "tracer/host_loader.h"

namespace pktwalk {

void print_error(const Error& error) {
  fmt::print(stderr, "pktwalk: error: {}\n", to_string(error));
}

std::optional<Host> load_host_or_say(const std::vector<std::string>& paths, bool verbose) {
  Result<Host> host = load_host_paths(paths);
  if (!host) {
    print_error(host.error());
    return std::nullopt;
  }
  std::size_t warnings = 0;
  for (const Diagnostic& d : host->diagnostics) {
    warnings += d.severity == Severity::Warning;
    if (verbose || d.severity == Severity::Error)
      fmt::print(stderr, "{}\n", to_string(d, host->sources));
  }
  if (!verbose && warnings != 0) {
    fmt::print(stderr,
               "pktwalk: {} warning{} about the host's dumps: \"pktwalk lint\" shows them\n",
               warnings, warnings == 1 ? "" : "s");
  }
  return std::move(*host);
}

Status write_file(const std::string& path, const std::string& text) {
  const auto failure = [&](const char* doing) {
    return Error{.what = fmt::format("cannot {} {}: {}", doing, path, std::strerror(errno)),
                 .where = {},
                 .hint = {}};
  };
  if (path == "-") {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return failure("write");
    return Ok{};
  }
  const std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  std::FILE* const file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) return failure("create");
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !written) {
    const Error error = failure("write");
    std::remove(temporary.c_str());
    return error;
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    const Error error = failure("write");
    std::remove(temporary.c_str());
    return error;
  }
  return Ok{};
}

}  // namespace pktwalk

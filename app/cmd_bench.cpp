// SPDX-License-Identifier: MIT
// pktwalk bench: what a packet costs, beside the bare libpcap loop.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "app/command.h"
#include "app/inputs.h"
#include "tracer/measure.h"

namespace pktwalk {
namespace {

struct BenchOptions {
  HostOptions host;
  CaptureOptions capture;
  std::uint32_t rounds = 5;
};

constexpr std::array<const char*, 3> kNames{"libpcap loop", "read and parse", "whole walk"};

Result<Measured> measure(std::size_t which, const BenchOptions& options, const Host& host) {
  const std::string& path = options.capture.path;
  return which == 0   ? measure_libpcap(path)
         : which == 1 ? measure_read(path)
                      : measure_walk(host, path, options.capture.in_device);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Result<int> bench(const BenchOptions& options) {
  const Result<Host> host = load_host(options.host);
  if (!host) return host.error();
  // Tells what is wrong with the options or the file before anything is measured.
  if (const auto source = open_capture(options.capture, *host); !source) return source.error();
  // Rounds are interleaved, so that whatever else the machine does hits all three alike; medians
  // are compared.
  std::array<std::vector<double>, kNames.size()> columns;
  std::uint64_t packets = 0;
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Result<Measured> m = measure(i, options, *host);
      if (!m) return m.error();
      columns[i].push_back(m->per_packet());
      packets = m->packets;
    }
  }
  if (packets == 0) {
    return Error{.what = "the capture holds no packets", .where = {.file = options.capture.path}};
  }
  fmt::print("{} packets, median of {} rounds\n{:<16} {:>10} {:>8}\n", packets, options.rounds, "",
             "ns/packet", "ratio");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    fmt::print("{:<16} {:>10.1f} {:>8.2f}\n", kNames[i], median(columns[i]),
               median(columns[i]) / median(columns[0]));
  }
  return kExitOk;
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App* const command = app.add_subcommand("bench", "Measure what a packet costs");
  add_host_options(*command, options->host);
  add_capture_options(*command, options->capture, "pcap or pcapng, not compressed");
  command->add_option("--rounds", options->rounds, "How often each is measured; default 5")
      ->check(CLI::Range(1, 1000))
      ->option_text("N");
  command->footer(
      "Prints ns per packet: the bare libpcap loop over the file, our reading and\n"
      "parsing, and the whole walk without recording it.");
  command->callback([options, &action] { action = [options] { return bench(*options); }; });
}

}  // namespace pktwalk

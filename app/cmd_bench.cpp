// SPDX-License-Identifier: MIT
// pktwalk bench: what a packet costs, beside the bare libpcap loop.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/command.h"
#include "tracer/measure.h"

namespace pktwalk {
namespace {

struct BenchOptions {
  std::vector<std::string> hosts;
  std::string capture, in_device;
  std::uint32_t rounds = 5;
};

int bench(const BenchOptions& options) {
  std::optional<Host> host = load_host_or_say(options.hosts, false);
  if (!host) return kExitInput;
  // Rounds are interleaved, so that whatever else the machine does hits all three alike; medians
  // are compared.
  std::vector<double> columns[3];
  std::uint64_t packets = 0;
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < 3; ++i) {
      const Result<Measured> m = i == 0   ? measure_libpcap(options.capture)
                                 : i == 1 ? measure_read(options.capture)
                                          : measure_walk(*host, options.capture, options.in_device);
      if (!m) {
        print_error(m.error());
        return kExitInput;
      }
      columns[i].push_back(m->per_packet());
      packets = m->packets;
    }
  }
  double medians[3];
  for (std::size_t i = 0; i < 3; ++i) {
    std::sort(columns[i].begin(), columns[i].end());
    medians[i] = columns[i][columns[i].size() / 2];
  }
  static constexpr const char* kNames[] = {"libpcap loop", "read and parse", "whole walk"};
  fmt::print("{} packets, median of {} rounds\n{:<16} {:>10} {:>8}\n", packets, options.rounds, "",
             "ns/packet", "ratio");
  for (std::size_t i = 0; i < 3; ++i) {
    fmt::print("{:<16} {:>10.1f} {:>8.2f}\n", kNames[i], medians[i], medians[i] / medians[0]);
  }
  return kExitOk;
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App* const command = app.add_subcommand("bench", "Measure what a packet costs");
  command
      ->add_option("--host", options->hosts,
                   "Folder, file or archive with the host's dumps; repeatable")
      ->required()
      ->allow_extra_args(false)
      ->type_name("PATH");
  command->add_option("capture", options->capture, "An uncompressed pcap or pcapng file")
      ->required()
      ->type_name("CAPTURE");
  command->add_option("--in", options->in_device, "Arrival device when the capture does not tell")
      ->type_name("DEV");
  command->add_option("--rounds", options->rounds, "Measurements of each")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->callback([options, &action] { action = [options] { return bench(*options); }; });
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// pktwalk_make_capture FILE [PACKETS]: writes the capture of the benchmarks; see bench/capture.h.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "bench/capture.h"

namespace {

constexpr int kExitInput = 2;
constexpr std::uint64_t kMostPackets = 1'000'000'000;

double percent(std::uint64_t part, std::uint64_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

int main(int argc, char** argv) {
  std::string path;
  std::uint64_t packets = 1'000'000;
  CLI::App app{
      "Writes a pcap file of made-up traffic through the router in bench/host: 80 % TCP, 18 % "
      "UDP,\n"
      "2 % ICMP, about 324 bytes a packet, many overlapping flows. The same number of packets "
      "gives\n"
      "the same bytes on every machine.",
      "pktwalk_make_capture"};
  app.add_option("file", path, "The file to write")->required()->type_name("FILE");
  app.add_option("packets", packets, "How many packets; default 1000000")
      ->check(CLI::Range(std::uint64_t{1}, kMostPackets))
      ->type_name("PACKETS");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "pktwalk_make_capture: error: {}\n", e.what());
    return kExitInput;
  }
  const pktwalk::Result<pktwalk::bench::CaptureTotals> made =
      pktwalk::bench::write_capture(path, packets);
  if (!made) {
    fmt::print(stderr, "pktwalk_make_capture: error: {}\n", to_string(made.error()));
    return kExitInput;
  }
  fmt::print(stderr,
             "{}: {} packets in {} flows, TCP {:.1f} %, UDP {:.1f} %, ICMP {:.1f} %; {:.0f} bytes "
             "on average\n",
             path, made->packets, made->flows, percent(made->tcp, made->packets),
             percent(made->udp, made->packets), percent(made->icmp, made->packets),
             static_cast<double>(made->bytes) / static_cast<double>(made->packets));
  return 0;
}

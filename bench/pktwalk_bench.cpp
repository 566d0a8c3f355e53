// SPDX-License-Identifier: MIT
// pktwalk_bench: ns per packet of whole files, and the cost of single decisions. bench/README.md
// says what is measured.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "bench/bench.h"
#include "bench/capture.h"
#include "tracer/host_loader.h"
#include "tracer/measure.h"

namespace pktwalk::bench {
namespace {

constexpr int kExitInput = 2;
bool g_failed = false;

int fail(const Error& error) {
  fmt::print(stderr, "pktwalk_bench: error: {}\n", to_string(error));
  return kExitInput;
}

// A capture that is gone when the program ends.
class TemporaryCapture {
 public:
  ~TemporaryCapture() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  Result<std::string> make(std::uint64_t packets) {
    path_ =
        (std::filesystem::temp_directory_path() / fmt::format("pktwalk-bench-{}.pcap", getpid()))
            .string();
    fmt::print(stderr, "making a capture of {} packets: {}\n", packets, path_);
    const Result<CaptureTotals> made = write_capture(path_, packets);
    if (!made) return made.error();
    return path_;
  }

 private:
  std::string path_;
};

struct Options {
  std::string host = PKTWALK_BENCH_HOST, capture;
  std::uint64_t packets = 1'000'000;
};

int run(const Options& options) {
  TemporaryCapture temporary;
  std::string capture = options.capture;
  if (capture.empty()) {
    const Result<std::string> made = temporary.make(options.packets);
    if (!made) return fail(made.error());
    capture = *made;
  }
  const Result<Host> host = load_host_paths({options.host});
  if (!host) return fail(host.error());
  // Once before it counts: the capture is readable to its end, and in memory from now on.
  if (const Result<Measured> first = measure_walk(*host, capture, ""); !first)
    return fail(first.error());
  register_file_benchmarks(*host, capture);
  register_model_benchmarks();
  register_set_benchmarks();
  if (benchmark::RunSpecifiedBenchmarks() == 0) g_failed = true;
  return g_failed ? kExitInput : 0;
}

}  // namespace

void note_failure() { g_failed = true; }

int main(int argc, char** argv) {
  Options options;
  CLI::App app{
      "Measures what a packet costs. Options of Google Benchmark (--benchmark_filter=file, "
      "--benchmark_repetitions=5 ...) are understood too.",
      "pktwalk_bench"};
  app.add_option("--capture", options.capture, "Walk this pcap or pcapng file")->type_name("FILE");
  app.add_option("--packets", options.packets,
                 "Without --capture: make one of so many packets; default 1000000")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->type_name("N");
  app.add_option("--host", options.host, "The router of the capture; default bench/host")
      ->type_name("PATH");
  // Google Benchmark takes its own words out of the list, and would end the program at --help.
  std::vector<char*> own{argv[0]}, theirs{argv[0]};
  for (int i = 1; i < argc; ++i)
    (std::string_view(argv[i]).starts_with("--benchmark") ? theirs : own).push_back(argv[i]);
  int count = static_cast<int>(theirs.size());
  theirs.push_back(nullptr);
  benchmark::Initialize(&count, theirs.data());
  try {
    app.parse(static_cast<int>(own.size()), own.data());
    if (count > 1) throw CLI::ExtrasError({theirs[1]});
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "pktwalk_bench: error: {}\n", e.what());
    return kExitInput;
  }
  return run(options);
}

}  // namespace pktwalk::bench

int main(int argc, char** argv) { return pktwalk::bench::main(argc, argv); }

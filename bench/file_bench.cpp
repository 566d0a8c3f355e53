// SPDX-License-Identifier: MIT
// What a packet of a capture file costs: the passes of `pktwalk bench` (tracer/measure.h), and two
// that the interface makes.
#include <benchmark/benchmark.h>

#include <chrono>
#include <functional>

#include "bench/bench.h"
#include "tracer/measure.h"
#include "tracer/source/packet_source.h"
#include "tracer/timeline.h"

namespace pktwalk::bench {
namespace {

using Pass = std::function<Result<Measured>()>;

// The load of a timeline: a walk that keeps a summary of each packet and copies of the state.
Result<Measured> measure_timeline(const Host& host, const std::string& capture) {
  Result<std::unique_ptr<PacketSource>> source = open_capture(capture);
  if (!source) return source.error();
  const auto start = std::chrono::steady_clock::now();
  Result<std::unique_ptr<Timeline>> timeline = Timeline::load(host, std::move(*source), "");
  if (!timeline) return timeline.error();
  const auto took = std::chrono::steady_clock::now() - start;
  return Measured{.packets = (*timeline)->packet_count(),
                  .ns = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count()};
}

// One iteration is one pass over the file. `packet` is what counts: time divided by packets.
void run_pass(benchmark::State& state, const Pass& pass) {
  std::uint64_t packets = 0;
  for (auto _ : state) {
    const Result<Measured> measured = pass();
    if (!measured) {
      note_failure();
      state.SkipWithError(to_string(measured.error()).c_str());
      return;
    }
    packets += measured->packets;
    state.SetIterationTime(static_cast<double>(measured->ns) * 1e-9);
  }
  state.counters["packet"] = benchmark::Counter(
      static_cast<double>(packets), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void add(const char* name, const Pass& pass) {
  benchmark::RegisterBenchmark(name, run_pass, pass)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

void register_file_benchmarks(const Host& host, const std::string& capture) {
  add("file/libpcap_loop", [capture] { return measure_libpcap(capture); });
  add("file/read_and_parse", [capture] { return measure_read(capture); });
  add("file/whole_walk", [&host, capture] { return measure_walk(host, capture, ""); });
  add("file/timeline_load", [&host, capture] { return measure_timeline(host, capture); });
}

}  // namespace pktwalk::bench

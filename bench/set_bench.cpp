// SPDX-License-Identifier: MIT
// What it costs to look a key up in a set of nftables, and how that grows with its elements.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "bench/bench.h"
#include "model/netfilter/nft/set_index.h"

namespace pktwalk::bench {
namespace {

using nft::Data;
using nft::SetIndex;
using nft::SetRange;

enum class Kind : std::uint8_t { Exact, Ranges, Concatenation };

Data pair_of(std::uint32_t address, std::uint16_t port) {
  Data key = Data::number(address, 4);
  key.append(Data::number(port, 2).bytes());
  key.pad();
  return key;
}

// The i-th element: an address, a /24 of which three quarters belong to it, or a /24 with ports.
SetRange element(Kind kind, std::uint32_t i) {
  const std::uint32_t net = 0x0a000000u + i * 256;
  switch (kind) {
    case Kind::Exact:
      return {Data::number(net, 4), Data::number(net, 4), i};
    case Kind::Ranges:
      return {Data::number(net, 4), Data::number(net + 191, 4), i};
    case Kind::Concatenation:
      break;
  }
  return {pair_of(net, 1024), pair_of(net + 255, static_cast<std::uint16_t>(2000 + i % 3)), i};
}

SetIndex index_of(Kind kind, std::uint32_t elements) {
  std::vector<SetRange> ranges;
  ranges.reserve(elements);
  for (std::uint32_t i = 0; i < elements; ++i) ranges.push_back(element(kind, i));
  const bool pairs = kind == Kind::Concatenation;
  auto built = SetIndex::build(
      {.fields = pairs ? std::vector<std::size_t>{4, 4} : std::vector<std::size_t>{4},
       .interval = kind != Kind::Exact},
      std::move(ranges));
  return std::move(std::get<SetIndex>(built));
}

void look_up(benchmark::State& state, Kind kind) {
  const auto elements = static_cast<std::uint32_t>(state.range(0));
  const SetIndex index = index_of(kind, elements);
  std::vector<Data> keys;
  for (std::uint32_t i = 0; i < 4096; ++i)
    keys.push_back(element(kind, static_cast<std::uint32_t>(i * 2654435761u) % elements).first);
  std::size_t i = 0;
  for (auto _ : state) {
    if (!index.find(keys[i++ % keys.size()])) {
      note_failure();
      state.SkipWithError("the look-up did not find the element");
      return;
    }
  }
}

void build(benchmark::State& state, Kind kind) {
  for (auto _ : state) {
    SetIndex index = index_of(kind, static_cast<std::uint32_t>(state.range(0)));
    benchmark::DoNotOptimize(index);
  }
}

}  // namespace

void register_set_benchmarks() {
  for (const auto& [name, kind] :
       {std::pair{"exact", Kind::Exact}, std::pair{"ranges", Kind::Ranges},
        std::pair{"concatenation", Kind::Concatenation}}) {
    const std::string set = std::string("nft_set/") + name;
    const Kind k = kind;
    for (const std::int64_t n : {10, 100, 1000, 100000}) {
      benchmark::RegisterBenchmark((set + "/find").c_str(), [k](benchmark::State& s) {
        look_up(s, k);
      })->Arg(n);
      benchmark::RegisterBenchmark((set + "/build").c_str(), [k](benchmark::State& s) {
        build(s, k);
      })->Arg(n);
    }
  }
}

}  // namespace pktwalk::bench

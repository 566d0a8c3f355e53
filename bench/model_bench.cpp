// SPDX-License-Identifier: MIT
// What single decisions of the model cost, and how that grows with rules, connections and routes.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/bench.h"
#include "model/conntrack/table.h"
#include "model/netfilter/xtables/table.h"
#include "model/parse/host_file.h"
#include "model/path/walk.h"
#include "model/routing/fib.h"
#include "tracer/craft.h"

namespace pktwalk::bench {
namespace {

constexpr char kLinks[] =
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default\n"
    "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n"
    "    inet 127.0.0.1/8 scope host lo\n"
    "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n"
    "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n"
    "    inet 192.168.0.1/24 scope global eth0\n"
    "3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n"
    "    link/ether 02:00:00:00:01:01 brd ff:ff:ff:ff:ff:ff\n"
    "    inet 203.0.113.1/24 scope global eth1\n";

// Numbers that look like none in particular, the same in every run.
std::uint32_t scatter(std::uint64_t i) {
  std::uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  return static_cast<std::uint32_t>(z >> 32);
}

std::string address(std::uint32_t number) { return to_string(IpAddr::v4(number)); }

// Rules none of which matches, so that every one is tried. `text` makes the i-th.
void traverse_rules(benchmark::State& state, std::string (*text)(std::uint32_t)) {
  std::string dump = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  const auto rules = static_cast<std::uint32_t>(state.range(0));
  for (std::uint32_t i = 0; i < rules; ++i) dump += "-A FORWARD " + text(i) + " -j DROP\n";
  const Host host = load_host({{"ip-addr.txt", kLinks}, {"iptables-save.txt", dump + "COMMIT\n"}});
  const xt::Table* const table = host.iptables->table("filter");
  Result<CraftedPacket> packet =
      craft(host, {"in", "eth0", "tcp", "10.0.0.5:40000", ">", "198.18.0.1:443", "syn"});
  if (table == nullptr || !packet) {
    note_failure();
    state.SkipWithError("the host of the benchmark could not be made");
    return;
  }
  State changing = *host.initial;
  Walk walk(host, changing, Time{kNsPerSecond});
  Skb& skb = packet->skb;
  if (skb.has_mac) skb.network = skb.data.size() - skb.l3().size();
  for (auto _ : state) {
    const Verdict verdict =
        xt::traverse(*table, walk, skb, Hook::Forward, host.link("eth0"), host.link("eth1"));
    if (verdict != Verdict::Accept) {
      note_failure();
      state.SkipWithError("a rule matched that should not");
      return;
    }
  }
  state.counters["rule"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * rules,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void rules_by_address(benchmark::State& state) {
  traverse_rules(state, [](std::uint32_t i) { return "-s " + address(0xac100000U + i) + "/32"; });
}
void rules_by_port(benchmark::State& state) {
  traverse_rules(state, [](std::uint32_t i) {
    return fmt::format("-p tcp -m tcp --dport {}", 1000 + i % 30000);
  });
}
void rules_by_ports_and_state(benchmark::State& state) {
  traverse_rules(state, [](std::uint32_t i) {
    return fmt::format(
        "-p tcp -m conntrack --ctstate UNTRACKED,INVALID -m multiport --dports {},80:90",
        1000 + i % 30000);
  });
}

ct::Tuple tuple_of(std::uint32_t i) {
  const std::uint32_t place = scatter(i);
  return {.src = IpAddr::v4(0x0a000000U | (place & 0xffffU)),
          .dst = IpAddr::v4(0xc6120000U | (place >> 16U)),
          .proto = 6,
          .src_id = static_cast<std::uint16_t>(1024 + i % 60000),
          .dst_id = 443};
}

ct::Table table_with(std::uint32_t entries) {
  ct::Table table;
  table.expire(Time{kNsPerSecond});
  for (std::uint32_t i = 0; i < entries; ++i) {
    const CtId id = table.create();
    ct::Entry& entry = table.at(id);
    const ct::Tuple t = tuple_of(i);
    entry.tuple = {t, ct::Tuple{t.dst, t.src, t.proto, t.dst_id, t.src_id}};
    entry.expires = Time{1000 * kNsPerSecond};
    table.confirm(id);
  }
  return table;
}

// Connections in no order: `beyond` asks for some that are not there.
void find_connections(benchmark::State& state, std::uint32_t beyond) {
  const auto entries = static_cast<std::uint32_t>(state.range(0));
  const ct::Table table = table_with(entries);
  std::vector<ct::Tuple> asked;
  for (std::uint32_t i = 0; i < 65536; ++i)
    asked.push_back(tuple_of(scatter(i) % entries + beyond));
  std::size_t i = 0, found = 0;
  for (auto _ : state)
    found += table.find(asked[i++ % asked.size()], 0, Time{2 * kNsPerSecond}).has_value();
  const bool all = found == static_cast<std::size_t>(state.iterations());
  if (beyond == 0 ? !all : found != 0) {
    note_failure();
    state.SkipWithError("the table does not hold what it should");
  }
}
void conntrack_find(benchmark::State& state) { find_connections(state, 0); }
void conntrack_miss(benchmark::State& state) { find_connections(state, 0x40000000U); }

// What a timeline pays to keep a place in the run.
void conntrack_copy(benchmark::State& state) {
  const ct::Table table = table_with(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) {
    ct::Table copy = table;
    benchmark::DoNotOptimize(copy);
  }
}

void fib_lookup(benchmark::State& state) {
  std::string dump = "default via 203.0.113.254 dev eth1\n192.168.0.0/24 dev eth0 scope link\n";
  const auto routes = static_cast<std::uint32_t>(state.range(0));
  for (std::uint32_t i = 0; i < routes; ++i)
    dump += address(0x0a000000U + (i << 8U)) + "/24 via 192.168.0.2 dev eth0\n";
  const Host host = load_host({{"ip-addr.txt", kLinks}, {"ip-route.txt", dump}});
  std::vector<fib::Flow> flows;
  for (std::uint32_t i = 0; i < 65536; ++i) {
    fib::Flow flow;
    flow.saddr = IpAddr::v4(0xc6120001U);
    flow.daddr = IpAddr::v4(0x0a000000U + (scatter(i) % (routes << 8U)));
    flow.iif = IfIndex{3};
    flows.push_back(flow);
  }
  std::size_t i = 0;
  for (auto _ : state) {
    const fib::Found found = fib::lookup(host, flows[i++ % flows.size()], nullptr);
    if (found.route == nullptr || found.prefix_length != 24) {
      note_failure();
      state.SkipWithError("the look-up did not find the route");
      return;
    }
  }
}

}  // namespace

void register_model_benchmarks() {
  const auto growing = [](benchmark::internal::Benchmark* b, std::int64_t most) {
    for (std::int64_t n = 10; n < most; n *= 10) b->Arg(n);
    b->Arg(most);
  };
  growing(benchmark::RegisterBenchmark("rules/by_address", rules_by_address), 10000);
  growing(benchmark::RegisterBenchmark("rules/by_port", rules_by_port), 10000);
  growing(benchmark::RegisterBenchmark("rules/by_ports_and_state", rules_by_ports_and_state),
          10000);
  growing(benchmark::RegisterBenchmark("conntrack/find", conntrack_find), 1000000);
  growing(benchmark::RegisterBenchmark("conntrack/miss", conntrack_miss), 1000000);
  growing(benchmark::RegisterBenchmark("conntrack/copy", conntrack_copy), 100000);
  growing(benchmark::RegisterBenchmark("fib/lookup", fib_lookup), 50000);
}

}  // namespace pktwalk::bench

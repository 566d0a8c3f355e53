// SPDX-License-Identifier: MIT
// Routes with several nexthops. Which flows the kernel sends where is recorded in tests/kernel
// (multipath-by-*); here is what must hold for any hash.
#include "model/routing/multipath.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/packets.h"

namespace pktwalk::fib {
namespace {

using testing::make_udp;
using testing::Udp;

struct Balanced {
  Host host;
  Route route;
  explicit Balanced(std::initializer_list<std::uint32_t> weights, std::uint8_t policy = 1) {
    host.sysctls.fib_multipath_hash_policy = policy;
    host.sysctls.fib_multipath_hash_seed = 12345;
    std::uint32_t index = 2;
    for (const std::uint32_t weight : weights) {
      NextHop hop;
      hop.dev = IfIndex{index++};
      hop.weight = weight;
      route.hops.push_back(hop);
    }
  }
  // The number of the chosen nexthop.
  std::size_t chosen(const Skb& skb) const {
    Found found;
    found.route = &route;
    found.hop = &route.hops.front();
    select_nexthop(host, skb, found);
    return static_cast<std::size_t>(found.hop - route.hops.data());
  }
};

Skb flow(unsigned number, bool reversed = false) {
  Udp udp;
  udp.ip.src = reversed ? "198.51.100.7" : "10.0.0.9";
  udp.ip.dst = reversed ? "10.0.0.9" : "198.51.100.7";
  udp.sport = static_cast<std::uint16_t>(reversed ? 53 : 1024 + number);
  udp.dport = static_cast<std::uint16_t>(reversed ? 1024 + number : 53);
  return make_udp(udp);
}

}  // namespace

TEST_CASE("multipath: shares follow the weights") {
  const Balanced balanced({1, 3});
  int second = 0;
  for (unsigned i = 0; i < 4000; ++i) second += balanced.chosen(flow(i)) == 1 ? 1 : 0;
  CHECK(second > 2850);
  CHECK(second < 3150);
}

TEST_CASE("multipath: both directions of a flow take the same nexthop") {
  const Balanced balanced({1, 1, 1});
  for (unsigned i = 0; i < 500; ++i) {
    CHECK(balanced.chosen(flow(i)) == balanced.chosen(flow(i, true)));
  }
}

TEST_CASE("multipath: policy 0 looks at the addresses only") {
  const Balanced balanced({1, 1}, 0);
  const std::size_t first = balanced.chosen(flow(0));
  for (unsigned i = 1; i < 100; ++i) CHECK(balanced.chosen(flow(i)) == first);
}

TEST_CASE("multipath: a dead nexthop has no share") {
  Balanced balanced({1, 1});
  balanced.route.hops[0].dead = true;
  for (unsigned i = 0; i < 100; ++i) CHECK(balanced.chosen(flow(i)) == 1);
}

TEST_CASE("multipath: a nexthop without carrier counts unless told otherwise") {
  Balanced balanced({1, 1});
  balanced.route.hops[0].linkdown = true;
  int first = 0;
  for (unsigned i = 0; i < 100; ++i) first += balanced.chosen(flow(i)) == 0 ? 1 : 0;
  CHECK(first > 20);
  balanced.host.sysctls.dev[2].ignore_routes_with_linkdown = true;
  for (unsigned i = 0; i < 100; ++i) CHECK(balanced.chosen(flow(i)) == 1);
}

TEST_CASE("multipath: a gateway that does not answer is passed over when told") {
  Balanced balanced({1, 1});
  balanced.route.hops[0].gateway = *IpAddr::parse("192.0.2.254");
  Neigh silent;
  silent.dev = IfIndex{2};
  silent.addr = *IpAddr::parse("192.0.2.254");
  silent.state = "FAILED";
  balanced.host.neighbours.push_back(silent);
  int first = 0;
  for (unsigned i = 0; i < 100; ++i) first += balanced.chosen(flow(i)) == 0 ? 1 : 0;
  CHECK(first > 20);
  balanced.host.sysctls.fib_multipath_use_neigh = true;
  for (unsigned i = 0; i < 100; ++i) CHECK(balanced.chosen(flow(i)) == 1);
}

TEST_CASE("multipath: an ICMP error goes the way of the packet it is about") {
  const Balanced balanced({1, 1}, 0);
  for (int last = 1; last < 40; ++last) {
    Udp udp;
    udp.ip.src = fmt::format("198.51.100.{}", last);
    udp.ip.dst = "10.0.0.9";
    const Skb about = make_udp(udp);
    testing::Icmp error;
    error.type = 3;
    error.code = 3;
    error.ip.src = "10.0.0.9";
    error.ip.dst = udp.ip.src;
    error.ip.src = "203.0.113.99";  // a router in between
    error.payload.assign(about.l3().begin(), about.l3().begin() + 28);
    CHECK(balanced.chosen(testing::make_icmp(error)) == balanced.chosen(about));
  }
}

TEST_CASE("multipath: the step says whether the choice is the kernel's own") {
  Balanced balanced({1, 1});
  Found found;
  found.route = &balanced.route;
  found.hop = &balanced.route.hops.front();
  CHECK(std::string(select_nexthop(balanced.host, flow(1), found)).find("chose this one") !=
        std::string::npos);
  balanced.host.sysctls.fib_multipath_hash_seed = 0;
  CHECK(std::string(select_nexthop(balanced.host, flow(1), found)).find("at random") !=
        std::string::npos);
  balanced.route.hops.pop_back();
  CHECK(select_nexthop(balanced.host, flow(1), found) == nullptr);
}

}  // namespace pktwalk::fib

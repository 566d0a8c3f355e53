// SPDX-License-Identifier: MIT
#include <algorithm>

#include "model/host/host.h"
#include "model/netfilter/xtables/table.h"
#include "model/routing/index.h"

namespace pktwalk {
namespace {

Host host_with_links() {
  Host host;
  const char* names[] = {"lo", "eth0", "down0"};
  for (std::uint32_t i = 0; i < 3; ++i) {
    Link link;
    link.index = static_cast<IfIndex>(i + 1);
    link.name = names[i];
    link.loopback = i == 0;
    link.up = i != 2;
    host.links.push_back(std::move(link));
  }
  return host;
}

void add_address(Host& host, std::uint32_t dev, const char* net, const char* broadcast = nullptr) {
  IfAddr a;
  a.dev = static_cast<IfIndex>(dev);
  a.net = *Prefix::parse(net);
  a.net.addr = *IpAddr::parse(std::string(net).substr(0, std::string(net).find('/')));
  if (broadcast != nullptr) a.broadcast = *IpAddr::parse(broadcast);
  host.addresses.push_back(a);
}

bool has_route(const Host& host, RouteType type, const char* to, std::uint32_t table) {
  return std::any_of(host.routes.begin(), host.routes.end(), [&](const Route& r) {
    return r.type == type && r.to == *Prefix::parse(to) && r.table == table;
  });
}

}  // namespace

TEST_CASE("finish host: what no dump told is as a kernel begins") {
  Host host;
  finish_host(host);
  REQUIRE(host.rules.size() == 5);
  CHECK(host.rules[0].table == kTableLocal);
  CHECK(host.rules[1].priority == 32766);
  CHECK(host.rules[2].table == kTableDefault);
  CHECK(host.rules[3].family == Family::Ipv6);
  CHECK(host.iptables != nullptr);
  CHECK(host.ip6tables->family == Family::Ipv6);
  CHECK_FALSE(host.fib_index->custom_rules(Family::Ipv4));
  CHECK(host.sysctls.ip_default_ttl == 64);
}

TEST_CASE("finish host: an empty dump of rules means no rules") {
  Host host;
  host.has_rules = true;
  finish_host(host);
  CHECK(host.fib_index->rules(Family::Ipv4).empty());
  CHECK(host.fib_index->custom_rules(Family::Ipv4));
  CHECK(host.fib_index->rules(Family::Ipv6).size() == 2);
}

TEST_CASE("finish host: rules are sorted by priority, equal ones stay as they came") {
  Host host;
  host.has_rules = true;
  for (const std::uint32_t table : {1u, 2u, 3u}) {
    FibRule rule;
    rule.priority = table == 1 ? 100 : 50;
    rule.table = table;
    host.rules.push_back(rule);
  }
  finish_host(host);
  const auto rules = host.fib_index->rules(Family::Ipv4);
  REQUIRE(rules.size() == 3);
  CHECK(rules[0]->table == 2);
  CHECK(rules[1]->table == 3);
  CHECK(rules[2]->table == 1);
}

TEST_CASE("finish host: addresses bring their routes when none were dumped") {
  Host host = host_with_links();
  add_address(host, 1, "127.0.0.1/8");
  add_address(host, 2, "10.1.2.3/24", "10.1.2.255");
  add_address(host, 2, "192.0.2.1/31");
  add_address(host, 2, "198.51.100.1/32");
  add_address(host, 3, "10.9.0.1/24");
  finish_host(host);
  CHECK(has_route(host, RouteType::Local, "127.0.0.0/8", kTableLocal));
  CHECK(has_route(host, RouteType::Local, "10.1.2.3/32", kTableLocal));
  CHECK(has_route(host, RouteType::Unicast, "10.1.2.0/24", kTableMain));
  CHECK(has_route(host, RouteType::Broadcast, "10.1.2.255/32", kTableLocal));
  CHECK_FALSE(has_route(host, RouteType::Broadcast, "10.1.2.0/32", kTableLocal));
  CHECK(has_route(host, RouteType::Unicast, "192.0.2.0/31", kTableMain));
  CHECK_FALSE(has_route(host, RouteType::Broadcast, "192.0.2.1/32", kTableLocal));
  CHECK_FALSE(has_route(host, RouteType::Unicast, "198.51.100.1/32", kTableMain));
  CHECK(has_route(host, RouteType::Local, "10.9.0.1/32", kTableLocal));
  CHECK_FALSE(has_route(host, RouteType::Unicast, "10.9.0.0/24", kTableMain));
  REQUIRE(host.diagnostics.size() == 1);
  CHECK(host.diagnostics[0].severity == Severity::Note);
}

TEST_CASE("finish host: `ip route` without the table local gets only that table from addresses") {
  Host host = host_with_links();
  add_address(host, 2, "10.1.2.3/24", "10.1.2.255");
  host.has_routes = true;
  finish_host(host);
  CHECK(has_route(host, RouteType::Local, "10.1.2.3/32", kTableLocal));
  CHECK_FALSE(has_route(host, RouteType::Unicast, "10.1.2.0/24", kTableMain));
}

TEST_CASE("host: names of devices") {
  Host host = host_with_links();
  SUBCASE("while dumps are read") {}
  SUBCASE("when finished and moved") {
    finish_host(host);
    host = Host(std::move(host));
  }
  CHECK(host.link_name(IfIndex{2}) == "eth0");
  CHECK(host.link_name(IfIndex::None).empty());
  CHECK(host.link_name(IfIndex{7}) == "if7");
  CHECK(host.link_name(IfIndex{255}) == "if255");
  CHECK(host.link_name(IfIndex{100000}) == "if?");
  REQUIRE(host.link("down0") != nullptr);
  CHECK(host.link("down0")->index == IfIndex{3});
  CHECK(host.link("eth") == nullptr);
}

}  // namespace pktwalk

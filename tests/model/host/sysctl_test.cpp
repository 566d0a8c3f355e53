// SPDX-License-Identifier: MIT
#include "model/conntrack/entry.h"
#include "model/host/host.h"

namespace pktwalk {
namespace {

std::vector<Link> two_links() {
  std::vector<Link> links(2);
  links[0].index = IfIndex{2};
  links[0].name = "eth0";
  links[1].index = IfIndex{3};
  links[1].name = "eth0.5";
  return links;
}

NetSysctls resolved(const std::vector<std::pair<const char*, const char*>>& settings) {
  Sysctls texts;
  for (const auto& [name, value] : settings) texts.set(name, value, {});
  return resolve_sysctls(texts, two_links());
}

}  // namespace

TEST_CASE("sysctls: texts") {
  Sysctls texts;
  CHECK_FALSE(texts.loaded());
  texts.set("net.ipv4.ip_forward", "1", {2, 7});
  texts.set("kernel.hostname", "r1", {2, 8});
  texts.set("net.ipv4.icmp_ratemask", "0x1818", {2, 9});
  CHECK(texts.loaded());
  CHECK(texts.get("net.ipv4.ip_forward", 0) == 1);
  CHECK(texts.get("net.ipv4.icmp_ratemask", 0) == 0x1818);
  CHECK(texts.get("kernel.hostname", 5) == 5);
  CHECK(texts.get("not.there", -3) == -3);
  CHECK(texts.where("net.ipv4.ip_forward") == SourceLine{2, 7});
  CHECK_FALSE(texts.where("not.there").known());
  CHECK(texts.text("kernel.hostname") == "r1");
  texts.set("net.ipv4.ip_forward", "0", {3, 1});
  CHECK(texts.get("net.ipv4.ip_forward", 1) == 0);
}

TEST_CASE("sysctls: kernel defaults without a dump") {
  const NetSysctls s = resolved({});
  CHECK_FALSE(s.all.accept_source_route);
  CHECK(s.conf(IfIndex{2}).accept_source_route);
  CHECK(s.conf(IfIndex{2}).send_redirects);
  CHECK_FALSE(s.conf(IfIndex{2}).forwarding);
  CHECK(s.conf(IfIndex{2}).rp_filter == 0);
  CHECK(s.tcp_timeouts[ct::kTcpEstablished] == 432000);
  CHECK(s.tcp_timeouts[ct::kTcpClose] == 10);
  CHECK(s.tcp_timeouts[ct::kTcpSynSent2] == 120);
  CHECK(s.sctp_timeouts[4] == 210);
  CHECK(s.udp_timeout_stream == 120);
}

TEST_CASE("sysctls: ip_forward alone means every device") {
  const NetSysctls s = resolved({{"net.ipv4.ip_forward", "1"}});
  CHECK(s.all.forwarding);
  CHECK(s.conf(IfIndex{2}).forwarding);
  CHECK(s.conf(IfIndex{99}).forwarding);
}

TEST_CASE("sysctls: a device's own value counts, then conf.default") {
  const NetSysctls s = resolved({{"net.ipv4.ip_forward", "1"},
                                 {"net.ipv4.conf.eth0.forwarding", "0"},
                                 {"net.ipv4.conf.default.rp_filter", "2"},
                                 {"net.ipv4.conf.eth0.rp_filter", "1"}});
  CHECK_FALSE(s.conf(IfIndex{2}).forwarding);
  CHECK(s.conf(IfIndex{2}).rp_filter == 1);
  CHECK(s.conf(IfIndex{3}).rp_filter == 2);
  CHECK(s.conf(IfIndex{99}).rp_filter == 2);
  CHECK(s.all.rp_filter == 0);
}

TEST_CASE("sysctls: a dot in a device's name, as procps and as busybox write it") {
  CHECK(resolved({{"net.ipv4.conf.eth0/5.rp_filter", "1"}}).conf(IfIndex{3}).rp_filter == 1);
  CHECK(resolved({{"net.ipv4.conf.eth0.5.rp_filter", "1"}}).conf(IfIndex{3}).rp_filter == 1);
  CHECK(resolved({{"net.ipv4.conf.eth0.5.rp_filter", "1"}}).conf(IfIndex{2}).rp_filter == 0);
}

TEST_CASE("sysctls: numbers beyond their range are clamped, words are ignored") {
  CHECK(resolved({{"net.ipv4.conf.eth0.rp_filter", "7"}}).conf(IfIndex{2}).rp_filter == 2);
  CHECK(resolved({{"net.ipv4.ip_default_ttl", "300"}}).ip_default_ttl == 255);
  CHECK(resolved({{"net.ipv4.ip_default_ttl", "-1"}}).ip_default_ttl == 0);
  CHECK(resolved({{"net.ipv4.ip_default_ttl", "many"}}).ip_default_ttl == 64);
}

TEST_CASE("sysctls: the range of local ports") {
  CHECK(resolved({{"net.ipv4.ip_local_port_range", "1024\t2000"}}).local_port_high == 2000);
  CHECK(resolved({{"net.ipv4.ip_local_port_range", "1024 2000"}}).local_port_low == 1024);
  CHECK(resolved({{"net.ipv4.ip_local_port_range", "1024"}}).local_port_low == 32768);
  CHECK(resolved({{"net.ipv4.ip_local_port_range", "3000 2000"}}).local_port_low == 32768);
}

TEST_CASE("sysctls: conntrack timeouts by state") {
  const NetSysctls s = resolved({{"net.netfilter.nf_conntrack_tcp_timeout_close_wait", "77"},
                                 {"net.netfilter.nf_conntrack_sctp_timeout_closed", "5"},
                                 {"net.nf_conntrack_max", "100"},
                                 {"net.netfilter.nf_conntrack_tcp_loose", "0"}});
  CHECK(s.tcp_timeouts[ct::kTcpCloseWait] == 77);
  CHECK(s.sctp_timeouts[1] == 5);
  CHECK(s.ct_max == 100);
  CHECK_FALSE(s.tcp_loose);
}

}  // namespace pktwalk

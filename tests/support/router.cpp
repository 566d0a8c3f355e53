// SPDX-License-Identifier: MIT
#include "tests/support/router.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "model/conntrack/conntrack.h"
#include "model/packet/checksum.h"
#include "model/packet/mangle.h"
#include "model/parse/host_file.h"
#include "model/path/walk.h"
#include "model/trace/recorder.h"

namespace pktwalk::testing {
namespace {

constexpr const char* kAddresses =
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
    "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n"
    "    inet 127.0.0.1/8 scope host lo\n"
    "       valid_lft forever preferred_lft forever\n"
    "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n"
    "    link/ether 02:00:00:00:00:10 brd ff:ff:ff:ff:ff:ff\n"
    "    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n"
    "       valid_lft forever preferred_lft forever\n"
    "3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n"
    "    link/ether 02:00:00:00:01:10 brd ff:ff:ff:ff:ff:ff\n"
    "    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth1\n"
    "       valid_lft forever preferred_lft forever\n"
    "    inet 192.0.2.2/24 brd 192.0.2.255 scope global secondary eth1\n"
    "       valid_lft forever preferred_lft forever\n";

constexpr const char* kRoutes =
    "default via 192.0.2.254 dev eth1 \n"
    "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 \n"
    "192.0.2.0/24 dev eth1 proto kernel scope link src 192.0.2.1 \n"
    "local 10.0.0.1 dev eth0 table local proto kernel scope host src 10.0.0.1 \n"
    "broadcast 10.0.0.255 dev eth0 table local proto kernel scope link src 10.0.0.1 \n"
    "local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1 \n"
    "local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 \n"
    "local 192.0.2.1 dev eth1 table local proto kernel scope host src 192.0.2.1 \n"
    "local 192.0.2.2 dev eth1 table local proto kernel scope host src 192.0.2.1 \n"
    "broadcast 192.0.2.255 dev eth1 table local proto kernel scope link src 192.0.2.1 \n";

std::string neighbours() {
  std::string text;
  for (const char* const lan : {"10.0.0.9", "10.0.0.8", "10.0.0.7"}) {
    text += fmt::format("{} dev eth0 lladdr 02:00:00:00:00:99 PERMANENT \n", lan);
  }
  for (const char* const net : {"192.0.2.80", "192.0.2.81", "192.0.2.53", "192.0.2.254"}) {
    text += fmt::format("{} dev eth1 lladdr 02:00:00:00:01:99 PERMANENT \n", net);
  }
  return text;
}

// The chain lines that a test left out.
std::string with_chains(const std::string& rules) {
  std::string text;
  for (std::size_t at = 0; at < rules.size();) {
    const std::size_t end = rules.find('\n', at);
    const std::string line = rules.substr(at, end - at);
    text += line + "\n";
    const auto chains = [&](std::initializer_list<const char*> names) {
      for (const char* const name : names) text += fmt::format(":{} ACCEPT [0:0]\n", name);
    };
    if (line == "*nat") chains({"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"});
    if (line == "*filter") chains({"INPUT", "FORWARD", "OUTPUT"});
    if (line == "*mangle") chains({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"});
    if (line == "*raw") chains({"PREROUTING", "OUTPUT"});
    at = end == std::string::npos ? rules.size() : end + 1;
  }
  return text;
}

const char* const kSysctls =
    "net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.forwarding = 1\nnet.ipv4.conf.eth0.forwarding = 1\n"
    "net.ipv4.conf.eth1.forwarding = 1\nnet.ipv4.conf.all.send_redirects = 0\n"
    "net.ipv4.conf.eth0.send_redirects = 0\nnet.ipv4.conf.eth1.send_redirects = 0\n"
    "net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.eth0.rp_filter = 0\n"
    "net.ipv4.conf.eth1.rp_filter = 0\n";

const std::string kSocketHeader =
    "Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port\n";

void collect(const Trace& trace, Router& router) {
  for (const Step& step : trace.steps) {
    if (const CtStep* const ct = std::get_if<CtStep>(&step.detail)) {
      if (ct->kind == CtStep::Kind::Confirmed || ct->kind == CtStep::Kind::Removed) continue;
      router.ct = ct->kind == CtStep::Kind::Invalid                                 ? "INVALID"
                  : ct->kind == CtStep::Kind::Untracked                             ? "UNTRACKED"
                  : ct->kind == CtStep::Kind::ClashDrop                             ? "CLASH"
                  : ct->kind == CtStep::Kind::TableFull                             ? "FULL"
                  : ct->info == CtInfo::New                                         ? "NEW"
                  : ct->info == CtInfo::Related || ct->info == CtInfo::RelatedReply ? "RELATED"
                                                                                    : "ESTABLISHED";
      if (ct->why != nullptr) router.ct += fmt::format(": {}", ct->why);
    }
    if (const NatStep* const nat = std::get_if<NatStep>(&step.detail)) {
      static constexpr const char* kKinds[] = {"null", "setup", "apply", "set", "failed", "inner"};
      router.nat.push_back(fmt::format("{} {} {} > {}", kKinds[static_cast<std::size_t>(nat->kind)],
                                       nat->source ? "source" : "destination", to_string(nat->from),
                                       to_string(nat->to)));
      router.random = router.random || nat->random;
    }
  }
}

Skb skb_of(const std::vector<std::uint8_t>& ip) {
  Skb skb;
  skb.data.assign(Skb::kHeadroom, 0);
  skb.data.insert(skb.data.end(), ip.begin(), ip.end());
  skb.network = Skb::kHeadroom;
  return skb;
}

}  // namespace

Router::Router(const std::string& rules, const std::string& sysctls, const std::string& connections,
               const std::string& sockets) {
  std::vector<HostText> texts;
  texts.push_back({"ip-addr.txt", kAddresses});
  texts.push_back({"ip-route.txt", kRoutes});
  texts.push_back({"ip-neigh.txt", neighbours()});
  texts.push_back({"sysctl.txt", kSysctls + sysctls});
  if (!rules.empty()) texts.push_back({"iptables-save.txt", with_chains(rules)});
  if (!connections.empty()) texts.push_back({"conntrack.txt", connections});
  if (!sockets.empty()) texts.push_back({"ss.txt", kSocketHeader + sockets});
  host = load_host(std::move(texts));
  for (const Diagnostic& diagnostic : host.diagnostics) {
    if (diagnostic.severity != Severity::Note) {
      FAIL("host: ", to_string(diagnostic, host.sources));
    }
  }
  state = *host.initial;
}

std::string Router::send(const std::string& dev, const Skb& skb) {
  trace = {};
  Recorder recorder(trace);
  Walk walk(host, state, now, &recorder);
  const Link* const link = host.link(std::string_view(dev));
  Skb frame = with_mac(skb, "02:00:00:00:00:99", to_string(link->mac));
  frame.dev = link->index;
  return finish(walk.receive(std::move(frame)));
}

std::string Router::send_local(Skb skb) {
  trace = {};
  Recorder recorder(trace);
  Walk walk(host, state, now, &recorder);
  skb.known_checksum = true;
  skb.origin = Origin::Local;
  return finish(walk.send(std::move(skb)));
}

std::string Router::finish(WalkResult walked) {
  result = std::move(walked);
  ct.clear();
  nat.clear();
  random = false;
  collect(trace, *this);
  std::string text;
  for (std::size_t i = 0; i < result.emitted.size(); ++i) {
    if (result.emitted[i].origin == Origin::Arp) continue;
    if (!text.empty()) text += "\n";
    text += std::string(host.link_name(result.emitted[i].dev)) + " " + describe(emitted(i));
  }
  if (!text.empty()) return text;
  text = to_string(result.disposition);
  if (result.why != nullptr && result.disposition != Disposition::Delivered) {
    text += fmt::format(": {}", result.why);
  }
  return text;
}

Skb Router::emitted(std::size_t n) const {
  const std::vector<std::uint8_t>& frame = result.emitted.at(n).frame;
  return skb_of({frame.begin() + 14, frame.end()});
}

std::string Router::table() const { return ct::print_table(state.conntrack, now, host); }

void Router::wait(double seconds) {
  now = now + static_cast<std::int64_t>(seconds * static_cast<double>(kNsPerSecond));
}

std::string describe(const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  const std::span<const std::uint8_t> l4 = skb.l3().subspan(ip.header_length());
  const std::string src = to_string(ip.saddr());
  const std::string dst = to_string(ip.daddr());
  switch (ip.protocol()) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoSctp:
      return fmt::format("{} {}:{} > {}:{}", to_string(Value::proto(ip.protocol())), src,
                         load_be16(l4.data()), dst, load_be16(l4.data() + 2));
    case kProtoIcmp: {
      std::string text = fmt::format("icmp {}/{} ", l4[0], l4[1]);
      if (!IcmpView(l4.data()).is_error()) {
        text += fmt::format("id {} ", load_be16(l4.data() + 4));
      } else {
        Skb quoted = skb;
        quoted.network = skb.network + ip.header_length() + 8;
        text += fmt::format("({}) ", describe(quoted));
      }
      return text + fmt::format("{} > {}", src, dst);
    }
    default:
      return fmt::format("proto {} {} > {}", ip.protocol(), src, dst);
  }
}

bool checksums_right(const Skb& skb) {
  const Ipv4View ip(skb.l3().data());
  if (checksum(skb.l3().first(ip.header_length())) != 0) return false;
  if (verify_transport_checksum(skb) == ChecksumState::Wrong) return false;
  const std::span<const std::uint8_t> l4 = skb.l3().subspan(ip.header_length());
  if (ip.protocol() != kProtoIcmp || !IcmpView(l4.data()).is_error()) return true;
  const std::span<const std::uint8_t> quoted = l4.subspan(8);
  return checksum(quoted.first(Ipv4View(quoted.data()).header_length())) == 0;
}

}  // namespace pktwalk::testing

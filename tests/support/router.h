// SPDX-License-Identifier: MIT
// A whole router for tests of conntrack and NAT: packets walk the complete path.
//
//   lan 10.0.0.0/24 -- eth0 10.0.0.1 [router] 192.0.2.1 eth1 -- net 192.0.2.0/24, default via .254
//
//   Router r("*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n");
//   CHECK(r.send("eth0", make_tcp({})) == "eth1 tcp 192.0.2.1:40000 > 192.0.2.80:80");
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/host/host.h"
#include "model/host/state.h"
#include "model/trace/step.h"
#include "tests/support/packets.h"

namespace pktwalk::testing {

class Router {
 public:
  // `rules`: tables as iptables-save writes them; chain lines may be left out. `sysctls`: lines of
  // sysctl -a. `connections`: lines of conntrack -L. `sockets`: lines of
  // ss -lntuw.
  explicit Router(const std::string& rules, const std::string& sysctls = {},
                  const std::string& connections = {}, const std::string& sockets = {});

  // The packet comes in on the device. What left, one frame a line: "eth1 tcp 192.0.2.1:40000 >
  // 192.0.2.80:80"; nothing left: "dropped", "delivered", "unknown: why" ...
  std::string send(const std::string& dev, const Skb& skb);
  // A local process sends it.
  std::string send_local(Skb skb);

  // Of the last packet: its trace, the frames that left, and what conntrack called it ("NEW",
  // "ESTABLISHED", "INVALID: why" ...).
  Trace trace;
  WalkResult result;
  std::string ct;
  // The IP packet of a frame that left.
  Skb emitted(std::size_t n = 0) const;
  // The words of the last packet's NAT steps.
  std::vector<std::string> nat;
  bool random = false;  // some port was drawn at random

  // The table: one connection a line, as conntrack -L prints it.
  std::string table() const;
  void wait(double seconds);

  Host host;
  State state;
  Time now{1'700'000'000 * kNsPerSecond};

 private:
  std::string finish(WalkResult walked);
};

// "tcp 10.0.0.9:40000 > 192.0.2.80:80", "icmp 8/0 id 77 10.0.0.9 > 192.0.2.80"
std::string describe(const Skb& skb);
// Whether all checksums of the packet are right: IP, transport, and of what an ICMP error quotes
// its IP header.
bool checksums_right(const Skb& skb);

}  // namespace pktwalk::testing

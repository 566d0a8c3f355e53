// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "model/parse/host_file.h"
#include "tests/support/router.h"
#include "tests/support/xt_fixture.h"

namespace pktwalk::testing {
namespace {

TEST_CASE("target TPROXY: syntax") {
  const SyntaxRow rows[] = {
      {"-p tcp -j TPROXY --on-port 80",
       "-p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0"},
      {"-p udp -j TPROXY --on-port 0 --on-ip 10.0.0.1 --tproxy-mark 0x7/0x3"},
      {"-p udp -j TPROXY --on-port 80 --tproxy-mark 7",
       "-p udp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x7/0xffffffff"},
      {"-p tcp -j TPROXY --on-port http",
       "-p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0"},
      {"-p udp -j TPROXY --on-ip 1.2.3.4", "", "--on-port"},
      {"-j TPROXY --on-port 80", "", "TCP and UDP only"},
      {"-p icmp -j TPROXY --on-port 80", "", "TCP and UDP only"},
      {"! -p tcp -j TPROXY --on-port 80", "", "TCP and UDP only"},
      {"-p tcp -j TPROXY --on-port 65536", "", "65536"},
      {"-p tcp -j TPROXY --on-port 80 --on-ip 1.2.3", "", "1.2.3"},
  };
  XtFixture f;
  f.hook = Hook::Prerouting;
  f.table = "mangle";
  for (const SyntaxRow& row : rows) {
    CAPTURE(row.input);
    const std::string printed = f.print_of(row.input);
    if (row.failure != nullptr) {
      CHECK(printed.find(row.failure) != std::string::npos);
    } else {
      CHECK(printed == (row.canonical == std::string("=") ? row.input : row.canonical));
    }
  }
  f.hook = Hook::Input;
  CHECK(f.print_of("-p tcp -j TPROXY --on-port 80").find("PREROUTING only") != std::string::npos);
}

// A packet 10.0.0.9:40000 > 192.0.2.80:80 that came in by eth0 10.0.0.1, and the sockets of the
// host.
struct Proxy {
  explicit Proxy(const std::string& sockets, bool dumped = true) {
    f.hook = Hook::Prerouting;
    f.table = "mangle";
    f.out.clear();
    if (!dumped) return;
    std::vector<HostText> texts;
    std::string links;
    for (const char* const name : {"eth0", "eth1"}) {
      links += fmt::format("{}: {}: <BROADCAST,UP> mtu 1500\n    link/ether 02:00:00:00:00:10\n",
                           static_cast<std::uint32_t>(f.link(name)->index), name);
    }
    texts.push_back({"ip-link.txt", links});
    texts.push_back({"ss.txt", sockets});
    Host read = load_host(std::move(texts));
    f.host.sockets = std::move(read.sockets);
    f.host.has_sockets = true;
  }
  TargetAnswer ask(const std::string& options, Skb skb = make_tcp({}), bool udp = false) {
    skb.dev = f.link("eth0")->index;
    skb.mark = 0x1234;
    return f.target((udp ? "-p udp -j TPROXY " : "-p tcp -j TPROXY ") + options, std::move(skb));
  }
  XtFixture f;
};

std::string listener(const std::string& local, bool transparent = true) {
  return "tcp LISTEN 0 128 " + local + " 0.0.0.0:* inet-sockopt: ( is_icsk mc_loop" +
         (transparent ? " transparent" : "") + " mc_all)\n";
}

TEST_CASE("target TPROXY: which socket serves") {
  struct Case {
    const char* name;
    std::string sockets;
    const char* options;
    Verdict want;
  };
  const Case cases[] = {
      {"no socket at all", "", "--on-port 3128", Verdict::Drop},
      {"a listener on any address", listener("0.0.0.0:3128"), "--on-port 3128", Verdict::Accept},
      {"a listener on the device's address", listener("10.0.0.1:3128"), "--on-port 3128",
       Verdict::Accept},
      {"a listener on another device's address", listener("192.0.2.1:3128"), "--on-port 3128",
       Verdict::Drop},
      {"which --on-ip names", listener("192.0.2.1:3128"), "--on-port 3128 --on-ip 192.0.2.1",
       Verdict::Accept},
      {"--on-ip names another", listener("10.0.0.1:3128"), "--on-port 3128 --on-ip 192.0.2.1",
       Verdict::Drop},
      {"another port", listener("0.0.0.0:3129"), "--on-port 3128", Verdict::Drop},
      {"port 0 is the packet's own", listener("0.0.0.0:80"), "--on-port 0", Verdict::Accept},
      {"bound to the device", listener("0.0.0.0%eth0:3128"), "--on-port 3128", Verdict::Accept},
      {"bound to another device", listener("0.0.0.0%eth1:3128"), "--on-port 3128", Verdict::Drop},
      {"a socket for both families", listener("*:3128"), "--on-port 3128", Verdict::Accept},
      {"a socket for IPv6 only", listener("[::]:3128"), "--on-port 3128", Verdict::Drop},
      {"not transparent", listener("0.0.0.0:3128", false), "--on-port 3128", Verdict::Drop},
      {"the specific one wins, and it is not transparent",
       listener("0.0.0.0:3128") + listener("10.0.0.1:3128", false), "--on-port 3128",
       Verdict::Drop},
      {"of another protocol",
       "udp UNCONN 0 0 0.0.0.0:3128 0.0.0.0:* inet-sockopt: ( transparent)\n", "--on-port 3128",
       Verdict::Drop},
      {"an established connection comes first",
       "tcp ESTAB 0 0 192.0.2.80:80 10.0.0.9:40000 inet-sockopt: ( transparent)\n",
       "--on-port 3128", Verdict::Accept},
      {"of another client",
       "tcp ESTAB 0 0 192.0.2.80:80 10.0.0.9:40001 inet-sockopt: ( transparent)\n",
       "--on-port 3128", Verdict::Drop},
      {"an established one that is not transparent hides the listener",
       "tcp ESTAB 0 0 192.0.2.80:80 10.0.0.9:40000 inet-sockopt: ( mc_loop)\n" +
           listener("0.0.0.0:3128"),
       "--on-port 3128", Verdict::Drop},
      {"the dump does not tell whether it is transparent",
       "tcp LISTEN 0 128 0.0.0.0:3128 0.0.0.0:*\n", "--on-port 3128", Verdict::Unknown},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Proxy p(c.sockets);
      const TargetAnswer a = p.ask(std::string(c.options) + " --tproxy-mark 0x1/0xff");
      INFO(a.text());
      CHECK(a.verdict == c.want);
      CHECK((a.skb.assigned != nullptr) == (c.want == Verdict::Accept));
      CHECK(a.skb.mark == (c.want == Verdict::Accept ? 0x1201 : 0x1234));
    }
  }
}

TEST_CASE("target TPROXY: UDP") {
  struct Case {
    const char* name;
    const char* sockets;
    Verdict want;
  };
  const Case cases[] = {
      {"no socket", "", Verdict::Drop},
      {"an unconnected one", "udp UNCONN 0 0 0.0.0.0:3128 0.0.0.0:* inet-sockopt: ( transparent)\n",
       Verdict::Accept},
      {"one that is connected to this client, on the packet's own address",
       "udp ESTAB 0 0 192.0.2.80:53 10.0.0.9:40000 inet-sockopt: ( transparent)\n",
       Verdict::Accept},
      {"a connected one at the proxy's port is no listener",
       "udp ESTAB 0 0 10.0.0.1:3128 10.0.0.9:40000 inet-sockopt: ( transparent)\n", Verdict::Drop},
      {"an unconnected one at the packet's address is no connection",
       "udp UNCONN 0 0 192.0.2.80:53 0.0.0.0:* inet-sockopt: ( transparent)\n", Verdict::Drop},
  };
  for (const Case& c : cases) {
    SUBCASE(c.name) {
      Proxy p(c.sockets);
      const TargetAnswer a = p.ask("--on-port 3128", make_udp({}), true);
      INFO(a.text());
      CHECK(a.verdict == c.want);
    }
  }
}

TEST_CASE("target TPROXY: what cannot be known, and short packets") {
  Proxy none("", false);
  CHECK(none.ask("--on-port 3128").verdict == Verdict::Unknown);
  Proxy p(listener("0.0.0.0:3128"));
  CHECK(p.ask("--on-port 3128", captured(make_tcp({}), 40)).verdict == Verdict::Accept);
  CHECK(p.ask("--on-port 3128", captured(make_tcp({}), 39)).verdict == Verdict::Unknown);
  CHECK(p.ask("--on-port 3128", shortened(make_tcp({}), 39)).verdict == Verdict::Drop);
  CHECK(p.ask("--on-port 3128", shortened(make_udp({}), 27), true).verdict == Verdict::Drop);
}

TEST_CASE("target TPROXY: forwarding does not take a packet that a socket has") {
  Router r("*mangle\n-A PREROUTING -p tcp -j TPROXY --on-port 3128\nCOMMIT\n");
  std::vector<HostText> texts;
  texts.push_back({"ss.txt", listener("0.0.0.0:3128")});
  Host read = load_host(std::move(texts));
  r.host.sockets = std::move(read.sockets);
  r.host.has_sockets = true;
  CHECK(r.send("eth0", make_tcp({})).starts_with("dropped: TPROXY gave it to a local socket"));
  CHECK(r.result.reason == DropReason::NOT_SPECIFIED);
}

}  // namespace
}  // namespace pktwalk::testing

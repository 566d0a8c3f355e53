// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>

#include "model/netfilter/xtables/table.h"
#include "model/parse/host_file.h"

namespace pktwalk {
extern const HostFileDef parse_iptables_commands;

namespace {

Host load(const std::string& text, const std::string& name = "x") {
  Host host;
  const std::uint32_t file = host.sources.add(name, text);
  parse_iptables_commands.parse(host, file);
  return host;
}

// "3:5 error: what" a line.
std::string messages(const Host& host) {
  std::string out;
  for (const Diagnostic& d : host.diagnostics) {
    out += std::to_string(d.at.line) + ":" + std::to_string(d.column) +
           (d.severity == Severity::Error ? " error: " : " warning: ") + d.what + "\n";
  }
  return out;
}

std::string printed(const Host& host) {
  std::string out;
  if (host.iptables != nullptr) out += print_ruleset(*host.iptables, nullptr);
  if (host.ip6tables != nullptr) out += "6:" + print_ruleset(*host.ip6tables, nullptr);
  return out;
}

const std::string kListed =
    "1:0 warning: a listing of `iptables -S` does not name its table: taken as ";

TEST_CASE("commands of iptables: what `iptables -S` prints") {
  struct Case {
    const char* name;
    const char* text;
    std::string messages;
    const char* printed;
  };
  const Case cases[] = {
      {"filter",
       "-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-N web\n-A INPUT -i lo -j ACCEPT\n"
       "-A INPUT -p tcp -m tcp --dport 80 -j web\n",
       kListed + "filter\n",
       "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:web - [0:0]\n"
       "-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 80 -j web\nCOMMIT\n"},
      {"nat, told by its chains",
       "-P PREROUTING ACCEPT\n-P INPUT ACCEPT\n-P OUTPUT ACCEPT\n-P POSTROUTING ACCEPT\n"
       "-A POSTROUTING -o eth0 -j MASQUERADE\n",
       kListed + "nat\n",
       "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
       ":POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n"},
      {"raw", "-P PREROUTING ACCEPT\n-P OUTPUT DROP\n", kListed + "raw\n",
       "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT DROP [0:0]\nCOMMIT\n"},
      {"two listings, one behind the other",
       "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-A INPUT -j DROP\n"
       "-P PREROUTING ACCEPT\n-P OUTPUT ACCEPT\n-A OUTPUT -j DROP\n",
       kListed + "filter\n" +
           "5:0 warning: a listing of `iptables -S` does not name its table: taken as raw\n",
       "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
       "-A INPUT -j DROP\nCOMMIT\n*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
       "-A OUTPUT -j DROP\nCOMMIT\n"},
      {"IPv6, told by an address",
       "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-A INPUT -s fe80::/64 -j DROP\n",
       kListed + "filter\n",
       "6:*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
       "-A INPUT -s fe80::/64 -j DROP\nCOMMIT\n"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Host host = load(c.text);
    CHECK(messages(host) == c.messages);
    CHECK(printed(host) == c.printed);
  }
}

TEST_CASE("commands of iptables: as they are typed") {
  const Host host = load(
      "#!/bin/sh\n"
      "# my firewall\n"
      "\n"
      "iptables -F\n"
      "iptables -P INPUT DROP\n"
      "sudo iptables -A INPUT -i lo -j ACCEPT\n"
      "/sbin/iptables -A INPUT -m comment --comment 'a b' -j ACCEPT || exit 1\n"
      "root@fw:~# iptables -A INPUT -p tcp --dport 22 -j ACCEPT # ssh\n"
      "$IPT -w 5 -t nat -A POSTROUTING -o eth0 -j MASQUERADE 2>/dev/null\n"
      "iptables -A POSTROUTING -t nat -o eth1 -j MASQUERADE; true\n"
      "iptables -I INPUT -s 10.0.0.1 -j DROP\n"
      "ip6tables -A INPUT -j DROP\n"
      "iptables -L -n -v\n");
  CHECK(messages(host).empty());
  CHECK(printed(host) ==
        "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        "-A INPUT -s 10.0.0.1/32 -j DROP\n-A INPUT -i lo -j ACCEPT\n"
        "-A INPUT -m comment --comment \"a b\" -j ACCEPT\n"
        "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n"
        "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        ":POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth0 -j MASQUERADE\n"
        "-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n"
        "6:*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        "-A INPUT -j DROP\nCOMMIT\n");
}

TEST_CASE("commands of iptables: what cannot be followed") {
  struct Case {
    const char* line;
    const char* message;
  };
  const Case cases[] = {
      {"iptables -A INPUT -s $LAN -j DROP",
       "1:22 error: what the shell puts in place of \"$LAN\" is not known here\n"},
      {"iptables -A INPUT -s `cat lan` -j DROP",
       "1:22 error: what the shell puts in place of \"`cat\" is not known here\n"},
      {"if [ -f /etc/x ]; then", "1:1 error: what a script decides is not followed\n"},
      {"for i in 1 2; do", "1:1 error: what a script decides is not followed\n"},
      {"modprobe ip_conntrack_ftp",
       "1:1 warning: this line is no command of iptables: passed over\n"},
      {"iptables -A INPUT -m comment --comment \"x", "1:40 error: this quote is not closed\n"},
      {"iptables -A INPUT -p tcp --nosuch -j DROP", "1:26 error: unknown option \"--nosuch\"\n"},
      {"iptables -t nosuch -A INPUT -j DROP", "1:1 error: there is no table \"nosuch\"\n"},
      {"iptables -R INPUT 1 -j DROP", "1:10 error: \"-R\" is not understood here\n"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const std::string got = messages(load(std::string(c.line) + "\niptables -A OUTPUT -j DROP\n"));
    CHECK(got.substr(0, got.find('\n') + 1) == c.message);
    // The rest is loaded.
    CHECK(printed(load(std::string(c.line) + "\niptables -A OUTPUT -j DROP\n"))
              .find("-A OUTPUT -j DROP\n") != std::string::npos);
  }
}

TEST_CASE("commands of iptables: recognised by what most lines are") {
  const auto score = [](const char* text) { return parse_iptables_commands.recognise("x", text); };
  CHECK(score("iptables -A INPUT -j DROP\n") > 0);
  CHECK(score("-P INPUT DROP\n-A INPUT -j DROP\n") > 0);
  CHECK(score("# a comment\n\nmodprobe x\niptables -F\niptables -X\niptables -Z\n") > 0);
  CHECK(score("modprobe x\nmodprobe y\niptables -F\n") == 0);
  CHECK(score("*filter\n-A INPUT -j DROP\nCOMMIT\n") == 0);
  CHECK(score("iptables\n") == 0);
  CHECK(score("root@fw:~# iptables-save\n") == 0);
  CHECK(score("arptables -A INPUT -j DROP\n") == 0);
  CHECK(score("") == 0);
}

}  // namespace
}  // namespace pktwalk

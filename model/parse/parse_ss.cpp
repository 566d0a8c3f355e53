// SPDX-License-Identifier: MIT
// `ss -lntuw`, `ss -antuw`, `ss -p`, `ss -e`, `netstat -lnaw`: the sockets that can take packets.
#include <algorithm>
#include <array>

#include "model/parse/dump_text.h"
#include "model/parse/host_file.h"

namespace pktwalk {
namespace {

using dump::Word;

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

constexpr std::array<std::string_view, 16> kSsStates = {
    "LISTEN",     "UNCONN",       "ESTAB",          "SYN-SENT", "SYN-RECV", "FIN-WAIT-1",
    "FIN-WAIT-2", "TIME-WAIT",    "CLOSE-WAIT",     "LAST-ACK", "CLOSING",  "CLOSED",
    "UNKNOWN",    "NEW-SYN-RECV", "BOUND-INACTIVE", "CONNECTED"};
// What ss lists beside IPv4 and IPv6 sockets.
constexpr std::array<std::string_view, 11> kOtherNets = {
    "nl", "p_raw", "p_dgr", "u_str", "u_dgr", "u_seq", "???", "v_str", "v_dgr", "sctp", "xdp"};
constexpr std::array<std::string_view, 6> kNets = {"tcp", "udp", "raw", "icmp6", "mptcp", "dccp"};

struct Endpoint {
  IpAddr addr;  // unspecified when any; Family::Unspec for "*", which takes both families
  std::uint16_t port = 0;
  std::string_view dev;
};

// "0.0.0.0:22", "*:22", "[::]:22", "127.0.0.53%lo:53", "[fe80::1]%eth0:546", ":::22" of netstat.
bool read_endpoint(std::string_view text, Endpoint& out) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view port = text.substr(colon + 1);
  if (port != "*") {
    const auto value = dump::number(port);
    if (!value || *value > 65535) return false;
    out.port = static_cast<std::uint16_t>(*value);
  }
  std::string_view addr = text.substr(0, colon);
  if (const std::size_t percent = addr.find('%'); percent != std::string_view::npos) {
    out.dev = addr.substr(percent + 1);
    addr = addr.substr(0, percent);
  }
  if (addr.starts_with('[') && addr.ends_with(']')) addr = addr.substr(1, addr.size() - 2);
  if (out.dev.ends_with(']')) out.dev.remove_suffix(1);
  if (addr.starts_with('[')) addr.remove_prefix(1);
  if (addr == "*") return true;
  const auto parsed = IpAddr::parse(addr);
  if (!parsed) return false;
  out.addr = *parsed;
  // "::ffff:10.0.0.1": an IPv6 socket that speaks IPv4.
  if (!out.addr.is_v4() && out.addr.word(0) == 0 && out.addr.word(1) == 0 &&
      out.addr.word(2) == 0xffff) {
    out.addr = IpAddr::v4(out.addr.word(3));
  }
  return true;
}

bool is_ss_row(const std::vector<Word>& words) {
  if (words.size() < 5) return false;
  if (one_of(words[0].text, kSsStates)) return dump::number(words[1].text).has_value();
  return (one_of(words[0].text, kNets) || one_of(words[0].text, kOtherNets)) &&
         one_of(words[1].text, kSsStates);
}

bool is_netstat_net(std::string_view word) {
  if (word.ends_with('6')) word.remove_suffix(1);
  return word == "tcp" || word == "udp" || word == "raw" || word == "udplite";
}

bool is_netstat_row(const std::vector<Word>& words) {
  return words.size() >= 5 && is_netstat_net(words[0].text) && dump::number(words[1].text) &&
         dump::number(words[2].text);
}

bool is_header(std::string_view line) {
  return line.find("Recv-Q") != std::string_view::npos ||
         line.starts_with("Active Internet connections");
}

bool is_socket_line(std::string_view line) {
  const std::vector<Word> words = dump::split(line.substr(0, 1024));
  return is_header(line) || is_ss_row(words) || is_netstat_row(words);
}

int recognise(std::string_view name, std::string_view text) {
  if (dump::is_blank(text)) {
    const std::string plain = dump::plain_name(name);
    return plain == "ss" || plain.starts_with("ss.") || plain.starts_with("ss-") ||
                   plain.starts_with("netstat")
               ? 50
               : 0;
  }
  return dump::score_lines(text, is_socket_line, 85);
}

class SocketReader {
 public:
  SocketReader(Host& host, dump::Reader& in) : host_(host), in_(in) {}

  void ss(std::string_view net, std::string_view state, std::size_t local) {
    added_ = false;
    if (one_of(net, kOtherNets)) return;
    if (state == "TIME-WAIT" || state == "CLOSED") return;  // no socket behind them
    Socket socket;
    socket.listening = state == "LISTEN";
    set_protocol(socket, net);
    const bool six_only = in_.line().find("v6only:1") != std::string_view::npos;
    add(socket, local, six_only);
  }

  void netstat() {
    added_ = false;
    const std::vector<Word>& words = in_.words();
    std::string_view net = words[0].text;
    const bool six = net.ends_with('6');
    if (six) net.remove_suffix(1);
    const std::string_view state = words.size() > 5 ? words[5].text : std::string_view{};
    if (state == "TIME_WAIT") return;
    Socket socket;
    socket.listening = state == "LISTEN";
    set_protocol(socket, net);
    // netstat does not tell a socket for both families from one for IPv6 only: both is the default.
    add(socket, 3, false, six);
  }

  // "inet-sockopt: ( is_icsk mc_loop transparent)" of --inet-sockopt, on the socket's own line or
  // the next one.
  void options() {
    const std::size_t at = in_.line().find("inet-sockopt: (");
    if (at == std::string_view::npos || !added_) return;
    const std::string_view list = in_.line().substr(at, in_.line().find(')', at) - at);
    host_.sockets.back().transparent = list.find(" transparent") != std::string_view::npos;
  }

 private:
  static void set_protocol(Socket& socket, std::string_view net) {
    socket.raw = net == "raw" || net == "icmp6";
    socket.proto = net == "udp" ? 17 : 6;
    if (net == "icmp6") socket.proto = 58;
  }

  void add(Socket socket, std::size_t at, bool six_only, bool netstat_six = false) {
    const std::vector<Word>& words = in_.words();
    Endpoint local;
    Endpoint remote;
    const bool has_local = at < words.size() && read_endpoint(words[at].text, local);
    const bool has_remote = at + 1 < words.size() && read_endpoint(words[at + 1].text, remote);
    if (!has_local || !has_remote) {
      in_.warn(words[std::min(has_local ? at + 1 : at, words.size() - 1)],
               "address:port is expected here", "give the numbers: ss -lntuw");
      return;
    }
    if (socket.raw) {
      socket.proto = static_cast<std::uint8_t>(local.port);
    } else {
      socket.port = local.port;
      socket.remote_port = remote.port;
    }
    socket.local = local.addr;
    socket.remote = remote.addr;
    socket.at = in_.at();
    if (!local.dev.empty()) socket.dev = dump::device(host_, local.dev, in_.at());
    set_family(socket, local, six_only, netstat_six);
    host_.sockets.push_back(std::move(socket));
    added_ = true;
    options();
  }

  // "*" is an IPv6 socket that takes IPv4 as well; "[::]" is what ss prints for one that does not.
  // For raw sockets "*" is an IPv4 socket.
  static void set_family(Socket& socket, const Endpoint& local, bool six_only, bool netstat_six) {
    const bool star = local.addr.family() == Family::Unspec;
    const bool six = local.addr.family() == Family::Ipv6;
    if (star && !socket.raw) {
      socket.family = Family::Ipv6;
      socket.v6only = six_only;
      socket.local = IpAddr::mask(Family::Ipv6, 0);
    } else if (six) {
      socket.family = Family::Ipv6;
      socket.v6only = six_only || !netstat_six;
    } else {
      socket.family = Family::Ipv4;
      if (star) socket.local = IpAddr::v4(0);
    }
    if (socket.remote.family() == Family::Unspec) {
      socket.remote = IpAddr::mask(socket.family, 0);
    }
  }

  Host& host_;
  dump::Reader& in_;
  bool added_ = false;  // the last line of a socket added the last socket of the host
};

// What `ss -lnt` leaves out when only one kind of socket is asked for.
std::string_view net_of_command(std::string_view command) {
  if (command.find('u') != std::string_view::npos && command.find('t') == std::string_view::npos) {
    return "udp";
  }
  return "tcp";
}

bool is_extra(const dump::Reader& in) {
  const std::string_view first = in.words()[0].text;
  // -m, -i, -o and -e continue on indented lines; netstat goes on with UNIX sockets.
  return in.indented() || is_header(in.line()) || first == "unix" || first == "Active" ||
         first == "Proto" || first == "RTNETLINK" || first == "Total:" || first.starts_with("(");
}

void parse(Host& host, std::uint32_t file) {
  host.has_sockets = true;
  dump::Reader in(host, file);
  SocketReader sockets(host, in);
  while (in.next()) {
    const std::vector<Word>& words = in.words();
    if (is_netstat_row(words)) {
      sockets.netstat();
    } else if (is_ss_row(words)) {
      const bool named = !one_of(words[0].text, kSsStates);
      sockets.ss(named ? words[0].text : net_of_command(in.command()), words[named ? 1 : 0].text,
                 named ? 4 : 3);
    } else if (is_extra(in)) {
      sockets.options();
    } else {
      in.warn_line("this line of ss is not understood");
    }
  }
}

}  // namespace

extern const HostFileDef parse_ss;
const HostFileDef parse_ss{.kind = "ss", .order = 45, .recognise = recognise, .parse = parse};

}  // namespace pktwalk

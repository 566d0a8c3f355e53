// SPDX-License-Identifier: MIT
// The conntrack table as text, and back: the lines of `conntrack -L -o extended` and
// /proc/net/nf_conntrack.
//
// Kernel: net/netfilter/nf_conntrack_standalone.c:ct_seq_show(); libnetfilter_conntrack's default
// output Differs: nothing known
#include <fmt/format.h>

#include <charconv>
#include <map>
#include <vector>

#include "model/conntrack/conntrack.h"
#include "model/host/host.h"
#include "model/host/state.h"
#include "model/packet/headers.h"

namespace pktwalk::ct {
namespace {

struct Named {
  std::uint8_t proto;
  const char* name;
};
constexpr Named kNames[] = {{kProtoTcp, "tcp"},   {kProtoUdp, "udp"},
                            {kProtoIcmp, "icmp"}, {kProtoGre, "gre"},
                            {kProtoSctp, "sctp"}, {kProtoUdpLite, "udplite"},
                            {kProtoDccp, "dccp"}, {kProtoIcmpv6, "icmpv6"}};

const char* name_of(std::uint8_t proto) {
  for (const Named& n : kNames) {
    if (n.proto == proto) return n.name;
  }
  return "unknown";
}

constexpr const char* kSctpStates[] = {
    "NONE",          "CLOSED",        "COOKIE_WAIT",       "COOKIE_ECHOED", "ESTABLISHED",
    "SHUTDOWN_SENT", "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT", "HEARTBEAT_SENT"};

std::string tuple_text(const Tuple& t) {
  std::string text = fmt::format("src={} dst={}", to_string(t.src), to_string(t.dst));
  switch (t.proto) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoUdpLite:
    case kProtoSctp:
    case kProtoDccp:
      return text + fmt::format(" sport={} dport={}", t.src_id, t.dst_id);
    case kProtoIcmp:
    case kProtoIcmpv6:
      return text + fmt::format(" type={} code={} id={}", t.dst_id >> 8, t.dst_id & 0xff, t.src_id);
    case kProtoGre:
      return text + fmt::format(" srckey={:#x} dstkey={:#x}", t.src_id, t.dst_id);
    default:
      return text;
  }
}

// "key=value" words of a line; the second of a kind belongs to the reply tuple.
struct Words {
  std::multimap<std::string_view, std::string_view> values;
  std::vector<std::string_view> plain;
};

Words words_of(std::string_view line) {
  Words words;
  while (!line.empty()) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    if (const std::size_t eq = word.find('='); eq != std::string_view::npos) {
      words.values.emplace(word.substr(0, eq), word.substr(eq + 1));
    } else {
      words.plain.push_back(word);
    }
  }
  return words;
}

std::optional<std::uint32_t> number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string_view> nth(const Words& words, std::string_view key, int n) {
  const auto [begin, end] = words.values.equal_range(key);
  auto at = begin;
  for (; at != end && n > 0; --n) ++at;
  if (at == end) return std::nullopt;
  return at->second;
}

bool read_tuple(const Words& words, int dir, std::uint8_t proto, Tuple& tuple) {
  const auto src = nth(words, "src", dir), dst = nth(words, "dst", dir);
  if (!src || !dst) return false;
  const std::optional<IpAddr> s = IpAddr::parse(*src), d = IpAddr::parse(*dst);
  if (!s || !d) return false;
  tuple.src = *s;
  tuple.dst = *d;
  tuple.proto = proto;
  const auto value = [&](std::string_view key) -> std::uint16_t {
    const auto text = nth(words, key, dir);
    const std::optional<std::uint32_t> n = text ? number(*text) : std::nullopt;
    return static_cast<std::uint16_t>(n.value_or(0));
  };
  if (proto == kProtoIcmp || proto == kProtoIcmpv6) {
    tuple.src_id = value("id");
    tuple.dst_id = static_cast<std::uint16_t>(value("type") << 8 | value("code"));
  } else if (proto == kProtoGre) {
    tuple.src_id = value("srckey");
    tuple.dst_id = value("dstkey");
  } else {
    tuple.src_id = value("sport");
    tuple.dst_id = value("dport");
  }
  return true;
}

}  // namespace

std::string print_table(const Table& table, Time now, const Host& host) {
  std::string out;
  table.for_each([&](CtId, const Entry& e) {
    if (!e.has(kConfirmed) || e.has(kDying) || e.has(kNatClash) || e.expires <= now) return;
    const bool v4 = e.tuple[0].src.is_v4();
    out +=
        fmt::format("{:<8} {} {:<8} {} {} ", v4 ? "ipv4" : "ipv6", v4 ? 2 : 10,
                    name_of(e.tuple[0].proto), e.tuple[0].proto, (e.expires - now) / kNsPerSecond);
    if (e.tuple[0].proto == kProtoTcp) out += fmt::format("{} ", tcp_state_name(e.tcp.state));
    if (e.tuple[0].proto == kProtoSctp && e.sctp.state < std::size(kSctpStates)) {
      out += fmt::format("{} ", kSctpStates[e.sctp.state]);
    }
    const bool acct = host.sysctls.ct_acct;
    for (std::size_t dir = 0; dir < 2; ++dir) {
      out += tuple_text(e.tuple[dir]) + " ";
      const std::uint16_t zone = dir == 0 ? e.zone_orig : e.zone_reply;
      if (e.zone_orig != e.zone_reply && zone != 0)
        out += fmt::format("zone-{}={} ", dir == 0 ? "orig" : "reply", zone);
      if (acct) out += fmt::format("packets={} bytes={} ", e.packets[dir], e.bytes[dir]);
      if (dir == 0 && !e.has(kSeenReply)) out += "[UNREPLIED] ";
    }
    if (e.has(kAssured)) out += "[ASSURED] ";
    out += fmt::format("mark={} ", e.mark);
    if (e.zone_orig == e.zone_reply && e.zone_orig != 0)
      out += fmt::format("zone={} ", e.zone_orig);
    out += "use=1\n";
  });
  return out;
}

bool load_line(Table& table, std::string_view line, Time now) {
  const Words words = words_of(line);
  std::size_t at = 0;
  const auto is_name = [](std::string_view w) {
    if (w == "unknown") return true;
    for (const Named& n : kNames) {
      if (w == n.name) return true;
    }
    return false;
  };
  while (at < words.plain.size() && !is_name(words.plain[at])) ++at;
  if (at + 2 >= words.plain.size() + 0 || at + 1 >= words.plain.size()) return false;
  const std::optional<std::uint32_t> proto = number(words.plain[at + 1]);
  if (!proto || *proto > 255) return false;
  Entry made;
  if (!read_tuple(words, 0, static_cast<std::uint8_t>(*proto), made.tuple[0])) return false;
  if (!read_tuple(words, 1, static_cast<std::uint8_t>(*proto), made.tuple[1])) return false;
  std::uint32_t seconds = 0;
  std::string_view state;
  bool unreplied = false, assured = false;
  for (std::size_t i = at + 2; i < words.plain.size(); ++i) {
    const std::string_view w = words.plain[i];
    if (w == "[UNREPLIED]")
      unreplied = true;
    else if (w == "[ASSURED]")
      assured = true;
    else if (i == at + 2 && number(w))
      seconds = *number(w);
    else if (w.front() != '[')
      state = w;
  }
  made.status =
      (unreplied ? 0u : std::uint32_t{kSeenReply}) | (assured ? std::uint32_t{kAssured} : 0u);
  if (const auto mark = nth(words, "mark", 0)) made.mark = number(*mark).value_or(0);
  if (const auto zone = nth(words, "zone", 0)) {
    made.zone_orig = made.zone_reply = static_cast<std::uint16_t>(number(*zone).value_or(0));
  }
  for (std::uint8_t s = 0; *proto == kProtoTcp && s <= kTcpSynSent2; ++s) {
    if (state == tcp_state_name(s)) made.tcp.state = s;
  }
  made.from_dump = true;
  // A reply tuple that is not the mirror of the original one tells what NAT did.
  Tuple mirror;
  if (invert(made.tuple[0], mirror)) {
    if (!(mirror.dst == made.tuple[1].dst) || mirror.dst_id != made.tuple[1].dst_id)
      made.status |= kSrcNat;
    if (!(mirror.src == made.tuple[1].src) || mirror.src_id != made.tuple[1].src_id)
      made.status |= kDstNat;
  }
  made.status |= kSrcNatDone | kDstNatDone;
  made.expires = now + std::int64_t{seconds} * kNsPerSecond;
  const CtId id = table.create();
  Entry& entry = table.at(id);
  made.in_use = true;
  made.order = entry.order;
  entry = made;
  table.confirm(id);
  return true;
}

void load_connections(Host& host) {
  for (const ConntrackDump& dumped : host.connections) {
    if (!load_line(host.initial->conntrack, dumped.text, Time{})) {
      host.diagnostics.push_back({.severity = Severity::Warning,
                                  .at = dumped.at,
                                  .what = "not a connection as conntrack -L prints it"});
    }
  }
}

}  // namespace pktwalk::ct

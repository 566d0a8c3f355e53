// SPDX-License-Identifier: MIT
// libtins builds the headers here; its exceptions stay here too.
#include "tracer/craft.h"

#include <fmt/format.h>
#include <tins/tins.h>

#include <charconv>
#include <optional>

#include "model/core/printable.h"
#include "model/packet/headers.h"
#include "model/packet/mangle.h"

namespace pktwalk {
namespace {

struct Endpoint {
  IpAddr addr;
  std::uint16_t port = 0;
  bool has_port = false;
};

struct Description {
  bool outgoing = false;
  std::string dev;
  std::uint8_t protocol = 0;
  Endpoint src, dst;
  std::uint8_t flags = 0;
  std::uint8_t icmp_type = 8, icmp_code = 0;
  std::uint16_t icmp_id = 1, icmp_seq = 1;
  std::uint32_t seq = 1000, ack = 0;
  std::uint16_t window = 64240, mss = 0;
  std::uint8_t ttl = 64, tos = 0;
  std::uint16_t ip_id = 1;
  bool df = false, more = false;
  std::uint32_t frag_offset = 0;
  std::uint32_t mark = 0;
  std::string data;
  std::optional<std::uint32_t> uid, gid;
  std::optional<MacAddr> mac;
};

Error wrong(std::string what, std::string hint = {}) {
  return {.what = std::move(what), .where = {}, .hint = std::move(hint)};
}

std::optional<std::uint64_t> number(std::string_view text, std::uint64_t max) {
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty() || value > max)
    return std::nullopt;
  return value;
}

Result<Endpoint> endpoint(const std::string& text) {
  Endpoint e;
  if (text == "any") {
    e.addr = IpAddr::v4(0);
    return e;
  }
  const std::size_t colon = text.find(':');
  const std::optional<IpAddr> addr = IpAddr::parse(std::string_view(text).substr(0, colon));
  if (!addr || !addr->is_v4()) {
    return wrong(fmt::format("\"{}\" is no IPv4 address with an optional port", printable(text)),
                 "for example 10.9.0.5:40000");
  }
  e.addr = *addr;
  if (colon != std::string::npos) {
    const std::optional<std::uint64_t> port =
        number(std::string_view(text).substr(colon + 1), 65535);
    if (!port)
      return wrong(fmt::format("\"{}\": the port is no number from 0 to 65535", printable(text)));
    e.port = static_cast<std::uint16_t>(*port);
    e.has_port = true;
  }
  return e;
}

std::uint8_t flag_of(std::string_view word) {
  if (word == "syn") return kTcpSyn;
  if (word == "ack") return kTcpAck;
  if (word == "fin") return kTcpFin;
  if (word == "rst") return kTcpRst;
  if (word == "psh") return kTcpPsh;
  if (word == "urg") return kTcpUrg;
  return 0;
}

class Reader {
 public:
  explicit Reader(const std::vector<std::string>& words) : words_(words) {}

  Result<Description> read() {
    if (words_.empty())
      return wrong("no packet is described",
                   "for example: in eth0 tcp 10.9.0.5:40000 > 192.0.2.1:80 syn");
    if (word() == "out") {
      d_.outgoing = true;
    } else if (word() != "in") {
      return wrong(fmt::format("\"{}\": expected \"in DEV\" or \"out\"", printable(word())));
    }
    ++at_;
    if (!d_.outgoing) {
      if (end()) return wrong("\"in\" needs the arrival device");
      d_.dev = words_[at_++];
    }
    if (const Status s = protocol(); !s) return s.error();
    if (const Status s = addresses(); !s) return s.error();
    while (!end()) {
      if (const Status s = extra(); !s) return s.error();
    }
    return d_;
  }

 private:
  bool end() const { return at_ >= words_.size(); }
  const std::string& word() const { return words_[at_]; }

  Status protocol() {
    if (end()) return wrong("the protocol is missing: tcp, udp, icmp or a number");
    const std::string& name = words_[at_++];
    if (name == "tcp")
      d_.protocol = kProtoTcp;
    else if (name == "udp")
      d_.protocol = kProtoUdp;
    else if (name == "icmp")
      d_.protocol = kProtoIcmp;
    else if (const auto n = number(name, 255))
      d_.protocol = static_cast<std::uint8_t>(*n);
    else
      return wrong(
          fmt::format("\"{}\": expected tcp, udp, icmp or a protocol number", printable(name)));
    return Ok{};
  }

  Status addresses() {
    const auto arrow = [&] {
      return !end() && (word() == ">" || word() == "->" || word() == "to");
    };
    if (end()) return wrong("the addresses are missing");
    if (d_.outgoing && arrow()) {
      d_.src.addr = IpAddr::v4(0);
    } else {
      Result<Endpoint> src = endpoint(words_[at_++]);
      if (!src) return src.error();
      d_.src = *src;
    }
    if (arrow()) ++at_;
    if (end()) {
      return wrong("the destination is missing",
                   "quote the \">\": the shell takes it as a redirection; \"to\" works too");
    }
    Result<Endpoint> dst = endpoint(words_[at_++]);
    if (!dst) return dst.error();
    d_.dst = *dst;
    if ((d_.protocol == kProtoTcp || d_.protocol == kProtoUdp) && !d_.dst.has_port) {
      return wrong(fmt::format("{}: the destination needs a port", to_string(d_.dst.addr)));
    }
    if (!d_.src.has_port) d_.src.port = 40000;
    return Ok{};
  }

  template <typename T>
  Status value(std::string_view name, T& to, std::uint64_t max) {
    if (end()) return wrong(fmt::format("\"{}\" needs a number", name));
    const std::optional<std::uint64_t> n = number(word(), max);
    if (!n)
      return wrong(
          fmt::format("{} \"{}\": expected a number up to {}", name, printable(word()), max));
    to = static_cast<T>(*n);
    ++at_;
    return Ok{};
  }

  Status extra() {
    const std::string name = words_[at_++];
    if (const std::uint8_t flag = flag_of(name)) {
      if (d_.protocol != kProtoTcp) return wrong(fmt::format("\"{}\" is a TCP flag", name));
      d_.flags |= flag;
      return Ok{};
    }
    if (name == "df") {
      d_.df = true;
      return Ok{};
    }
    if (name == "ttl") return value(name, d_.ttl, 255);
    if (name == "tos") return value(name, d_.tos, 255);
    if (name == "mark") return value(name, d_.mark, 0xffffffff);
    if (name == "ipid") return value(name, d_.ip_id, 65535);
    if (name == "seq") return value(name, d_.seq, 0xffffffff);
    if (name == "ackno") return value(name, d_.ack, 0xffffffff);
    if (name == "window") return value(name, d_.window, 65535);
    if (name == "mss") return value(name, d_.mss, 65535);
    if (name == "type") return value(name, d_.icmp_type, 255);
    if (name == "code") return value(name, d_.icmp_code, 255);
    if (name == "id") return value(name, d_.icmp_id, 65535);
    if (name == "uid" || name == "gid") {
      std::uint32_t id = 0;
      if (const Status s = value(name, id, 0xffffffff); !s) return s;
      (name == "uid" ? d_.uid : d_.gid) = id;
      return Ok{};
    }
    if (name == "len") {
      std::uint32_t length = 0;
      if (const Status s = value(name, length, 65000); !s) return s;
      d_.data.assign(length, 'x');
      return Ok{};
    }
    if (name == "data") {
      if (end()) return wrong("\"data\" needs a text");
      d_.data = words_[at_++];
      return Ok{};
    }
    if (name == "frag") {
      if (end())
        return wrong("\"frag\" needs an offset in bytes, with + when more fragments follow");
      std::string text = words_[at_++];
      if (text.ends_with('+')) {
        d_.more = true;
        text.pop_back();
      }
      const std::optional<std::uint64_t> n = number(text, 65528);
      if (!n || *n % 8 != 0)
        return wrong(
            fmt::format("frag \"{}\": expected a multiple of 8 up to 65528", printable(text)));
      d_.frag_offset = static_cast<std::uint32_t>(*n);
      return Ok{};
    }
    if (name == "mac") {
      d_.mac = end() ? std::nullopt : MacAddr::parse(word());
      if (!d_.mac) return wrong("\"mac\" needs an address like 02:00:00:00:00:01");
      ++at_;
      return Ok{};
    }
    return wrong(fmt::format("\"{}\" is not understood here", printable(name)),
                 "see \"pktwalk packet --help\" for the words");
  }

  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  Description d_;
};

// libtins writes length and checksum fields itself.
std::vector<std::uint8_t> serialise(const Description& d) {
  Tins::IP ip(Tins::IPv4Address(to_string(d.dst.addr)), Tins::IPv4Address(to_string(d.src.addr)));
  ip.ttl(d.ttl);
  ip.tos(d.tos);
  ip.id(d.ip_id);
  ip.protocol(d.protocol);
  const Tins::RawPDU data(d.data);
  if (d.frag_offset != 0) {
    if (!d.data.empty()) ip /= data;
  } else if (d.protocol == kProtoTcp) {
    Tins::TCP tcp(d.dst.port, d.src.port);
    tcp.flags(d.flags);
    tcp.seq(d.seq);
    tcp.ack_seq(d.ack);
    tcp.window(d.window);
    if (d.mss != 0) tcp.mss(d.mss);
    ip /= tcp;
    if (!d.data.empty()) ip /= data;
  } else if (d.protocol == kProtoUdp) {
    ip /= Tins::UDP(d.dst.port, d.src.port) / data;
  } else if (d.protocol == kProtoIcmp) {
    Tins::ICMP icmp(static_cast<Tins::ICMP::Flags>(d.icmp_type));
    icmp.code(d.icmp_code);
    icmp.id(d.icmp_id);
    icmp.sequence(d.icmp_seq);
    ip /= icmp;
    if (!d.data.empty()) ip /= data;
  } else if (!d.data.empty()) {
    ip /= data;
  }
  std::vector<std::uint8_t> bytes = ip.serialize();
  bytes[9] =
      d.protocol;  // libtins derives it from what follows; fragments and raw protocols need ours
  store_be16(bytes.data() + 6,
             static_cast<std::uint16_t>((d.df ? 0x4000u : 0u) | (d.more ? 0x2000u : 0u) |
                                        d.frag_offset / 8));
  return bytes;
}

MacAddr peer_mac(const Host& host, IfIndex dev, const IpAddr& src) {
  for (const Neigh& n : host.neighbours) {
    if (n.dev == dev && n.addr == src && n.mac) return *n.mac;
  }
  return MacAddr{{0x02, 0x00, 0x5e, 0x00, 0x53, 0x01}};
}

}  // namespace

Result<CraftedPacket> craft(const Host& host, const std::vector<std::string>& words) {
  Result<Description> description = Reader(words).read();
  if (!description) return description.error();
  const Description& d = *description;
  const Link* const link = d.outgoing ? nullptr : host.link(d.dev);
  if (!d.outgoing && link == nullptr) {
    std::string known;
    for (const Link& l : host.links) known += (known.empty() ? "" : ", ") + printable(l.name);
    return wrong(fmt::format("the host has no device \"{}\"", printable(d.dev)),
                 fmt::format("it has: {}", known));
  }
  CraftedPacket crafted{.outgoing = d.outgoing, .skb = {}};
  Skb& skb = crafted.skb;
  std::vector<std::uint8_t> l3;
  try {
    l3 = serialise(d);
  } catch (const std::exception& e) {
    return wrong(fmt::format("the packet cannot be built: {}", e.what()));
  }
  if (d.outgoing || !link->ether) {
    skb.network = Skb::kHeadroom;
    skb.data.resize(Skb::kHeadroom);
  } else {
    const MacAddr to = d.mac ? *d.mac : link->mac;
    const MacAddr from = peer_mac(host, link->index, d.src.addr);
    skb.data.insert(skb.data.end(), to.bytes.begin(), to.bytes.end());
    skb.data.insert(skb.data.end(), from.bytes.begin(), from.bytes.end());
    skb.data.push_back(0x08);
    skb.data.push_back(0x00);
    skb.network = 14;
    skb.has_mac = true;
  }
  skb.data.insert(skb.data.end(), l3.begin(), l3.end());
  fill_ip_checksum(skb);
  if (link != nullptr) skb.dev = link->index;
  skb.skb_iif = skb.dev;
  skb.mark = d.mark;
  skb.uid = d.uid;
  skb.gid = d.gid;
  skb.known_checksum = d.outgoing;
  skb.origin = d.outgoing ? Origin::Local : Origin::Received;
  return crafted;
}

std::string craft_help() {
  return "A packet in words:\n"
         "  in DEV PROTO SRC[:PORT] > DST[:PORT] [WORD ...]   it arrives on DEV\n"
         "  out PROTO [SRC[:PORT]] > DST[:PORT] [WORD ...]    a local process sends it\n"
         "PROTO: tcp, udp, icmp, or a protocol number. Quote the \">\", or write \"to\".\n"
         "WORDs: syn ack fin rst psh urg, seq N, ackno N, window N, mss N   (tcp)\n"
         "       type N, code N, id N                                       (icmp)\n"
         "       ttl N, tos N, mark N, ipid N, df, frag OFFSET[+], len N, data TEXT\n"
         "       uid N, gid N (out), mac ADDR (in: destination MAC)\n";
}

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Connections of a dump: the lines of conntrack -L (plain or extended), of conntrack -E, and of
// /proc/net/nf_conntrack.
//
// A dump does not say everything: TCP windows are taken from the first packets, as for a connection
// that was picked up in the middle, and whether NAT changed it is told by a reply that is not the
// mirror of the original.
//
// Kernel: net/netfilter/nf_conntrack_standalone.c:ct_seq_show(); the words of conntrack-tools
// Differs: expectations, helpers and labels of the entries are not in use here
#include <algorithm>
#include <charconv>

#include "model/conntrack/conntrack.h"
#include "model/host/host.h"
#include "model/host/state.h"
#include "model/packet/headers.h"

namespace pktwalk::ct {
namespace {

template <typename T>
bool read_number(std::string_view text, T& value) {
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::string_view next_word(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) {
    line = {};
    return {};
  }
  line.remove_prefix(begin);
  const std::size_t end = std::min(line.find_first_of(" \t\r\n"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

bool is_protocol_name(std::string_view word) {
  static constexpr std::string_view kNames[] = {"tcp",  "udp",  "udplite", "icmp",   "icmpv6",
                                                "sctp", "dccp", "gre",     "unknown"};
  return std::find(std::begin(kNames), std::end(kNames), word) != std::end(kNames);
}

// Reads one line word by word.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  bool read() {
    if (!read_head()) return false;
    for (std::string_view word = next_word(rest_); !word.empty(); word = next_word(rest_)) {
      const std::size_t equals = word.find('=');
      if (equals == std::string_view::npos) {
        read_plain(word);
      } else if (!read_value(word.substr(0, equals), word.substr(equals + 1))) {
        return false;
      }
    }
    return sides_ == 2 && complete();
  }
  const Entry& entry() const { return entry_; }

 private:
  // "[NEW]", "ipv4     2", "tcp      6": up to the protocol's number.
  bool read_head() {
    std::string_view word = next_word(rest_);
    for (int i = 0; i < 6 && !word.empty() && !is_protocol_name(word); ++i) word = next_word(rest_);
    return is_protocol_name(word) && read_number(next_word(rest_), proto_);
  }

  void read_plain(std::string_view word) {
    if (word == "[UNREPLIED]") {
      unreplied_ = true;
    } else if (word == "[ASSURED]") {
      entry_.status |= kAssured;
    } else if (!timeout_read_ && read_number(word, timeout_)) {
      timeout_read_ = true;
    } else if (sides_ == 0 && !word.starts_with('[')) {
      read_state(word);
    }
  }

  void read_state(std::string_view word) {
    for (std::uint8_t s = 0; proto_ == kProtoTcp && s <= kTcpSynSent2; ++s) {
      if (word == tcp_state_name(s)) entry_.tcp.state = s;
    }
    for (std::uint8_t s = 0; proto_ == kProtoSctp && s <= kSctpHeartbeatSent; ++s) {
      if (word == sctp_state_name(s)) entry_.sctp.state = s;
    }
  }

  bool read_value(std::string_view key, std::string_view text) {
    if (key == "src") {
      if (++sides_ > 2) return false;
      tuple().proto = proto_;
      return read_address(text, tuple().src);
    }
    if (key == "mark") return read_number(text, entry_.mark);
    if (key == "zone") {
      if (!read_number(text, entry_.zone_orig)) return false;
      entry_.zone_reply = entry_.zone_orig;
      return true;
    }
    if (key == "zone-orig") return read_number(text, entry_.zone_orig);
    if (key == "zone-reply") return read_number(text, entry_.zone_reply);
    if (sides_ == 0) return true;  // "timeout=0," of GRE in /proc
    if (key == "dst") return read_address(text, tuple().dst);
    const std::size_t side = static_cast<std::size_t>(sides_ - 1);
    if (key == "packets") return read_number(text, entry_.packets[side]);
    if (key == "bytes") return read_number(text, entry_.bytes[side]);
    if (key == "sport" || key == "srckey") return read_number(text, tuple().src_id);
    if (key == "dport" || key == "dstkey") return read_number(text, tuple().dst_id);
    if (key == "type") return read_half(text, 8);
    if (key == "code") return read_half(text, 0);
    // In "id=7 use=1" the id is ICMP's only where it follows type and code.
    if (key == "id" && is_icmp() && !id_read_[side]) {
      id_read_[side] = true;
      return read_number(text, tuple().src_id);
    }
    return true;
  }

  bool is_icmp() const { return proto_ == kProtoIcmp || proto_ == kProtoIcmpv6; }
  Tuple& tuple() { return entry_.tuple[static_cast<std::size_t>(sides_ - 1)]; }
  bool read_half(std::string_view text, int shift) {
    std::uint8_t value = 0;
    if (!read_number(text, value)) return false;
    tuple().dst_id = static_cast<std::uint16_t>(tuple().dst_id | value << shift);
    return true;
  }
  static bool read_address(std::string_view text, IpAddr& addr) {
    const std::optional<IpAddr> read = IpAddr::parse(text);
    if (read) addr = *read;
    return read.has_value();
  }

  // What the line implies. False: an address is missing.
  bool complete() {
    const Tuple& original = entry_.tuple[0];
    const Tuple& reply = entry_.tuple[1];
    for (const Tuple& t : entry_.tuple) {
      if (t.src.family() == Family::Unspec || t.src.family() != t.dst.family()) return false;
    }
    if (original.src.family() != reply.src.family()) return false;
    if (!unreplied_) entry_.status |= kSeenReply;
    Tuple mirror;
    if (invert(original, mirror)) {
      if (mirror.dst != reply.dst) entry_.status |= kSrcNat;
      if (mirror.src != reply.src) entry_.status |= kDstNat;
      if (is_icmp()) {
        if (mirror.src_id != reply.src_id) entry_.status |= kSrcNat;
      } else {
        if (mirror.dst_id != reply.dst_id) entry_.status |= kSrcNat;
        if (mirror.src_id != reply.src_id) entry_.status |= kDstNat;
      }
    }
    entry_.status |= kSrcNatDone | kDstNatDone;
    entry_.expires = Time{std::int64_t{timeout_} * kNsPerSecond};
    entry_.from_dump = true;
    entry_.tcp.seen[0].flags = entry_.tcp.seen[1].flags = kTcpSackPerm | kTcpBeLiberal;
    entry_.tcp.last_index = 5;  // no segment seen
    return true;
  }

  std::string_view rest_;
  Entry entry_;
  std::uint8_t proto_ = 0;
  std::uint32_t timeout_ = 0;
  bool timeout_read_ = false;
  bool unreplied_ = false;
  int sides_ = 0;  // "src=" words seen
  bool id_read_[2] = {false, false};
};

}  // namespace

bool load_line(Table& table, std::string_view line) {
  LineReader reader(line);
  if (!reader.read()) return false;
  const Entry& read = reader.entry();
  const Zone zone(read.zone_orig, read.zone_reply);
  if (table.find(read.tuple[0], zone, Time{}) || table.find(read.tuple[1], zone, Time{})) {
    return true;
  }
  const CtId id = table.create();
  Entry& entry = table.at(id);
  const std::uint32_t order = entry.order;
  entry = read;
  entry.order = order;
  entry.in_use = true;
  table.confirm(id);
  table.add_source(id);
  return true;
}

void load_connections(Host& host) {
  for (const ConntrackDump& dump : host.connections) {
    if (load_line(host.initial->conntrack, dump.text)) continue;
    Diagnostic diagnostic;
    diagnostic.at = dump.at;
    diagnostic.what = "this is no connection as conntrack -L prints it";
    diagnostic.hint = "expected: protocol, number, timeout, src= dst= ..., src= dst= ...";
    host.diagnostics.push_back(std::move(diagnostic));
  }
}

}  // namespace pktwalk::ct

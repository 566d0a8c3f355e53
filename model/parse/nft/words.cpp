// SPDX-License-Identifier: MIT
// The lists of nft's words, as nft(8) of version 1.1 has them.
#include "model/parse/nft/words.h"

#include <algorithm>
#include <array>

namespace pktwalk::nft::words {
namespace {

using Word = std::string_view;

struct Header {
  Word name;
  std::array<Word, 12> fields;  // unused ones are empty
};

constexpr Header kPayload[] = {
    {"ether", {"saddr", "daddr", "type"}},
    {"vlan", {"id", "dei", "pcp", "type"}},
    {"arp",
     {"htype", "ptype", "hlen", "plen", "operation", "saddr ether", "daddr ether", "saddr ip",
      "daddr ip"}},
    {"ip",
     {"version", "hdrlength", "dscp", "ecn", "length", "id", "frag-off", "ttl", "protocol",
      "checksum", "saddr", "daddr"}},
    {"ip6",
     {"version", "dscp", "ecn", "flowlabel", "length", "nexthdr", "hoplimit", "saddr", "daddr"}},
    {"icmp", {"type", "code", "checksum", "id", "sequence", "gateway", "mtu"}},
    {"icmpv6",
     {"type", "code", "checksum", "parameter-problem", "mtu", "id", "sequence", "max-delay",
      "taddr", "daddr"}},
    {"igmp", {"type", "checksum", "mrt", "group"}},
    {"ah", {"nexthdr", "hdrlength", "reserved", "spi", "sequence"}},
    {"esp", {"spi", "sequence"}},
    {"comp", {"nexthdr", "flags", "cpi"}},
    {"udp", {"sport", "dport", "length", "checksum"}},
    {"udplite", {"sport", "dport", "csumcov", "checksum"}},
    {"tcp",
     {"sport", "dport", "sequence", "ackseq", "doff", "reserved", "flags", "window", "checksum",
      "urgptr"}},
    {"dccp", {"sport", "dport", "type"}},
    {"sctp", {"sport", "dport", "vtag", "checksum"}},
    {"th", {"sport", "dport"}},
    {"gre", {"version", "flags", "protocol"}},
    {"vxlan", {"vni", "flags"}},
    {"geneve", {"vni", "type"}},
};

constexpr Header kExthdr[] = {
    {"hbh", {"nexthdr", "hdrlength"}},
    {"rt", {"nexthdr", "hdrlength", "type", "seg-left"}},
    {"rt0", {"addr"}},
    {"rt2", {"addr"}},
    {"srh", {"last-entry", "flags", "tag", "sid"}},
    {"frag", {"nexthdr", "reserved", "frag-off", "reserved2", "more-fragments", "id"}},
    {"dst", {"nexthdr", "hdrlength"}},
    {"mh", {"nexthdr", "hdrlength", "type", "reserved", "checksum"}},
};

constexpr Word kTcpOptions[] = {"echo",   "eol",   "fastopen",  "md5sig",    "mptcp",
                                "maxseg", "nop",   "sack",      "sack0",     "sack1",
                                "sack2",  "sack3", "sack-perm", "timestamp", "window"};
constexpr Word kTcpOptionFields[] = {"size",  "left",  "right",  "count",
                                     "tsval", "tsecr", "length", "subtype"};
constexpr Word kIpOptions[] = {"lsrr", "rr", "ssrr", "ra"};
constexpr Word kIpOptionFields[] = {"type", "length", "value", "ptr", "addr"};
constexpr Word kSctpChunks[] = {
    "data",  "init",     "init-ack",          "sack",       "heartbeat",   "heartbeat-ack",
    "abort", "shutdown", "shutdown-ack",      "error",      "cookie-echo", "cookie-ack",
    "ecne",  "cwr",      "shutdown-complete", "asconf-ack", "forward-tsn", "asconf"};
constexpr Word kSctpChunkFields[] = {"type",
                                     "flags",
                                     "length",
                                     "tsn",
                                     "stream",
                                     "ssn",
                                     "ppid",
                                     "init-tag",
                                     "a-rwnd",
                                     "num-outbound-streams",
                                     "num-inbound-streams",
                                     "initial-tsn",
                                     "cum-tsn-ack",
                                     "num-gap-ack-blocks",
                                     "num-dup-tsns",
                                     "lowest-tsn",
                                     "seqno",
                                     "new-cum-tsn"};

constexpr Word kBareMeta[] = {"mark", "iif", "iifname", "iiftype", "oif", "oifname", "oiftype",
                              "skuid", "skgid", "nftrace", "rtclassid", "ibriport", "ibrname",
                              "obriport", "obrname", "pkttype", "cpu", "iifgroup", "oifgroup",
                              "cgroup", "time", "day", "hour",
                              // These want the word meta in front, but what else could they be?
                              "l4proto", "nfproto"};
constexpr Word kMeta[] = {
    "length",    "protocol", "priority",    "random",      "secmark",   "nfproto",  "l4proto",
    "iifkind",   "oifkind",  "ibrpvid",     "ibrvproto",   "sdif",      "sdifname", "broute",
    "ibrhwaddr", "mark",     "iif",         "iifname",     "iiftype",   "oif",      "oifname",
    "oiftype",   "skuid",    "skgid",       "nftrace",     "rtclassid", "ibriport", "ibrname",
    "obriport",  "obrname",  "ibridgename", "obridgename", "pkttype",   "cpu",      "iifgroup",
    "oifgroup",  "cgroup",   "ipsec",       "secpath",     "time",      "day",      "hour"};
constexpr Word kCt[] = {"l3proto",   "protocol",   "mark",    "state",  "direction",
                        "status",    "expiration", "helper",  "saddr",  "daddr",
                        "proto-src", "proto-dst",  "label",   "event",  "secmark",
                        "id",        "bytes",      "packets", "avgpkt", "zone"};
constexpr Word kRt[] = {"classid", "nexthop", "mtu", "ipsec"};
constexpr Word kVerdicts[] = {"accept", "drop", "continue", "return", "jump", "goto"};
constexpr Word kFamilies[] = {"ip", "ip6", "inet", "arp", "bridge", "netdev"};
constexpr Word kReserved[] = {"accept",  "drop",   "continue", "return",   "jump",   "goto",
                              "counter", "limit",  "quota",    "log",      "reject", "masquerade",
                              "queue",   "vmap",   "map",      "tproxy",   "set",    "comment",
                              "meter",   "flow",   "notrack",  "synproxy", "eq",     "ne",
                              "lt",      "gt",     "le",       "ge",       "and",    "or",
                              "xor",     "lshift", "rshift",   "timeout",  "expires"};

struct OptionKind {
  Word name, number;
  std::uint64_t kind;
};

// IANA, TCP option kind numbers.
constexpr OptionKind kOptionKinds[] = {
    {"eol", "0", 0},       {"nop", "1", 1},     {"maxseg", "2", 2},    {"window", "3", 3},
    {"sack-perm", "4", 4}, {"sack", "5", 5},    {"echo", "6", 6},      {"timestamp", "8", 8},
    {"md5sig", "19", 19},  {"mptcp", "30", 30}, {"fastopen", "34", 34}};

template <std::size_t N>
List fields_of(const Header (&headers)[N], Word name) {
  for (const Header& header : headers) {
    if (header.name != name) continue;
    std::size_t count = 0;
    while (count < header.fields.size() && !header.fields[count].empty()) ++count;
    return List(header.fields).first(count);
  }
  return {};
}

struct Alias {
  Word word;
  Word canonical;
};

Word canonical(std::span<const Alias> aliases, Word word) {
  for (const Alias& alias : aliases) {
    if (alias.word == word) return alias.canonical;
  }
  return word;
}

}  // namespace

bool contains(List list, Word word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

List payload_fields(Word header) { return fields_of(kPayload, header); }
List exthdr_fields(Word header) { return fields_of(kExthdr, header); }
List tcp_options() { return kTcpOptions; }
List tcp_option_fields() { return kTcpOptionFields; }
List ip_options() { return kIpOptions; }
List ip_option_fields() { return kIpOptionFields; }
List sctp_chunks() { return kSctpChunks; }
List sctp_chunk_fields() { return kSctpChunkFields; }
List meta_keys() { return kMeta; }
List bare_meta_keys() { return kBareMeta; }
List ct_keys() { return kCt; }
List rt_keys() { return kRt; }
List verdicts() { return kVerdicts; }
List families() { return kFamilies; }
bool is_reserved(Word word) { return contains(kReserved, word); }

Word canonical_field(Word header, Word field) {
  static constexpr Alias kIcmpv6[] = {{"param-problem", "parameter-problem"},
                                      {"pptr", "parameter-problem"},
                                      {"packet-too-big", "mtu"}};
  static constexpr Alias kTcp[] = {{"seq", "sequence"}};
  static constexpr Alias kVlan[] = {{"cfi", "dei"}};
  if (header == "icmpv6") return canonical(kIcmpv6, field);
  if (header == "vlan") return canonical(kVlan, field);
  if (header == "tcp" || header == "icmp") return canonical(kTcp, field);
  return field;
}

Word canonical_meta(Word key) {
  static constexpr Alias kAliases[] = {{"ibriport", "ibrname"},
                                       {"ibridgename", "ibrname"},
                                       {"obriport", "obrname"},
                                       {"obridgename", "obrname"},
                                       {"secpath", "ipsec"}};
  return canonical(kAliases, key);
}

Word canonical_tcp_option(Word option) {
  static constexpr Alias kAliases[] = {
      {"mss", "maxseg"}, {"noop", "nop"}, {"sack-permitted", "sack-perm"}, {"sack0", "sack"}};
  for (const OptionKind& known : kOptionKinds) {
    if (known.number == option) return known.name;
  }
  return canonical(kAliases, option);
}

std::uint64_t tcp_option_kind(Word option) {
  for (const OptionKind& known : kOptionKinds) {
    if (known.name == option) return known.kind;
  }
  return 0;
}

}  // namespace pktwalk::nft::words

// SPDX-License-Identifier: MIT
#include "model/netfilter/nft/payload_fields.h"

#include <algorithm>

namespace pktwalk::nft {
namespace {

using namespace types;

constexpr PayloadField kEther[] = {
    {"daddr", 0, 48, &kEtherAddr, Field::EthDaddr},
    {"saddr", 48, 48, &kEtherAddr, Field::EthSaddr},
    {"type", 96, 16, &kEtherType, Field::EthType},
};
constexpr PayloadField kVlan[] = {
    {"pcp", 112, 3, &kInteger},     {"dei", 115, 1, &kInteger},
    {"cfi", 115, 1, &kInteger},     {"id", 116, 12, &kInteger, Field::VlanId},
    {"type", 128, 16, &kEtherType},
};
constexpr PayloadField kArp[] = {
    {"htype", 0, 16, &kInteger},       {"ptype", 16, 16, &kEtherType},
    {"hlen", 32, 8, &kInteger},        {"plen", 40, 8, &kInteger},
    {"operation", 48, 16, &kArpOp},    {"saddr ether", 64, 48, &kEtherAddr},
    {"saddr ip", 112, 32, &kIpv4Addr}, {"daddr ether", 144, 48, &kEtherAddr},
    {"daddr ip", 192, 32, &kIpv4Addr},
};
constexpr PayloadField kIp[] = {
    {"version", 0, 4, &kInteger, Field::IpVersion},
    {"hdrlength", 4, 4, &kInteger, Field::IpHeaderLength},
    {"dscp", 8, 6, &kDscp, Field::IpDscp},
    {"ecn", 14, 2, &kEcn, Field::IpEcn},
    {"tos", 8, 8, &kInteger, Field::IpTos},
    {"length", 16, 16, &kInteger, Field::IpLength},
    {"id", 32, 16, &kInteger, Field::IpId},
    {"frag-off", 48, 16, &kInteger, Field::IpFrag},
    {"ttl", 64, 8, &kInteger, Field::IpTtl},
    {"protocol", 72, 8, &kInetProto, Field::IpProtocol},
    {"checksum", 80, 16, &kInteger, Field::IpChecksum},
    {"saddr", 96, 32, &kIpv4Addr, Field::IpSaddr},
    {"daddr", 128, 32, &kIpv4Addr, Field::IpDaddr},
};
constexpr PayloadField kIp6[] = {
    {"version", 0, 4, &kInteger},    {"dscp", 4, 6, &kDscp},
    {"ecn", 10, 2, &kEcn},           {"flowlabel", 12, 20, &kInteger},
    {"length", 32, 16, &kInteger},   {"nexthdr", 48, 8, &kInetProto},
    {"hoplimit", 56, 8, &kInteger},  {"saddr", 64, 128, &kIpv6Addr},
    {"daddr", 192, 128, &kIpv6Addr},
};
constexpr PayloadField kIcmp[] = {
    {"type", 0, 8, &kIcmpType, Field::IcmpType},
    {"code", 8, 8, &kIcmpCode},
    {"checksum", 16, 16, &kInteger, Field::IcmpChecksum},
    {"id", 32, 16, &kInteger, Field::IcmpId},
    {"sequence", 48, 16, &kInteger},
    {"gateway", 32, 32, &kIpv4Addr},
    {"mtu", 48, 16, &kInteger},
};
constexpr PayloadField kIcmpv6[] = {
    {"type", 0, 8, &kIcmpv6Type},
    {"code", 8, 8, &kIcmpv6Code},
    {"checksum", 16, 16, &kInteger},
    {"parameter-problem", 32, 32, &kInteger},
    {"packet-too-big", 32, 32, &kInteger},
    {"mtu", 32, 32, &kInteger},
    {"id", 32, 16, &kInteger},
    {"sequence", 48, 16, &kInteger},
    {"max-delay", 32, 16, &kInteger},
    {"taddr", 64, 128, &kIpv6Addr},
    {"daddr", 192, 128, &kIpv6Addr},
};
constexpr PayloadField kIgmp[] = {
    {"type", 0, 8, &kIgmpType},
    {"mrt", 8, 8, &kInteger},
    {"checksum", 16, 16, &kInteger},
    {"group", 32, 32, &kIpv4Addr},
};
constexpr PayloadField kAh[] = {
    {"nexthdr", 0, 8, &kInetProto},  {"hdrlength", 8, 8, &kInteger},
    {"reserved", 16, 16, &kInteger}, {"spi", 32, 32, &kInteger, Field::AhSpi},
    {"sequence", 64, 32, &kInteger},
};
constexpr PayloadField kEsp[] = {
    {"spi", 0, 32, &kInteger, Field::EspSpi},
    {"sequence", 32, 32, &kInteger},
};
constexpr PayloadField kComp[] = {
    {"nexthdr", 0, 8, &kInetProto},
    {"flags", 8, 8, &kBitmask},
    {"cpi", 16, 16, &kInteger},
};
constexpr PayloadField kUdp[] = {
    {"sport", 0, 16, &kInetService, Field::UdpSport},
    {"dport", 16, 16, &kInetService, Field::UdpDport},
    {"length", 32, 16, &kInteger, Field::UdpLength},
    {"checksum", 48, 16, &kInteger, Field::UdpChecksum},
};
constexpr PayloadField kUdplite[] = {
    {"sport", 0, 16, &kInetService},
    {"dport", 16, 16, &kInetService},
    {"csumcov", 32, 16, &kInteger},
    {"checksum", 48, 16, &kInteger},
};
constexpr PayloadField kTcp[] = {
    {"sport", 0, 16, &kInetService, Field::TcpSport},
    {"dport", 16, 16, &kInetService, Field::TcpDport},
    {"sequence", 32, 32, &kInteger, Field::TcpSeq},
    {"ackseq", 64, 32, &kInteger, Field::TcpAck},
    {"doff", 96, 4, &kInteger},
    {"reserved", 100, 4, &kInteger},
    {"flags", 104, 8, &kTcpFlag, Field::TcpFlags},
    {"window", 112, 16, &kInteger, Field::TcpWindow},
    {"checksum", 128, 16, &kInteger, Field::TcpChecksum},
    {"urgptr", 144, 16, &kInteger},
};
constexpr PayloadField kDccp[] = {
    {"sport", 0, 16, &kInetService},
    {"dport", 16, 16, &kInetService},
    {"type", 67, 4, &kDccpPkttype},
};
constexpr PayloadField kSctp[] = {
    {"sport", 0, 16, &kInetService},
    {"dport", 16, 16, &kInetService},
    {"vtag", 32, 32, &kInteger},
    {"checksum", 64, 32, &kInteger},
};
constexpr PayloadField kTh[] = {
    {"sport", 0, 16, &kInetService, Field::L4Sport},
    {"dport", 16, 16, &kInetService, Field::L4Dport},
};

constexpr std::uint16_t kTypeIp = 0x0800, kTypeArp = 0x0806, kTypeIp6 = 0x86dd;

constexpr PayloadHeader kHeaders[] = {
    {"ether", PayloadBase::Link, 0, 0, 0, kEther},
    {"vlan", PayloadBase::Link, 0, 0, 0, kVlan},
    {"arp", PayloadBase::Network, 0, kTypeArp, 0, kArp},
    {"ip", PayloadBase::Network, 0, kTypeIp, 0, kIp},
    {"ip6", PayloadBase::Network, 0, kTypeIp6, 0, kIp6},
    {"icmp", PayloadBase::Transport, 1, 0, 0, kIcmp},
    {"icmpv6", PayloadBase::Transport, 58, 0, 0, kIcmpv6},
    {"igmp", PayloadBase::Transport, 2, 0, 0, kIgmp},
    {"ah", PayloadBase::Transport, 51, 0, 0, kAh},
    {"esp", PayloadBase::Transport, 50, 0, 0, kEsp},
    {"comp", PayloadBase::Transport, 108, 0, 0, kComp},
    {"udp", PayloadBase::Transport, 17, 0, 0, kUdp},
    {"udplite", PayloadBase::Transport, 136, 0, 0, kUdplite},
    {"tcp", PayloadBase::Transport, 6, 0, 0, kTcp},
    {"dccp", PayloadBase::Transport, 33, 0, 0, kDccp},
    {"sctp", PayloadBase::Transport, 132, 0, 0, kSctp},
    {"th", PayloadBase::Transport, 0, 0, 0, kTh},
};

}  // namespace

const PayloadField* PayloadHeader::find(std::string_view field) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const PayloadField& f) { return f.name == field; });
  return found == fields.end() ? nullptr : &*found;
}

const PayloadHeader* find_header(std::string_view name) {
  const auto found = std::find_if(std::begin(kHeaders), std::end(kHeaders),
                                  [&](const PayloadHeader& h) { return h.name == name; });
  return found == std::end(kHeaders) ? nullptr : &*found;
}

}  // namespace pktwalk::nft

// SPDX-License-Identifier: MIT
// The names of the things that a packet, its skb or its connection has, as steps and filters write
// them.
#pragma once

#include <cstdint>

namespace pktwalk {

// clang-format off
#define PKTWALK_FIELDS(X) \
  X(EthDaddr, "eth.daddr") X(EthSaddr, "eth.saddr") X(EthType, "eth.type") X(VlanId, "vlan.id") \
  X(IpSaddr, "ip.saddr") X(IpDaddr, "ip.daddr") X(IpProtocol, "ip.protocol") X(IpTtl, "ip.ttl") \
  X(IpTos, "ip.tos") X(IpDscp, "ip.dscp") X(IpEcn, "ip.ecn") X(IpId, "ip.id") \
  X(IpLength, "ip.length") X(IpFrag, "ip.frag") X(IpChecksum, "ip.checksum") \
  X(IpOptions, "ip.options") X(IpHeaderLength, "ip.ihl") X(IpVersion, "ip.version") \
  X(IpDf, "ip.df") X(TcpSport, "tcp.sport") X(TcpDport, "tcp.dport") X(TcpFlags, "tcp.flags") \
  X(TcpSeq, "tcp.seq") X(TcpAck, "tcp.ack") X(TcpWindow, "tcp.window") \
  X(TcpOption, "tcp.option") X(TcpMss, "tcp.mss") X(TcpChecksum, "tcp.checksum") \
  X(UdpSport, "udp.sport") X(UdpDport, "udp.dport") X(UdpLength, "udp.length") \
  X(UdpChecksum, "udp.checksum") X(IcmpType, "icmp.type") X(IcmpId, "icmp.id") \
  X(IcmpChecksum, "icmp.checksum") X(L4Sport, "sport") X(L4Dport, "dport") \
  X(SctpChunk, "sctp.chunk") X(EspSpi, "esp.spi") X(AhSpi, "ah.spi") X(Payload, "payload") \
  X(SkbMark, "skb.mark") X(SkbPriority, "skb.priority") X(SkbPktType, "skb.pkt_type") \
  X(SkbSecmark, "skb.secmark") X(SkbLen, "skb.len") X(SkbIif, "iif") X(SkbOif, "oif") \
  X(SkbUid, "skb.uid") X(SkbGid, "skb.gid") X(SkbCpu, "skb.cpu") X(NfTrace, "skb.nftrace") \
  X(CtState, "ct.state") X(CtStatus, "ct.status") X(CtMark, "ct.mark") \
  X(CtDirection, "ct.direction") X(CtProto, "ct.proto") X(CtOrigSrc, "ct.original.saddr") \
  X(CtOrigDst, "ct.original.daddr") X(CtReplSrc, "ct.reply.saddr") \
  X(CtReplDst, "ct.reply.daddr") X(CtOrigSport, "ct.original.sport") \
  X(CtOrigDport, "ct.original.dport") X(CtReplSport, "ct.reply.sport") \
  X(CtReplDport, "ct.reply.dport") X(CtExpires, "ct.expires") X(CtZone, "ct.zone") \
  X(CtHelper, "ct.helper") X(CtTcpState, "ct.tcp_state") X(CtLabels, "ct.labels") \
  X(CtBytes, "ct.bytes") X(CtCount, "ct.count") X(AddrType, "addrtype") X(Time, "time") \
  X(Rate, "rate") X(Credit, "credit") X(Counter, "counter") X(SetName, "set") \
  X(RecentHits, "recent.hits") X(RecentAge, "recent.age") X(Quota, "quota") X(Realm, "realm") \
  X(PolicyDir, "ipsec.policy") X(Rpf, "rpfilter") X(Comment, "comment") X(Socket, "socket") \
  X(Rateest, "rateest") X(Other, "other")
// clang-format on

enum class Field : std::uint8_t {
#define X(name, text) name,
  PKTWALK_FIELDS(X)
#undef X
};

const char* to_string(Field field);  // "ip.daddr"

}  // namespace pktwalk

// SPDX-License-Identifier: MIT
// Why the kernel frees a packet: the names of enum skb_drop_reason without SKB_DROP_REASON_.
//
// Kernel: include/net/dropreason-core.h
#pragma once

#include <cstdint>

namespace pktwalk {

#define PKTWALK_DROP_REASONS(X)                                                                    \
  X(NOT_SPECIFIED)                                                                                 \
  X(NO_SOCKET) X(PKT_TOO_SMALL) X(TCP_CSUM) X(SOCKET_FILTER) X(UDP_CSUM) X(NETFILTER_DROP) X(      \
      OTHERHOST) X(IP_CSUM) X(IP_INHDR) X(IP_RPFILTER) X(UNICAST_IN_L2_MULTICAST) X(XFRM_POLICY)   \
      X(IP_NOPROTO) X(PROTO_MEM) X(TCP_FLAGS) X(TCP_ZEROWINDOW) X(TCP_OLD_DATA) X(                 \
          TCP_OVERWINDOW) X(TCP_OFOMERGE) X(TCP_RFC7323_PAWS) X(TCP_RFC7323_PAWS_ACK)              \
          X(TCP_OLD_SEQUENCE) X(TCP_INVALID_SEQUENCE) X(TCP_INVALID_ACK_SEQUENCE) X(TCP_RESET) X(  \
              TCP_INVALID_SYN) X(TCP_CLOSE) X(TCP_FASTOPEN) X(TCP_OLD_ACK) X(TCP_TOO_OLD_ACK)      \
              X(TCP_ACK_UNSENT_DATA) X(TCP_LISTEN_OVERFLOW) X(TCP_ABORT_ON_DATA) X(IP_OUTNOROUTES) \
                  X(NEIGH_CREATEFAIL) X(NEIGH_FAILED) X(NEIGH_QUEUEFULL) X(NEIGH_DEAD)             \
                      X(TC_EGRESS) X(QDISC_DROP) X(QDISC_OVERLIMIT) X(QDISC_CONGESTED)             \
                          X(CPU_BACKLOG) X(XDP) X(TC_INGRESS) X(UNHANDLED_PROTO) X(SKB_CSUM)       \
                              X(SKB_GSO_SEG) X(DEV_HDR) X(DEV_READY) X(FULL_RING) X(NOMEM)         \
                                  X(HDR_TRUNC) X(ICMP_CSUM) X(INVALID_PROTO) X(IP_INADDRERRORS)    \
                                      X(IP_INNOROUTES) X(IP_LOCAL_SOURCE) X(IP_INVALID_SOURCE)     \
                                          X(IP_LOCALNET) X(IP_INVALID_DEST) X(PKT_TOO_BIG)         \
                                              X(DUP_FRAG) X(FRAG_REASM_TIMEOUT) X(FRAG_TOO_FAR)    \
                                                  X(TCP_MINTTL) X(SOCKET_RCVBUFF)                  \
                                                      X(SOCKET_BACKLOG) X(ARP_PVLAN_DISABLE)       \
                                                          X(IPV6DISABLED) X(IPV6_BAD_EXTHDR)

enum class DropReason : std::uint8_t {
#define X(name) name,
  PKTWALK_DROP_REASONS(X)
#undef X
};

// "NETFILTER_DROP"
const char* to_string(DropReason reason);

}  // namespace pktwalk

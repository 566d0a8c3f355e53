// SPDX-License-Identifier: MIT
// The tests of the stack itself, each with the words, the kernel function and the sysctl that
// explain it.
#pragma once

#include <cstdint>

namespace pktwalk {

// X(name, what it tests (a noun phrase), kernel function, sysctl or empty (* stands for the
// device), what would change it or empty)
#define PKTWALK_CHECKS(X)                                                                          \
  X(PacketForUs, "frame is addressed to this host", "ip_rcv_core()", "", "")                       \
  X(IpHeaderLength, "IP header is complete", "ip_rcv_core()", "", "")                              \
  X(IpVersion, "IP version is 4", "ip_rcv_core()", "", "")                                         \
  X(IpChecksum, "IP header checksum is right", "ip_rcv_core()", "", "")                            \
  X(IpTotalLength, "IP total length fits the frame", "ip_rcv_core()", "", "")                      \
  X(IpOptions, "IP options are well formed", "ip_rcv_options()", "", "")                           \
  X(SourceRoute, "source-routed packets are accepted", "ip_rcv_options()",                         \
    "net.ipv4.conf.*.accept_source_route", "")                                                     \
  X(UnicastInMulticast, "unicast IP did not come in a link-layer broadcast",                       \
    "ip_rcv_finish_core()", "net.ipv4.conf.*.drop_unicast_in_l2_multicast", "")                    \
  X(MartianSource, "source address is possible", "ip_route_input_slow()", "", "")                  \
  X(MartianDestination, "destination address is possible", "ip_route_input_slow()", "", "")        \
  X(LocalnetRoute, "127.0.0.0/8 stays on the loopback device", "ip_route_input_slow()",            \
    "net.ipv4.conf.*.route_localnet", "")                                                          \
  X(SourceNotOurs, "source address is not one of ours", "fib_validate_source()",                   \
    "net.ipv4.conf.*.accept_local", "")                                                            \
  X(ReversePath, "the way back to the source leads out of the input device",                       \
    "fib_validate_source()", "net.ipv4.conf.*.rp_filter",                                          \
    "set rp_filter to 0 or 2 (the larger of `all` and the device counts), or add a route to the "  \
    "source")                                                                                      \
  X(Forwarding, "forwarding is on for the input device", "ip_route_input_slow()",                  \
    "net.ipv4.conf.*.forwarding", "sysctl net.ipv4.ip_forward=1")                                  \
  X(BroadcastForwarding, "directed broadcasts are forwarded", "ip_route_input_slow()",             \
    "net.ipv4.conf.*.bc_forwarding", "")                                                           \
  X(MulticastMember, "the multicast group was joined", "ip_route_input_mc()", "", "")              \
  X(Ttl, "TTL is larger than 1", "ip_forward()", "", "")                                           \
  X(ForwardPktType, "frame was sent to this host's own address", "ip_forward()", "", "")           \
  X(StrictSourceRoute, "strict source route needs no gateway", "ip_forward()", "", "")             \
  X(Mtu, "packet fits the MTU or may be fragmented", "ip_forward()", "",                           \
    "lower the sender's MSS or clear DF")                                                          \
  X(FragmentMtu, "packet may be fragmented", "ip_fragment()", "", "")                              \
  X(SendRedirect, "an ICMP redirect is due", "ip_forward()", "net.ipv4.conf.*.send_redirects", "") \
  X(IcmpRateLimit, "ICMP errors are within their rate", "icmpv4_xrlim_allow()",                    \
    "net.ipv4.icmp_ratelimit", "")                                                                 \
  X(IcmpErrorAllowed, "an ICMP error may be sent about this packet", "__icmp_send()", "", "")      \
  X(IcmpChecksum, "ICMP checksum is right", "icmp_rcv()", "", "")                                  \
  X(IcmpEchoIgnored, "echo requests are answered", "icmp_echo()", "net.ipv4.icmp_echo_ignore_all", \
    "")                                                                                            \
  X(IcmpBroadcastIgnored, "broadcast echo requests are answered", "icmp_rcv()",                    \
    "net.ipv4.icmp_echo_ignore_broadcasts", "")                                                    \
  X(TcpHeader, "TCP header is complete", "tcp_v4_rcv()", "", "")                                   \
  X(TcpChecksum, "TCP checksum is right", "tcp_v4_rcv()", "", "")                                  \
  X(TcpReset, "a TCP reset may be sent", "tcp_v4_send_reset()", "", "")                            \
  X(TcpSegment, "the socket takes the segment", "tcp_v4_do_rcv()", "", "")                         \
  X(UdpHeader, "UDP header is complete", "__udp4_lib_rcv()", "", "")                               \
  X(UdpChecksum, "UDP checksum is right", "__udp4_lib_rcv()", "", "")                              \
  X(ProtocolHandler, "a handler for the IP protocol exists", "ip_protocol_deliver_rcu()", "", "")  \
  X(SourceValid, "source address may be used for sending", "ip_route_output_key_hash_rcu()", "",   \
    "")                                                                                            \
  X(DeviceUp, "device is up", "__dev_queue_xmit()", "", "")                                        \
  X(FragmentQueue, "all fragments have arrived", "ip_defrag()", "", "")                            \
  X(FragmentValid, "fragment is well formed", "ip_frag_queue()", "", "")

enum class Check : std::uint8_t {
#define X(name, what, function, sysctl, hint) name,
  PKTWALK_CHECKS(X)
#undef X
};

struct CheckInfo {
  const char* name;      // "ReversePath": stable, for filters and JSON
  const char* what;      // what is true when it passes
  const char* function;  // of the kernel
  const char* sysctl;    // its name, * for the device, or empty
  const char* hint;      // what would change the outcome, or empty
};

const CheckInfo& info(Check check);

}  // namespace pktwalk

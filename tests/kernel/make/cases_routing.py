# SPDX-License-Identifier: MIT
"""Header checks, martians, rp_filter, error routes, forwarding, TTL, MTU, policy rules, multipath, addresses."""
from recipes import (COUNT, IP, UDP, Raw, case, checksum, edit, ip, ping, pkt, quote, table, tcp, udp)

A, B, W = "10.0.0.2", "192.0.2.2", "203.0.113.2"     # neighbours on eth0, eth1, eth2
FAR = "198.51.100.7"                                # behind the default route

ok = udp(A, B, ttl=9)
case("header-checks-come-before-any-rule",
     "Damaged IP headers are dropped before PREROUTING, in the order length, version, header length, checksum, total length.",
     [pkt("eth0", edit(ok, b10=bytes(ok)[10] ^ 1), "header checksum is off by one bit"),
      pkt("eth0", checksum(edit(ok, b0=0x44)), "header length 16"),
      pkt("eth0", checksum(edit(ok, b0=0x65)), "version 6 in an IPv4 frame"),
      pkt("eth0", checksum(edit(ok, b2=0, b3=19)), "total length 19: below the header length"),
      pkt("eth0", checksum(edit(ok, b2=0, b3=34)), "total length one more than the frame carries"),
      pkt("eth0", bytes(ok)[:19], "only 19 bytes"),
      pkt("eth0", edit(ok, b0=0x4f), "header length 60, frame shorter"),
      pkt("eth0", bytes(ok) + b"\0" * 20, "padding behind the total length is cut off"),
      pkt("eth0", checksum(edit(ok, b2=0, b3=20)), "total length 20: a UDP packet without a UDP header"),
      pkt("eth0", edit(ok, b8=8), "TTL changed without the checksum"),
      pkt("eth0", bytes(ok), "whole")],
     iptables=COUNT)

case("padding-is-cut-before-rules-count-bytes",
     "Rules count the bytes of the IP packet, not of a padded Ethernet frame, and -m length sees the same.",
     [pkt("eth0", bytes(udp(A, B, data=b"")) + b"\0" * 18, "28 bytes in a minimal frame of 60"),
      pkt("eth0", bytes(udp(A, "10.0.0.1", dport=9, data=b"x")) + b"\0" * 17, "29 bytes, for the router; the error quotes no padding")],
     iptables=table("mangle", "PREROUTING -m length --length 28", "PREROUTING -m length --length 29", "PREROUTING -m length --length 46",
                    "POSTROUTING -m length --length 28"))


def opt(raw, dst=B, src=A, **how):
    """A UDP packet with these option bytes, padded to a multiple of four."""
    raw += b"\0" * (-len(raw) % 4)
    body = bytes(UDP(sport=4000, dport=5000, len=13)) + b"hello"
    p = bytearray(bytes(IP(src=src, dst=dst, proto=17, ttl=how.get("ttl", 64), id=how.get("id", 0x77)))[:20])
    p[0] = 0x40 | (5 + len(raw) // 4)
    p[2:4] = (20 + len(raw) + 13).to_bytes(2, "big")
    p = checksum(bytes(p) + raw)
    udp_sum = bytes(UDP(bytes(IP(src=src, dst=dst) / UDP(sport=4000, dport=5000) / Raw(b"hello"))[20:]))[6:8]
    return p + body[:6] + udp_sum + body[8:]


case("ip-options-are-parsed-after-prerouting",
     "Options are looked at behind PREROUTING and routing; a bad one drops, record route and timestamp are filled in when forwarded.",
     [pkt("eth0", opt(b"\x01\x01\x01\x01"), "four NOPs"),
      pkt("eth0", opt(b"\x07\x07\x04\0\0\0\0"), "record route with one free slot: the address of the way out"),
      pkt("eth0", opt(b"\x07\x07\x08\x0a\x09\x09\x09"), "record route, full"),
      pkt("eth0", opt(b"\x44\x0c\x0d\x01" + b"\0" * 8), "timestamp with address, full: its overflow counter goes up"),
      pkt("eth0", opt(b"\x07\x03\x04"), "record route without room for a slot is legal"),
      pkt("eth0", opt(b"\x07\x02\x04\x00"), "record route of length 2"),
      pkt("eth0", opt(b"\x07\x0c\x04\0"), "option longer than the header"),
      pkt("eth0", opt(b"\x07\x07\x03\0\0\0\0"), "pointer inside the option's own header"),
      pkt("eth0", opt(b"\x94\x04\x00\x00"), "router alert, and nobody listens for it"),
      pkt("eth0", opt(b"\x94\x04\x00\x01"), "router alert with a value that is not zero"),
      pkt("eth0", opt(b"\x9e\x04\x00\x00"), "an unknown option is left alone"),
      pkt("eth0", opt(b"\x07\x07\x04\0\0\0\0", dst="10.0.0.1"), "record route to the router itself: the port is closed"),
      pkt("eth0", opt(b"\x00\x99\x99\x99"), "end of list, rubbish behind it")],
     iptables=COUNT)

lsrr = b"\x83\x07\x04" + bytes([192, 0, 2, 2])
ssrr = b"\x89\x07\x04" + bytes([192, 0, 2, 2])
case("source-routes-are-refused-by-default",
     "With accept_source_route off, a packet with a source route is dropped after PREROUTING, whoever it is for.",
     [pkt("eth0", opt(lsrr, dst="10.0.0.1"), "loose, addressed to the router as a stop"),
      pkt("eth0", opt(ssrr, dst="10.0.0.1"), "strict"),
      pkt("eth0", opt(lsrr, dst=B), "loose, just passing")],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.conf.all.accept_source_route=0"])

case("source-routes-are-followed-when-all-and-interface-agree",
     "With accept_source_route on for all and the interface the router swaps the destination and records its own address.",
     [pkt("eth0", opt(lsrr, dst="10.0.0.1"), "loose: next stop 192.0.2.2"),
      pkt("eth0", opt(ssrr, dst="10.0.0.1"), "strict: next stop is a neighbour"),
      pkt("eth0", opt(b"\x89\x07\x04" + bytes([198, 51, 100, 7]), dst="10.0.0.1"), "strict: the next stop lies behind a gateway"),
      pkt("eth1", opt(b"\x83\x07\x04" + bytes([10, 0, 0, 2]), dst="192.0.2.1", src=B), "eth1 does not accept"),
      pkt("eth0", opt(lsrr, dst=B), "loose, just passing")],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.conf.all.accept_source_route=1 net.ipv4.conf.eth0.accept_source_route=1",
                            "sysctl -qw net.ipv4.conf.eth1.accept_source_route=0"])

MARTIANS = [
    pkt("eth0", udp("224.0.0.5", B), "multicast source"),
    pkt("eth0", udp("255.255.255.255", B), "broadcast source"),
    pkt("eth0", udp("0.0.0.0", B), "zero source"),
    pkt("eth0", udp("0.1.2.3", B), "source in 0/8: only 0.0.0.0 itself is martian today"),
    pkt("eth0", udp("127.0.0.1", B), "loopback source"),
    pkt("eth0", udp("10.0.0.1", B), "our own address as source"),
    pkt("eth0", udp("192.0.2.1", B), "our address on another interface as source"),
    pkt("eth0", udp("10.0.0.255", B), "a broadcast address of ours as source"),
    pkt("eth0", udp("240.0.0.1", B), "class E source"),
    pkt("eth0", udp(A, "0.0.0.0"), "zero destination"),
    pkt("eth0", udp(A, "0.9.9.9"), "destination in 0/8: the default route"),
    pkt("eth0", udp(A, "127.0.0.1"), "loopback destination"),
    pkt("eth0", udp(A, "240.0.0.1"), "class E destination follows the default route"),
    pkt("eth0", udp(A, "255.255.255.255"), "limited broadcast is for us"),
    pkt("eth0", udp("0.0.0.0", "255.255.255.255", 68, 67), "DHCP: zero source to limited broadcast is legal"),
    pkt("eth0", udp("0.0.0.0", "0.0.0.0"), "zero to zero is a broadcast"),
    pkt("eth0", udp("0.0.0.0", "10.0.0.1"), "zero source to our own address"),
    pkt("eth0", udp("127.0.0.1", "10.0.0.1"), "loopback source to our own address"),
]
case("martians", "Addresses that cannot be are dropped by input routing, each with its reason; class E and 0/8 (but 0.0.0.0) are ordinary today.",
     MARTIANS, iptables=COUNT)
case("martians-under-strict-rp-filter", "The same martians with rp_filter 1: own addresses and broadcasts fail as sources.",
     MARTIANS, iptables=COUNT, setup=["sysctl -qw net.ipv4.conf.all.rp_filter=1"])
case("martians-when-local-sources-are-accepted", "accept_local lets our own address pass as a source, with and without rp_filter.",
     MARTIANS[5:8] + [pkt("eth1", udp("192.0.2.1", A), "strict on eth1: own address"),
                      pkt("eth1", udp("10.0.0.1", A), "strict on eth1: own address of eth0"),
                      pkt("eth1", udp(A, "10.0.0.1"), "strict on eth1: neighbour of eth0")],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.conf.all.accept_local=1 net.ipv4.conf.eth1.rp_filter=1"])
case("martians-when-loopback-is-routed", "route_localnet on one interface lets 127/8 in there, as destination and as source.",
     [pkt("eth0", udp(A, "127.0.0.1", dport=99), "closed port on 127.0.0.1"),
      pkt("eth0", ping(A, "127.0.0.9"), "ping to 127.0.0.9"),
      pkt("eth0", udp("127.0.0.1", "10.0.0.1"), "127.0.0.1 is our own address as a source"),
      pkt("eth1", udp(B, "127.0.0.1"), "not on eth1"),
      pkt("eth0", udp(A, "127.0.0.1", dport=53), "open port")],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.conf.eth0.route_localnet=1"], listen=[("udp", "127.0.0.1", 53)])

case("frames-for-other-macs-and-group-macs",
     "A frame for another MAC is dropped before IP; unicast IP in a broadcast or multicast frame is delivered but never forwarded.",
     [pkt("eth0", udp(A, B), "for another MAC", dst="02:00:00:00:00:77"),
      pkt("eth0", udp(A, "10.0.0.1", dport=53), "unicast IP for us in a broadcast frame: delivered", dst="ff:ff:ff:ff:ff:ff"),
      pkt("eth0", udp(A, "10.0.0.1", dport=54), "the same to a closed port: no ICMP about a broadcast frame", dst="ff:ff:ff:ff:ff:ff"),
      pkt("eth0", udp(A, B), "unicast IP in a broadcast frame is not forwarded", dst="ff:ff:ff:ff:ff:ff"),
      pkt("eth0", udp(A, B), "nor in a multicast frame", dst="01:00:5e:00:00:01"),
      pkt("eth0", tcp(A, "10.0.0.1", dport=22), "TCP in a broadcast frame gets no reset", dst="ff:ff:ff:ff:ff:ff"),
      pkt("eth0", ping(A, "10.0.0.1"), "ping in a broadcast frame is answered", dst="ff:ff:ff:ff:ff:ff"),
      pkt("eth1", udp(B, "192.0.2.1", dport=53), "drop_unicast_in_l2_multicast is on for eth1", dst="ff:ff:ff:ff:ff:ff"),
      pkt("eth1", udp(B, "192.0.2.255", dport=53), "a real broadcast passes there", dst="ff:ff:ff:ff:ff:ff"),
      pkt("eth0", b"\x00" * 46, "an Ethernet type nobody handles", kind=0x88b5),
      pkt("eth0", b"\x00\x00\x08\x00" + bytes(udp(A, B)), "priority tag, VLAN 0: as if untagged", kind=0x8100),
      pkt("eth0", b"\x00\x07\x08\x00" + bytes(udp(A, B)), "VLAN 7, no such device", kind=0x8100)],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.conf.eth1.drop_unicast_in_l2_multicast=1"], listen=[("udp", "0.0.0.0", 53)])

# eth0 has a host route to 192.0.2.50 behind it; 198.51.100.0/24 has an unreachable hole; no default route
RPF_SETUP = ["ip route del default", "ip route add 198.51.100.0/25 via 203.0.113.9", "ip route add unreachable 198.51.100.128/25",
             "ip route add blackhole 100.64.0.0/10", "ip route add 172.16.0.0/16 nexthop via 192.0.2.9 nexthop via 203.0.113.9"]
RPF = [pkt("eth0", udp(A, W), "source on the link"),
       pkt("eth0", udp(B, W), "source lives behind eth1"),
       pkt("eth0", udp("198.51.100.7", B), "source lives behind eth2"),
       pkt("eth2", udp("198.51.100.7", B), "source comes from where it lives"),
       pkt("eth0", udp("9.9.9.9", B), "no route to the source"),
       pkt("eth0", udp("198.51.100.200", B), "unreachable route to the source"),
       pkt("eth0", udp("100.64.0.1", B), "blackhole for the source"),
       pkt("eth1", udp("172.16.0.1", W), "one of two next hops leads here"),
       pkt("eth2", udp("172.16.0.1", B), "the other one"),
       pkt("eth0", udp("172.16.0.1", B), "neither"),
       pkt("eth0", udp("10.0.0.255", B), "directed broadcast as source"),
       pkt("eth0", udp(B, "10.0.0.1", dport=9), "to ourselves, source behind eth1"),
       pkt("eth0", udp("9.9.9.9", "255.255.255.255"), "broadcast from an address without a route"),
       pkt("eth0", udp(B, "224.0.0.1"), "multicast, source behind eth1")]
for value, name, about in (
        (0, "rp-filter-off", "Without rp_filter only our own addresses fail as sources; a source without a route passes."),
        (1, "rp-filter-strict", "Strict: the way back must lead by the same interface; every next hop of a multipath route counts."),
        (2, "rp-filter-loose", "Loose: any unicast route to the source will do, but none, an unreachable one or a blackhole will not.")):
    case(name, about, RPF, iptables=COUNT, setup=RPF_SETUP + [f"sysctl -qw net.ipv4.conf.{d}.rp_filter={value}" for d in ("eth0", "eth1", "eth2")])
case("rp-filter-is-the-larger-of-all-and-interface",
     "all 0 with eth0 1 is strict; all 1 with eth1 2 is loose: the larger value wins, so all cannot weaken.",
     [pkt("eth0", udp(W, B), "all 1, eth0 0: strict"),
      pkt("eth1", udp(W, A), "all 1, eth1 2: loose"),
      pkt("eth1", udp("9.9.9.9", A), "loose is satisfied by the default route"),
      pkt("eth2", udp("9.9.9.9", A), "all 1, eth2 1: strict, by the default route")],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth1.rp_filter=2 net.ipv4.conf.eth2.rp_filter=1"])
case("rp-filter-asks-with-the-mark-only-when-told",
     "The reverse look-up ignores the packet's mark unless src_valid_mark is set: then a fwmark rule may explain the way back.",
     [pkt("eth0", udp(FAR, B), "marked 1, strict, src_valid_mark off: main says eth2"),
      pkt("eth1", udp(FAR, A), "marked 1, strict, src_valid_mark on eth1: table 7 says eth1"),
      pkt("eth1", udp("198.51.100.99", A, dport=1), "not marked: main says eth2")],
     iptables=table("mangle", f"PREROUTING -s {FAR} -j MARK --set-mark 1"),
     setup=["ip rule add fwmark 1 lookup 7", "ip route add default dev eth1 table 7", "ip route add 10.0.0.0/24 dev eth0 table 7",
            "ip route add 192.0.2.0/24 dev eth1 table 7",
            "sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth1.src_valid_mark=1"])
case("rp-filter-with-a-rule-for-the-source",
     "Policy rules apply to the reverse look-up: a prohibit rule for the source reads as no route, even in loose mode.",
     [pkt("eth0", udp("198.51.100.7", B), "loose, no rule"),
      pkt("eth0", udp("198.51.100.200", B), "loose, the way back to this source is prohibited by a rule"),
      pkt("eth1", udp("198.51.100.200", A), "rp_filter 0 on eth1: passes")],
     iptables=COUNT, setup=["ip rule add to 198.51.100.128/25 prohibit", "sysctl -qw net.ipv4.conf.eth0.rp_filter=2"])

C, D, E = "10.0.0.3", "10.0.0.9", "10.0.0.50"       # more neighbours on eth0
ERRORS = [pkt("eth0", udp(A, "172.16.1.1"), "unreachable"), pkt("eth0", udp(A, "172.16.2.1"), "prohibit"),
          pkt("eth0", udp(A, "172.16.3.1"), "blackhole"), pkt("eth0", udp(A, "172.16.4.1"), "throw in main: no other table has it"),
          pkt("eth0", udp(A, "9.9.9.9"), "no route at all"), pkt("eth0", ping(C, "172.16.1.1"), "ping, unreachable"),
          pkt("eth0", ping(C, "172.16.1.1", type=0), "echo reply, unreachable: an ICMP answer may be answered"),
          pkt("eth0", udp(C, "172.16.1.1", ttl=1), "unreachable and TTL 1: routing is asked first"),
          pkt("eth0", udp(C, "172.16.1.1", frag=10), "a later fragment gets no error"),
          pkt("eth0", ip(D, "172.16.1.1", proto=1) / Raw(b"\x03\x03\xfc\xfc" + b"\0" * 4), "an ICMP error gets no error"),
          pkt("eth0", udp(D, "172.16.1.1", tos=0x10), "the error keeps the TOS and adds precedence 6"),
          pkt("eth0", udp(D, "172.16.1.1", data=b"y" * 900), "the error quotes up to 576 bytes in all")]
SETUP_ERRORS = ["ip route del default", "ip route add unreachable 172.16.1.0/24", "ip route add prohibit 172.16.2.0/24",
                "ip route add blackhole 172.16.3.0/24", "ip route add throw 172.16.4.0/24"]
case("error-routes-answer-each-in-its-way",
     "unreachable 3/1, prohibit 3/13, no route 3/0, blackhole silence; decided before TTL and FORWARD.",
     ERRORS, iptables=COUNT, setup=SETUP_ERRORS)
case("error-routes-without-forwarding-are-silent",
     "With forwarding off nothing is answered, and the reason is an address error rather than a missing route.",
     ERRORS[:5], iptables=COUNT, setup=SETUP_ERRORS, forward=False)
case("error-routes-answer-five-times-and-then-one-a-second",
     "Errors of the routing table come from a bucket of five tokens for each source address, refilled by one a second.",
     [pkt("eth0", udp(A, "172.16.1.1", dport=n), f"{n}") for n in range(1, 6)]
     + [pkt("eth0", udp(A, "172.16.1.1", dport=6), "the bucket is empty"),
        pkt("eth0", udp(C, "172.16.1.1", dport=7), "another source has a bucket of its own"),
        pkt("eth0", udp(A, "172.16.2.1", dport=8), "another kind of error: the same bucket"),
        pkt("eth0", udp(A, B, ttl=1), "time exceeded does not come from it"),
        pkt("eth0", udp(A, "172.16.1.1", dport=9), "after 1.2 seconds one token is back", sleep=1.2),
        pkt("eth0", udp(A, "172.16.1.1", dport=10), "and gone")],
     iptables=COUNT, setup=SETUP_ERRORS)
BOTH = [pkt("eth0", udp(A, "172.16.1.1", dport=1), "unreachable: one token of five"),
        pkt("eth0", udp(A, "10.0.0.1", dport=9), "closed port: its error looks into the same bucket", sleep=0.02),
        pkt("eth0", udp(A, "172.16.1.1", dport=2), "unreachable", sleep=0.02),
        pkt("eth0", udp(A, "172.16.1.1", dport=3), "unreachable"),
        pkt("eth0", udp(A, B, ttl=1), "time exceeded", sleep=0.02), pkt("eth0", udp(A, "172.16.1.1", dport=4), "unreachable", sleep=0.02),
        pkt("eth0", udp(C, "172.16.1.1", dport=5), "another source")]
case("icmp-errors-and-error-routes-share-a-bucket-limit-0",
     "icmp_ratelimit 0 lets every ICMP error out, but each empties the source's bucket, on which error routes live too.",
     BOTH, iptables=COUNT, setup=SETUP_ERRORS + ["sysctl -qw net.ipv4.icmp_ratemask=6168"])
case("icmp-errors-and-error-routes-share-a-bucket-limit-1000",
     "With the default limit every error costs a second of the one bucket: an error route pays twice, once as route, once as ICMP.",
     BOTH, iptables=COUNT, setup=SETUP_ERRORS + ["sysctl -qw net.ipv4.icmp_ratemask=6168 net.ipv4.icmp_ratelimit=1000"])
case("forwarding-is-a-matter-of-the-input-interface",
     "ip_forward set, then forwarding cleared on eth0: what comes in there is not forwarded, what goes out there is.",
     [pkt("eth0", udp(A, B), "in by eth0"), pkt("eth1", udp(B, A), "out by eth0"), pkt("eth0", udp(A, "10.0.0.1", dport=9), "local as ever"),
      pkt("eth0", udp(A, "10.0.0.77"), "back out of eth0")],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.conf.eth0.forwarding=0"])

big = b"x" * 1200
case("ttl-then-mtu-then-forward-chain",
     "TTL 1 is answered with 11/0 before the MTU is looked at, MTU with 3/4 before FORWARD; both quote the packet as it came.",
     [pkt("eth0", udp(A, B, ttl=1), "TTL 1"), pkt("eth0", udp(A, B, ttl=0), "TTL 0"), pkt("eth0", udp(A, B, ttl=2), "TTL 2"),
      pkt("eth0", udp(A, B, data=big, ttl=1, flags="DF"), "TTL 1, too large, DF"),
      pkt("eth0", udp(A, B, data=big, flags="DF"), "too large, DF"),
      pkt("eth0", udp(A, B, data=big), "too large, may be cut"),
      pkt("eth0", udp(A, B, data=b"x" * 972, flags="DF"), "exactly the MTU"),
      pkt("eth0", udp(A, B, data=b"x" * 973, flags="DF"), "one byte more"),
      pkt("eth0", udp(A, "10.0.0.1", ttl=1, dport=9), "TTL 1 for ourselves is fine"),
      pkt("eth0", udp(A, "224.1.2.3", ttl=1), "TTL 1, multicast"),
      pkt("eth0", tcp(A, B, flags="A", data=big, options=[("NOP", None), ("NOP", None)], ttl=9), "TCP, may be cut: the pieces keep the id")],
     iptables=COUNT, mtu={"eth1": 1000})
case("route-mtu-and-its-lock",
     "A route's mtu metric bounds forwarded packets; without it the device decides.",
     [pkt("eth0", udp(A, "198.51.100.1", data=big, flags="DF"), "route mtu 1000, DF"),
      pkt("eth0", udp(A, "198.51.100.1", data=big), "route mtu 1000, may be cut"),
      pkt("eth0", udp(A, "198.51.101.1", data=big, flags="DF"), "route mtu lock 1000, DF"),
      pkt("eth0", udp(A, "198.51.102.1", data=big, flags="DF"), "no route mtu"),
      pkt("eth0", udp(A, "198.51.103.1", data=b"x" * 1472, flags="DF"), "route mtu 1600 above the device's")],
     iptables=COUNT, setup=["ip route add 198.51.100.0/24 via 203.0.113.9 mtu 1000", "ip route add 198.51.101.0/24 via 203.0.113.9 mtu lock 1000",
                            "ip route add 198.51.102.0/24 via 203.0.113.9", "ip route add 198.51.103.0/24 via 203.0.113.9 mtu 1600"])

S = "198.51.100."
case("policy-rules-by-interface-source-mark-and-tos",
     "Rules are asked in ascending order; the first table that has a route wins, an empty table means: go on.",
     [pkt("eth0", udp(A, S + "1"), "from 10.0.0.2: table 11 says eth1"),
      pkt("eth0", udp(C, S + "1"), "no rule: default by eth2"),
      pkt("eth1", udp(B, S + "1"), "iif eth1: table 12 says eth0"),
      pkt("eth0", udp(D, S + "1", dport=7777), "mark 0x15 under mask 0xf is 5: table 11"),
      pkt("eth0", udp(D, S + "1", dport=7778), "mark 0x16 under mask 0xf is 6: default"),
      pkt("eth0", udp(E, S + "1", tos=0x10), "tos 0x10: table 11"),
      pkt("eth0", udp(E, S + "1", tos=0x14), "tos 0x14 is another value"),
      pkt("eth0", udp(E, S + "1", tos=0x11), "ECN bits do not count"),
      pkt("eth0", udp(A, "10.0.0.1", dport=9), "to ourselves: table local comes first"),
      pkt("eth0", udp(A, S + "9"), "table 11 has an unreachable route for it: end of search")],
     iptables=table("mangle", "PREROUTING -p udp --dport 7777 -j MARK --set-mark 0x15", "PREROUTING -p udp --dport 7778 -j MARK --set-mark 0x16"),
     setup=["ip route add default via 192.0.2.9 table 11", "ip route add unreachable 198.51.100.9 table 11",
            "ip route add default via 10.0.0.9 table 12", "ip rule add prio 50 from 10.0.0.2 to 198.51.100.0/24 lookup 99",
            "ip rule add prio 100 from 10.0.0.2 to 198.51.100.0/24 lookup 11", "ip rule add prio 110 iif eth1 lookup 12",
            "ip rule add prio 120 fwmark 5/0xf lookup 11", "ip rule add prio 130 tos 0x10 lookup 11"])
case("policy-rules-by-protocol-and-port",
     "ipproto, sport and dport look into the packet, also inside PREROUTING's translated ports; fragments have none.",
     [pkt("eth0", tcp(A, S + "1", dport=22), "tcp 22"), pkt("eth0", udp(A, S + "1", dport=22), "udp 22"),
      pkt("eth0", udp(A, S + "1", sport=5001), "udp from 5000-5009"), pkt("eth0", udp(A, S + "1", sport=5010), "one beyond"),
      pkt("eth0", ping(A, S + "1"), "icmp"), pkt("eth0", tcp(A, S + "1", dport=22, frag=5), "a later fragment: no port"),
      pkt("eth0", tcp(A, S + "1", dport=22, ipflags="MF"), "a first fragment")],
     iptables=COUNT,
     setup=["ip route add default via 192.0.2.9 table 11", "ip route add default via 10.0.0.9 table 12",
            "ip rule add prio 100 ipproto tcp dport 22 lookup 11", "ip rule add prio 110 ipproto udp sport 5000-5009 lookup 11",
            "ip rule add prio 120 ipproto icmp lookup 12"])
case("policy-rules-goto-not-nop-and-suppress",
     "goto jumps forward, a missing target is skipped, not inverts all of a rule, suppress_prefixlength lets a short route pass by.",
     [pkt("eth0", udp(A, S + "1"), "suppress 0: the default of main does not count; later rule: table 11"),
      pkt("eth0", udp(A, B), "a /24 of main does count"),
      pkt("eth0", udp(C, S + "1"), "goto 300 leaves out the rest: default of main"),
      pkt("eth1", udp(B, S + "1"), "goto to a rule that is not there: go on; then not from 10/8: table 12"),
      pkt("eth0", udp(D, S + "77"), "suppress_ifgroup: the route leads into group 5, so it does not count")],
     iptables=COUNT,
     setup=["ip link set eth2 group 5", "ip route add default via 192.0.2.9 table 11", "ip route add default via 10.0.0.9 table 12",
            "ip route add 198.51.100.77 via 203.0.113.3 table 13",
            "ip rule add prio 50 from 10.0.0.3 goto 300", "ip rule add prio 60 iif eth1 goto 250", "ip rule add prio 70 lookup 13 suppress_ifgroup 5",
            "ip rule add prio 100 lookup main suppress_prefixlength 0", "ip rule add prio 120 not from 10.0.0.0/8 lookup 12",
            "ip rule add prio 130 from 10.0.0.0/8 to 198.51.100.0/24 lookup 11", "ip rule add prio 300 lookup main"])
case("policy-rules-prohibit-unreachable-blackhole",
     "A rule may itself be the answer: prohibit 3/13, unreachable 3/0 (not 3/1 as for the route), blackhole nothing.",
     [pkt("eth0", udp(A, S + "1"), "prohibit"), pkt("eth0", udp(C, S + "1"), "unreachable"), pkt("eth0", udp(D, S + "1"), "blackhole"),
      pkt("eth0", udp(E, S + "1"), "no rule"), pkt("eth0", udp(A, "10.0.0.1", dport=9), "to ourselves: local comes first; the error has to be routed: from us"),
      pkt("eth0", udp(A, B, ttl=1), "time exceeded to a source whose own packets are prohibited")],
     iptables=COUNT, setup=["ip rule add prio 100 from 10.0.0.2 to 198.51.100.0/24 prohibit", "ip rule add prio 101 from 10.0.0.3 unreachable",
                            "ip rule add prio 102 from 10.0.0.9 blackhole"])
case("policy-rules-for-what-the-router-says-itself",
     "Locally generated packets match iif lo, never iif eth0; an ICMP error carries no mark unless fwmark_reflect is set.",
     [pkt("eth0", udp(S + "5", "10.0.0.1", dport=9), "closed port: the error to 198.51.100.5 goes by iif lo: eth1"),
      pkt("eth0", ping(S + "5", "10.0.0.1"), "so does the echo reply"),
      pkt("eth0", tcp(S + "5", "10.0.0.1", dport=9), "and the reset"),
      pkt("eth0", udp(S + "5", B, ttl=1), "time exceeded"),
      pkt("eth0", udp(S + "5", B), "a forwarded packet to 192.0.2.2")],
     iptables=COUNT, setup=["ip route add default via 192.0.2.9 table 11", "ip rule add prio 100 iif lo lookup 11",
                            "ip route add default via 10.0.0.9 table 12", "ip rule add prio 90 iif eth0 to 198.51.100.0/24 lookup 12"])
for reflect in (0, 1):
    case(f"fwmark-reflect-{'on' if reflect else 'off'}",
         "With fwmark_reflect the answer carries the mark of the question, and is routed by it." if reflect else
         "Without fwmark_reflect the router's answers carry no mark, so a fwmark rule does not touch them.",
         [pkt("eth0", udp(S + "5", "10.0.0.1", dport=9), "closed port, marked 1"),
          pkt("eth0", ping(S + "5", "10.0.0.1"), "ping, marked 1"),
          pkt("eth0", tcp(S + "5", "10.0.0.1", dport=9), "closed TCP port, marked 1"),
          pkt("eth0", udp(S + "5", B, ttl=1), "TTL 1, marked 1")],
         iptables=table("mangle", "PREROUTING -i eth0 -j MARK --set-mark 1", "OUTPUT -m mark --mark 1", "OUTPUT -m mark --mark 0"),
         setup=[f"sysctl -qw net.ipv4.fwmark_reflect={reflect}", "ip route add default via 192.0.2.9 table 11", "ip rule add fwmark 1 lookup 11"])

case("local-and-main-are-one-table-until-a-rule-is-added",
     "Without rules of one's own the longest prefix of local and main together wins: a /25 in main beats a local /24.",
     [pkt("eth0", udp(A, "10.7.0.1", dport=9), "local /24 only"), pkt("eth0", udp(A, "10.7.0.200", dport=9), "main has a /25 for it"),
      pkt("eth0", udp(A, "10.7.1.1", dport=9), "local /24 and main /24: local first")],
     iptables=COUNT, setup=["ip route add local 10.7.0.0/24 dev lo table local", "ip route add 10.7.0.128/25 via 192.0.2.9",
                            "ip route add local 10.7.1.0/24 dev lo table local", "ip route add 10.7.1.0/24 via 192.0.2.9"])
case("local-comes-first-once-a-rule-is-added",
     "The first custom rule, whatever it says, parts the tables: local is searched first, and its /24 beats the /25 of main.",
     [pkt("eth0", udp(A, "10.7.0.1", dport=9), "local /24"), pkt("eth0", udp(A, "10.7.0.200", dport=9), "local /24 although main has a /25"),
      pkt("eth0", udp(A, "10.7.1.1", dport=9), "local")],
     iptables=COUNT, setup=["ip route add local 10.7.0.0/24 dev lo table local", "ip route add 10.7.0.128/25 via 192.0.2.9",
                            "ip route add local 10.7.1.0/24 dev lo table local", "ip route add 10.7.1.0/24 via 192.0.2.9",
                            "ip rule add prio 20000 from 1.2.3.4 lookup main"])
case("routes-with-metric-tos-and-equal-prefix",
     "Among routes of one prefix tos comes first, then the metric; a dead lower metric is not asked for its neighbour.",
     [pkt("eth0", udp(A, S + "1"), "metric 10 before metric 20"), pkt("eth0", udp(A, S + "1", tos=0x08), "route with tos 0x08"),
      pkt("eth0", udp(A, S + "1", tos=0x10), "no route for this tos: the one without"),
      pkt("eth0", udp(A, S + "130"), "the /25 before the /24"), pkt("eth0", udp(A, "9.9.9.9"), "two defaults: metric 0 wins")],
     iptables=COUNT, setup=["ip route add 198.51.100.0/24 via 192.0.2.9 metric 20", "ip route add 198.51.100.0/24 via 203.0.113.9 metric 10",
                            "ip route add 198.51.100.0/24 tos 0x08 via 192.0.2.3 metric 30", "ip route add 198.51.100.128/25 via 203.0.113.3",
                            "ip route add default via 192.0.2.9 metric 50"])
case("source-of-errors-with-secondary-addresses-and-src",
     "An error comes from the address the route to the offender prefers: its src, else the first address of the same subnet.",
     [pkt("eth0", udp(A, B, ttl=1), "first primary of eth0"), pkt("eth0", udp("10.5.0.2", B, ttl=1), "second subnet on eth0"),
      pkt("eth0", udp(S + "5", B, ttl=1), "route with src 10.9.9.9"), pkt("eth0", udp("172.16.0.1", B, ttl=1), "by a gateway in the second subnet"),
      pkt("eth0", udp("172.17.0.1", B, ttl=1), "the error leaves by another interface than the packet came"),
      pkt("eth0", udp(A, "10.0.0.4", dport=9), "to a secondary address: the error comes from it"),
      pkt("eth0", tcp(A, "10.0.0.4", dport=9), "and the reset"), pkt("eth1", udp(B, "10.0.0.4", dport=9), "asked on another interface")],
     iptables=COUNT, neighbours=[("eth0", "10.5.0.2"), ("eth0", "10.5.0.9")],
     setup=["ip addr add 10.0.0.4/24 dev eth0", "ip addr add 10.5.0.1/24 dev eth0", "ip addr add 10.9.9.9/32 dev lo",
            "ip route add 198.51.100.0/24 via 10.0.0.9 src 10.9.9.9", "ip route add 172.16.0.0/16 via 10.5.0.9",
            "ip route add 172.17.0.0/16 via 192.0.2.9"])
case("icmp-errors-from-the-inbound-address",
     "icmp_errors_use_inbound_ifaddr: errors come from the interface the packet came in by, not from the one the error leaves by.",
     [pkt("eth0", udp("172.17.0.1", B, ttl=1), "came by eth0, the error leaves by eth1"), pkt("eth0", udp(A, "10.9.9.1", ttl=1), "no route for it"),
      pkt("eth0", udp("172.17.0.1", "10.0.0.1", dport=9), "to ourselves: from the address that was asked")],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.icmp_errors_use_inbound_ifaddr=1", "ip route add 172.17.0.0/16 via 192.0.2.9",
                            "ip route add prohibit 10.9.9.0/24"])
case("point-to-point-slash-31-slash-32-and-onlink",
     "/31 has no broadcast address, /32 with a peer makes a host route, and an onlink gateway need not be reachable by itself.",
     [pkt("eth0", udp("10.0.0.1", "10.0.0.0", dport=9), "/31: the other end asks us; 10.0.0.0 is an ordinary address"),
      pkt("eth1", udp("192.0.2.77", "203.0.113.5"), "unnumbered: by the onlink gateway"),
      pkt("eth0", udp("10.0.0.1", "192.0.2.77"), "to the peer of a /32"),
      pkt("eth0", udp("10.0.0.1", "192.0.2.78"), "beside it: no route"),
      pkt("eth0", udp("10.0.0.1", "192.0.2.1", dport=9), "our /32"),
      pkt("eth0", udp("10.0.0.1", "198.51.100.1"), "a route by device alone: the destination is its own next hop")],
     iptables=COUNT, base=False, ports=3,
     setup=["ip addr add 10.0.0.0/31 dev eth0", "ip addr add 192.0.2.1 peer 192.0.2.77 dev eth1",
            "ip route add 203.0.113.0/24 via 10.99.99.99 dev eth2 onlink", "ip route add 198.51.100.0/24 dev eth2 scope link"],
     neighbours=[("eth0", "10.0.0.1"), ("eth1", "192.0.2.77"), ("eth2", "10.99.99.99"), ("eth2", "198.51.100.1")])
case("unknown-neighbour-absorbs-and-asks",
     "A packet for a neighbour without an entry waits; an ARP request leaves in its place, with the address of the route's source.",
     [pkt("eth0", udp(A, "192.0.2.200"), "first packet: who has 192.0.2.200?"), pkt("eth0", udp(A, "192.0.2.200", dport=2), "second: waits as well"),
      pkt("eth0", udp(A, "198.51.100.1"), "an unknown gateway is asked for, not the destination"),
      pkt("eth1", bytes.fromhex("0001080006040002" + "020000000102" + "c00002c8" + "020000000101" + "c0000201"), "the answer: both leave", kind=0x0806),
      pkt("eth0", udp(A, "192.0.2.200", dport=3), "known now")],
     iptables=COUNT, setup=["ip route add 198.51.100.0/24 via 203.0.113.201"])
case("arp-is-answered-for-our-own-addresses",
     "With arp_ignore 0 any address of ours is answered for on any interface; not others, unless proxy_arp routes elsewhere.",
     [pkt("eth0", bytes.fromhex("0001080006040001" + "020000000002" + "0a000002" + "000000000000" + t), note, dst="ff:ff:ff:ff:ff:ff", kind=0x0806)
      for t, note in (("0a000001", "our address here"), ("c0000201", "our address on eth1"), ("0a000063", "somebody else's"))]
     + [pkt("eth0", bytes.fromhex("0001080006040001" + "020000000002" + "c6336401" + "000000000000" + "0a000001"), "asked by a stranger: source has a route elsewhere",
            dst="ff:ff:ff:ff:ff:ff", kind=0x0806),
        pkt("eth0", bytes.fromhex("0001080006040001" + "020000000002" + "00000000" + "000000000000" + "0a000001"), "duplicate address detection: source 0.0.0.0",
            dst="ff:ff:ff:ff:ff:ff", kind=0x0806)])
for policy, name, about in ((0, "l3", "L3: source and destination; an ICMP error goes with the flow it quotes."), (1, "l4", "L4: ports too; an ICMP error is hashed by its own outer header."),
                            (2, "inner-l3", "Policy 2 looks into tunnels, and takes outer addresses where there is none."), (3, "chosen-fields", "Policy 3 hashes the fields of fib_multipath_hash_fields: here source, protocol and destination port.")):
    flow = [pkt("eth0", udp(A, f"198.51.100.{n}", sport=1000 + n), f"destination .{n}") for n in (1, 2, 3, 4, 5, 6)]
    flow += [pkt("eth0", udp(A, "198.51.100.1", sport=p), f"destination .1 from port {p}") for p in (7, 8, 9, 10)]
    flow += [pkt("eth0", tcp(A, "198.51.100.1", sport=1001), "tcp"), pkt("eth0", ping(A, "198.51.100.1"), "ping"),
             pkt("eth0", udp(A, "198.51.100.1", sport=7, frag=9), "a later fragment has no ports"),
             pkt("eth0", udp(A, "198.51.100.1", sport=7, tos=0x20), "another TOS")]
    flow += [pkt("eth0", quote(A, f"198.51.100.{n}", udp(f"198.51.100.{n}", "10.0.0.3", sport=n, dport=77)), f"an error about a flow of .{n}")
             for n in (1, 2, 3)]
    flow += [pkt("eth0", ip(A, "198.51.100.1") / udp(f"1.1.1.{n}", "2.2.2.2"), f"a tunnel: 1.1.1.{n} inside") for n in (1, 2, 3)]
    case(f"multipath-by-{name}-hash-with-a-seed", about, flow, iptables=COUNT,
         setup=["sysctl -qw net.ipv4.fib_multipath_hash_fields=0x25", f"sysctl -qw net.ipv4.fib_multipath_hash_policy={policy}", "sysctl -qw net.ipv4.fib_multipath_hash_seed=12345",
                "ip route add 198.51.100.0/24 nexthop via 192.0.2.9 weight 2 nexthop via 203.0.113.9 weight 3"])
case("redirect-when-leaving-by-the-way-in", "A packet that leaves by the interface it came in by is forwarded, and its source told of the better gateway if it is a neighbour.",
     [pkt("eth0", udp(A, "198.51.100.1"), "by a gateway on the same network: redirect to it"), pkt("eth0", udp("10.9.9.9", "198.51.100.1"), "source is no neighbour: no redirect"), pkt("eth0", udp(A, "10.0.0.50"), "a neighbour of the source itself"),
      pkt("eth1", udp(B, "198.51.100.1"), "from another interface")], iptables=COUNT, redirects=True, setup=["ip route add 198.51.100.0/24 via 10.0.0.9", "ip route add 10.9.0.0/16 via 10.0.0.3"])

# SPDX-License-Identifier: MIT
"""What the host says by itself: a listener's segments, IP options in answers, broadcasts of its own, nexthops by hash."""
from cases_routing import opt
from recipes import COUNT, IP, Raw, case, checksum, ip, pieces, ping, pkt, reply, table, tcp, udp

A, B, US = "10.0.0.2", "192.0.2.2", "10.0.0.1"
LISTEN = [("tcp", "0.0.0.0", 22)]
SEEN = table("filter", *[f"{c} -m conntrack --ctstate {s}" for c in ("INPUT", "OUTPUT") for s in ("INVALID", "NEW", "ESTABLISHED", "RELATED")])

case("half-open-connections-of-a-listener",
     "A connection of which only the SYN was seen answers what does not fit with an ACK, at most twice a second; a reset ends it.",
     [pkt("eth0", tcp(A, US, dport=22), "SYN"), pkt("eth0", tcp(A, US, dport=22), "the SYN again: the SYN/ACK again"),
      pkt("eth0", tcp(A, US, dport=22), "and again: too soon"), pkt("eth0", tcp(A, US, dport=22, flags="", seq=1001), "no ACK flag"),
      pkt("eth0", tcp(A, US, 4001, 22), "another SYN"), pkt("eth0", tcp(A, US, 4001, 22, "R", 900), "reset out of the window"),
      pkt("eth0", tcp(A, US, 4001, 22, "R", 1001), "reset in the window"), pkt("eth0", tcp(A, US, 4001, 22, "A", 1001, 77), "the listener knows nothing of it"),
      pkt("eth0", tcp(A, US, 4002, 22), "a third SYN"), reply(9, "ACK in order", flags="A", seq=1001), reply(9, "data that came before the window", flags="PA", seq=400, payload="6869"),
      pkt("eth0", tcp(A, US, dport=22, flags="R", seq=1001), "reset of the first one, so that its timer stops")],
     iptables=SEEN, listen=LISTEN)

case("segments-of-an-open-connection",
     "Data is acknowledged at once and passes OUTPUT; old data, a SYN and a reset that is not next are answered with an ACK and dropped with a reason of their own.",
     [pkt("eth0", tcp(A, US, dport=22), "SYN"), reply(1, "ACK", flags="A", seq=1001), reply(1, "data", flags="PA", seq=1001, payload="68656c6c6f"),
      reply(1, "the same data", flags="PA", seq=1001, payload="68656c6c6f"), reply(1, "data behind a gap", flags="PA", seq=1010, payload="6869"),
      reply(1, "a SYN within", flags="S", seq=1006), reply(1, "reset within the window", flags="R", seq=1008),
      reply(1, "far beyond the window", flags="PA", seq=200000, payload="78"), reply(1, "reset in order", flags="R", seq=1006),
      reply(1, "after the reset", flags="A", seq=1006)],
     iptables=COUNT, listen=LISTEN)

case("the-syn-ack-is-dropped-in-output",
     "A rule of OUTPUT drops the SYN/ACK; conntrack has seen it before and waits for the ACK.",
     [pkt("eth0", tcp(A, US, dport=22), "SYN"), pkt("eth0", tcp(A, US, 4001, 22, options=[("SAckOK", b""), ("Timestamp", (7, 0)), ("WScale", 7)]), "with options")],
     iptables=table("filter", "OUTPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j DROP", "INPUT -m conntrack --ctstate NEW"), listen=LISTEN)

case("redirect-to-a-listener-and-back",
     "A redirected SYN is answered by the listener; the SYN/ACK leaves with the address and port the client asked for.",
     [pkt("eth0", tcp(A, "198.51.100.7", dport=2222), "SYN to a far host"), reply(1, "ACK", flags="A", seq=1001), reply(1, "data", flags="PA", seq=1001, payload="6869")],
     iptables=table("nat", "PREROUTING -i eth0 -p tcp -m tcp --dport 2222 -j REDIRECT --to-ports 22"), listen=LISTEN)

ROUTES = "sysctl -qw net.ipv4.conf.all.accept_source_route=1 net.ipv4.conf.eth0.accept_source_route=1"


def question(raw):
    """An echo request with these options."""
    raw += b"\0" * (-len(raw) % 4)
    body = bytes(ping(A, US))[20:]
    p = bytearray(bytes(IP(src=A, dst=US, proto=1, ttl=64, id=0x78))[:20])
    p[0] = 0x40 | (5 + len(raw) // 4)
    p[2:4] = (20 + len(raw) + len(body)).to_bytes(2, "big")
    return checksum(bytes(p) + raw) + body


case("answers-echo-ip-options",
     "Record Route and source routes come back in the answer, the rest does not; a source route comes back reversed.",
     [pkt("eth0", question(b"\x01\x01\x01\x01"), "no-operations"), pkt("eth0", question(b"\x94\x04\0\0"), "router alert"),
      pkt("eth0", question(b"\x07\x07\x04" + b"\0" * 4), "record route, one slot"), pkt("eth0", question(b"\x07\x0b\x04" + b"\0" * 8), "record route, two slots"),
      pkt("eth0", question(b"\x07\x0f\x08" + bytes([9, 9, 9, 9]) + b"\0" * 8), "record route, three slots, one used"),
      pkt("eth0", question(b"\x83\x0b\x0c" + bytes([10, 0, 0, 9, 10, 0, 0, 3])), "came by two hops"),
      pkt("eth0", question(b"\x83\x0b\x0c" + bytes([10, 0, 0, 2, 10, 0, 0, 3])), "the sender named itself first"),
      pkt("eth0", question(b"\x83\x07\x08" + bytes([10, 0, 0, 2])), "only the sender itself"),
      pkt("eth0", opt(b"\x07\x0b\x04" + b"\0" * 8, dst=US), "the ICMP error about it as well"),
      pkt("eth0", opt(b"\x83\x0b\x0c" + bytes([10, 0, 0, 9, 10, 0, 0, 3]), dst=US), "an error goes back by the hops"),
      pkt("eth0", opt(b"\x07\x07\x04" + b"\0" * 4, ttl=1), "a router on the way echoes too")],
     iptables=COUNT, setup=[ROUTES])

case("source-routes-with-more-than-one-stop",
     "Stops that are this host's own are passed at once; the option's pointer and the recorded addresses say so.",
     [pkt("eth0", opt(b"\x83\x0b\x04" + bytes([192, 0, 2, 1, 192, 0, 2, 2]), dst=US), "the first stop is ours too"),
      pkt("eth0", opt(b"\x83\x0b\x04" + bytes([192, 0, 2, 2, 192, 0, 2, 3]), dst=US), "two stops to go"),
      pkt("eth0", opt(b"\x83\x07\x08" + bytes([192, 0, 2, 2]), dst=US), "no stop left: it is for us"),
      pkt("eth0", opt(b"\x83\x07\x04" + bytes([192, 0, 2, 1]), dst=US), "the last stop is ours"),
      pkt("eth0", opt(b"\x83\x07\x04" + bytes([203, 0, 113, 77]), dst=US), "a stop that does not answer ARP"),
      pkt("eth0", opt(b"\x83\x06\x04" + bytes([192, 0, 2]), dst=US), "half an address"),
      pkt("eth0", opt(b"\x83\x07\x04" + bytes([127, 0, 0, 5]), dst=US), "a martian as a stop"),
      pkt("eth0", opt(b"\x89\x07\x04" + bytes([192, 0, 2, 2]), dst="192.0.2.3"), "strict, and not for us yet"),
      pkt("eth0", opt(b"\x83\x07\x04" + bytes([192, 0, 2, 2]) + b"\x07\x07\x04\0\0\0\0", dst=US), "with record route")],
     iptables=COUNT, setup=[ROUTES])

case("errors-to-broadcast-sources-come-back",
     "A packet from the broadcast address makes the router answer to all: the copy comes in again by INPUT.",
     [pkt("eth0", udp("10.0.0.255", US, dport=9), "closed port"), pkt("eth0", ping("10.0.0.255", US), "echo request"), pkt("eth0", tcp("10.0.0.255", US, dport=9), "SYN to a closed port")],
     iptables=COUNT)

case("redirects-off-shared-media-need-a-common-subnet",
     "With shared_media off a redirect is sent only when source and gateway lie in one subnet of the device.",
     [pkt("eth0", udp(A, "198.51.100.7"), "the gateway is on the sender's subnet"), pkt("eth0", udp("10.0.9.2", "198.51.100.7"), "the sender is on no subnet of ours"), pkt("eth0", udp(A, "198.18.0.7"), "the gateway is on another subnet")],
     iptables=COUNT, redirects=True, neighbours=[("eth0", "10.0.5.9")],
     setup=["sysctl -qw net.ipv4.conf.all.shared_media=0 net.ipv4.conf.eth0.shared_media=0", "ip route add 198.51.100.0/24 via 10.0.0.9", "ip addr add 10.0.5.1/24 dev eth0", "ip route add 198.18.0.0/24 via 10.0.5.9", "ip route add 10.0.9.0/24 dev eth0"])

case("the-way-back-is-looked-up-by-the-way-out",
     "A rule for an input interface counts for the way back too: a packet that leaves by eth0 is taken to be answered by eth0.",
     [pkt("eth0", udp(A, "198.51.100.7"), "leaves by where it came: no redirect, the way back has a gateway"), pkt("eth1", udp(B, "198.51.100.7"), "from elsewhere")],
     iptables=COUNT, redirects=True, setup=["ip route add default via 10.0.0.9 table 100", "ip rule add iif eth0 table 100", "ip rule add from 192.0.2.0/24 table 100"])


case("timers-repeat-and-give-up",
     "An unanswered SYN/ACK is repeated after one second and two more, an unanswered ARP request twice; then the waiting packet is answered with 3/1.",
     [pkt("eth0", tcp(A, US, dport=22), "SYN, never answered"), pkt("eth0", udp(A, "192.0.2.77"), "nobody has this address"),
      pkt("eth0", udp(A, B), "1.5 s later", sleep=1.5), pkt("eth0", udp(A, B), "3.5 s later: the neighbour failed", sleep=2.0),
      pkt("eth0", udp(A, "192.0.2.77"), "asked anew"), pkt("eth0", tcp(A, US, dport=22, flags="R", seq=1001), "the SYN is taken back"),
      pkt("eth0", udp(A, B), "quiet from here", sleep=4.0)],
     iptables=COUNT, listen=LISTEN)

whole = udp(A, US, dport=9, data=b"x" * 40)
case("fragments-time-out-after-thirty-seconds",
     "Only the host that reassembles for itself says that the rest did not come, and only when it has the first piece.",
     [pkt("eth0", pieces(whole, 24)[0], "first piece"), pkt("eth0", pieces(udp(A, US, dport=9, data=b"y" * 40), 24)[1], "a last piece without its first"),
      pkt("eth0", udp(A, B), "31 s later", sleep=31.0), pkt("eth0", pieces(whole, 24)[1], "the rest, too late")],
     iptables=COUNT)


def igmp(kind, group="0.0.0.0", spoil=0, extra=b""):
    raw = bytearray(bytes([kind, 0, 0, 0]) + bytes(int(x) for x in group.split(".")) + extra)
    total = sum(raw[i] << 8 | (raw[i + 1] if i + 1 < len(raw) else 0) for i in range(0, len(raw), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    raw[2:4] = ((~total & 0xFFFF) ^ spoil).to_bytes(2, "big")
    return bytes(raw)


ALL, GROUP = "01:00:5e:00:00:01", "01:00:5e:01:02:03"
case("igmp-messages-that-a-host-takes",
     "Queries are taken; what is sent to a group that was not joined, a wrong checksum, an impossible length and what only multicast routers understand are dropped.",
     [pkt("eth0", ip(A, "224.0.0.1", proto=2) / Raw(igmp(0x11)), "general query", dst=ALL),
      pkt("eth0", ip(A, "224.0.0.1", proto=2) / Raw(igmp(0x11, spoil=1)), "wrong checksum", dst=ALL),
      pkt("eth0", ip(A, "224.0.0.1", proto=2) / Raw(igmp(0x11)[:6]), "cut off", dst=ALL),
      pkt("eth0", ip(A, "224.0.0.1", proto=2) / Raw(igmp(0x11, extra=b"\0\0")), "query of 10 bytes", dst=ALL),
      pkt("eth0", ip(A, "224.0.0.1", proto=2) / Raw(igmp(0x11, extra=b"\0\0\0\0")), "query of version 3", dst=ALL),
      pkt("eth0", ip(A, "239.1.2.3", proto=2) / Raw(igmp(0x12, "239.1.2.3")), "report of version 1", dst=GROUP),
      pkt("eth0", ip(A, "239.1.2.3", proto=2) / Raw(igmp(0x16, "239.1.2.3")), "report of version 2", dst=GROUP),
      pkt("eth0", ip(A, US, proto=2) / Raw(igmp(0x16, "239.1.2.3")), "report by unicast"),
      pkt("eth0", ip(A, "224.0.0.2", proto=2) / Raw(igmp(0x17, "239.1.2.3")), "leave", dst="01:00:5e:00:00:02"),
      pkt("eth0", ip(A, "224.0.0.22", proto=2) / Raw(igmp(0x22, extra=b"\0\0\0\0")), "report of version 3", dst="01:00:5e:00:00:16"),
      pkt("eth0", ip(A, "224.0.0.1", proto=2) / Raw(igmp(0x42)), "no known type", dst=ALL)],
     iptables=COUNT)

case("answers-by-multipath-routes",
     "The router's own packets choose among nexthops by the hash of their flow; a nexthop whose source address they carry comes first.",
     [pkt("eth0", udp(f"198.51.100.{n}", US, sport=4000 + n, dport=9), f"the error to .{n}") for n in range(1, 9)] +
     [pkt("eth0", ping(f"198.51.100.{n}", a), f"echo to .{n} from {a}") for n, a in ((11, "192.0.2.1"), (12, "203.0.113.1"), (13, US))],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.fib_multipath_hash_policy=1 net.ipv4.fib_multipath_hash_seed=77",
                            "ip route add 198.51.100.0/24 nexthop via 192.0.2.9 dev eth1 nexthop via 203.0.113.9 dev eth2"])
case("errors-to-broadcast-sources-keep-their-connection", "An error to a broadcast source leaves by broadcast, and its copy comes back over the loopback device: it still belongs to the connection that the packet began, which nobody confirms.",
     [pkt("eth0", udp("10.0.0.255", "192.0.2.2", ttl=1), "expires"), pkt("eth0", udp("10.0.0.255", "192.0.2.2", dport=9), "rejected"), pkt("eth0", tcp("10.0.0.255", "10.0.0.1", dport=9), "no listener"), pkt("eth0", udp("10.0.0.2", "192.0.2.2"), "goes on")],
     iptables=table("filter", "FORWARD -p udp --dport 9 -j REJECT", "FORWARD -m conntrack --ctstate NEW", "INPUT -m conntrack --ctstate RELATED", "OUTPUT -m conntrack --ctstate RELATED"))

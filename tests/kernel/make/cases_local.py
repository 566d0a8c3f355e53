# SPDX-License-Identifier: MIT
"""Local delivery: sockets, broadcasts and multicast, echo, closed ports; REJECT in every kind."""
from recipes import COUNT, STATE, IP, TCP, UDP, Raw, case, ip, ping, pkt, quote, reply, table, tcp, udp

A, B, W, US = "10.0.0.2", "192.0.2.2", "203.0.113.2", "10.0.0.1"
BCAST = "ff:ff:ff:ff:ff:ff"
STATES = table("filter", *[f"{c} -m conntrack --ctstate {s}" for c in ("INPUT", "OUTPUT") for s in ("INVALID", "NEW", "ESTABLISHED", "RELATED")])

case("udp-sockets-by-address-and-port", "A socket on one address gets what is for that address, one on any address the rest; a wrong checksum is dropped silently, a closed port answers.",
     [pkt("eth0", udp(A, US, dport=53), "any address"), pkt("eth1", udp(B, "192.0.2.1", dport=53), "any address, other interface"), pkt("eth0", udp(A, US, dport=54), "open on 10.0.0.1"),
      pkt("eth1", udp(B, "192.0.2.1", dport=54), "open on 10.0.0.1 only: closed here"), pkt("eth1", udp(B, US, dport=54), "10.0.0.1 by eth1: open"), pkt("eth0", udp(A, US, dport=55), "open on 127.0.0.1 only"),
      pkt("eth0", ip(A, US) / UDP(sport=4000, dport=53, chksum=0x1234) / Raw(b"x"), "wrong checksum, open"), pkt("eth0", ip(A, US) / UDP(sport=4000, dport=99, chksum=0x1234) / Raw(b"x"), "wrong checksum, closed"),
      pkt("eth0", ip(A, US) / UDP(sport=4000, dport=53, len=50) / Raw(b"x"), "UDP length beyond the packet"), pkt("eth0", ip(A, US, proto=17) / Raw(b"\x0f\xa0\0\x35"), "4 bytes of UDP"),
      pkt("eth0", ip(A, US) / UDP(sport=4000, dport=53, len=9) / Raw(b"xyz"), "UDP length below the packet's: trailing bytes"), pkt("eth0", udp(A, US, dport=0), "port 0")],
     iptables=COUNT, listen=[("udp", "0.0.0.0", 53), ("udp", "10.0.0.1", 54), ("udp", "127.0.0.1", 55)])
case("tcp-listeners-and-closed-ports", "A SYN to a listener is answered, other first packets get a reset unless they are resets; a closed port resets with the numbers the RFC says.",
     [pkt("eth0", tcp(A, US, dport=22), "SYN to a listener"), pkt("eth0", tcp(A, US, 4001, 22, "A", 77, 88), "ACK to a listener: reset with seq 88"), pkt("eth0", tcp(A, US, 4002, 22, "R", 77), "RST to a listener: silence"),
      pkt("eth0", tcp(A, US, 4003, 22, "FA", 77, 88), "FIN to a listener"), pkt("eth0", tcp(A, US, 4004, 22, "SA", 77, 88), "SYN/ACK to a listener"), pkt("eth0", tcp(A, US, 4005, 22, "", 77), "no flags to a listener"),
      pkt("eth0", tcp(A, US, 4006, 99), "SYN to a closed port"), pkt("eth0", tcp(A, US, 4007, 99, "S", 1000, 0, b"abc"), "SYN with data to a closed port: the data is acknowledged"), pkt("eth0", tcp(A, US, 4008, 99, "A", 77, 88), "ACK to a closed port"),
      pkt("eth0", tcp(A, US, 4009, 99, "FPU", 77), "Xmas to a closed port"), pkt("eth0", tcp(A, US, 4010, 99, "R", 77), "RST to a closed port"), pkt("eth0", tcp(A, US, 4011, 99, "", 77), "no flags"),
      pkt("eth0", ip(A, US) / TCP(sport=4012, dport=99, flags="S", chksum=0x1234), "wrong checksum, closed port"), pkt("eth0", ip(A, US) / TCP(sport=4012, dport=22, flags="S", chksum=0x1234), "wrong checksum, listener"),
      pkt("eth0", ip(A, US) / TCP(sport=4013, dport=22, flags="S", dataofs=4), "data offset 16"), pkt("eth1", tcp(B, "192.0.2.1", 4000, 2222), "listener on 10.0.0.1 only"), pkt("eth0", tcp(A, US, 4014, 22, "SF", 5), "SYN and FIN"), pkt("eth0", tcp(A, US, 4015, 99, ttl=1, tos=0x10), "the reset has TOS and TTL of its own")],
     iptables=COUNT, listen=[("tcp", "0.0.0.0", 22), ("tcp", "10.0.0.1", 2222)])
case("tcp-handshake-with-a-local-listener", "The listener's own answers pass OUTPUT; conntrack sees the handshake through, data after it is ESTABLISHED.",
     [pkt("eth0", tcp(A, US, dport=22), "SYN"), reply(1, "ACK of the SYN/ACK", flags="A", seq=1001), reply(1, "data", flags="PA", seq=1001, payload="6869")],
     iptables=STATES, listen=[("tcp", "0.0.0.0", 22)])
case("protocols-nobody-handles", "A protocol without a handler is answered with 3/2; ICMP that cannot be answered is dropped without a word.",
     [pkt("eth0", ip(A, US, proto=253) / Raw(b"data"), "protocol 253"), pkt("eth0", ip(A, US, proto=132) / Raw(b"\x0f\xa0\x13\x88" + b"\0" * 8), "SCTP"), pkt("eth0", ip(A, US, proto=47) / Raw(b"\0\0\x08\0data"), "GRE"), pkt("eth0", ip(A, US, proto=4) / Raw(bytes(udp(B, W))), "IP in IP"),
      pkt("eth0", ip(A, "10.0.0.255", proto=253) / Raw(b"data"), "protocol 253 by broadcast", dst=BCAST), pkt("eth0", ip(A, US, proto=50) / Raw(b"\0" * 24), "ESP"), pkt("eth0", ip(A, US, proto=2) / Raw(b"\x11\x00\xee\xff\0\0\0\0"), "IGMP")],
     iptables=COUNT)
case("icmp-to-the-router", "Echo and timestamp are answered, with the data and TOS of the question; the rest is taken or ignored; a broadcast ping is ignored.",
     [pkt("eth0", ping(A, US, data=b"some data", tos=0x28), "echo with TOS 0x28"), pkt("eth0", ping(A, "192.0.2.1"), "echo to our address on eth1"), pkt("eth0", ping(A, US, data=b""), "echo without data"), pkt("eth0", ping(A, US, type=13, data=b"\0" * 12), "timestamp"),
      pkt("eth0", ping(A, US, type=17, data=b"\0" * 4), "address mask"), pkt("eth0", ping(A, US, type=15, data=b""), "information"), pkt("eth0", ping(A, US, type=0), "echo reply nobody asked for"), pkt("eth0", ping(A, US, type=42), "type 42"),
      pkt("eth0", quote(B, US, udp(US, B, 53, 5000), 3, 3), "an error about a packet we never sent"), pkt("eth0", ping(A, "10.0.0.255"), "broadcast ping", dst=BCAST), pkt("eth0", ping(A, "224.0.0.1"), "multicast ping", dst="01:00:5e:00:00:01"),
      pkt("eth0", bytes(ping(A, US))[:22] + b"\x12\x34" + bytes(ping(A, US))[24:], "wrong checksum"), pkt("eth0", ip(A, US, proto=1) / Raw(b"\x08\0\xf7\xff"), "4 bytes of ICMP"), pkt("eth0", ping(A, US, type=8, ttl=1), "TTL 1")],
     iptables=COUNT)
case("icmp-echo-switched-off", "icmp_echo_ignore_all keeps silent; it does not touch timestamps.",
     [pkt("eth0", ping(A, US), "echo"), pkt("eth0", ping(A, US, type=13, data=b"\0" * 12), "timestamp")], iptables=COUNT, setup=["sysctl -qw net.ipv4.icmp_echo_ignore_all=1"])
case("broadcast-pings-answered-when-told", "icmp_echo_ignore_broadcasts 0: the answer comes from the address of the interface.",
     [pkt("eth0", ping(A, "10.0.0.255"), "directed broadcast", dst=BCAST), pkt("eth0", ping(A, "255.255.255.255"), "limited broadcast", dst=BCAST), pkt("eth0", ping(A, "224.0.0.1"), "all hosts", dst="01:00:5e:00:00:01"),
      pkt("eth1", ping(B, "10.0.0.255"), "the broadcast of another network is one here as well")],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0"])
case("broadcasts-and-multicast", "Broadcasts go to all sockets of the port and are never answered or forwarded; a directed broadcast is one by whatever MAC it came; multicast needs a group.",
     [pkt("eth0", udp(A, "10.0.0.255", dport=53), "directed broadcast", dst=BCAST), pkt("eth0", udp(A, "10.0.0.255", dport=53), "directed broadcast in a unicast frame"), pkt("eth0", udp(A, "255.255.255.255", dport=53), "limited broadcast", dst=BCAST),
      pkt("eth0", udp(A, "10.0.0.0", dport=53), "the old all-zeros broadcast", dst=BCAST), pkt("eth0", udp(A, "10.0.0.255", dport=54), "closed port", dst=BCAST), pkt("eth1", udp(B, "10.0.0.255", dport=53), "directed broadcast of another network"),
      pkt("eth0", tcp(A, "10.0.0.255", dport=22), "TCP to a broadcast", dst=BCAST), pkt("eth0", udp(A, "224.0.0.1", dport=53), "all hosts", dst="01:00:5e:00:00:01"), pkt("eth0", udp(A, "224.0.0.251", dport=53), "a group nobody joined", dst="01:00:5e:00:00:fb"),
      pkt("eth0", udp(A, "239.1.2.3", dport=53), "another", dst="01:00:5e:01:02:03"), pkt("eth0", udp("0.0.0.0", "255.255.255.255", 68, 67), "DHCP discover", dst=BCAST), pkt("eth0", udp(A, "10.0.0.255", dport=55), "open on 10.0.0.1 only", dst=BCAST)],
     iptables=table("mangle", *[f"PREROUTING -m pkttype --pkt-type {t}" for t in ("unicast", "broadcast", "multicast")], *[f"PREROUTING -m addrtype --dst-type {t}" for t in ("LOCAL", "BROADCAST", "MULTICAST", "UNICAST")], "INPUT -m pkttype --pkt-type broadcast"),
     listen=[("udp", "0.0.0.0", 53), ("tcp", "0.0.0.0", 22), ("udp", "10.0.0.1", 55)])
case("directed-broadcasts-forwarded-when-told", "bc_forwarding on for all and the input interface: a directed broadcast for another network leaves there as a broadcast frame and is not delivered here; that of its own network is lost.",
     [pkt("eth0", udp(A, "192.0.2.255", dport=53), "to the broadcast of eth1"), pkt("eth1", udp(B, "10.0.0.255", dport=53), "eth1 does not forward them"), pkt("eth0", udp(A, "10.0.0.255", dport=53), "its own broadcast", dst=BCAST), pkt("eth0", udp(A, "192.0.2.255", ttl=1), "TTL 1")],
     iptables=COUNT, setup=["sysctl -qw net.ipv4.conf.all.bc_forwarding=1 net.ipv4.conf.eth0.bc_forwarding=1"], listen=[("udp", "0.0.0.0", 53)])

KINDS = ("icmp-net-unreachable", "icmp-host-unreachable", "icmp-port-unreachable", "icmp-proto-unreachable", "icmp-net-prohibited", "icmp-host-prohibited", "icmp-admin-prohibited")
case("reject-kinds-in-forward", "Each kind has its code; the error comes from the router's address towards the source and quotes the packet as it was; then the packet is dropped.",
     [pkt("eth0", udp(A, B, 4000, 1000 + n), k) for n, k in enumerate(KINDS)] + [pkt("eth0", udp(A, B, 4000, 1007), "no kind given"), pkt("eth0", udp(A, B, 4000, 1002, b"z" * 900), "a long packet: quoted up to 576 bytes"), pkt("eth0", udp(A, B, 4000, 1002, tos=0x10, ttl=9), "TOS 0x10, TTL 9")],
     iptables=table("filter", *[f"FORWARD -p udp -m udp --dport {1000 + n} -j REJECT --reject-with {k}" for n, k in enumerate(KINDS)], "FORWARD -p udp -j REJECT") + COUNT)
case("reject-with-tcp-reset", "The reset is made from the packet: numbers by the RFC, ports and addresses turned round, TTL 64, not for a reset, not for fragments, not for a wrong checksum.",
     [pkt("eth0", tcp(A, B), "SYN"), pkt("eth0", tcp(A, B, 4001, 80, "A", 77, 88), "ACK"), pkt("eth0", tcp(A, B, 4002, 80, "PA", 77, 88, b"data"), "data"), pkt("eth0", tcp(A, B, 4003, 80, "R", 77), "RST: dropped, nothing sent"), pkt("eth0", tcp(A, B, 4004, 80, "SF", 5), "SYN and FIN"),
      pkt("eth0", tcp(A, B, 4005, 80, "", 77), "no flags"), pkt("eth0", ip(A, B) / TCP(sport=4006, dport=80, flags="S", chksum=0x1234), "wrong checksum"), pkt("eth0", tcp(A, B, 4007, 80, "S", 5, options=[("MSS", 1460), ("SAckOK", b"")], tos=0x10), "with options and TOS"),
      pkt("eth1", tcp(B, A, 80, 4000, "SA", 9, 1001), "an answer: not rejected"), pkt("eth0", tcp(A, US, dport=22), "to an open port of ours, rejected in INPUT")],
     iptables=table("filter", "FORWARD -i eth0 -p tcp -j REJECT --reject-with tcp-reset", "INPUT -p tcp -j REJECT --reject-with tcp-reset") + COUNT, listen=[("tcp", "0.0.0.0", 22)])
case("reject-is-silent-where-it-must-be", "No error about later fragments, broadcasts, ICMP errors and wrong checksums; a checksum is looked for even where a protocol has none.",
     [pkt("eth0", udp(A, B, frag=10), "later fragment"), pkt("eth0", udp(A, B, flags="MF"), "first fragment"), pkt("eth0", ip(A, B) / UDP(sport=4000, dport=53, chksum=0x1234) / Raw(b"x"), "wrong UDP checksum"), pkt("eth0", ip(A, B) / UDP(sport=4000, dport=53, chksum=0) / Raw(b"x"), "no UDP checksum"),
      pkt("eth0", quote(A, B, udp(B, A), 3, 3), "ICMP error"), pkt("eth0", ping(A, B), "echo request"), pkt("eth0", ping(A, B, type=0), "echo reply"), pkt("eth0", udp(A, "10.0.0.255", dport=53), "broadcast, in INPUT", dst=BCAST), pkt("eth0", udp("0.0.0.0", "255.255.255.255", 68, 67), "DHCP", dst=BCAST),
      pkt("eth0", udp(A, US, dport=53), "unicast in INPUT"), pkt("eth0", udp(A, US, dport=53), "unicast IP in a broadcast frame", dst=BCAST), pkt("eth0", ip(A, B, proto=253) / Raw(b"data"), "protocol 253"), pkt("eth0", ip(A, B, proto=253) / Raw(b""), "protocol 253, empty"), pkt("eth0", udp("10.0.0.255", B), "from a broadcast address: the error is a broadcast, and its copy for ourselves is rejected in turn")]
     + [pkt("eth0", ip(A, B, proto=n) / Raw(b"data" * 6), f"{what}, its bytes do not sum up") for n, what in ((47, "GRE"), (50, "ESP"), (51, "AH"), (4, "IP in IP"), (132, "SCTP"), (2, "IGMP"), (115, "L2TP"))],
     iptables=table("filter", "FORWARD -j REJECT", "INPUT -j REJECT") + COUNT)
case("reject-in-output", "What the router itself would send is dropped in OUTPUT; the errors and resets about it would go to itself and never leave.",
     [pkt("eth0", ping(A, US), "its echo reply is rejected"), pkt("eth0", udp(A, US, dport=9), "its ICMP error is rejected"), pkt("eth0", tcp(A, US, dport=9), "its reset is rejected"), pkt("eth0", tcp(A, US, 4001, 22), "the SYN/ACK of a listener is rejected with a reset")],
     iptables=table("filter", "OUTPUT -p tcp -j REJECT --reject-with tcp-reset", "OUTPUT -o eth0 -j REJECT") + COUNT, listen=[("tcp", "0.0.0.0", 22)])
case("reject-belongs-to-the-connection-it-refuses", "The error or reset carries the refused packet's connection: RELATED or ESTABLISHED in OUTPUT, translated if the packet was.",
     [pkt("eth2", tcp(W, "203.0.113.1", 4000, 80), "DNATed, rejected in FORWARD: the reset comes from the public address"), pkt("eth2", udp(W, "203.0.113.1", 4000, 80), "DNATed UDP: error from the public address, quoting it"), pkt("eth0", udp(A, W, dport=81), "would be masqueraded: quoted as sent"),
      pkt("eth0", tcp(A, W, 4001, 81, "SA", 5, 6), "INVALID, rejected with a reset")],
     iptables=table("nat", "PREROUTING -i eth2 -j DNAT --to-destination 10.0.0.9", "POSTROUTING -o eth2 -j MASQUERADE") + table("filter", "FORWARD -p tcp -j REJECT --reject-with tcp-reset", "FORWARD -j REJECT", "OUTPUT -m conntrack --ctstate INVALID", "OUTPUT -m conntrack --ctstate NEW",
       "OUTPUT -m conntrack --ctstate ESTABLISHED", "OUTPUT -m conntrack --ctstate RELATED") + table("mangle", *STATE))
case("output-rules-see-the-routers-answers", "OUTPUT sees answers with their own addresses and out device; they have a socket but no owner; a mark there re-routes, later chains still see the old device.",
     [pkt("eth0", udp("198.51.100.7", US, dport=9), "the error would leave by eth2, the mark sends it by eth1"), pkt("eth0", ping("198.51.100.7", US), "echo reply: dropped in filter OUTPUT"), pkt("eth0", tcp("198.51.100.7", US, dport=9), "reset: TOS set, same way"), pkt("eth0", ping(A, US), "echo reply by eth0: untouched")],
     iptables=table("mangle", "OUTPUT -p icmp -m icmp --icmp-type 3 -j MARK --set-mark 1", "OUTPUT -p tcp -j TOS --set-tos 0x10/0xff", "POSTROUTING -o eth1", "POSTROUTING -o eth2") + table("filter", "OUTPUT -o eth2 -p icmp -m icmp --icmp-type 0 -j DROP", "OUTPUT -o eth2",
       "OUTPUT -o eth1", "OUTPUT -m owner --uid-owner 0", "OUTPUT -m owner ! --uid-owner 0", "OUTPUT -m owner --socket-exists", "OUTPUT -s 10.0.0.1/32"),
     setup=["ip route add default via 192.0.2.9 table 11", "ip rule add fwmark 1 lookup 11"])

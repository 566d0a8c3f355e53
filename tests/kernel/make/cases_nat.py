# SPDX-License-Identifier: MIT
"""NAT: every target, ranges, clashes, hairpins, errors through NAT, the router's own traffic."""
from recipes import Raw, case, error, ip, ping, pkt, quote, reply, table, tcp, udp

A, B, W = "10.0.0.2", "192.0.2.2", "203.0.113.2"
C, D, E = "10.0.0.3", "10.0.0.9", "10.0.0.50"
US = "203.0.113.1"
_udp = bytes(udp(A, W, 4001))
NO_SUM = _udp[:26] + b"\0\0" + _udp[28:]

case("snat-to-one-address-and-back", "SNAT rewrites addresses, ports where needed, and checksums; answers are turned back without a rule; a UDP checksum of zero stays zero.",
     [pkt("eth0", udp(A, W), "out"), pkt("eth2", udp(W, US, 5000, 4000), "back"), pkt("eth0", tcp(A, W), "out, TCP"), reply(3, "SYN/ACK"), pkt("eth0", ping(A, W), "ping out"), reply(5, "ping back"),
      pkt("eth0", NO_SUM, "UDP without a checksum"),
      pkt("eth0", ip(A, W, proto=47) / Raw(b"\0\0\x08\0data"), "GRE"), pkt("eth0", ip(A, W, proto=253) / Raw(b"data"), "protocol 253"),
      pkt("eth2", udp(W, US, 5000, 9999), "to us, belongs to nobody")],
     iptables=table("nat", "POSTROUTING -s 10.0.0.0/24 -o eth2 -j SNAT --to-source 203.0.113.1"))
case("snat-to-a-range-of-addresses", "The address out of a range is chosen by a hash of source and destination, unless the same source address and port has a mapping already; --persistent leaves the destination out.",
     [pkt("eth0", udp(f"10.0.0.{n}", W), f"from .{n}") for n in (2, 3, 4, 5, 6, 7)] + [pkt("eth0", udp(A, f"203.0.113.{n}"), f"from .2 and the same port to .{n}: keeps its mapping") for n in (3, 9)]
     + [pkt("eth0", udp(A, f"203.0.113.{n}", 4000 + n), f"from .2 and another port to .{n}: hashed anew") for n in (3, 9, 50)]
     + [pkt("eth0", udp(f"10.0.0.{n}", d), f"persistent, from .{n} to {d}") for n in (2, 3) for d in (B, "192.0.2.3", "192.0.2.9")],
     iptables=table("nat", "POSTROUTING -o eth2 -j SNAT --to-source 203.0.113.100-203.0.113.110", "POSTROUTING -o eth1 -j SNAT --to-source 192.0.2.100-192.0.2.110 --persistent"))
case("snat-to-a-port-range", "A port inside the range stays; with a range of one port every source port becomes it; one source keeps its mapping towards many destinations.",
     [pkt("eth0", udp(A, W, 7777, 53), "range of one port: 6000"), pkt("eth2", udp(W, US, 53, 6000), "back"), pkt("eth0", tcp(A, W, 5005, 80), "5005 lies in the range: kept"),
      pkt("eth0", tcp(A, "203.0.113.3", 5005, 80), "another destination: kept as well"), pkt("eth0", udp(C, "203.0.113.3", 7777, 53), "another client, another server: 6000 too"),
      pkt("eth0", ping(A, W), "no port: the rule for udp does not match, none does")],
     iptables=table("nat", "POSTROUTING -o eth2 -p udp -j SNAT --to-source 203.0.113.1:6000", "POSTROUTING -o eth2 -p tcp -j SNAT --to-source 203.0.113.1:5000-5010"))
case("snat-rules-are-asked-once-per-connection", "Counters of the nat table count connections: later packets and answers never come by, and a new rule is not for old flows.",
     [pkt("eth0", udp(A, W), "first"), pkt("eth0", udp(A, W), "second"), pkt("eth2", udp(W, US, 5000, 4000), "answer"), pkt("eth0", udp(A, W), "third"), pkt("eth0", tcp(A, B, flags="A", seq=5, ack=6), "picked up: asked"),
      pkt("eth0", tcp(A, B, 4001, flags="SA"), "INVALID: not asked"), pkt("eth0", udp(A, "10.0.0.1", dport=9), "to ourselves: PREROUTING and INPUT"), pkt("eth0", ping(A, "10.0.0.1"), "to ourselves"), pkt("eth0", ping(A, "10.0.0.1", seq=2), "again")],
     iptables=table("nat", "PREROUTING", "INPUT", "OUTPUT", "POSTROUTING -o eth2 -j SNAT --to-source 203.0.113.1", "POSTROUTING"))
case("masquerade-takes-the-address-of-the-way-out", "MASQUERADE takes the outgoing interface's address that fits the next hop, never the route's src.",
     [pkt("eth0", udp(A, W), "first address of eth2"), pkt("eth0", udp(A, "198.51.100.5"), "next hop in the second subnet of eth2: its address"), pkt("eth0", udp(A, "198.51.101.5"), "route with src 10.99.0.1: ignored"),
      pkt("eth0", tcp(A, W, 12345, 80), "--to-ports 6000 for TCP port 80"), pkt("eth0", udp(A, B), "not by eth1"), pkt("eth2", udp(W, US, 5000, 4000), "back")],
     iptables=table("nat", "POSTROUTING -o eth2 -p tcp -m tcp --dport 80 -j MASQUERADE --to-ports 6000", "POSTROUTING -o eth2 -j MASQUERADE"), neighbours=[("eth2", "198.18.0.9")],
     setup=["ip addr add 198.18.0.1/24 dev eth2", "ip addr add 10.99.0.1/32 dev lo", "ip route add 198.51.100.0/24 via 198.18.0.9", "ip route add 198.51.101.0/24 via 203.0.113.9 src 10.99.0.1"])
case("masquerade-borrows-an-address", "When the outgoing interface has no address, MASQUERADE takes that of another interface, in the order of their numbers.",
     [pkt("eth0", udp(A, "198.51.100.7"), "eth1 has no address: that of eth0"), pkt("eth0", udp(A, W), "eth2 has one"), pkt("eth1", udp("198.51.100.7", "10.0.0.1", 5000, 4000), "back")], base=False,
     iptables=table("nat", "POSTROUTING -j MASQUERADE"), neighbours=[("eth0", A), ("eth1", "198.51.100.7"), ("eth2", W)],
     setup=["ip addr add 10.0.0.1/24 dev eth0", "ip addr add 203.0.113.1/24 dev eth2", "ip route add 198.51.100.0/24 dev eth1"])
case("masquerade-without-any-address-drops", "When no interface but lo has an address, MASQUERADE drops.",
     [pkt("eth0", udp(A, "198.51.100.7"), "nothing to masquerade as"), pkt("eth0", tcp(A, "198.51.100.7"), "nor for TCP")], base=False, iptables=table("nat", "POSTROUTING -j MASQUERADE"),
     neighbours=[("eth1", "198.51.100.7")], setup=["ip route add 198.51.100.0/24 dev eth1", "ip route add 10.0.0.0/24 dev eth0"])
case("dnat-with-addresses-ports-and-ranges", "DNAT by address, by port alone, by a range of ports; what comes before routing decides the route and what the filter sees.",
     [pkt("eth2", tcp(W, US, 4000, 80), "to 10.0.0.2:8080"), reply(1, "SYN/ACK of the server"), pkt("eth2", tcp(W, US, 4000, 25), "address only, port stays"), pkt("eth2", udp(W, US, 4000, 5555), "to a range of ports: the first, 7000"),
      pkt("eth2", udp("203.0.113.3", US, 4001, 5555), "another client: 7000 as well"), pkt("eth2", udp(W, US, 4000, 7005), "already inside the range: kept"), pkt("eth2", udp(W, US, 4000, 123), "port only: stays with us, port 1123 is open"),
      pkt("eth2", udp(W, "203.0.113.200", 4000, 53), "an address that is not ours"), pkt("eth2", ping(W, US), "no DNAT for ping")],
     iptables=table("nat", "PREROUTING -i eth2 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:8080", "PREROUTING -i eth2 -p tcp -m tcp --dport 25 -j DNAT --to-destination 10.0.0.3",
                    "PREROUTING -i eth2 -p udp -m multiport --dports 5555,7005 -j DNAT --to-destination 10.0.0.9:7000-7010", "PREROUTING -i eth2 -p udp -m udp --dport 123 -j DNAT --to-destination :1123",
                    "PREROUTING -d 203.0.113.200/32 -j DNAT --to-destination 192.0.2.2") + table("filter", "FORWARD -p tcp -m tcp --dport 80", "FORWARD -p tcp -m tcp --dport 8080", "FORWARD -d 10.0.0.2/32 -i eth2 -o eth0"),
     listen=[("udp", "0.0.0.0", 1123)])
case("dnat-to-a-range-of-addresses", "The server out of a range is chosen by a hash of the client's address (and the destination unless persistent); the same client keeps to it.",
     [pkt("eth2", tcp(f"203.0.113.{n}", US, 4000, 80), f"from .{n}") for n in (2, 3, 9, 50)] + [pkt("eth2", tcp(f"198.51.100.{n}", US, 4000, 80), f"from 198.51.100.{n}") for n in range(1, 7)]
     + [pkt("eth2", tcp(W, US, 4001, 80), "from .2 again, another port")],
     iptables=table("nat", "PREROUTING -i eth2 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2-10.0.0.5"), neighbours=[("eth0", "10.0.0.4"), ("eth0", "10.0.0.5")])
case("dnat-by-port-shift", "--to-destination with a range and a base port maps port by port.",
     [pkt("eth2", udp(W, US, 4000, p), f"port {p}") for p in (5000, 5003, 5009)], iptables=table("nat", "PREROUTING -i eth2 -p udp -m udp --dport 5000:5009 -j DNAT --to-destination 10.0.0.2:6000-6009/5000"))
case("redirect-goes-to-the-address-of-the-way-in", "REDIRECT turns to the first address of the input interface, whatever was asked; the answer carries the address that was asked.",
     [pkt("eth0", udp(A, "198.51.100.1", 4000, 53), "somebody else's DNS: to 10.0.0.1:5353, open"), pkt("eth0", udp(A, "10.0.0.1", 4001, 53), "ours: to 5353"), pkt("eth1", udp(B, "198.51.100.1", 4000, 53), "by eth1: to 192.0.2.1:5353"),
      pkt("eth0", tcp(A, "198.51.100.1", 4000, 80), "to port 3128, closed: the reset comes from 198.51.100.1:80"), pkt("eth0", udp(A, "198.51.100.1", 4000, 99), "closed port 9: the error is from 198.51.100.1 and quotes port 99"),
      pkt("eth0", udp(A, "198.51.100.1", 4000, 7002), "to 7000-7010: kept"), pkt("eth0", udp(A, "198.51.100.1", 4000, 100), "without --to-ports: address only")],
     iptables=table("nat", "PREROUTING -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353", "PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128", "PREROUTING -p udp -m udp --dport 99 -j REDIRECT --to-ports 9",
                    "PREROUTING -p udp -m udp --dport 7002 -j REDIRECT --to-ports 7000-7010", "PREROUTING -p udp -m udp --dport 100 -j REDIRECT"), listen=[("udp", "0.0.0.0", 5353), ("udp", "0.0.0.0", 7002)])
case("redirect-takes-the-primary-address", "With several addresses REDIRECT takes the first of the interface, not the one in the client's subnet.",
     [pkt("eth0", udp("10.5.0.2", "198.51.100.1", 4000, 53), "client in the second subnet"), pkt("eth0", udp("10.5.0.2", "10.5.0.1", 4001, 53), "asks the second address")],
     iptables=table("nat", "PREROUTING -p udp -m udp --dport 53 -j REDIRECT --to-ports 9"), setup=["ip addr add 10.5.0.1/24 dev eth0"], neighbours=[("eth0", "10.5.0.2")])
case("netmap-swaps-networks", "NETMAP changes the network bits and keeps the host bits: destination in PREROUTING, source in POSTROUTING.",
     [pkt("eth2", udp(W, "198.51.100.9", 4000, 53), "198.51.100.9 becomes 10.0.0.9"), pkt("eth0", udp("10.0.0.9", W, 53, 4000), "and back"), pkt("eth0", udp(A, W, 4000, 54), "10.0.0.2 becomes 198.51.100.2"),
      pkt("eth2", udp(W, "198.51.100.2", 54, 4000), "and back"), pkt("eth2", udp(W, "198.51.100.1", 4000, 53), "198.51.100.1 becomes our own 10.0.0.1")],
     iptables=table("nat", "PREROUTING -d 198.51.100.0/24 -i eth2 -j NETMAP --to 10.0.0.0/24", "POSTROUTING -s 10.0.0.0/24 -o eth2 -j NETMAP --to 198.51.100.0/24"))
case("hairpin-with-and-without-snat", "DNAT back out of the interface the packet came in by: without SNAT the server answers directly and the client does not know it.",
     [pkt("eth0", tcp(A, US, 4000, 80), "to 10.0.0.9 by eth0, source rewritten to ours"), reply(1, "the server answers us"), pkt("eth0", tcp(A, US, 4000, 81), "port 81: no SNAT"), reply(3, "the answer, should it come by: 10.0.0.9 to 10.0.0.2"),
      pkt("eth0", tcp(D, US, 4001, 80), "the server asks for itself")],
     iptables=table("nat", "PREROUTING -d 203.0.113.1/32 -p tcp -m multiport --dports 80,81 -j DNAT --to-destination 10.0.0.9", "POSTROUTING -s 10.0.0.0/24 -d 10.0.0.9/32 -p tcp -m tcp --dport 80 -j SNAT --to-source 10.0.0.1"))
case("source-and-destination-of-one-connection", "One connection may be set up once for each: DNAT in PREROUTING and SNAT in POSTROUTING; the answer undoes both.",
     [pkt("eth2", udp(W, US, 4000, 53), "both rewritten"), reply(1, "answer"), error(1, 3, 3, "port unreachable of the server: both undone, also in the quote"), error(1, 11, 0, "time exceeded of a router behind us", src="10.0.0.3"),
      error(2, 3, 3, "the client does not want the answer")],
     iptables=table("nat", "PREROUTING -i eth2 -p udp -m udp --dport 53 -j DNAT --to-destination 10.0.0.9:5353", "POSTROUTING -d 10.0.0.9/32 -o eth0 -p udp -j SNAT --to-source 10.0.0.1:9000"))
case("icmp-errors-through-masquerading", "Inside and outside of an error are translated with the flow it is about; one about an unknown flow passes as it is.",
     [pkt("eth0", udp(A, W), "out"), error(1, 3, 3, "port unreachable of the server"), error(1, 11, 0, "time exceeded on the way", src="203.0.113.9"), error(1, 3, 4, "fragmentation needed", src="203.0.113.9"), pkt("eth0", tcp(A, W), "TCP out"),
      error(5, 3, 1, "host unreachable, 8 bytes of TCP", src="203.0.113.9"), error(5, 3, 1, "with all of the TCP header: its checksum in the quote", src="203.0.113.9", extra=40), pkt("eth0", ping(A, W), "ping out"), error(8, 11, 0, "about the ping: the id too", src="203.0.113.9"),
      pkt("eth2", quote("203.0.113.9", US, udp(US, W, 9999, 5000), 3, 1), "about a flow we do not have: to us, INVALID"), pkt("eth0", quote(A, W, udp(W, A, 5000, 4000), 3, 3), "the client's own error about an answer")],
     iptables=table("nat", "POSTROUTING -o eth2 -j MASQUERADE") + table("filter", "INPUT -m conntrack --ctstate INVALID", "FORWARD -m conntrack --ctstate RELATED"))
case("masquerade-keeps-ports-while-they-differ-somewhere", "Two clients may share one source port towards different servers or ports: the tuple as a whole must be unique, not the port.",
     [pkt("eth0", udp(A, W, 4000, 53), "first client"), pkt("eth0", udp(C, "203.0.113.3", 4000, 53), "second client, another server: 4000"), pkt("eth0", udp(C, W, 4000, 54), "the same server, another port: 4000"),
      pkt("eth0", tcp(C, W, 4000, 53), "the same numbers by TCP: 4000"), reply(1, "back to the first"), reply(3, "back to the second")],
     iptables=table("nat", "POSTROUTING -o eth2 -j MASQUERADE"))
case("masquerade-clash-in-a-range-of-one-port-is-dropped", "When no free tuple is left in the range, the packet dies where its entry would be confirmed.",
     [pkt("eth0", udp(A, W, 4000, 53), "gets 6000"), pkt("eth0", udp(C, W, 4000, 53), "wants 6000 towards the same server: nothing left"), pkt("eth0", udp(C, W, 4000, 54), "towards another port: fine"), pkt("eth0", udp(A, W, 4000, 53), "the first goes on")],
     iptables=table("nat", "POSTROUTING -o eth2 -p udp -j SNAT --to-source 203.0.113.1:6000"))
case("snat-in-input-for-local-sockets", "SNAT in INPUT hides the client from local programs; their answers find back.",
     [pkt("eth0", udp(A, "10.0.0.1", 4000, 53), "delivered, from 192.0.2.99"), pkt("eth0", udp(A, "10.0.0.1", 4000, 9), "closed port: the error goes to 10.0.0.2 and quotes it"), pkt("eth0", tcp(A, "10.0.0.1", 4000, 9), "closed TCP port"),
      pkt("eth0", ping(A, "10.0.0.1"), "ping")],
     iptables=table("nat", "INPUT -s 10.0.0.0/24 -j SNAT --to-source 192.0.2.99") + table("filter", "INPUT -s 10.0.0.0/24", "INPUT -s 192.0.2.99/32", "OUTPUT -d 192.0.2.99/32"), listen=[("udp", "0.0.0.0", 53)],
     neighbours=[("eth1", "192.0.2.99")])
case("dnat-in-output-is-not-for-answers", "nat OUTPUT is asked for connections that the router opens, not for its answers, errors or resets.",
     [pkt("eth0", udp(A, "10.0.0.1", 4000, 9), "the error about it"), pkt("eth0", tcp(A, "10.0.0.1", 4000, 9), "the reset"), pkt("eth0", ping(A, "10.0.0.1"), "the echo reply"), pkt("eth0", tcp(A, "10.0.0.1", 4001, 9, flags="FA"), "the reset to an INVALID packet")],
     iptables=table("nat", "OUTPUT -j DNAT --to-destination 10.0.0.50", "POSTROUTING -j SNAT --to-source 10.0.0.77") + table("filter", "OUTPUT -m conntrack --ctstate INVALID", "OUTPUT -m conntrack --ctstate RELATED", "OUTPUT -m conntrack --ctstate ESTABLISHED",
       "OUTPUT -m conntrack --ctstate NEW"))
case("nat-accept-and-return-make-null-bindings", "A nat chain that only ACCEPTs decides: the connection is not translated, later rules and later packets do not change that.",
     [pkt("eth0", udp(A, W, 4000, 500), "exempt by ACCEPT"), pkt("eth0", udp(A, W, 4000, 500), "again"), pkt("eth0", udp(A, W, 4000, 501), "exempt by RETURN at the top"), pkt("eth0", udp(A, W, 4000, 502), "RETURN in a chain of one's own goes on"), pkt("eth0", udp(A, W, 4000, 503), "translated")],
     iptables=table("nat", "POSTROUTING -p udp -m udp --dport 500 -j ACCEPT", "POSTROUTING -p udp -m udp --dport 501 -j RETURN", "POSTROUTING -p udp -m udp --dport 502 -j own", "POSTROUTING -o eth2 -j MASQUERADE", "own -j RETURN"))
case("dnat-with-a-connmark-and-policy-routing", "Marks set before nat, addresses after it: the route is looked up with the new destination and the mark.",
     [pkt("eth2", tcp(W, US, 4000, 80), "DNAT to 198.51.100.80, marked 1: by table 11 to eth1"), reply(1, "answer"), pkt("eth2", tcp(W, US, 4000, 81), "DNAT, not marked: default by eth2")],
     iptables=table("mangle", "PREROUTING -p tcp -m tcp --dport 80 -j MARK --set-mark 1", "PREROUTING -p tcp -m tcp --dport 80 -j CONNMARK --save-mark") + table("nat", "PREROUTING -i eth2 -p tcp -j DNAT --to-destination 198.51.100.80"),
     setup=["ip route add default via 192.0.2.9 table 11", "ip rule add fwmark 1 lookup 11"])

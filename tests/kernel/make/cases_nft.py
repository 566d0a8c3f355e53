# SPDX-License-Identifier: MIT
"""nftables: chains and verdicts, sets and maps, what a missing header does, connections, NAT, limits, dynamic sets, mangling."""
from recipes import ICMP, IP, UDP, Raw, case, ip, pieces, ping, pkt, reply, table, tcp, udp

A, B, W, US = "10.0.0.2", "192.0.2.2", "203.0.113.2", "10.0.0.1"


def base(hook, *rules, name=None, prio="filter", type="filter", policy="accept", dev=""):
    device = f" device {dev}" if dev else ""
    return f"  chain {name or hook} {{ type {type} hook {hook}{device} priority {prio}; policy {policy};\n" + "".join(f"    {r}\n" for r in rules) + "  }\n"


def chain(name, *rules):
    return f"  chain {name} {{\n" + "".join(f"    {r}\n" for r in rules) + "  }\n"


def nft(family, *parts, name="t"):
    return f"table {family} {name} {{\n" + "".join(parts) + "}\n"


COUNT = "counter"
case("nft-accept-ends-one-base-chain-only", "accept ends the base chain that it stands in; drop is final; goto does not come back; return at the bottom is the policy; the chain registered last goes first among equals.",
     [pkt("eth0", udp(A, B, dport=n), f"port {n}") for n in range(1, 10)] + [pkt("eth0", tcp(A, B)), pkt("eth0", ping(A, B)), pkt("eth0", udp(A, US, dport=53))],
     nft=nft("inet", chain("u", "udp dport 1 counter accept", "udp dport 2 counter drop", "udp dport 3 counter return", "udp dport 4 counter goto v", "counter"),
             chain("v", "udp dport 4 counter", "udp dport 5 counter accept"),
             base("forward", "counter", "udp dport 1-4 jump u", "udp dport 5 goto v", "udp dport 6 counter return", "udp dport 7 counter continue", "udp dport vmap { 8 : jump u, 10 : drop }", "counter", name="one", policy="drop"),
             base("forward", "counter", "udp dport 1 counter drop", "udp dport 9 counter accept", name="two"), base("forward", "counter", name="three", prio="10"), base("input", "counter"), base("postrouting", "counter")))
case("nft-sets-maps-and-intervals", "Exact sets, intervals, prefixes, concatenations with ranges, names that begin alike, verdict maps with a default, maps that give marks.",
     [pkt("eth0", udp(A, d, dport=p), f"{d}:{p}") for d in (B, "192.0.2.200", "198.51.100.7", "8.8.8.8") for p in (53, 80, 1000, 1024, 65535)] + [pkt("eth0", tcp("10.0.0.3", B, dport=22)), pkt("eth1", tcp(B, A, dport=443)), pkt("eth2", tcp(W, A, dport=8080))],
     nft=nft("inet", "  set nets { type ipv4_addr; flags interval; elements = { 192.0.2.0/25, 198.51.100.7, 8.0.0.0-8.8.8.8 } }\n",
             "  set pairs { type ipv4_addr . inet_service; flags interval; elements = { 192.0.2.0/24 . 1000-1023, 8.8.8.8 . 53, 198.51.100.0/24 . 1024-65535 } }\n",
             "  set exact { type ipv4_addr . inet_proto . inet_service; elements = { 192.0.2.2 . udp . 80, 192.0.2.2 . tcp . 22 } }\n",
             "  map marks { type inet_service : mark; flags interval; elements = { 0-999 : 0x1, 1000-1023 : 0x2 } }\n",
             "  map doors { type ifname . inet_service : verdict; elements = { \"eth0\" . 1000 : jump u, \"eth1\" . 443 : accept } }\n",
             chain("u", "counter"),
             base("forward", "ip daddr @nets counter", "ip daddr != @nets counter", "ip daddr . udp dport @pairs counter", "ip daddr . meta l4proto . th dport @exact counter", "ip daddr . udp dport != @pairs counter",
                  "meta mark set th dport map @marks counter", "meta mark 0x1 counter", "meta mark { 0x2, 0x5-0x9 } counter", "iifname . th dport vmap @doors", "iifname \"eth*\" counter", "iifname { \"eth1\", \"et*\" } counter", "oifname != { \"eth0\" } counter",
                  "udp dport vmap { 53 : continue, 80 : jump u, 1024-65535 : drop }", "tcp dport { 22, 443 } counter", "ip saddr { 10.0.0.0/31, 10.0.0.3 } counter", "ip daddr & 0.0.0.255 == 7 counter")))
case("nft-a-missing-header-matches-nothing", "A load that fails breaks the rule, and its negation does not turn that into a match: other protocols, later fragments, short packets, no connection, no link header, no such option.",
     [pkt("eth0", udp(A, B, dport=53)), pkt("eth0", tcp(A, B, dport=22)), pkt("eth0", tcp(A, B, 4001, dport=80, options=[("MSS", 1400)])), pkt("eth0", ping(A, B)), pkt("eth0", ip(A, B, proto=47) / Raw(b"\0" * 8)), pkt("eth0", ip(A, B, proto=6) / Raw(b"\1\2\3\4"))]
     + [pkt("eth0", f, "fragment") for f in pieces(udp(A, B, dport=53, data=b"x" * 40), 24)] + [pkt("eth0", ping(A, US)), pkt("eth0", udp(A, US, dport=9))],
     nft=nft("inet", base("forward", "tcp dport 22 counter", "tcp dport != 22 counter", "udp dport != 53 counter", "th dport != 53 counter", "tcp flags syn counter", "tcp flags != syn counter", "tcp option maxseg exists counter", "tcp option maxseg missing counter", "tcp option maxseg size != 1400 counter",
                          "icmp type echo-request counter", "icmp type != echo-request counter", "ip6 saddr != ::1 counter", "ether saddr != 02:00:00:00:00:02 counter", "ether saddr 02:00:00:00:00:02 counter", "meta l4proto != udp counter", "@th,0,16 4000 counter", "@nh,72,8 17 counter", "ip option rr exists counter", "meta skuid != 0 counter", "rt classid != 1 counter", "ip frag-off & 0x1fff != 0 counter"),
             base("output", "ether daddr != 02:00:00:00:00:02 counter", "iif != 1 counter", "iifname != \"x\" counter", "icmp type echo-reply counter", "rt ip nexthop != 10.0.0.9 counter")))
case("nft-ct-keys-of-both-directions", "State, status, direction, mark, zone and the tuples of both directions; without a connection everything but the state breaks off.",
     [pkt("eth0", tcp(A, B)), reply(1, "SYN/ACK", flags="SA"), pkt("eth0", tcp(A, B, flags="A", seq=1001, ack=1)), pkt("eth0", udp(A, B, dport=53)), reply(4, "answer"), pkt("eth0", udp(A, B, dport=53)), pkt("eth0", tcp(A, B, 5000, flags="R"), "no connection"), pkt("eth0", udp(A, B, dport=99), "notrack"), pkt("eth0", ping(A, B)), reply(9, "echo reply")],
     nft=nft("inet", base("prerouting", "udp dport 99 notrack counter", prio="raw", name="raw"), base("forward", "ct state new ct mark set 0x7 counter", "ct state established,related counter", "ct state { new, invalid } counter", "ct state invalid counter", "ct state untracked counter", "ct state != established counter", "ct mark 0x7 counter", "ct mark != 0x7 counter",
             "ct direction original counter", "ct direction reply counter", "ct original ip saddr 10.0.0.2 counter", "ct reply ip saddr 192.0.2.2 counter", "ct status seen-reply counter", "ct status assured counter", "ct status != confirmed counter", "ct protocol udp counter", "ct l3proto ipv4 counter", "ct zone 0 counter",
             "meta mark set ct mark", "meta mark 0x7 counter", "ct mark set ct mark | 0x10", "ct mark & 0x10 == 0x10 counter")))
case("nft-dnat-snat-and-their-maps", "dnat by address, port, range and map; a map's miss goes on to the next rule; snat and masquerade behind; the chains of type nat are asked until one makes a mapping.",
     [pkt("eth2", tcp(W, "203.0.113.1", 4000 + n, dport=p), f"port {p}") for n, p in enumerate((80, 81, 443, 2222, 9999, 8443))] + [pkt("eth0", udp(A, "198.51.100.9", dport=53)), pkt("eth0", tcp(A, W, 4100)), pkt("eth0", ping(A, B)), reply(1, "answer", flags="SA"), reply(7, "answer"), pkt("eth1", tcp(B, "10.0.0.77", dport=5000))],
     listen=[("tcp", "0.0.0.0", 3128)],
     nft=nft("ip", "  map servers { type inet_service : ipv4_addr . inet_service; elements = { 443 : 10.0.0.9 . 8443, 8443 : 10.0.0.50 . 443 } }\n",
             base("prerouting", "counter", "iifname eth2 tcp dport 80 counter dnat to 10.0.0.9", "tcp dport 81 counter dnat to 10.0.0.9:8081", "counter dnat ip to tcp dport map @servers", "tcp dport 2222 counter redirect to :3128", name="pre", type="nat", prio="dstnat"),
             base("prerouting", "counter", "ip daddr 10.0.0.77 dnat to ip daddr map { 10.0.0.77 : 10.0.0.3 }", "udp dport 53 counter dnat to 192.0.2.9", name="pre2", type="nat", prio="dstnat + 5"),
             base("postrouting", "oifname eth1 counter masquerade", "oifname eth2 tcp dport 80 counter snat to 203.0.113.77:5000-5000", "counter", type="nat", prio="srcnat")))
case("nft-limits-quotas-and-turns", "A limit spends its burst, over inverts; a quota counts bytes and until it is used up; numgen goes round; an earlier term that fails leaves all of them alone.",
     [pkt("eth0", udp(A, B, dport=53, data=b"x" * n)) for n in (10, 20, 30, 40, 50, 60, 70, 80)] + [pkt("eth0", ping(A, B))] * 3 + [pkt("eth0", tcp(A, B, 4000 + n)) for n in range(5)],
     nft=nft("inet", "  quota q { 200 bytes }\n  counter c { }\n  limit l { rate 1/hour burst 2 packets; }\n",
             base("forward", "udp dport 53 limit rate 1/hour burst 3 packets counter", "udp dport 53 limit rate over 1/hour burst 3 packets counter", "udp dport 54 limit rate 1/hour burst 1 packets counter", "limit rate 10 bytes/hour burst 150 bytes counter", "limit name \"l\" counter", "quota 300 bytes counter", "quota over 300 bytes counter", "quota name \"q\" counter", "counter name \"c\"",
                  "meta mark set numgen inc mod 3 offset 10", "meta mark 10 counter", "meta mark 11 counter", "meta mark 12 counter", "jhash ip saddr . udp dport mod 8 seed 0xdeadbeef 0-3 counter", "meta mark set jhash ip saddr mod 16 seed 0x1234", "meta mark { 0-7 } counter")))
case("nft-sets-that-packets-fill", "add and update make elements, a full set breaks the rule, delete takes them away; an element's limit and counter are its own.",
     [pkt("eth0", udp(f"10.0.0.{n}", B, dport=p)) for n, p in ((2, 1), (3, 1), (9, 1), (2, 1), (2, 2), (2, 3), (2, 1), (3, 2), (3, 2), (3, 2), (9, 3))],
     nft=nft("inet", "  set seen { type ipv4_addr; size 2; flags dynamic; }\n  set slow { type ipv4_addr . inet_service; size 100; flags dynamic,timeout; timeout 1h; }\n  set counted { type ipv4_addr; size 100; flags dynamic; counter; }\n  map last { type ipv4_addr : mark; size 100; flags dynamic; }\n",
             base("forward", "udp dport 1 add @seen { ip saddr } counter", "ip saddr @seen counter", "update @slow { ip saddr . udp dport limit rate 1/hour burst 2 packets } counter", "add @counted { ip saddr } counter", "udp dport 3 delete @seen { ip saddr } counter", "ip saddr != @seen counter", "update @last { ip saddr : 0x7 } counter", "meta mark set ip saddr map @last counter")))
case("nft-writing-fields-keeps-checksums", "Payload and option writes renew the checksums of IP, TCP and UDP; a UDP checksum of zero stays zero; what the packet does not have is not written.",
     [pkt("eth0", udp(A, B, dport=1)), pkt("eth0", IP(bytes(ip(A, B) / UDP(sport=4000, dport=1, chksum=0) / Raw(b"zero"))), "no UDP checksum"), pkt("eth0", tcp(A, B, options=[("MSS", 1460)])), pkt("eth0", tcp(A, B, 4001, options=[("MSS", 500)])), pkt("eth0", tcp(A, B, 4002)), pkt("eth0", ping(A, B)), pkt("eth0", udp(A, B, dport=2)), pkt("eth0", udp(A, B, dport=3, tos=3)), pkt("eth0", ip(A, B, proto=47) / Raw(b"abcdefgh"))],
     nft=nft("inet", base("forward", "udp dport 1 ip ttl set 9 counter", "udp dport 1 ip dscp set ef counter", "udp dport 1 udp sport set 9999 counter", "udp dport 2 ip daddr set 192.0.2.3 counter", "udp dport 3 ip ecn set ce counter", "udp dport 3 udp dport set 77 counter", "tcp option maxseg size set 1400 counter", "tcp window set 1000 counter", "ip id set 0x4242 counter", "meta priority set 1:20 counter", "ip dscp ef counter", "meta priority 1:20 counter")))
case("nft-reject-in-every-kind", "Without a word port-unreachable; icmpx is translated; a reset for TCP; in input and output too.",
     [pkt("eth0", udp(A, B, dport=n)) for n in range(1, 7)] + [pkt("eth0", tcp(A, B, flags="S")), pkt("eth0", tcp(A, B, flags="A", ack=55)), pkt("eth0", udp(A, US, dport=53)), pkt("eth0", ping(A, US)), pkt("eth0", udp(A, B, dport=7), "two rules")],
     nft=nft("inet", base("forward", "udp dport 1 counter reject", "udp dport 2 counter reject with icmp host-unreachable", "udp dport 3 counter reject with icmpx admin-prohibited", "udp dport 4 counter reject with icmpx no-route", "udp dport 5 counter reject with icmpv6 no-route", "udp dport 6 counter reject with icmp net-prohibited", "meta l4proto tcp counter reject with tcp reset", "counter"),
             base("input", "udp dport 53 counter reject with icmpx port-unreachable"), base("output", "icmp type echo-reply counter drop", "icmp type destination-unreachable counter")))
case("nft-fib-and-rt", "fib asks the routing tables by source and destination; missing is what has no way back by the input device; rt knows the route only where there is one.",
     [pkt("eth0", udp(A, B)), pkt("eth0", udp("192.0.2.9", W), "source of another network"), pkt("eth0", udp("172.16.9.9", B), "a source by the default route"), pkt("eth0", udp(A, US, dport=53)), pkt("eth0", udp(A, "10.0.0.255", dport=53)), pkt("eth0", udp(A, "198.51.100.1")), pkt("eth0", udp(A, "10.9.9.9"), "prohibited")],
     setup=["ip route add prohibit 10.9.9.0/24"],
     nft=nft("inet", base("prerouting", "fib daddr type local counter", "fib daddr type unicast counter", "fib daddr type broadcast counter", "fib daddr type != local counter", "fib daddr type { prohibit, local } counter", "fib saddr . iif oif missing counter", "fib saddr . iif oif exists counter", "fib saddr oif eth1 counter", "fib daddr oifname \"eth2\" counter", "fib saddr . iif oif 0 counter", "fib daddr . iif type local counter"),
             base("forward", "rt ip nexthop 192.0.2.2 counter", "rt ip nexthop 203.0.113.9 counter", "rt mtu 1460 counter")))
case("nft-route-chains-route-again", "A mark set in output routes the packet again in a chain of type route, and not in one of type filter.",
     [pkt("eth0", ping(A, US)), pkt("eth0", udp(A, US, dport=9), "port unreachable"), pkt("eth0", tcp(A, US, dport=9), "reset")],
     setup=["ip route add 10.0.0.0/24 via 192.0.2.9 table 11", "ip rule add fwmark 1 lookup 11"],
     nft=nft("ip", base("output", "icmp type echo-reply meta mark set 1 counter", name="r", type="route", prio="mangle"), base("output", "tcp sport 9 meta mark set 1 counter", name="f"), base("postrouting", "oifname eth1 counter", "oifname eth0 counter")))
case("nft-beside-iptables", "Chains of nftables and tables of iptables share the hooks by priority: both must let a packet through.",
     [pkt("eth0", udp(A, B, dport=n)) for n in range(1, 6)] + [pkt("eth2", tcp(W, "203.0.113.1", dport=80)), pkt("eth0", tcp(A, W))],
     iptables=table("filter", "FORWARD -p udp --dport 1 -j DROP", "FORWARD -p udp --dport 2 -j ACCEPT", "FORWARD -m mark --mark 5") + table("mangle", "FORWARD -m mark --mark 5", "POSTROUTING -m mark --mark 6") + table("nat", "PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.9", "POSTROUTING -o eth1 -j MASQUERADE"),
     nft=nft("inet", base("forward", "udp dport 2 counter drop", "udp dport 3 counter accept", name="a", prio="10"), base("forward", "udp dport 4 counter meta mark set 5", name="b", prio="-160"), base("forward", "meta mark 5 counter meta mark set 6", name="c", prio="20"), base("postrouting", "oifname eth2 counter masquerade", name="n", type="nat", prio="srcnat + 1")))
case("nft-ingress-of-a-device", "The chains of a device see everything that arrives on it, before IP does; a drop there has no hook of IP behind it.",
     [pkt("eth0", udp(A, B, dport=1)), pkt("eth0", udp(A, B, dport=2)), pkt("eth1", udp(B, A, dport=1), "another device"), pkt("eth0", tcp(A, B)), pkt("eth0", ip(A, B, ttl=1) / ICMP()), pkt("eth0", udp(A, "10.0.0.255", dport=1), dst="ff:ff:ff:ff:ff:ff")],
     nft=nft("netdev", base("ingress", "counter", "udp dport 1 counter drop", "ip ttl 1 counter drop", "ether type ip counter", "meta protocol arp counter", "ether daddr 02:00:00:00:00:01 counter", "iifname eth0 counter", "meta pkttype broadcast counter", "tcp flags syn meta mark set 3 counter", name="in", dev="eth0", prio="0")) + nft("inet", base("forward", "meta mark 3 counter", "counter"), name="u"))
case("nft-what-meta-tells", "Length, protocol, devices, packet type, priority and mark at every hook.",
     [pkt("eth0", udp(A, B, data=b"x" * 100)), pkt("eth0", ping(A, US)), pkt("eth0", udp(A, "10.0.0.255", dport=9), dst="ff:ff:ff:ff:ff:ff"), pkt("eth0", udp(A, "224.0.0.1", dport=9), dst="01:00:5e:00:00:01"), pkt("eth0", tcp(A, B))],
     nft=nft("inet", *[base(h, "meta length 128 counter", "meta length > 60 counter", "meta protocol ip counter", "meta nfproto ipv4 counter", "meta l4proto { tcp, udp } counter", "iif eth0 counter", "oif eth1 counter", "iifname != eth0 counter", "oifname eth1 counter", *(["meta iiftype ether counter"] if h != "postrouting" else []), "meta oiftype ether counter", "meta pkttype host counter", "meta pkttype { broadcast, multicast } counter", "meta mark 0 counter", "meta priority 0 counter", "iifgroup default counter", "counter") for h in ("prerouting", "input", "forward", "output", "postrouting")]))

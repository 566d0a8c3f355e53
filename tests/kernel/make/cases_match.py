# SPDX-License-Identifier: MIT
"""Matches: what they compare, what inversion means, what they remember; ipset."""
from recipes import COUNT, IP, TCP, UDP, Raw, case, ip, ping, piece, pkt, table, tcp, udp

A, B, W, US = "10.0.0.2", "192.0.2.2", "203.0.113.2", "10.0.0.1"
C, D = "10.0.0.3", "10.0.0.9"


def f(*terms, more=()):
    """One counting rule in FORWARD for each term."""
    return table("filter", *[f"FORWARD {t}" for t in terms], *more)


case("addresses-interfaces-and-protocol", "Masks need not be prefixes, + ends an interface name, ! turns one term; interfaces are compared by name, also in OUTPUT and INPUT.",
     [pkt("eth0", udp(A, B), "eth0 to eth1"), pkt("eth1", udp(B, A), "eth1 to eth0"), pkt("eth0", tcp(C, W), "eth0 to eth2"), pkt("eth0", ping(A, US), "for us")],
     iptables=table("filter", "FORWARD -s 10.0.0.2", "FORWARD ! -s 10.0.0.2", "FORWARD -s 10.0.0.0/255.255.0.255", "FORWARD -s 0.0.0.2/0.0.0.255", "FORWARD -i eth+", "FORWARD -i eth0", "FORWARD ! -i eth0", "FORWARD -i eth", "FORWARD -o eth1", "FORWARD ! -o eth+", "FORWARD -o eth2 ! -i eth1", "FORWARD -p udp",
                    "FORWARD ! -p udp", "FORWARD -p 6", "INPUT -i eth0", "INPUT ! -i lo", "INPUT -i +", "OUTPUT -o eth0", "OUTPUT ! -o eth0") + table("mangle", "PREROUTING -i eth1", "POSTROUTING -o eth1"))
case("tcp-flags-options-and-ports", "--tcp-flags MASK COMP, --syn, ports as ranges and inverted, --tcp-option finds a kind wherever it stands.",
     [pkt("eth0", tcp(A, B, 1023, 80, options=[("MSS", 1460), ("NOP", None), ("WScale", 7)]), "SYN with MSS and WScale"), pkt("eth0", tcp(A, B, 1024, 81, "SA", options=[("Timestamp", (1, 2))]), "SYN/ACK"), pkt("eth0", tcp(A, B, 65535, 0, "FPU"), "Xmas to port 0"), pkt("eth0", tcp(A, B, 0, 65535, ""), "null"),
      pkt("eth0", udp(A, B, 1023, 80), "UDP with the same ports")],
     iptables=f("-p tcp -m tcp --syn", "-p tcp -m tcp ! --syn", "-p tcp -m tcp --tcp-flags ALL NONE", "-p tcp -m tcp --tcp-flags ALL FIN,PSH,URG", "-p tcp -m tcp --tcp-flags SYN,ACK SYN", "-p tcp -m tcp ! --tcp-flags SYN,ACK SYN", "-p tcp -m tcp --sport :1023", "-p tcp -m tcp --sport 1024:", "-p tcp -m tcp ! --sport 1:1023", "-p tcp -m tcp --dport 80:81",
                "-p tcp -m tcp --dport 0", "-p tcp -m tcp --tcp-option 2", "-p tcp -m tcp --tcp-option 3", "-p tcp -m tcp --tcp-option 8", "-p tcp -m tcp ! --tcp-option 2", "-p udp -m udp --sport 1023 --dport 80", "-p tcp -m tcp --tcp-flags SYN,RST SYN -m tcpmss --mss 1400:1500", "-p tcp -m tcp --tcp-flags SYN,RST SYN -m tcpmss ! --mss 1400:1500"))
case("tcp-option-in-broken-option-lists", "An option list that overruns is searched as far as it goes (a length of 0 counts as 1); only a header that is too short or longer than the packet is dropped.",
     [pkt("eth0", ip(A, B) / TCP(sport=1, dport=80, flags="S", dataofs=6) / Raw(b"\x08\x0a\0\0"), "kind 8, length 10 in four bytes"), pkt("eth0", ip(A, B) / TCP(sport=1, dport=80, flags="S", dataofs=6) / Raw(b"\x05\x00\x02\x04"), "length 0"), pkt("eth0", tcp(A, B, options=[("NOP", None)] * 4), "four NOPs"),
      pkt("eth0", ip(A, B) / TCP(sport=1, dport=80, flags="S", dataofs=10), "header longer than the packet"), pkt("eth0", ip(A, B) / TCP(sport=1, dport=80, flags="S", dataofs=2), "header of 8 bytes")],
     iptables=f("-p tcp -m tcp --tcp-option 2"))
case("icmp-types-and-codes", "Type alone, type and code, any; an error quotes nothing here: the outer type counts; a truncated ICMP header is hotdropped.",
     [pkt("eth0", ping(A, B), "8/0"), pkt("eth0", ping(A, B, type=0), "0/0"), pkt("eth0", ip(A, B, proto=1) / Raw(b"\x03\x01\xfc\xfe\0\0\0\0" + bytes(udp(B, A))[:28]), "3/1"), pkt("eth0", ip(A, B, proto=1) / Raw(b"\x03\x0d\xfc\xf2\0\0\0\0"), "3/13"), pkt("eth0", ip(A, B, proto=1) / Raw(b"\x08"), "one byte of ICMP"),
      pkt("eth0", piece(IP(src=A, dst=B, proto=1, id=4, ttl=64), 8, b"\0" * 8, False), "a later fragment")],
     iptables=f("-p icmp -m icmp --icmp-type 8", "-p icmp -m icmp --icmp-type 3", "-p icmp -m icmp --icmp-type 3/1", "-p icmp -m icmp ! --icmp-type 3/1", "-p icmp -m icmp --icmp-type any", "-p icmp -m icmp ! --icmp-type 8"))
case("multiport-and-iprange", "multiport takes lists and ranges of either port; inversion turns the whole list; iprange bounds are inclusive.",
     [pkt("eth0", tcp(A, B, 1000, 22), "22"), pkt("eth0", tcp(A, B, 22, 1000), "from 22"), pkt("eth0", udp(C, B, 1000, 8005), "in 8000:8010"), pkt("eth0", udp(C, B, 1000, 8011), "beyond"), pkt("eth0", ip("10.0.0.10", B, proto=132) / Raw(b"\x03\xe8\x00\x16" + b"\0" * 8), "SCTP 22"), pkt("eth0", udp("10.0.0.11", B, 1000, 22, frag=2), "a later fragment"),
      pkt("eth0", ip("10.0.0.10", B, proto=6) / Raw(b"\x03\xe8"), "two bytes of TCP: hotdropped")],
     iptables=f("-p tcp -m multiport --dports 22,80,8000:8010", "-p udp -m multiport --dports 22,80,8000:8010", "-p tcp -m multiport --sports 22", "-p tcp -m multiport --ports 22", "-p tcp -m multiport ! --dports 22", "-p udp -m multiport ! --dports 8000:8010", "-p sctp -m multiport --dports 22", "-m iprange --src-range 10.0.0.2-10.0.0.10",
                "-m iprange ! --src-range 10.0.0.2-10.0.0.10", "-m iprange --src-range 10.0.0.3-10.0.0.3 --dst-range 192.0.2.2-192.0.2.2"))
case("addrtype-by-routing-table", "addrtype asks the local table: LOCAL, BROADCAST, MULTICAST, and all the rest is UNICAST, unreachable or not; --limit-iface-in asks for that interface alone.",
     [pkt("eth0", udp(A, US, dport=9), "our address on the interface it came by"), pkt("eth0", udp(A, "192.0.2.1", dport=9), "our address on another interface"), pkt("eth0", udp(A, "10.0.0.255", dport=9), "broadcast"), pkt("eth0", udp(A, "192.0.2.255", dport=9), "broadcast of eth1"), pkt("eth0", udp(A, B), "unicast"),
      pkt("eth0", udp(A, "172.16.0.1"), "unreachable"), pkt("eth0", udp(A, "172.17.0.1"), "blackhole"), pkt("eth0", udp(A, "172.18.0.1"), "prohibit"), pkt("eth0", udp("192.0.2.1", B), "our own address as source: PREROUTING still sees it"), pkt("eth0", udp(A, "224.0.0.5"), "multicast"), pkt("eth0", udp(A, "240.0.0.1"), "class E by the default route")],
     iptables=table("mangle", *[f"PREROUTING -m addrtype --dst-type {t}" for t in ("LOCAL", "BROADCAST", "UNICAST", "MULTICAST", "UNREACHABLE", "BLACKHOLE", "PROHIBIT", "ANYCAST", "LOCAL,BROADCAST")], "PREROUTING -m addrtype ! --dst-type LOCAL", "PREROUTING -m addrtype --src-type LOCAL", "PREROUTING -m addrtype --dst-type LOCAL --limit-iface-in",
                    "PREROUTING -m addrtype --dst-type UNICAST --limit-iface-in", "PREROUTING -m addrtype --dst-type BROADCAST --limit-iface-in", "FORWARD -m addrtype --dst-type UNICAST --limit-iface-out", "FORWARD -m addrtype --src-type UNICAST --limit-iface-in", "INPUT -m addrtype --dst-type LOCAL"),
     setup=["ip route add unreachable 172.16.0.0/16", "ip route add blackhole 172.17.0.0/16", "ip route add prohibit 172.18.0.0/16"])
case("rpfilter-match-in-raw", "-m rpfilter passes a packet whose way back leads by the same interface, --loose by any; --invert is the use people make of it.",
     [pkt("eth0", udp(A, B), "right way"), pkt("eth0", udp(W, B), "lives behind eth2"), pkt("eth0", udp("9.9.9.9", B), "by the default route: eth2"), pkt("eth2", udp("9.9.9.9", B), "right"), pkt("eth0", udp("172.16.0.1", B), "unreachable"), pkt("eth0", udp(US, B), "our own address"), pkt("eth0", udp("0.0.0.0", "255.255.255.255", 68, 67), "DHCP"), pkt("eth0", udp(A, "10.0.0.255"), "broadcast")],
     iptables=table("raw", "PREROUTING -m rpfilter", "PREROUTING -m rpfilter --loose", "PREROUTING -m rpfilter --invert", "PREROUTING -m rpfilter --loose --invert", "PREROUTING -m rpfilter --accept-local"), setup=["ip route add unreachable 172.16.0.0/16"])
case("statistic-nth", "nth counts the packets that reach the rule; --packet says which of every N; two rules count for themselves.",
     [pkt("eth0", udp(A, B, dport=n), f"packet {n}") for n in range(1, 9)] + [pkt("eth0", tcp(A, B), "does not reach the first rule")],
     iptables=table("filter", "FORWARD -p udp -m statistic --mode nth --every 3 --packet 0 -j DROP", "FORWARD -m statistic --mode nth --every 2 --packet 1", "FORWARD -m statistic --mode nth --every 4 --packet 3", "FORWARD -m statistic --mode nth ! --every 3 --packet 0"))
case("limit-takes-tokens-only-when-asked", "A full bucket of --limit-burst, refilled slowly; a term before -m limit that fails leaves the bucket alone, one behind it does not.",
     [pkt("eth0", udp(A, B, dport=n), f"{n}") for n in (1, 1, 2, 2, 1, 2, 1, 1)] + [pkt("eth0", udp(A, B, dport=3), "after 1.3 seconds a token of one a second is back", sleep=1.3)],
     iptables=f("-p udp -m udp --dport 1 -m limit --limit 6/min --limit-burst 3", "-m limit --limit 6/min --limit-burst 4 -p udp -m udp --dport 2", "-m limit --limit 1/sec --limit-burst 2", "-m limit --limit 6/hour"))
case("hashlimit-by-source-port-and-network", "One bucket for each key: source, destination port, masked network; --upto matches while there are tokens, --above when there are none.",
     [pkt("eth0", udp(A, B, dport=1), "A 1"), pkt("eth0", udp(A, B, dport=1), "A 2"), pkt("eth0", udp(A, B, dport=1), "A 3"), pkt("eth0", udp(C, B, dport=1), "C 1"), pkt("eth0", udp(C, B, dport=2), "C 2, other port"), pkt("eth0", udp(A, B, dport=2), "A 4, other port"), pkt("eth0", udp("10.0.0.200", B, dport=2), "upper half of the network"),
      pkt("eth0", ping(A, B), "a ping has no ports")],
     iptables=f("-m hashlimit --hashlimit-upto 6/min --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name a", "-m hashlimit --hashlimit-above 6/min --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name b", "-m hashlimit --hashlimit-upto 6/min --hashlimit-burst 1 --hashlimit-mode dstport --hashlimit-name c",
                "-m hashlimit --hashlimit-upto 6/min --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-srcmask 25 --hashlimit-name d", "-m hashlimit --hashlimit-upto 6/min --hashlimit-burst 4 --hashlimit-name e"))
case("recent-set-update-rcheck-remove", "recent remembers addresses: set adds, rcheck asks, update asks and adds, remove forgets; --hitcount counts stamps, --rttl the TTL of the last.",
     [pkt("eth0", udp(A, B, dport=1), "set"), pkt("eth0", udp(A, B, dport=2), "rcheck"), pkt("eth0", udp(C, B, dport=2), "rcheck, unknown"), pkt("eth0", udp(A, B, dport=3), "update --hitcount 3: one stamp, and a failed update adds none"), pkt("eth0", udp(A, B, dport=3), "again: still one"), pkt("eth0", udp(A, B, dport=1), "set"), pkt("eth0", udp(A, B, dport=1), "set: three stamps"), pkt("eth0", udp(A, B, dport=3), "update --hitcount 3"),
      pkt("eth0", udp(A, B, dport=9), "rcheck --hitcount 4: the update has added one"), pkt("eth0", udp(A, B, dport=4, ttl=9), "rttl: another TTL"),
      pkt("eth0", udp(A, B, dport=4), "rttl: the same TTL"), pkt("eth0", udp(A, B, dport=5), "remove"), pkt("eth0", udp(A, B, dport=2), "rcheck after remove"), pkt("eth0", udp(C, B, dport=6), "set by destination"), pkt("eth0", udp(A, B, dport=7), "rcheck by destination"), pkt("eth0", udp(A, B, dport=8), "rcheck --seconds 1, just now? never set", sleep=0.01)],
     iptables=f("-p udp -m udp --dport 1 -m recent --set --name r", "-p udp -m udp --dport 2 -m recent --rcheck --name r", "-p udp -m udp --dport 2 -m recent ! --rcheck --name r", "-p udp -m udp --dport 3 -m recent --update --hitcount 3 --seconds 600 --name r", "-p udp -m udp --dport 4 -m recent --rcheck --rttl --name r", "-p udp -m udp --dport 9 -m recent --rcheck --hitcount 4 --name r", "-p udp -m udp --dport 9 -m recent --rcheck --hitcount 5 --name r", "-p udp -m udp --dport 5 -m recent --remove --name r",
                "-p udp -m udp --dport 6 -m recent --set --rdest --name d", "-p udp -m udp --dport 7 -m recent --rcheck --rdest --name d", "-p udp -m udp --dport 8 -m recent --rcheck --seconds 1 --name r"))
case("recent-forgets-after-seconds", "--seconds looks at stamps no older than that; --reap throws old ones away; a mask makes networks of addresses.",
     [pkt("eth0", udp(A, B, dport=1), "set"), pkt("eth0", udp(A, B, dport=2), "rcheck --seconds 2, at once"), pkt("eth0", udp(C, B, dport=3), "same /24 under a mask"), pkt("eth0", udp(A, B, dport=2), "rcheck --seconds 2, 3.2 s later", sleep=3.2), pkt("eth0", udp(A, B, dport=4), "rcheck without seconds: still known"), pkt("eth0", udp(A, B, dport=5), "rcheck --seconds 2 --reap"),
      pkt("eth0", udp(A, B, dport=4), "rcheck: reaped")],
     iptables=f("-p udp -m udp --dport 1 -m recent --set --name s", "-p udp -m udp --dport 1 -m recent --set --name m --mask 255.255.255.0", "-p udp -m udp --dport 2 -m recent --rcheck --seconds 2 --name s", "-p udp -m udp --dport 3 -m recent --rcheck --name m --mask 255.255.255.0", "-p udp -m udp --dport 4 -m recent --rcheck --name s", "-p udp -m udp --dport 5 -m recent --rcheck --seconds 2 --reap --name s"))
case("connlimit-counts-connections", "connlimit counts tracked connections of a source (or a masked network), not packets; closed ones no longer count; --connlimit-upto is the other way round.",
     [pkt("eth0", tcp(A, B, 4000 + n), f"connection {n}") for n in (1, 2, 3)] + [pkt("eth0", tcp(A, B, 4001), "SYN of the first again"), pkt("eth0", tcp(C, B, 4001), "another source"), pkt("eth0", tcp(D, B, 4001), "a third source: five in the network"), pkt("eth0", udp(A, B), "UDP counts as well where the rule says so")],
     iptables=f("-p tcp -m connlimit --connlimit-above 2 --connlimit-mask 32 --connlimit-saddr", "-p tcp -m connlimit --connlimit-upto 2 --connlimit-mask 32 --connlimit-saddr", "-p tcp -m connlimit --connlimit-above 4 --connlimit-mask 24 --connlimit-saddr", "-m connlimit --connlimit-above 1 --connlimit-mask 32 --connlimit-daddr"))
case("string-and-u32", "string searches the packet from its IP header on, between --from and --to; u32 reads at offsets, follows @ and takes ranges.",
     [pkt("eth0", tcp(A, B, flags="PA", data=b"GET /index.html HTTP/1.0\r\n"), "GET"), pkt("eth0", tcp(A, B, flags="PA", data=b"get /index.html"), "get in small letters"), pkt("eth0", udp(A, B, data=b"\x01\x02GET"), "UDP, GET at the end"), pkt("eth0", udp(A, B, data=b"GE"), "cut short"), pkt("eth0", udp(A, B, 5000, 53, ttl=3), "TTL 3, port 53")],
     iptables=f('-m string --string "GET" --algo bm', '-m string --string "GET" --algo kmp', '-m string --string "GET" --algo bm --icase', '-m string ! --string "GET" --algo bm', '-m string --string "GET" --algo bm --from 40 --to 43', '-m string --string "GET" --algo kmp --from 41', '-m string --hex-string "|0102|GE" --algo bm', '-m string --string "GET" --algo kmp --to 31',
                '-m u32 --u32 "6&0xFF=6"', '-m u32 --u32 "6&0xFF=17"', '-m u32 --u32 "5&0xFF=0:4"', '-m u32 --u32 "0>>22&0x3C@0&0xFFFF=53"', '-m u32 --u32 "0>>22&0x3C@12>>26&0x3C@0=0x47455420"', '-m u32 --u32 "12=0x0a000002 && 16=0xc0000202"', '-m u32 ! --u32 "6&0xFF=6"', '-m u32 --u32 "400=1"'))
case("length-ttl-tos-dscp-ecn-and-mac", "length counts the IP packet, tos compares under a mask, ecn looks at IP and TCP bits, mac at the frame's source.",
     [pkt("eth0", udp(A, B, data=b"x" * 72, tos=0xb8, ttl=5), "100 bytes, DSCP 46, TTL 5"), pkt("eth0", udp(A, B, data=b"x" * 73, tos=0x11), "101 bytes, TOS 0x11"), pkt("eth0", tcp(A, B, flags="SEC", tos=0x02), "ECN SYN, ECT 0"), pkt("eth0", tcp(A, B, flags="A", tos=0x03), "CE"), pkt("eth0", udp(A, B), "another MAC", src="02:00:00:00:00:99")],
     iptables=f("-m length --length 100", "-m length --length :100", "-m length ! --length 100:101", "-m dscp --dscp 46", "-m dscp ! --dscp 46", "-m dscp --dscp-class EF", "-m tos --tos 0x10/0x3f", "-m tos --tos 0x11", "-m tos ! --tos 0x10/0x1e", "-p tcp -m ecn --ecn-tcp-ece", "-p tcp -m ecn --ecn-tcp-cwr", "-m ecn --ecn-ip-ect 2", "-m ecn --ecn-ip-ect 3", "-m ecn ! --ecn-ip-ect 0", "-m ttl --ttl-lt 5", "-m ttl --ttl-eq 4",
                "-m mac --mac-source 02:00:00:00:00:02", "-m mac ! --mac-source 02:00:00:00:00:02", "-m pkttype --pkt-type unicast", "-m comment --comment \"a remark matches always\""))
case("time-and-other-matches-that-are-certain", "time with dates far away or long past, policy without IPsec, physdev without a bridge: what does not depend on when it is asked.",
     [pkt("eth0", udp(A, B), "one"), pkt("eth0", tcp(A, B), "two")],
     iptables=f("-m time --datestart 2001-01-01T00:00:00", "-m time --datestop 2001-01-01T00:00:00", "-m time --datestart 2037-01-01T00:00:00", "-m time --timestart 00:00 --timestop 23:59:59", "-m time --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun", "-m time ! --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun",
                "-m policy --dir in --pol none", "-m policy --dir in --pol ipsec", "-m policy --dir out --pol none", "-m physdev --physdev-is-bridged", "-m physdev ! --physdev-is-bridged"))
case("matches-without-an-entry-or-a-header", "udp and multiport terms fail on later fragments, inverted or not; a set is only not found, so its inversion matches; hashlimit takes the ports as zero.",
     [pkt("eth0", udp(A, B, frag=3), "later fragment"), pkt("eth0", udp(A, B, flags="MF"), "first fragment"), pkt("eth0", ip(A, B, proto=253) / Raw(b"x" * 20), "no ports at all")],
     iptables=f("-p udp -m udp --dport 5000", "-p udp -m udp ! --dport 5000", "-p udp -m multiport --dports 5000", "-p udp -m multiport ! --dports 5000", "-m set --match-set ports dst,dst", "-m set ! --match-set ports dst,dst", "-m hashlimit --hashlimit-upto 6/min --hashlimit-burst 9 --hashlimit-mode dstport --hashlimit-name q", "-f", "! -f"),
     ipset="create ports hash:ip,port\nadd ports 192.0.2.2,udp:5000\n")

SETS = """create hosts hash:ip
add hosts 10.0.0.2
add hosts 192.0.2.0/30
create nets hash:net
add nets 10.0.0.0/24
add nets 10.0.0.2 nomatch
add nets 198.51.100.0/24
create svc hash:ip,port
add svc 192.0.2.2,tcp:80
add svc 192.0.2.2,udp:53
add svc 192.0.2.2,icmp:echo-request
add svc 192.0.2.2,47:0
create nsvc hash:net,port
add nsvc 192.0.2.0/24,tcp:443
add nsvc 192.0.2.2,tcp:443 nomatch
create ports bitmap:port range 0-1024
add ports 22
add ports 80-82
create pair hash:ip,port,ip
add pair 10.0.0.2,tcp:80,192.0.2.2
create any list:set
add any hosts
add any nets
create empty hash:ip
"""
case("ipset-every-type", "Each dimension takes src or dst; nomatch makes holes; a port set looks at TCP and UDP; a list asks its members in order; with too few directions nothing is found, which inversion turns into a match.",
     [pkt("eth0", tcp(A, B), "tcp 80"), pkt("eth0", udp(A, B, dport=53), "udp 53"), pkt("eth0", tcp(C, B, dport=443), "tcp 443"), pkt("eth0", tcp(C, "192.0.2.3", dport=443), "tcp 443 to .3"), pkt("eth0", ping(A, B), "ping"), pkt("eth0", ping(A, B, type=0), "echo reply"), pkt("eth0", ip(A, B, proto=47) / Raw(b"\0\0\x08\0data"), "GRE"), pkt("eth0", udp("198.51.100.7", "192.0.2.50", 80, 22), "from port 80 to 22"),
      pkt("eth0", udp(C, "192.0.2.9", 9, 9), "nothing")],
     iptables=f(*[f"-m set --match-set {s}" for s in ("hosts src", "hosts dst", "nets src", "nets dst", "svc dst,dst", "svc src,src", "svc dst", "nsvc dst,dst", "ports src", "ports dst", "pair src,dst,dst", "pair dst,dst,src", "any src", "any dst", "empty src", "nets src --return-nomatch")], "-m set ! --match-set hosts src", "-m set ! --match-set empty src", "-m set ! --match-set svc dst", "-p tcp -m set ! --match-set ports dst"),
     ipset=SETS)
case("ipset-set-target-add-del-and-timeouts", "SET adds and deletes while packets walk: what one packet adds the next one finds; an entry's own timeout, --exist and --timeout.",
     [pkt("eth0", udp(A, B, dport=1), "add src"), pkt("eth0", udp(A, B, dport=2), "found"), pkt("eth0", udp(A, B, dport=3), "del src"), pkt("eth0", udp(A, B, dport=2), "gone"), pkt("eth0", udp(C, B, dport=4), "add src for two seconds"), pkt("eth0", udp(C, B, dport=5), "found"), pkt("eth0", udp(C, B, dport=5), "expired", sleep=3.1), pkt("eth0", udp(A, B, 9, 6), "add src,dst port"), pkt("eth0", udp(A, B, 8, 6), "found"),
      pkt("eth0", udp(D, B, dport=7), "added within the same packet, by an earlier rule")],
     iptables=f("-p udp -m udp --dport 2 -m set --match-set s src", "-p udp -m udp --dport 5 -m set --match-set t src", "-p udp -m udp --dport 6 -m set --match-set p src,dst", more=["FORWARD -p udp -m udp --dport 1 -j SET --add-set s src", "FORWARD -p udp -m udp --dport 3 -j SET --del-set s src", "FORWARD -p udp -m udp --dport 4 -j SET --add-set t src --timeout 2",
       "FORWARD -p udp -m udp --dport 6 -j SET --add-set p src,dst", "FORWARD -p udp -m udp --dport 7 -j SET --add-set s src", "FORWARD -p udp -m udp --dport 7 -m set --match-set s src", "FORWARD -p udp -m udp --dport 7 -j SET --del-set s src"]), ipset="create s hash:ip\ncreate t hash:ip timeout 600\ncreate p hash:ip,port\n")
case("ipset-counters-comments-and-skbinfo", "Every term that finds an element counts it, then --packets-gt compares; --map-mark takes the mark of the element.",
     [pkt("eth0", udp(A, B), "first"), pkt("eth0", udp(A, B), "second"), pkt("eth0", udp(A, B), "third"), pkt("eth0", udp(C, B), "mark by the element")],
     iptables=f("-m set --match-set c src", "-m set --match-set c src --packets-gt 1", "-m set --match-set c src ! --update-counters --packets-eq 3", "-m mark --mark 0x11") + table("mangle", "PREROUTING -j SET --map-set m src --map-mark"),
     ipset="create c hash:ip counters comment\nadd c 10.0.0.2 comment \"the client\"\ncreate m hash:ip skbinfo\nadd m 10.0.0.3 skbmark 0x11/0xff\n")

# SPDX-License-Identifier: MIT
"""Matches that remember: sets, limits, recent lists, counts of connections; and what the router's own packets look like to owner."""
from recipes import Raw, case, ip, pieces, ping, pkt, table, tcp, udp

A, A3, B, B3, W = "10.0.0.2", "10.0.0.3", "192.0.2.2", "192.0.2.3", "203.0.113.2"


SETS = """create ip hash:ip
add ip 10.0.0.2
create ip24 hash:ip netmask 24
add ip24 10.0.0.77
create ipm hash:ip bitmask 255.0.0.255
add ipm 10.9.9.2
create net hash:net
add net 10.0.0.0/24
add net 10.0.0.3 nomatch
add net 192.0.2.0/30
create ipport hash:ip,port
add ipport 192.0.2.2,tcp:80
add ipport 192.0.2.2,udp:53
add ipport 192.0.2.2,icmp:echo-request
add ipport 192.0.2.2,gre:0
create netport hash:net,port
add netport 192.0.2.0/24,tcp:80
add netport 192.0.2.0/30,udp:53 nomatch
add netport 192.0.0.0/16,udp:53
create ipportip hash:ip,port,ip
add ipportip 192.0.2.2,tcp:80,10.0.0.2
create ipportnet hash:ip,port,net
add ipportnet 192.0.2.2,udp:53,10.0.0.0/24
add ipportnet 192.0.2.2,udp:53,10.0.0.3 nomatch
create iface hash:net,iface
add iface 10.0.0.0/24,eth0
add iface 192.0.2.0/24,eth2
add iface 192.0.0.0/16,eth1
create wild hash:net,iface
add wild 10.0.0.0/8,eth wildcard
create bip bitmap:ip range 10.0.0.0/24
add bip 10.0.0.2
create bport bitmap:port range 0-1024
add bport 80
add bport 53
create bmac bitmap:ip,mac range 10.0.0.0/24
add bmac 10.0.0.2,02:00:00:00:00:02
add bmac 10.0.0.3,02:00:00:00:00:99
create six hash:ip family inet6
add six 2001:db8::1
create list list:set
add list six
add list bip
add list ipport
"""
ASKED = ["ip src", "ip dst", "ip src,dst", "ip24 src", "ipm src", "net src", "net dst", "ipport dst,dst", "ipport dst,src", "ipport dst",
         "netport dst,dst", "ipportip dst,dst,src", "ipportnet dst,dst,src", "iface src,src", "iface dst,dst", "iface dst,src", "iface src,dst",
         "wild src,src", "wild src,dst", "bip src", "bip dst", "bport dst", "bport src", "bmac src,src", "bmac src,dst", "list src",
         "list dst,dst"]


def sets_table():
    rules = []
    for asked in ASKED:
        rules += [f"FORWARD -m set --match-set {asked}", f"FORWARD -m set ! --match-set {asked}"]
    rules += ["FORWARD -m set --match-set net src --return-nomatch", "FORWARD -m set --match-set netport dst,dst --return-nomatch",
              "FORWARD -m set --match-set ip src --return-nomatch", "INPUT -m set --match-set iface src,dst",
              "POSTROUTING -m set --match-set bmac src,src", "PREROUTING -m set --match-set wild src,dst"]
    return table("mangle", *rules)


BIG = pieces(udp(A, B, data=b"z" * 100), 64)
case("every-type-of-ipset-is-asked", "Each set is asked by a rule and its inverse: directions, fewer directions than parts, nomatch, the other family, fragments.",
     [pkt("eth0", tcp(A, B)), pkt("eth0", tcp(A3, B)), pkt("eth0", udp(A, B, 4000, 53)), pkt("eth0", udp(A3, B, 4000, 53)), pkt("eth0", udp(A, W, 53, 5000)),
      pkt("eth0", ping(A, B)), pkt("eth0", ping(A, B, type=0)), pkt("eth0", ip(A, B, proto=47) / Raw(b"\0" * 8)), pkt("eth1", tcp(B, A, 80, 4000, "SA")),
      pkt("eth0", BIG[0], "a first fragment"), pkt("eth0", BIG[1], "a later one"), pkt("eth0", udp("10.0.0.9", B3, 1, 2), "nobody"),
      pkt("eth0", udp(A, "10.0.0.1", 1, 2), "to the router"), pkt("eth0", ip(A, B, proto=132) / Raw(b"\0\x50\0\x35" + b"\0" * 8), "SCTP"),
      pkt("eth0", ip(A, B, proto=132) / Raw(b"\0\x50\0\x35" + b"\0" * 6), "SCTP, header cut"), pkt("eth0", ip(A, B, proto=17) / Raw(b"\0\x50\0\x35"), "UDP, header cut")],
     iptables=sets_table(), ipset=SETS)
case("ipset-counters-and-comparisons", "Counters of elements count before they are compared; a list's and its members' are apart.",
     [pkt("eth0", udp(A, B, data=b"x" * n)) for n in (10, 20, 30, 40, 50)] + [pkt("eth0", udp(A3, B))],
     iptables=table("mangle", "FORWARD -m set --match-set c src --packets-gt 2", "FORWARD -m set --match-set c src ! --update-counters --packets-eq 3",
                    "FORWARD -m set --match-set c src ! --packets-eq 4 --bytes-gt 100", "FORWARD -m set --match-set l src",
                    "FORWARD -m set --match-set l src ! --update-subcounters", "FORWARD -m set --match-set l src --packets-lt 8",
                    "FORWARD -m set --match-set n src --packets-gt 3", "FORWARD -m set --match-set plain src --packets-gt 100"),
     ipset="create c hash:ip counters\nadd c 10.0.0.2 packets 1 bytes 50\ncreate n hash:net counters\nadd n 10.0.0.2 packets 0 bytes 0\n"
           "add n 10.0.0.0/24 packets 9 bytes 9\ncreate plain hash:ip\nadd plain 10.0.0.2\ncreate l list:set counters\nadd l c\n")
case("set-target-adds-and-deletes", "-j SET: what is added by each type, with timeouts, --exist, full sets; and what later packets then meet.",
     [pkt("eth0", tcp(A, B, 4000 + n)) for n in range(3)] + [pkt("eth0", udp(A, B, 4000, 53)), pkt("eth0", udp(A3, B, 4001, 53)), pkt("eth0", ping(A3, B)),
      pkt("eth1", udp(B, A)), pkt("eth0", tcp("10.0.0.9", B)), pkt("eth0", tcp("10.0.0.50", B)), pkt("eth0", BIG[1]), pkt("eth0", tcp(A, B, 4000), sleep=1.2)],
     iptables=table("mangle", "PREROUTING -m set --match-set a src", "PREROUTING -m set --match-set net src", "PREROUTING -m set --match-set full src",
                    "PREROUTING -j SET --add-set a src", "PREROUTING -j SET --add-set ap src,dst", "PREROUTING -j SET --add-set net src",
                    "PREROUTING -j SET --add-set netp src,dst", "PREROUTING -j SET --add-set nif src,src", "PREROUTING -j SET --add-set apn src,dst,dst",
                    "PREROUTING -j SET --add-set full src", "PREROUTING -j SET --add-set t src --timeout 30", "PREROUTING -j SET --add-set e src --exist --timeout 20",
                    "PREROUTING -j SET --add-set bp dst", "PREROUTING -j SET --add-set bm src,src", "PREROUTING -j SET --add-set l src",
                    "PREROUTING -p tcp -j SET --del-set gone src", "PREROUTING -p icmp -j SET --del-set net24 src"),
     ipset="create a hash:ip counters\ncreate ap hash:ip,port\ncreate net hash:net\nadd net 10.7.0.0/16\nadd net 10.8.0.0/20\ncreate netp hash:net,port\n"
           "create nif hash:net,iface\nadd nif 10.9.0.0/24,eth1\ncreate apn hash:ip,port,net\nadd apn 1.1.1.1,tcp:1,192.0.0.0/16\ncreate full hash:ip maxelem 2\n"
           "create t hash:ip timeout 60\ncreate e hash:ip timeout 60\nadd e 10.0.0.2 timeout 5\ncreate bp bitmap:port range 0-100\n"
           "create bm bitmap:ip,mac range 10.0.0.0/24\nadd bm 10.0.0.3\ncreate gone hash:ip\nadd gone 10.0.0.2\nadd gone 10.0.0.3\n"
           "create net24 hash:net\nadd net24 10.0.0.0/24\nadd net24 10.0.0.2\ncreate six hash:ip family inet6\ncreate m2 hash:ip\ncreate l list:set\nadd l six\nadd l m2\n")
case("set-target-maps-skbinfo", "-j SET --map-set: mark under its mask, and priority, from the element that is found.",
     [pkt("eth0", udp(A, B)), pkt("eth0", udp(A3, B)), pkt("eth0", udp("10.0.0.9", B))],
     iptables=table("mangle", "FORWARD -j MARK --set-mark 0xff00", "FORWARD -j SET --map-set s src --map-mark --map-prio", "FORWARD -m mark --mark 0xff05 -j DSCP --set-dscp 1",
                    "FORWARD -m mark --mark 0x7 -j DSCP --set-dscp 2", "FORWARD -m mark --mark 0xff00 -j DSCP --set-dscp 3"),
     ipset="create s hash:ip skbinfo\nadd s 10.0.0.2 skbmark 0x5/0xff skbprio 1:2\nadd s 10.0.0.3 skbmark 0x7\n")

case("limit-spends-its-burst-and-earns-it-back", "-m limit in ticks: burst, then the rate; a rule that is not reached spends nothing.",
     [pkt("eth0", udp(A, B), sleep=s) for s in (0, 0, 0, 0, 0.06, 0.06, 0.15, 0.35, 0, 0, 1.2, 0, 0, 0)] + [pkt("eth0", tcp(A, B)) for _ in range(4)],
     iptables=table("filter", "FORWARD -p udp -m limit --limit 5/sec --limit-burst 3 -j ACCEPT", "FORWARD -p tcp -m limit --limit 1/hour --limit-burst 2 -j ACCEPT",
                    "FORWARD -j DROP"))
case("hashlimit-by-address-and-port", "-m hashlimit in packets: a bucket for each key, the same table for two rules of one name, above and upto.",
     [pkt("eth0", udp(s, B, p, 53), sleep=w) for s, p, w in ((A, 1, 0), (A, 2, 0), (A, 3, 0), (A3, 1, 0), (A3, 2, 0), (A3, 3, 0), (A, 4, 0.3), (A, 5, 0), (A3, 4, 0.9), (A3, 5, 0))]
     + [pkt("eth0", tcp(A, B, 4000 + n % 2, 80)) for n in range(6)] + [pkt("eth0", ping(A, B, seq=n)) for n in range(4)] + [pkt("eth0", ping(A3, B, seq=9))],
     iptables=table("filter", "FORWARD -p udp -m hashlimit --hashlimit-upto 4/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name a -j ACCEPT",
                    "FORWARD -p tcp -m hashlimit --hashlimit-above 1/min --hashlimit-burst 2 --hashlimit-mode srcip,srcport,dstip,dstport --hashlimit-name b -j DROP",
                    "FORWARD -p tcp -j ACCEPT",
                    "FORWARD -p icmp -m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-srcmask 24 --hashlimit-name c",
                    "FORWARD -p icmp -m hashlimit --hashlimit-upto 9/sec --hashlimit-burst 9 --hashlimit-mode dstip --hashlimit-name c -j ACCEPT", "FORWARD -j DROP"))
case("hashlimit-in-bytes-and-by-rate", "-m hashlimit in bytes with a burst, and --hashlimit-rate-match, which looks at whole windows.",
     [pkt("eth0", udp(A, B, 1, 53, b"x" * 972), sleep=w) for w in (0, 0, 0, 0, 0, 0, 0, 0, 0.55, 0, 1.1, 0, 0)] +
     [pkt("eth0", tcp(A, B), sleep=w) for w in (0, 0, 0, 0, 0, 0, 0, 0, 0, 1.1, 0, 1.1, 0)] + [pkt("eth0", ping(A, B, data=b"y" * 500)) for _ in range(6)],
     iptables=table("filter", "FORWARD -p udp -m hashlimit --hashlimit-upto 2kb/s --hashlimit-burst 4kb --hashlimit-mode srcip --hashlimit-name a -j ACCEPT",
                    "FORWARD -p tcp -m hashlimit --hashlimit-upto 3/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name b --hashlimit-htable-expire 60000 --hashlimit-rate-match -j ACCEPT",
                    "FORWARD -p icmp -m hashlimit --hashlimit-upto 1kb/s --hashlimit-name c --hashlimit-rate-match -j ACCEPT", "FORWARD -j DROP"))
case("hashlimit-with-ports-and-packets-without", "A hashlimit by ports drops packets whose ports are not there.",
     [pkt("eth0", BIG[0], "first fragment"), pkt("eth0", BIG[1], "later fragment"), pkt("eth0", ip(A, B, proto=6) / Raw(b"\0\1"), "TCP cut"),
      pkt("eth0", ping(A, B)), pkt("eth0", ip(A, B, proto=47) / Raw(b"\0" * 8))],
     iptables=table("mangle", "FORWARD -m hashlimit --hashlimit-upto 100/sec --hashlimit-burst 100 --hashlimit-mode srcip,dstport --hashlimit-name p"))

case("recent-counts-hits-within-seconds", "-m recent: set, rcheck, update and remove, with seconds and hitcount, and inverted; update counts only what matches.",
     [pkt("eth0", tcp(A, B, 4000 + n, 22), sleep=s) for n, s in enumerate((0, 0, 0, 0, 1.1, 0, 2.2, 0))] + [pkt("eth0", udp(A, B, 1, p), sleep=s) for p, s in
      ((1001, 0), (1002, 0), (1003, 0), (22, 0), (22, 1.3), (1004, 0), (22, 0), (1005, 0), (22, 0))],
     iptables=table("filter", "FORWARD -p tcp --dport 22 -m recent --name ssh --update --seconds 2 --hitcount 3 -j DROP", "FORWARD -p tcp --dport 22 -m recent --name ssh --set -j ACCEPT",
                    "FORWARD -p udp --dport 1001 -m recent --name k1 --set -j DROP", "FORWARD -p udp --dport 1002 -m recent --name k1 --rcheck --seconds 1 -m recent --name k2 --set -j DROP",
                    "FORWARD -p udp --dport 1003 -m recent --name k2 --remove -m recent --name k3 --set -j DROP", "FORWARD -p udp --dport 1004 -m recent ! --rcheck --name k2 -j DROP",
                    "FORWARD -p udp --dport 1005 -m recent ! --update --name k3 --seconds 1 -j DROP", "FORWARD -p udp --dport 22 -m recent --name k3 --rcheck --seconds 1 -j ACCEPT",
                    "FORWARD -p udp -j DROP"))
case("recent-by-ttl-mask-and-destination", "-m recent: --rttl tells hosts apart by TTL, --mask is the list's first rule's, --rdest; reap takes the oldest away.",
     [pkt("eth0", udp(A, B, 1, 1, ttl=60)), pkt("eth0", udp(A, B, 1, 2, ttl=60)), pkt("eth0", udp(A, B, 1, 2, ttl=50)), pkt("eth0", udp(A, B, 1, 1, ttl=50)),
      pkt("eth0", udp(A, B, 1, 2, ttl=60)), pkt("eth0", udp(A3, B, 1, 3)), pkt("eth0", udp(A, B3, 1, 4)), pkt("eth0", udp(A, B, 1, 5)), pkt("eth0", udp(A, B, 1, 6)),
      pkt("eth0", udp(A3, B, 1, 7)), pkt("eth0", udp(A, B, 1, 7), sleep=1.2), pkt("eth0", udp(A, B, 1, 8)), pkt("eth0", udp(A3, B, 1, 9)), pkt("eth0", udp(A, B, 1, 9))],
     iptables=table("mangle", "FORWARD -p udp --dport 1 -m recent --name t --set", "FORWARD -p udp --dport 2 -m recent --name t --rcheck --rttl -j DSCP --set-dscp 1",
                    "PREROUTING -p udp --dport 2 -m recent --name t --rcheck --rttl -j DSCP --set-dscp 2",
                    "FORWARD -p udp --dport 3 -m recent --name m --set --mask 255.255.255.0", "FORWARD -p udp --dport 4 -m recent --name m --rcheck -j DSCP --set-dscp 3",
                    "FORWARD -p udp --dport 5 -m recent --name d --set --rdest", "FORWARD -p udp --dport 6 -m recent --name d --rcheck --rdest -j DSCP --set-dscp 4",
                    "FORWARD -p udp --dport 6 -m recent --name d --rcheck -j DSCP --set-dscp 5", "FORWARD -p udp --dport 7 -m recent --name r --set",
                    "FORWARD -p udp --dport 8 -m recent --name r --update --seconds 1 --reap -j DSCP --set-dscp 6",
                    "FORWARD -p udp --dport 9 -m recent --name r --rcheck -j DSCP --set-dscp 7"))
case("recent-holds-a-hundred-addresses", "-m recent: the list holds 100 addresses; the one not used for longest goes first.",
     [pkt("eth0", udp(f"10.0.0.{n}", B, 1, 1)) for n in range(2, 54)] + [pkt("eth0", udp("10.0.0.2", B, 1, 1))] + [pkt("eth0", udp(f"10.0.0.{n}", B, 1, 1)) for n in range(54, 104)]
     + [pkt("eth0", udp(f"10.0.0.{n}", B, 1, 2)) for n in (2, 3, 4, 5, 103)],
     iptables=table("mangle", "FORWARD -p udp --dport 1 -m recent --set", "FORWARD -p udp --dport 2 -m recent --rcheck -j DSCP --set-dscp 1"))

SYN = [pkt("eth0", tcp(A, B, 5000 + n), sleep=0.02) for n in range(4)]


def talk(sport, *steps):
    frames = {"S": ("eth0", "S", 1000, 0), "SA": ("eth1", "SA", 5000, 1001), "A": ("eth0", "A", 1001, 5001), "R": ("eth1", "RA", 5001, 1001),
              "F": ("eth0", "FA", 1001, 5001), "FS": ("eth1", "FA", 5001, 1002), "LA": ("eth0", "A", 1002, 5002)}
    out = []
    for s in steps:
        dev, flags, seq, ack = frames[s]
        l3 = tcp(A, B, sport, 80, flags, seq, ack) if dev == "eth0" else tcp(B, A, 80, sport, flags, seq, ack)
        out.append(pkt(dev, l3, f"{sport} {s}", sleep=0.02))
    return out


case("connlimit-counts-connections-that-live", "-m connlimit: unconfirmed ones that were dropped are forgotten, closed ones are not counted, packets of a known connection do not add.",
     SYN + [pkt("eth0", tcp(A, B, 5000), "the first again", sleep=0.02), pkt("eth0", tcp(A3, B, 5000), "another client", sleep=0.02)] + talk(5000, "SA", "A")
     + [pkt("eth0", tcp(A, B, 5005), sleep=0.02)] + talk(5000, "R") + [pkt("eth0", tcp(A, B, 5006), sleep=0.02), pkt("eth0", tcp(A, B, 5007), sleep=0.02)]
     + talk(5001, "SA", "A", "F", "FS", "LA") + [pkt("eth0", tcp(A, B, 5008), sleep=0.02), pkt("eth0", tcp(A, B, 5009), sleep=0.02)],
     iptables=table("filter", "FORWARD -p tcp --syn -m connlimit --connlimit-above 2 -j DROP"))
case("connlimit-without-a-look-at-the-state", "-m connlimit on every packet, by network, by destination, upto: what closed connections and replies then meet.",
     talk(5000, "S", "SA", "A") + talk(5001, "S", "SA", "A") + talk(5002, "S", "SA", "A") + talk(5000, "F", "FS", "LA") + talk(5003, "S") + talk(5001, "R")
     + [pkt("eth0", udp(A3, B, n, 53), sleep=0.02) for n in range(1, 5)] + [pkt("eth0", ping(A3, B), sleep=0.02)],
     iptables=table("mangle", "FORWARD -m connlimit --connlimit-above 1", "FORWARD -m connlimit --connlimit-upto 2 --connlimit-mask 24", "FORWARD -m connlimit --connlimit-above 1 --connlimit-daddr",
                    "FORWARD -m connlimit --connlimit-upto 3 --connlimit-mask 0 --connlimit-daddr", "PREROUTING -m connlimit --connlimit-above 2"))
case("connlimit-within-one-tick", "-m connlimit: within a tick of the kernel's clock connections are added without a look, even the same one again.",
     [pkt("eth0", udp(A, B, 4000, 53)) for _ in range(5)] + [pkt("eth0", udp(A, B, 4001, 53), sleep=0.05) for _ in range(3)],
     iptables=table("filter", "FORWARD -m connlimit --connlimit-above 3 -j ACCEPT", "FORWARD -j DROP"), wait=0.002)
case("connbytes-counts-both-ways", "-m connbytes: packets, bytes and average by direction; the rule itself switches accounting on.",
     talk(5000, "S", "SA", "A") + [pkt("eth0", tcp(A, B, 5000, 80, "PA", 1001, 5001, b"x" * 100)), pkt("eth1", tcp(B, A, 80, 5000, "A", 5001, 1101)), pkt("eth0", ip(A, B, proto=47) / Raw(b"12345678"))],
     iptables=table("mangle", *[f"FORWARD -m connbytes --connbytes {r} --connbytes-mode {m} --connbytes-dir {d}" for r in ("2", "2:3", "50:100", "0:1") for m in ("packets", "bytes", "avgpkt")
                                for d in ("original", "reply", "both")], "FORWARD -m connbytes ! --connbytes 2:3 --connbytes-mode packets --connbytes-dir original",
                    "FORWARD -m connbytes ! --connbytes 5:5 --connbytes-mode packets --connbytes-dir both", "FORWARD -m connbytes ! --connbytes 2 --connbytes-mode packets --connbytes-dir both"))
case("quota-statistic-and-connlabel", "-m quota ends with the first packet that is too long; every n-th packet; labels stay with their connection.",
     [pkt("eth0", udp(A, B, 1, 2, b"x" * n)) for n in (100, 50, 200, 10, 10, 10, 10, 10, 10)],
     iptables=table("mangle", "FORWARD -m quota --quota 250", "FORWARD -m quota ! --quota 250", "FORWARD -m quota --quota 0", "FORWARD -m statistic --mode nth --every 3 --packet 0",
                    "FORWARD -m statistic --mode nth --every 3 --packet 2", "FORWARD -m statistic --mode nth ! --every 4 --packet 1", "FORWARD -m statistic --mode nth --every 1 --packet 0",
                    "FORWARD -m statistic --mode random --probability 0", "FORWARD -m statistic --mode random --probability 1", "FORWARD -m statistic --mode random ! --probability 1",
                    "FORWARD -m connlabel --label 5", "FORWARD -m connlabel ! --label 5", "FORWARD -m statistic --mode nth --every 3 --packet 2 -m connlabel --label 5 --set",
                    "FORWARD -m helper --helper ftp", "FORWARD -m helper ! --helper ftp"))
OWNER = ["-m owner --socket-exists", "-m owner ! --socket-exists", "-m owner --uid-owner 0", "-m owner ! --uid-owner 0", "-m owner --gid-owner 0", "-m owner ! --gid-owner 0",
         "-m owner --uid-owner 0-4294967294", "-m owner ! --uid-owner 5 ! --gid-owner 5", "-m owner --socket-exists --uid-owner 0", "-m owner --socket-exists ! --uid-owner 0",
         "-m owner ! --socket-exists ! --uid-owner 0", "-m owner ! --gid-owner 5 --suppl-groups"]
case("owner-of-what-the-router-says-itself", "-m owner: echo replies, ICMP errors, resets, REJECT's own, and forwarded packets, each with its own kind of socket or none.",
     [pkt("eth0", ping(A, "10.0.0.1")), pkt("eth0", udp(A, "10.0.0.1", 1, 9)), pkt("eth0", tcp(A, "10.0.0.1", 4000, 9)), pkt("eth0", tcp(A, "10.0.0.1", 4000, 99)),
      pkt("eth0", udp(A, "10.0.0.1", 1, 99)), pkt("eth0", udp(A, B, 1, 9)), pkt("eth0", udp(A, B, 1, 9, ttl=1))],
     iptables=table("mangle", *[f"{c} {p} {m}" for c in ("OUTPUT", "POSTROUTING") for p in ("-p icmp --icmp-type 0", "-p icmp --icmp-type 3/3", "-p icmp --icmp-type 3/13", "-p icmp --icmp-type 11",
                                                                                     "-p tcp --sport 9", "-p tcp --sport 99") for m in OWNER],
                    *[f"POSTROUTING -p udp {m}" for m in OWNER])
     + table("filter", "INPUT -p tcp --dport 99 -j REJECT --reject-with tcp-reset", "INPUT -p udp --dport 99 -j REJECT --reject-with icmp-admin-prohibited"))
case("rpfilter-match-asks-for-the-way-back", "-m rpfilter: strict, loose, with the mark, own addresses, broadcasts and multicasts.",
     [pkt("eth0", udp(A, B)), pkt("eth0", udp(B, W), "from the wrong side"), pkt("eth0", udp("198.51.100.7", B), "default route, other device"), pkt("eth2", udp("198.51.100.7", B)),
      pkt("eth0", udp("10.0.0.1", B), "our own address"), pkt("eth0", udp("10.0.0.255", B), "broadcast source"), pkt("eth0", udp("0.0.0.0", "255.255.255.255"), dst="ff:ff:ff:ff:ff:ff"),
      pkt("eth0", udp("0.0.0.0", B)), pkt("eth0", udp("172.16.0.5", B), "blackholed"), pkt("eth0", udp("172.17.0.5", B), "routed by mark"), pkt("eth0", udp(A, "224.0.0.5"), dst="01:00:5e:00:00:05"),
      pkt("eth0", udp("172.18.0.5", B), "two ways back, one fits"), pkt("eth2", udp("172.18.0.5", B), "two ways back, none fits")],
     iptables=table("raw", *[f"PREROUTING -m rpfilter {o}" for o in ("", "--invert", "--loose", "--loose --invert", "--accept-local", "--accept-local --loose")])
     + table("mangle", "PREROUTING -s 172.17.0.0/16 -j MARK --set-mark 7", "PREROUTING -m rpfilter --validmark", "PREROUTING -m rpfilter"),
     setup=["ip route add blackhole 172.16.0.0/16", "ip route add 172.17.0.0/16 via 10.0.0.9 table 77", "ip rule add fwmark 7 lookup 77",
            "ip route add 172.18.0.0/16 nexthop via 10.0.0.9 nexthop via 192.0.2.9"])
case("time-match-by-the-clock-of-the-capture", "-m time: halves of the day, days of the week and the month, dates; one of each pair holds.",
     [pkt("eth0", udp(A, B, n, 53)) for n in range(1, 3)],
     iptables=table("mangle", *[f"FORWARD -m time {o}" for o in ("", "--timestart 00:00 --timestop 11:59:59", "--timestart 12:00", "--timestart 12:00 --timestop 11:59:58",
                                                                "--timestart 23:59:59 --timestop 23:59:58 --contiguous --weekdays Mon,Tue,Wed,Thu", "--weekdays Mon,Tue,Wed", "! --weekdays Mon,Tue,Wed",
                                                                "--monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", "! --monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", "--datestart 2030",
                                                                "--datestop 2030", "--datestart 2020-02-29 --datestop 2037-12-31T23:59:59")]))
case("connlimit-forgets-what-expired", "-m connlimit: of many connections that expired at once, one packet finds 64 at most.",
     [pkt("eth0", udp(A, B, 4000 + n, 53)) for n in range(90)] + [pkt("eth0", udp(A, B, 5000 + n, 53), sleep=3.5 if n == 0 else 0.02) for n in range(4)],
     iptables=table("mangle", *[f"FORWARD -m connlimit --connlimit-above {n}" for n in (0, 1, 2, 5, 10, 15, 20, 24, 25, 26, 27, 28, 30, 40, 50, 60, 70, 80, 88, 89, 90)]),
     setup=["sysctl -qw net.netfilter.nf_conntrack_udp_timeout=3"])
case("connlimit-list-begun-late", "-m connlimit: a rule that meets a known connection first counts it too.",
     talk(5000, "S", "SA") + [pkt("eth0", tcp(A, B, 5000, 80, "A", 1001, 5001), sleep=0.02), pkt("eth0", tcp(A, B, 5000, 80, "PA", 1001, 5001, b"x"), sleep=0.02)]
     + talk(5001, "S", "SA") + [pkt("eth0", tcp(A, B, 5001, 80, "A", 1001, 5001), sleep=0.02)] + talk(5000, "F", "FS", "LA") + [pkt("eth0", tcp(A, B, 5000, 80, "A", 1002, 5002), "again", sleep=0.02)],
     iptables=table("mangle", *[f"FORWARD -p tcp --tcp-flags SYN NONE -m connlimit --connlimit-{w} {n}" for w in ("above", "upto") for n in (0, 1, 2)]))

case("string-across-fragments", "-m string about reassembled packets: kmp finds a text that spans two fragments, bm only what lies within one.",
     [pkt("eth0", f, note, sleep=0.02) for note, data, cut in (("the text spans both", b"ab, SECRET abcD", 16), ("it lies in the second", b"ab, SECRET abcD", 8),
                                                                ("it lies in the first", b"xSECRETxxxxxxxxxxxxxxxSECRETxx", 16),
                                                                ("half of it, twice, then whole", b"SECRSECRSECRETSECRET", 16))
      for f in pieces(udp(A, B, 1, 53, data), cut)],
     iptables=table("mangle", *[f"FORWARD -m string {s} --algo {a}{b}" for s in ("--string SECRET", "--string SECR", "--string ET", "! --string SECRET")
                                for a in ("bm", "kmp") for b in ("", " --from 37", " --from 29 --to 60", " --to 46", " --icase")])
     + table("filter", "FORWARD -m conntrack --ctstate INVALID"))

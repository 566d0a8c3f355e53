#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Large packets and a narrow line: fragments are put together for conntrack, translated, and cut again.
. "$(dirname "$0")/lib.sh"
scenario fragments

network wan0 203.0.113.2/24 02:00:00:00:01:01 1400
network lan0 192.168.1.1/24 02:00:00:00:02:01
host isp wan0 203.0.113.1/24 02:00:00:00:01:02
host anna lan0 192.168.1.10/24 02:00:00:00:02:10
on router ip route add default via 203.0.113.1
namespace web
cable isp eth1 02:00:00:00:04:01 web eth0 02:00:00:00:04:80
on isp ip addr add 198.51.100.1/24 dev eth1
on isp sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
on web ip addr add 198.51.100.80/24 dev eth0
on web ip route add default via 198.51.100.1

rules <<'RULES'
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o wan0 -j SNAT --to-source 203.0.113.2
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -f -m comment --comment "never counts: conntrack has put the fragments together" -j DROP
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan0 -m length --length 1401:65535 -m comment --comment "larger than the line: will be cut" -j ACCEPT
-A FORWARD -i lan0 -j ACCEPT
COMMIT
RULES

serve web 198.51.100.80 80
start web python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("198.51.100.80", 7))
while True: data, peer = s.recvfrom(65535); s.sendto(data[:10], peer)'
record
on anna ping -c 1 -W 1 -s 1372 -M do 198.51.100.80 >/dev/null             # 1400 bytes: just fits
on anna ping -c 1 -W 1 -s 1373 -M do 198.51.100.80 >/dev/null || true     # one more: fragmentation needed
on anna ip route flush cache
on anna ping -c 1 -W 1 -s 1373 -M dont 198.51.100.80 >/dev/null           # allowed to be cut
on anna ping -c 1 -W 1 -s 4000 -M dont 198.51.100.80 >/dev/null           # arrives in three pieces
on anna ping -c 1 -W 1 -s 3000 -M dont 192.168.1.1 >/dev/null             # pieces for the router itself
on anna ip route flush cache
# TCP finds the narrow line by itself
on anna curl -s -o /dev/null --data-binary "@$scratch/www/picture" http://198.51.100.80/ || true
# UDP: nobody listens for the answers, so anna sends an ICMP error about each. A datagram in order, one with its pieces in reverse order, one whose last piece never comes
on anna python3 - <<'PYTHON'
import socket, struct, time
probe = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

def send(ident, pieces, payload, sport):
    datagram = struct.pack("!HHHH", sport, 7, 8 + len(payload), 0) + payload
    for offset, size, more in pieces:
        part = datagram[offset:offset + size]
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, ident, more << 13 | offset // 8, 64, 17, 0,
                           socket.inet_aton("192.168.1.10"), socket.inet_aton("198.51.100.80"))
        probe.sendto(head + part, ("198.51.100.80", 0))
        time.sleep(0.02)

body = bytes(range(256)) * 8
send(0x1001, [(0, 800, 1), (800, 800, 1), (1600, 456, 0)], body, 40001)
send(0x1002, [(1600, 456, 0), (800, 800, 1), (0, 800, 1)], body, 40002)
send(0x1003, [(0, 800, 1), (800, 800, 1)], body, 40003)
PYTHON
finish

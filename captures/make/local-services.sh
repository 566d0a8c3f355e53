#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A host that answers by itself: ARP, ping, open and closed ports, REDIRECT; and what it does with packets for others.
. "$(dirname "$0")/lib.sh"
scenario local-services

network eth0 192.168.1.5/24 02:00:00:00:01:05
host anna eth0 192.168.1.10/24 02:00:00:00:01:10
host ben eth0 192.168.1.11/24 02:00:00:00:01:11
on router sysctl -qw net.ipv4.ip_forward=0
on anna ip neigh del 192.168.1.5 dev eth0          # anna has to ask who 192.168.1.5 is

rules <<'RULES'
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -p tcp -m tcp --dport 80 -m comment --comment "the server runs without root on 8080" -j REDIRECT --to-ports 8080
-A PREROUTING -i eth0 -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 8080 -m conntrack --ctorigdstport 80 -m comment --comment "the redirected port; the real one is closed to the outside" -j ACCEPT
-A INPUT -p tcp -m tcp --dport 8080 -j REJECT --reject-with tcp-reset
-A INPUT -s 192.168.1.11/32 -p udp -m udp --dport 161 -m comment --comment "monitoring was moved away from ben" -j REJECT --reject-with icmp-host-prohibited
COMMIT
RULES

serve router 0.0.0.0 8080
start router python3 -m http.server --bind 127.0.0.1 5432
start router dnsmasq --keep-in-foreground --no-resolv --no-hosts --conf-file=/dev/null --user=root --port=5353 \
    --listen-address=192.168.1.5 --bind-interfaces --address=/example.org/192.168.1.5
wait_for router dig +short +tries=1 -p 5353 @192.168.1.5 www.example.org

udp() { on "$1" python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.sendto(b"hello", (sys.argv[1], int(sys.argv[2])))' "$2" "$3"; }

record
on anna ping -c 2 -i 0.2 -W 1 192.168.1.5 >/dev/null
on anna ping -c 1 -W 1 -b 192.168.1.255 >/dev/null 2>&1 || true      # smurfs are ignored
udp anna 192.168.1.5 9                                                  # closed UDP port
udp ben 192.168.1.5 161                                                 # refused by rule
udp anna 192.168.1.255 9                                                # broadcast: silence
on anna curl -s -m 2 -o /dev/null http://192.168.1.5:81/ || true        # closed TCP port
on anna curl -s -m 2 -o /dev/null http://192.168.1.5:5432/ || true      # open on 127.0.0.1 only
on anna curl -s -m 2 -o /dev/null http://192.168.1.5:8080/ || true      # the real port, refused by rule
on anna dig +tries=1 @192.168.1.5 www.example.org >/dev/null            # REDIRECT to the local name server
on ben curl -s -o /dev/null http://192.168.1.5/                         # REDIRECT to the local web server
on ben ip route add 198.51.100.0/24 via 192.168.1.5
on ben ping -c 1 -W 1 198.51.100.80 >/dev/null || true                  # it is a host, not a router
finish

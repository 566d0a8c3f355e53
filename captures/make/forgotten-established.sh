#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A careful rule set which forgets that answers are ESTABLISHED: everything leaves, nothing comes back.
. "$(dirname "$0")/lib.sh"
scenario forgotten-established

network wan0 203.0.113.2/24 02:00:00:00:01:01
network lan0 192.168.1.1/24 02:00:00:00:02:01
host web wan0 203.0.113.1/24 02:00:00:00:01:80
on web ip addr add 198.51.100.80/32 dev lo
host anna lan0 192.168.1.10/24 02:00:00:00:02:10
on router ip route add default via 203.0.113.1

rules <<'RULES'
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 192.168.1.0/24 -o wan0 -j SNAT --to-source 203.0.113.2
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -i lan0 -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT
-A FORWARD -i wan0 -o lan0 -m conntrack --ctstate RELATED -m comment --comment "answers from outside" -j ACCEPT
-A FORWARD -i lan0 -o wan0 -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW,ESTABLISHED -m comment --comment "web" -j ACCEPT
-A FORWARD -i lan0 -o wan0 -p icmp -m icmp --icmp-type 8 -m comment --comment "ping" -j ACCEPT
-A FORWARD -i lan0 -o wan0 -p udp -m udp --dport 33434:33534 -m comment --comment "traceroute" -j ACCEPT
COMMIT
RULES

serve web 198.51.100.80 80
record
on anna ping -c 2 -i 0.3 -W 1 198.51.100.80 >/dev/null || true
on anna curl -s -m 4 -o /dev/null http://198.51.100.80/ || true
on anna traceroute -n -q 1 -N 1 -w 1 -m 3 198.51.100.80 >/dev/null
finish

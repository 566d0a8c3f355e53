#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A web server in a DMZ, published with DNAT; reached from outside, from the office and from the DMZ itself.
. "$(dirname "$0")/lib.sh"
scenario dmz-dnat

network wan0 203.0.113.2/24 02:00:00:00:01:01
network lan0 192.168.1.1/24 02:00:00:00:02:01
network dmz0 10.0.20.1/24 02:00:00:00:03:01
host visitor wan0 203.0.113.77/24 02:00:00:00:01:77
host anna lan0 192.168.1.10/24 02:00:00:00:02:10
host www dmz0 10.0.20.80/24 02:00:00:00:03:80
host mail dmz0 10.0.20.25/24 02:00:00:00:03:25
on router ip addr add 203.0.113.10/24 dev wan0
on visitor ip neigh replace 203.0.113.10 lladdr 02:00:00:00:01:01 dev eth0 nud permanent
on router ip route add default via 203.0.113.77

rules <<'RULES'
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 203.0.113.10/32 -p tcp -m tcp --dport 80 -m comment --comment "public web site" -j DNAT --to-destination 10.0.20.80:8080
-A PREROUTING -d 203.0.113.10/32 -p tcp -m tcp --dport 25 -m comment --comment "mail exchanger" -j DNAT --to-destination 10.0.20.25
-A POSTROUTING -s 192.168.1.0/24 -o wan0 -j MASQUERADE
-A POSTROUTING -s 10.0.20.0/24 -d 10.0.20.0/24 -o dmz0 -m conntrack --ctstate DNAT -m comment --comment "hairpin: the server must answer by way of us" -j SNAT --to-source 10.0.20.1
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:to_dmz - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 192.168.1.0/24 -i lan0 -p tcp -m tcp --dport 22 -m comment --comment "administration from the office only" -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate INVALID -m comment --comment "neither a known connection nor a proper start" -j DROP
-A FORWARD -o dmz0 -j to_dmz
-A FORWARD -i lan0 -o wan0 -j ACCEPT
-A to_dmz -d 10.0.20.80/32 -p tcp -m tcp --dport 8080 -m conntrack --ctstate NEW --ctorigdst 203.0.113.10 --ctorigdstport 80 -m comment --comment "the port after translation, and only by the public address" -j ACCEPT
-A to_dmz -d 10.0.20.25/32 -p tcp -m tcp --dport 25 -m conntrack --ctstate NEW,DNAT -j ACCEPT
-A to_dmz -s 192.168.1.0/24 -p icmp -m icmp --icmp-type 8 -j ACCEPT
COMMIT
RULES

serve www 10.0.20.80 8080
record
on visitor curl -s -o /dev/null http://203.0.113.10/
on visitor curl -s -m 2 -o /dev/null http://203.0.113.10:8080/ || true    # not published
on visitor curl -s -m 2 -o /dev/null telnet://203.0.113.10:25 || true     # published, but nobody listens
on visitor ip route add 10.0.20.0/24 via 203.0.113.2
on visitor curl -s -m 1 -o /dev/null http://10.0.20.80:8080/ || true      # around the translation
on anna curl -s -o /dev/null http://203.0.113.10/
on anna ping -c 1 -W 1 10.0.20.25 >/dev/null
on mail curl -s -o /dev/null http://203.0.113.10/                          # hairpin
on mail curl -s -m 1 -o /dev/null http://192.168.1.10/ || true            # a server must not reach the office
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two providers: requests leave by one, answers come by the other, and strict rp_filter throws them away.
. "$(dirname "$0")/lib.sh"
scenario lost-return-path

network wan0 198.51.100.2/30 02:00:00:00:01:01
network wan1 198.51.100.6/30 02:00:00:00:02:01
network lan0 203.0.113.65/26 02:00:00:00:03:01
host internet wan0 198.51.100.1/30 02:00:00:00:01:02
plug internet eth1 wan1 198.51.100.5/30 02:00:00:00:02:02
host anna lan0 203.0.113.70/26 02:00:00:00:03:70
on internet ip addr add 192.0.2.80/32 dev lo
on internet ip addr add 192.0.2.81/32 dev lo
on internet sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0
# the rest of the world prefers the second provider on its way to us
on internet ip route replace 203.0.113.64/26 via 198.51.100.6
on router ip route add default via 198.51.100.1
on router ip route add 192.0.2.81/32 via 198.51.100.5
on router sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.lan0.rp_filter=1 \
    net.ipv4.conf.wan0.rp_filter=1 net.ipv4.conf.wan1.rp_filter=1 net.ipv4.conf.all.log_martians=1

rules <<'RULES'
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i wan1 -s 192.0.2.80/32 -m comment --comment "counts only: does the answer come at all?"
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -i lan0 -p icmp -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -s 203.0.113.64/26 -i lan0 -m conntrack --ctstate NEW -j ACCEPT
COMMIT
RULES

serve internet 192.0.2.80 80
serve internet 192.0.2.81 80
record
on anna ping -c 2 -i 0.2 -W 1 192.0.2.80 >/dev/null || true
on anna curl -s -m 4 -o /dev/null http://192.0.2.80/ || true
on anna ping -c 2 -i 0.2 -W 1 192.0.2.81 >/dev/null
on anna curl -s -o /dev/null http://192.0.2.81/
on anna ip addr add 192.168.7.7/32 dev lo
on anna ping -c 1 -W 1 -I 192.168.7.7 192.0.2.80 >/dev/null || true       # a source that does not live on lan0
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# nmap against a router that refuses politely, counts pings, and shuts out whoever touches a trap port.
. "$(dirname "$0")/lib.sh"
scenario port-scan

network wan0 203.0.113.2/24 02:00:00:00:01:01
host stranger wan0 203.0.113.66/24 02:00:00:00:01:66
host curious wan0 203.0.113.99/24 02:00:00:00:01:99

rules <<'RULES'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:refuse - [0:0]
:ssh - [0:0]
:trap - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -i wan0 -m recent --rcheck --seconds 600 --name scanners --mask 255.255.255.255 --rsource -m comment --comment "touched a trap port within ten minutes" -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG FIN,PSH,URG -m comment --comment "Xmas scan" -j trap
-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE -m comment --comment "null scan" -j trap
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 6/min --limit-burst 3 -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP
-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j ssh
-A INPUT -p tcp -m multiport --dports 23,135:139,445 -m comment --comment "nobody has business here" -j trap
-A INPUT -j refuse
-A refuse -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with tcp-reset
-A refuse -p udp -m limit --limit 6/min --limit-burst 4 -j REJECT --reject-with icmp-port-unreachable
-A refuse -p udp -j DROP
-A ssh -m recent --set --name ssh --mask 255.255.255.255 --rsource
-A ssh -m recent --update --seconds 600 --hitcount 4 --name ssh --mask 255.255.255.255 --rsource -m comment --comment "the fourth try within ten minutes waits" -j DROP
-A ssh -j ACCEPT
-A trap -m recent --set --name scanners --mask 255.255.255.255 --rsource
-A trap -j DROP
COMMIT
RULES

serve router 203.0.113.2 22

scan() { local ns=$1; shift; on "$ns" nmap -n -Pn --send-ip -r --max-retries 0 --host-timeout 20s "$@" 203.0.113.2 >/dev/null; }
record
on curious ping -c 5 -i 0.05 -W 1 203.0.113.2 >/dev/null || true
for try in 1 2 3 4 5; do scan curious -sS -p 22; done
scan curious -sF -p 80
scan curious -sA -p 80
scan curious -sU -p 67-72
scan stranger -sS -p 18-30                     # port 23 is a trap: from here on nothing answers
on stranger ping -c 1 -W 1 203.0.113.2 >/dev/null || true
scan curious -sX -p 80-81                      # and so is a Xmas scan
scan curious -sN -p 80
finish

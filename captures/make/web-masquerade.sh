#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Three office clients fetch web pages through a masquerading router; somebody outside knocks at the door.
. "$(dirname "$0")/lib.sh"
scenario web-masquerade

network wan0 203.0.113.2/24 02:00:00:00:01:01
network lan0 192.168.1.1/24 02:00:00:00:02:01
host web wan0 203.0.113.1/24 02:00:00:00:01:80
on web ip addr add 198.51.100.80/32 dev lo
host anna lan0 192.168.1.10/24 02:00:00:00:02:10
host ben lan0 192.168.1.11/24 02:00:00:00:02:11
host carla lan0 192.168.1.12/24 02:00:00:00:02:12
on router ip route add default via 203.0.113.1

rules <<'RULES'
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A FORWARD -o wan0 -p tcp -m tcp --tcp-flags SYN,RST SYN -m comment --comment "the provider's line carries 1452 bytes a segment" -j TCPMSS --set-mss 1452
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 192.168.1.0/24 -o wan0 -m comment --comment "the office shares one public address" -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:from_lan - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -i lan0 -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment "answers come back" -j ACCEPT
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -i lan0 -o wan0 -j from_lan
-A from_lan -p tcp -m multiport --dports 80,443 -m comment --comment "browsing" -j ACCEPT
-A from_lan -p udp -m udp --dport 53 -j ACCEPT
-A from_lan -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A from_lan -m comment --comment "tell the client at once instead of letting it wait" -j REJECT --reject-with icmp-admin-prohibited
COMMIT
RULES

serve web 198.51.100.80 80

record
on anna ping -c 1 -W 1 198.51.100.80 >/dev/null
on anna curl -s -o /dev/null http://198.51.100.80/
on ben curl -s -o /dev/null http://198.51.100.80/picture & first=$!
on carla curl -s -o /dev/null http://198.51.100.80/picture & second=$!
wait $first $second
on anna curl -s -o /dev/null --local-port 40000 http://198.51.100.80/picture
on ben curl -s -m 2 -o /dev/null http://198.51.100.80:8080/ || true
on web curl -s -m 1 -o /dev/null http://203.0.113.2/ || true
on web ping -c 1 -W 1 203.0.113.2 >/dev/null || true
finish

# the same frames in the old format: no device names, microseconds; the device follows from the destination MAC address
editcap -F pcap "$captures/$name.pcapng" "$captures/$name.pcap"

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever name server the office asks, the answer comes from the resolver in the DMZ: DNAT of port 53, UDP and TCP.
. "$(dirname "$0")/lib.sh"
scenario dns-dnat

network wan0 203.0.113.2/24 02:00:00:00:01:01
network lan0 192.168.1.1/24 02:00:00:00:02:01
network dmz0 10.0.20.1/24 02:00:00:00:03:01
host provider wan0 203.0.113.1/24 02:00:00:00:01:02
on provider ip addr add 198.51.100.53/32 dev lo
host anna lan0 192.168.1.10/24 02:00:00:00:02:10
host ben lan0 192.168.1.11/24 02:00:00:00:02:11
host resolver dmz0 10.0.20.53/24 02:00:00:00:03:53
on router ip route add default via 203.0.113.1

rules <<'RULES'
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -s 10.0.20.53/32 -d 198.51.100.53/32 -i dmz0 -p udp -m udp --dport 53 -m comment --comment "the resolver asks often: do not track" -j CT --notrack
-A PREROUTING -s 198.51.100.53/32 -d 10.0.20.53/32 -i wan0 -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING ! -d 10.0.20.53/32 -i lan0 -p udp -m udp --dport 53 -m comment --comment "one resolver for all" -j DNAT --to-destination 10.0.20.53
-A PREROUTING ! -d 10.0.20.53/32 -i lan0 -p tcp -m tcp --dport 53 -j DNAT --to-destination 10.0.20.53
-A POSTROUTING -o wan0 -m conntrack ! --ctstate UNTRACKED -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:dns - [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate UNTRACKED -g dns
-A FORWARD -p udp -m udp --dport 53 -j dns
-A FORWARD -p tcp -m tcp --dport 53 -j dns
-A FORWARD -i lan0 -p tcp -m tcp --dport 853 -m comment --comment "no names past our resolver" -j REJECT --reject-with tcp-reset
-A dns -d 10.0.20.53/32 -i lan0 -j ACCEPT
-A dns -s 10.0.20.53/32 -d 198.51.100.53/32 -i dmz0 -o wan0 -j ACCEPT
-A dns -s 198.51.100.53/32 -d 10.0.20.53/32 -i wan0 -o dmz0 -j ACCEPT
COMMIT
RULES

# The resolver knows example.org itself and asks the provider for everything else; the provider routes the DMZ back.
on provider ip route add 10.0.20.0/24 via 203.0.113.2
names="--keep-in-foreground --no-resolv --no-hosts --no-daemon --conf-file=/dev/null --user=root --bind-interfaces"
start provider dnsmasq $names --listen-address=198.51.100.53 --address=/example.net/198.51.100.99 \
    --txt-record=large.example.net,"$(head -c 250 /dev/zero | tr '\0' x)"
start resolver dnsmasq $names --listen-address=10.0.20.53 --address=/example.org/198.51.100.80 \
    --server=198.51.100.53 --query-port=5353 --cache-size=100
wait_for provider dig +short +tries=1 @198.51.100.53 www.example.net
wait_for resolver dig +short +tries=1 @10.0.20.53 www.example.org

record
on anna dig +tries=1 @198.51.100.53 www.example.org A >/dev/null          # meant for the provider, answered by us
on ben dig +tries=1 @10.0.20.53 www.example.org A >/dev/null              # straight to the resolver
on anna dig +tries=1 @198.51.100.53 www.example.net A >/dev/null          # our resolver has to ask
on ben dig +tcp +tries=1 @198.51.100.53 large.example.net TXT >/dev/null  # over TCP
on anna dig +tries=1 +time=1 -p 5300 @198.51.100.53 www.example.org >/dev/null || true  # another port: not ours
on ben curl -s -m 2 -o /dev/null telnet://198.51.100.53:853 || true       # DNS over TLS: refused
finish

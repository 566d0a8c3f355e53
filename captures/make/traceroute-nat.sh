#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# traceroute by UDP, ICMP and TCP through a masquerading router: the errors of the hops behind it are translated.
. "$(dirname "$0")/lib.sh"
scenario traceroute-nat

network wan0 203.0.113.2/24 02:00:00:00:01:01
network lan0 192.168.1.1/24 02:00:00:00:02:01
host isp wan0 203.0.113.1/24 02:00:00:00:01:02
host anna lan0 192.168.1.10/24 02:00:00:00:02:10
on router ip route add default via 203.0.113.1
# behind the provider: two more routers' worth of path, then the server
namespace transit
namespace web
cable isp eth1 02:00:00:00:04:01 transit eth0 02:00:00:00:04:02
cable transit eth1 02:00:00:00:05:01 web eth0 02:00:00:00:05:02
on isp ip addr add 198.51.100.1/30 dev eth1
on transit ip addr add 198.51.100.2/30 dev eth0
on transit ip addr add 198.51.100.81/28 dev eth1
on web ip addr add 198.51.100.80/32 dev eth0
on web ip addr add 198.51.100.82/28 dev eth0
on transit ip route add 198.51.100.80/32 via 198.51.100.82
on web ip route add default via 198.51.100.81 src 198.51.100.80
on transit ip route add default via 198.51.100.1
on isp ip route replace default via 198.51.100.2
for ns in isp transit web; do
    on $ns sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0 net.ipv4.conf.all.rp_filter=0
done

rules <<'RULES'
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o wan0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A FORWARD -p icmp -m conntrack --ctstate RELATED -m icmp --icmp-type 11 -m comment --comment "time exceeded on the way" -j ACCEPT
-A FORWARD -p icmp -m conntrack --ctstate RELATED -m icmp --icmp-type 3 -m comment --comment "unreachable: the last hop of a UDP traceroute" -j ACCEPT
-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A FORWARD -i lan0 -o wan0 -p udp -m udp --dport 33434:33534 -j ACCEPT
-A FORWARD -i lan0 -o wan0 -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A FORWARD -i lan0 -o wan0 -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
RULES

serve web 198.51.100.80 80
wait_for anna traceroute -n -q 1 -N 1 -w 1 -I -m 1 198.51.100.80

record
on anna traceroute -n -q 1 -N 1 -w 1 198.51.100.80 >/dev/null
on anna traceroute -n -q 1 -N 1 -w 1 -I 198.51.100.80 >/dev/null
on anna traceroute -n -q 1 -N 1 -w 1 -T -p 80 198.51.100.80 >/dev/null
on anna traceroute -n -q 1 -N 1 -w 1 -m 2 -T -p 81 198.51.100.80 >/dev/null   # hop 2 may not be asked by this port
finish

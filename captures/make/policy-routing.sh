#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two providers: ssh takes the second one by a mark, the web the first; a server behind DNAT answers by the way it was asked.
. "$(dirname "$0")/lib.sh"
scenario policy-routing

network wan0 203.0.113.2/24 02:00:00:00:01:01
network wan1 198.51.100.2/24 02:00:00:00:02:01
network lan0 192.168.1.1/24 02:00:00:00:03:01
host internet wan0 203.0.113.1/24 02:00:00:00:01:02
plug internet eth1 wan1 198.51.100.1/24 02:00:00:00:02:02
host anna lan0 192.168.1.10/24 02:00:00:00:03:10
host files lan0 192.168.1.20/24 02:00:00:00:03:20
for addr in 192.0.2.22 192.0.2.80 192.0.2.90; do on internet ip addr add $addr/32 dev lo; done
on internet ip route del default
on internet sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0

on router sysctl -qw net.ipv4.conf.all.rp_filter=2
on router ip route add default via 203.0.113.1
on router ip route add default via 198.51.100.1 table 100
on router ip route add throw 192.168.1.0/24 table 100
on router ip rule add fwmark 0x16/0xff lookup 100 priority 1000
on router ip rule add from 198.51.100.2 lookup 100 priority 1100

rules <<'RULES'
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:second - [0:0]
-A PREROUTING -m comment --comment "a connection keeps its provider" -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff
-A PREROUTING -m mark ! --mark 0x0/0xff -j ACCEPT
-A PREROUTING -i lan0 -p tcp -m tcp --dport 22 -m comment --comment "interactive work: the quick line" -j second
-A PREROUTING -i wan1 -m conntrack --ctstate NEW -m comment --comment "asked by the second line: answer by it" -j second
-A second -j MARK --set-xmark 0x16/0xff
-A second -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 198.51.100.2/32 -i wan1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.1.20:80
-A POSTROUTING -o wan0 -j SNAT --to-source 203.0.113.2
-A POSTROUTING -o wan1 -j SNAT --to-source 198.51.100.2
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan0 -j ACCEPT
-A FORWARD -i wan1 -o lan0 -m conntrack --ctstate DNAT -j ACCEPT
COMMIT
RULES

serve internet 192.0.2.80 80
serve files 192.168.1.20 80
start internet python3 -c 'import socket; s = socket.create_server(("192.0.2.22", 22)); c, _ = s.accept()
c.sendall(b"SSH-2.0-example\r\n")
while data := c.recv(100): c.sendall(data.swapcase())'
sleep 0.5

record
# an interactive session: a key at a time, each echoed, now and then a pause
on anna python3 - "$scratch/typing" <<'PYTHON' &
import pathlib, socket, sys, time
shell = socket.create_connection(("192.0.2.22", 22))
shell.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
shell.recv(100)
for line in (b"uname -a\r", b"uptime\r", b"exit\r"):
    for key in line:
        shell.sendall(bytes([key]))
        shell.recv(100)
        pathlib.Path(sys.argv[1]).touch()
        time.sleep(0.1)
    time.sleep(0.3)
PYTHON
session=$!
wait_for router test -e "$scratch/typing"
on anna curl -s -o /dev/null http://192.0.2.80/
on internet curl -s -o /dev/null --interface 192.0.2.90 http://198.51.100.2:8080/
on anna ping -c 1 -W 1 192.0.2.80 >/dev/null
wait $session
finish

# SPDX-License-Identifier: MIT
"""Connection tracking: TCP states, windows and resets, UDP, ICMP, other protocols, NOTRACK, zones, marks."""
from recipes import STATE, IP, TCP, UDP, Raw, case, ip, ping, pkt, quote, table, tcp, udp

A, B, W = "10.0.0.2", "192.0.2.2", "203.0.113.2"
CT = table("filter", *[f"{c} -m conntrack --ctstate {s}" for c in ("FORWARD", "INPUT", "OUTPUT") for s in ("INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED")],
           "FORWARD -m conntrack --ctstate ESTABLISHED --ctdir REPLY", "FORWARD -m conntrack --ctstatus ASSURED", "FORWARD -m conntrack --ctstatus SEEN_REPLY",
           "FORWARD -m conntrack --ctstatus CONFIRMED", "FORWARD -m state --state ESTABLISHED")
CT_FILTER, CT = CT, CT + table("mangle", *STATE)


def c2s(flags, seq, ack=0, data=b"", note="", sport=4000, dport=80, sleep=None, **how):
    return pkt("eth0", tcp(A, B, sport, dport, flags, seq, ack, data, **how), note or f"client {flags}", sleep=sleep)


def s2c(flags, seq, ack=0, data=b"", note="", sport=4000, dport=80, sleep=None, **how):
    return pkt("eth1", tcp(B, A, dport, sport, flags, seq, ack, data, **how), note or f"server {flags}", sleep=sleep)


def handshake(sport=4000, dport=80):
    return [c2s("S", 1000, sport=sport, dport=dport), s2c("SA", 5000, 1001, sport=sport, dport=dport),
            c2s("A", 1001, 5001, sport=sport, dport=dport)]


def close():
    return [c2s("FA", 1001, 5001, note="client closes"), s2c("A", 5001, 1002), s2c("FA", 5001, 1002, note="server closes"), c2s("A", 1002, 5002, note="last ACK")]


case("tcp-from-handshake-to-time-wait", "A whole connection: NEW once, then ESTABLISHED in both directions; ASSURED from the third packet on.",
     handshake() + [c2s("PA", 1001, 5001, b"GET /"), s2c("A", 5001, 1006), s2c("PA", 5001, 1006, b"ok"), c2s("A", 1006, 5003)]
     + [c2s("FA", 1006, 5003), s2c("FA", 5003, 1007), c2s("A", 1007, 5004), c2s("A", 1007, 5004, note="the last ACK again")], iptables=CT)
case("tcp-half-close-and-late-data", "After the client's FIN the server may go on sending: CLOSE_WAIT, LAST_ACK, TIME_WAIT.",
     handshake() + [c2s("FA", 1001, 5001, note="client has nothing more to say"), s2c("A", 5001, 1002), s2c("PA", 5001, 1002, b"data after FIN"),
                    c2s("A", 1002, 5015), s2c("FA", 5015, 1002), c2s("A", 1002, 5016)], iptables=CT)
case("tcp-picked-up-in-the-middle", "tcp_loose: an ACK without an entry starts one, ESTABLISHED at once but NEW for the rules, and windows are not checked until it is answered.",
     [c2s("A", 777000, 888000, note="NEW, picked up"), s2c("A", 888000, 777000, b"answer", note="ESTABLISHED"), c2s("PA", 777000, 888006, b"more"),
      s2c("PA", 1, 777004, b"far outside", note="out of window, but liberal since picked up"), c2s("A", 777004, 888006),
      s2c("SA", 1, 2, sport=4001, note="SYN/ACK without an entry: INVALID"), c2s("FA", 1, 2, sport=4002, note="FIN without an entry"),
      c2s("R", 1, 0, sport=4003, note="RST without an entry"), s2c("A", 3, 4, sport=4004, note="picked up by the server's packet"),
      c2s("A", 4, 3, sport=4004, note="so the client is the reply")], iptables=CT)
case("tcp-not-picked-up-when-loose-is-off", "tcp_loose 0: only a SYN starts an entry, every other packet is INVALID until then.",
     [c2s("A", 777000, 888000), s2c("A", 888000, 777000), c2s("PA", 1, 1, b"x", sport=4001)] + handshake(4002)
     + [c2s("FA", 9, 9, sport=4003)], iptables=CT, setup=["sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0"])
case("tcp-flags-that-cannot-be", "Flag combinations that cannot be are INVALID and make no entry, with or without one present; PSH, ECE and CWR do not count.",
     [c2s(f, 1000, sport=5000 + n, note=f"flags {f or 'none'}, no entry") for n, f in enumerate(("", "F", "SF", "SR", "FPU", "SFRPAU", "U", "P", "SP", "SEC", "SU", "SAU"))]
     + handshake() + [c2s(f, 1001, 5001, note=f"flags {f or 'none'}, entry present") for f in ("", "F", "SF", "FPU", "PA", "SEC", "AU", "RU")], iptables=CT)
case("tcp-checksums-and-short-headers", "A wrong checksum is INVALID in PREROUTING unless nf_conntrack_checksum is off; a data offset outside of the packet always is.",
     [pkt("eth0", ip(A, B) / TCP(sport=4000, dport=80, flags="S", seq=1000, chksum=0x1234), "wrong checksum"),
      pkt("eth0", ip(A, B) / TCP(sport=4001, dport=80, flags="S", seq=1000, dataofs=4), "data offset 16"),
      pkt("eth0", ip(A, B) / TCP(sport=4002, dport=80, flags="S", seq=1000, dataofs=7), "data offset beyond the packet"),
      pkt("eth0", ip(A, B, proto=6) / Raw(b"\x0f\xa3\x00\x50" + b"\0" * 8), "12 bytes of TCP"),
      pkt("eth0", ip(A, B) / UDP(sport=4000, dport=53, chksum=0x1234) / Raw(b"x"), "UDP, wrong checksum"),
      pkt("eth0", ip(A, B) / UDP(sport=4001, dport=53, chksum=0) / Raw(b"x"), "UDP without a checksum"),
      pkt("eth0", ip(A, B) / UDP(sport=4002, dport=53, len=40) / Raw(b"x"), "UDP length beyond the packet"),
      pkt("eth0", ip(A, B) / UDP(sport=4003, dport=53, len=7) / Raw(b"x"), "UDP length below its header"),
      pkt("eth0", bytes(ping(A, B))[:22] + b"\x12\x34" + bytes(ping(A, B))[24:], "ping, wrong checksum"),
      pkt("eth0", tcp(A, B, 4004), "right")], iptables=CT)
case("tcp-checksums-are-not-looked-at-when-told", "nf_conntrack_checksum 0: a wrong checksum is tracked like a right one.",
     [pkt("eth0", ip(A, B) / TCP(sport=4000, dport=80, flags="S", seq=1000, chksum=0x1234), "wrong checksum"),
      pkt("eth0", ip(A, B) / UDP(sport=4000, dport=53, chksum=0x1234) / Raw(b"x"), "UDP, wrong checksum"),
      pkt("eth0", bytes(ping(A, B))[:22] + b"\x12\x34" + bytes(ping(A, B))[24:], "ping, wrong checksum")],
     iptables=CT, setup=["sysctl -qw net.netfilter.nf_conntrack_checksum=0"])
case("tcp-window-checks", "Outside of the window means INVALID above its upper bound; below its lower bound, an old retransmission passes as ESTABLISHED.",
     handshake() + [c2s("PA", 1001, 5001, b"x" * 100), s2c("A", 5001, 1101, window=1000, note="the server narrows its window to 1000"),
                    c2s("PA", 1001, 5001, b"x" * 100, note="retransmission of what was acknowledged"),
                    c2s("A", 2101, 5001, note="seq at the upper bound"), c2s("PA", 900000, 5001, b"y", note="seq far beyond the window"),
                    c2s("PA", 1101, 900000, b"y", note="ACK for what was never sent"), c2s("PA", 1101, 5001, b"z" * 10, note="inside"),
                    c2s("A", 1111, 4000, note="ACK far below"), s2c("PA", 5001, 1111, b"s", note="server goes on"), s2c("PA", 4000, 1111, b"s", note="server, seq below"),
                    s2c("A", 5002, 99999, note="server acknowledges what the client never sent")], iptables=CT)
case("tcp-window-checks-are-off-when-liberal", "nf_conntrack_tcp_be_liberal 1: nothing is out of window, except resets.",
     handshake() + [c2s("PA", 900000, 5001, b"y", note="seq far beyond the window"), c2s("PA", 1101, 900000, b"y", note="ACK for what was never sent"),
                    c2s("R", 1, 0, note="RST far below"), s2c("A", 5001, 1001)], iptables=CT, setup=["sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=1"])
case("tcp-window-scaling-counts", "With window scaling on both sides the announced window is multiplied; a SYN's own window is not.",
     [c2s("S", 1000, options=[("MSS", 1460), ("WScale", 7)], window=1000), s2c("SA", 5000, 1001, options=[("MSS", 1460), ("WScale", 3)], window=1000),
      c2s("A", 1001, 5001, window=100), s2c("PA", 5001, 1001, b"s" * 1200, note="inside 100 << 7", window=125),
      s2c("PA", 5001 + 12700, 1001, b"s" * 100, note="reaches the bound", window=125), s2c("PA", 5001 + 200000, 1001, b"s", note="beyond", window=125),
      c2s("PA", 1001, 5001, b"c" * 900, window=100), c2s("PA", 1001 + 8000, 5001, b"c", note="1000 of the SYN/ACK is not scaled: beyond", window=100),
      s2c("A", 17801, 1901, note="announces 500 << 3", window=500), c2s("PA", 1901 + 3999, 5001, b"c", note="inside 4000", window=100),
      c2s("PA", 1901 + 9000, 5001, b"c", note="beyond", window=100)], iptables=CT)
case("tcp-resets", "A reset must fit: exactly in sequence it closes, inside the window it is let through but changes nothing, outside it is INVALID.",
     handshake() + [s2c("R", 9999999, note="server, outside of the window"), s2c("R", 5011, note="server, in the window but not exact"), c2s("A", 1001, 5001, note="still ESTABLISHED"),
                    s2c("RA", 5001, 1001, note="exact: CLOSE"), c2s("A", 1001, 5001, note="after the reset"), s2c("R", 5001, note="again")]
     + [c2s("S", 1000, sport=4001), s2c("RA", 0, 1001, sport=4001, note="SYN refused"), c2s("S", 2000, sport=4001, note="tries again")]
     + [c2s("S", 1000, sport=4002), c2s("R", 1001, sport=4002, note="client gives up before an answer: entry killed"), s2c("SA", 5000, 1001, sport=4002, note="the answer comes late")], iptables=CT)
case("tcp-reset-ignored-when-told", "tcp_ignore_invalid_rst: a reset below the window is let through as ESTABLISHED and closes nothing; one above it is INVALID as ever.",
     handshake() + [s2c("R", 1, note="far below"), s2c("R", 9999999, note="far above"), c2s("A", 1001, 5001)],
     iptables=CT, setup=["sysctl -qw net.netfilter.nf_conntrack_tcp_ignore_invalid_rst=1"])
case("tcp-syn-retransmitted-and-reopened", "A repeated SYN stays NEW; a SYN in an open connection is passed on without a change; in TIME_WAIT it starts a new entry.",
     [c2s("S", 1000), c2s("S", 1000, note="again: still NEW"), c2s("S", 3000, note="another sequence number"), s2c("SA", 5000, 3001), c2s("S", 3000, note="SYN after SYN/ACK"),
      c2s("A", 3001, 5001), c2s("S", 3000, note="SYN when open: challenge"), s2c("A", 5001, 3001, note="challenge ACK")]
     + [c2s("FA", 3001, 5001), s2c("FA", 5001, 3002), c2s("A", 3002, 5002, note="TIME_WAIT"), c2s("S", 90000, note="reuse of the port: new entry"),
        s2c("SA", 70000, 90001), c2s("A", 90001, 70001)], iptables=CT)
case("tcp-syn-ack-answers-a-syn-in-an-open-connection", "After a SYN was let through in an open connection, a SYN/ACK that answers it brings the entry back to SYN_RECV.",
     handshake() + [c2s("S", 99000, note="the client has rebooted"), s2c("SA", 44000, 99001, note="and the server agrees"), c2s("A", 99001, 44001), c2s("PA", 99001, 44001, b"x"),
                    s2c("A", 44001, 99002)], iptables=CT)
case("tcp-simultaneous-open", "Two SYNs cross: SYN_SENT2, then both answer.",
     [c2s("S", 1000), s2c("S", 5000, note="SYN from the other side"), c2s("SA", 1000, 5001), s2c("SA", 5000, 1001), c2s("A", 1001, 5001), s2c("A", 5001, 1001)], iptables=CT)
case("tcp-fin-without-answer-and-syn-to-closed", "RST after FIN; SYN/ACK repeated after the handshake; FIN from a SYN_RECV entry.",
     [c2s("S", 1000), s2c("SA", 5000, 1001), s2c("SA", 5000, 1001, note="SYN/ACK again"), c2s("FA", 1001, 5001, note="FIN before an ACK"), s2c("RA", 5001, 1002)]
     + handshake(4001) + [s2c("SA", 5000, 1001, sport=4001, note="SYN/ACK again, late"), s2c("FA", 5001, 1001, sport=4001), c2s("R", 1001, sport=4001, note="RST after FIN")], iptables=CT)
case("a-new-packet-that-is-dropped-leaves-no-entry", "An entry is confirmed when its packet leaves the last hook; a refused one is forgotten, and the next packet is NEW again.",
     [c2s("S", 1000, dport=81), c2s("S", 1000, dport=81, note="again"), s2c("SA", 1, 1001, dport=81, note="an answer to what was dropped"), c2s("S", 1000, dport=80),
      pkt("eth0", udp(A, B, dport=53), "dropped in mangle POSTROUTING"), pkt("eth0", udp(A, "10.0.0.1", dport=5353), "dropped in INPUT"),
      pkt("eth0", udp(A, "10.0.0.1", dport=9), "closed port: delivered to nobody, but confirmed"), pkt("eth0", udp(A, B, ttl=1), "TTL 1: never confirmed"),
      pkt("eth0", udp(A, "192.0.2.200"), "unknown neighbour: confirmed before")],
     iptables=table("filter", "FORWARD -m conntrack --ctstate NEW -p tcp -m tcp --dport 81 -j DROP", "FORWARD -m conntrack --ctstate NEW", "FORWARD -m conntrack --ctstate INVALID",
                    "INPUT -p udp -m udp --dport 5353 -j DROP") + table("mangle", *STATE, "POSTROUTING -p udp -m udp --dport 53 -j DROP"))
case("udp-streams", "UDP is NEW until answered, however often it is sent, then ESTABLISHED; ASSURED needs an answer and two seconds of life.",
     [pkt("eth0", udp(A, B), "one"), pkt("eth0", udp(A, B), "two: still NEW"), pkt("eth1", udp(B, A, 5000, 4000), "answer"), pkt("eth0", udp(A, B), "ESTABLISHED"),
      pkt("eth1", udp(B, A, 5000, 4000), "not ASSURED yet"), pkt("eth0", udp(A, B), "after 2.3 s", sleep=2.3), pkt("eth1", udp(B, A, 5000, 4000), "answer after 2.3 s"), pkt("eth0", udp(A, B), "ASSURED"),
      pkt("eth1", udp(B, A, 5000, 4001), "another port: NEW, from outside"), pkt("eth0", udp(A, B, 4001, 5000), "its answer")], iptables=CT)
case("udp-timeouts-expire", "An entry that timed out is gone: the same packet is NEW again, an answer comes too late; an answered flow lives no longer until it is a stream.",
     [pkt("eth0", udp(A, B), "NEW, two seconds to live"), pkt("eth1", udp(B, A, 5000, 4000), "answer in time"), pkt("eth0", udp(A, B, 4001), "another", sleep=0.05),
      pkt("eth1", udp(B, A, 5000, 4001), "too late: NEW from outside", sleep=2.6), pkt("eth0", udp(A, B), "gone as well, although answered"),
      pkt("eth0", udp(A, B), "NEW again", sleep=2.6)],
     iptables=CT, setup=["sysctl -qw net.netfilter.nf_conntrack_udp_timeout=2"])
case("icmp-queries", "Echo, timestamp, information and mask requests start entries; answers match by id, not by sequence; answers without a question are INVALID.",
     [pkt("eth0", ping(A, B, id=7, seq=1), "echo"), pkt("eth0", ping(A, B, id=7, seq=2), "echo, next"), pkt("eth1", ping(B, A, id=7, seq=99, type=0), "answer, any sequence"),
      pkt("eth0", ping(A, B, id=7, seq=3), "ESTABLISHED now"), pkt("eth1", ping(B, A, id=8, type=0), "answer to another id"),
      pkt("eth0", ping(A, B, id=9, type=13, data=b"\0" * 12), "timestamp"), pkt("eth1", ping(B, A, id=9, type=14, data=b"\0" * 12), "timestamp reply"),
      pkt("eth0", ping(A, B, id=9, type=17, data=b"\0" * 4), "address mask"), pkt("eth0", ping(A, B, id=9, type=15, data=b""), "information"),
      pkt("eth0", ping(A, B, id=9, type=10, data=b""), "router solicitation"), pkt("eth0", ping(A, B, id=9, type=42, data=b""), "type 42"),
      pkt("eth0", ip(A, B, proto=1) / Raw(b"\x08\x00\xf7"), "3 bytes of ICMP"), pkt("eth1", ping(B, A, id=7), "echo the other way: an entry of its own")], iptables=CT)
q = udp(A, B, 4000, 5000)
case("icmp-errors-about-a-known-flow", "An error is RELATED when its quote belongs to a flow and it is addressed to the flow's source; from whom it comes does not matter.",
     [pkt("eth0", q, "the flow"), pkt("eth1", quote("192.0.2.9", A, q, 3, 1), "host unreachable from a router on the way"), pkt("eth1", quote(B, A, q, 3, 3), "port unreachable from the server"),
      pkt("eth1", quote("192.0.2.9", A, q, 11, 0), "time exceeded"), pkt("eth1", quote("192.0.2.9", A, q, 4, 0), "source quench"), pkt("eth1", quote("192.0.2.9", A, q, 12, 0), "parameter problem"),
      pkt("eth1", quote("192.0.2.9", A, q, 5, 1), "redirect"),
      pkt("eth1", quote("192.0.2.9", "10.0.0.3", q, 3, 1), "addressed to somebody else: INVALID"), pkt("eth1", quote("192.0.2.9", A, udp(A, B, 4999, 5000), 3, 1), "about an unknown flow: INVALID"),
      pkt("eth0", quote(A, B, udp(B, A, 5000, 4000), 3, 3), "about the answer direction, before any answer"),
      pkt("eth1", udp(B, A, 5000, 4000), "the answer"), pkt("eth0", quote(A, B, udp(B, A, 5000, 4000), 3, 3), "about the answer: RELATED, reply direction"),
      pkt("eth1", ip("192.0.2.9", A, proto=1) / Raw(b"\x03\x01\xfc\xfe\0\0\0\0" + bytes(q)[:16]), "quote cut off behind its addresses"),
      pkt("eth1", quote("192.0.2.9", A, q, 3, 1, extra=5), "quote with data"),
      pkt("eth1", bytes(quote("192.0.2.9", A, q, 3, 1))[:22] + b"\x12\x34" + bytes(quote("192.0.2.9", A, q, 3, 1))[24:], "wrong ICMP checksum: INVALID"),
      pkt("eth0", udp(A, B, 4000, 5000), "the flow goes on")], iptables=CT)
case("icmp-errors-about-icmp-and-tcp", "Errors about a ping and about a TCP segment; an error about an error is INVALID; errors do not prolong or close a flow.",
     [pkt("eth0", ping(A, B), "ping"), pkt("eth1", quote("192.0.2.9", A, ping(A, B), 11, 0), "time exceeded about it"), c2s("S", 1000), pkt("eth1", quote("192.0.2.9", A, tcp(A, B), 3, 10), "prohibited, about the SYN"),
      s2c("SA", 5000, 1001, note="SYN/ACK all the same"), pkt("eth1", quote("192.0.2.9", A, quote(A, B, q, 3, 1), 3, 1), "about an ICMP error: INVALID"),
      pkt("eth1", quote("192.0.2.9", A, ping(A, B, type=0), 3, 1), "about an echo reply never sent")], iptables=CT)
case("other-protocols", "GRE is keyed by its key, ESP, AH, DCCP (which lost its tracker) and unknown protocols by the addresses alone.",
     [pkt("eth0", ip(A, B, proto=47) / Raw(b"\0\0\x08\0" + b"g" * 20), "GRE version 0"), pkt("eth1", ip(B, A, proto=47) / Raw(b"\0\0\x08\0" + b"g" * 20), "GRE answer"),
      pkt("eth0", ip(A, B, proto=47) / Raw(b"\x30\x01\x88\x0b\0\4\0\x2a" + b"g" * 12), "GRE version 1 (PPTP), call 42"), pkt("eth0", ip(A, B, proto=50) / Raw(b"\0\0\0\1" * 6), "ESP"),
      pkt("eth1", ip(B, A, proto=50) / Raw(b"\0\0\0\2" * 6), "ESP with another SPI: the answer"), pkt("eth0", ip(A, B, proto=51) / Raw(b"\0\0\0\1" * 6), "AH"),
      pkt("eth0", ip(A, B, proto=253) / Raw(b"experiment"), "protocol 253"), pkt("eth0", ip(A, B, proto=253) / Raw(b""), "protocol 253, empty"),
      pkt("eth0", ip(A, B, proto=2) / Raw(b"\x16\0\xe9\xfd\0\0\0\0"), "IGMP, unicast"), pkt("eth0", ip(A, B, proto=136) / Raw(b"\x0f\xa0\x13\x88\0\x08\xcd\x1d"), "UDP-Lite, wrong checksum"),
      pkt("eth0", ip(A, B, proto=33) / Raw(b"\x0f\xa0\x13\x88" + b"\x04\0\0\0" + b"\0" * 8), "DCCP"),
      pkt("eth0", ip(A, B, proto=4) / Raw(bytes(udp("1.1.1.1", "2.2.2.2"))), "IP in IP")], iptables=CT)
SCTP_INIT = bytes.fromhex("0fa01388" "00000000") + b"\0\0\0\0" + bytes.fromhex("01000014" "00000001" "0000ffff" "00010001" "00000001")
case("sctp-starts-with-init", "SCTP has a state machine of its own; a packet that cannot start an association is INVALID.",
     [pkt("eth0", ip(A, B, proto=132) / Raw(SCTP_INIT), "INIT, its CRC32c not looked at"), pkt("eth0", ip(A, B, proto=132) / Raw(bytes.fromhex("0fa11388" "00000009") + b"\0\0\0\0" + bytes.fromhex("00030014") + b"\0" * 16), "DATA without an association"),
      pkt("eth0", ip(A, B, proto=132) / Raw(b"\x0f\xa0"), "two bytes")], iptables=CT, setup=["sysctl -qw net.netfilter.nf_conntrack_checksum=0"])
case("notrack-in-raw", "CT --notrack makes a packet UNTRACKED: not NEW, not INVALID, no entry, no NAT; its answers are NEW unless they are untracked as well.",
     [pkt("eth0", udp(A, B, dport=53), "untracked"), pkt("eth1", udp(B, A, 53, 4000), "answer, tracked: NEW"), pkt("eth0", udp(A, W, dport=53), "would be masqueraded, but is untracked"),
      pkt("eth0", udp(A, W, dport=54), "masqueraded"), pkt("eth0", udp(A, "10.0.0.1", dport=53), "to ourselves: untracked; the error about it"), pkt("eth0", ping(A, "10.0.0.1"), "tracked"),
      pkt("eth1", quote("192.0.2.9", A, udp(A, B, dport=53), 3, 1), "an error about the untracked flow: by now about the answer's entry")],
     iptables=table("raw", "PREROUTING -p udp -m udp --dport 53 -j CT --notrack", "OUTPUT -p udp -j NOTRACK") + table("nat", "POSTROUTING -o eth2 -j MASQUERADE") + CT)
case("zones-keep-equal-flows-apart", "The zone is part of the key: the same five-tuple in two zones makes two entries, and an answer must come in its zone.",
     [pkt("eth0", udp(A, W), "zone 1 by eth0"), pkt("eth1", udp(A, W), "the same from eth1: zone 2"), pkt("eth2", udp(W, A, 5000, 4000), "answer without a zone: NEW in zone 0"),
      pkt("eth0", udp(A, W), "zone 1 again: NEW still"), pkt("eth0", udp("10.0.0.3", W), "zone 3 in the original direction only"), pkt("eth2", udp(W, "10.0.0.3", 5000, 4000), "its answer in zone 0: ESTABLISHED")],
     iptables=table("raw", "PREROUTING -s 10.0.0.3/32 -j CT --zone-orig 3", "PREROUTING -i eth0 ! -s 10.0.0.3/32 -j CT --zone 1", "PREROUTING -i eth1 -j CT --zone 2") + CT)
case("connmark-belongs-to-the-connection", "The mark set once is there for all later packets, both directions and related errors; the packet's own mark only when restored.",
     [pkt("eth0", udp(A, B), "marks the connection 0x25"), pkt("eth1", udp(B, A, 5000, 4000), "the answer sees it"), pkt("eth1", quote("192.0.2.9", A, udp(A, B), 3, 1), "so does an error about it"),
      pkt("eth0", udp(A, B, dport=6000), "mark 0x10 saved under mask 0xf0"), pkt("eth1", udp(B, A, 6000, 4000), "restored"), pkt("eth0", tcp(A, B, flags="", seq=1), "INVALID: no connection, no mark to set")],
     iptables=table("mangle", "PREROUTING -m connmark --mark 0x25", "PREROUTING -p udp -m udp --dport 5000 -m conntrack --ctstate NEW -j CONNMARK --set-mark 0x25",
                    "PREROUTING -p udp -m udp --dport 6000 -j MARK --set-mark 0x1f", "PREROUTING -p udp -m udp --dport 6000 -j CONNMARK --save-mark --nfmask 0xf0 --ctmask 0xff",
                    "PREROUTING -p udp -m udp --sport 6000 -j CONNMARK --restore-mark", "PREROUTING -p tcp -j CONNMARK --set-mark 7", "FORWARD -m connmark --mark 0x25", "FORWARD -m mark --mark 0x10",
                    "FORWARD -m connmark ! --mark 0", "POSTROUTING -m connmark --mark 0x20/0xf0", *STATE) + CT_FILTER)
case("conntrack-match-options", "ctproto, original and reply addresses and ports, ctstatus, direction, expiry: taken from the entry, not from the packet.",
     [pkt("eth2", udp(W, "203.0.113.1", 4000, 53), "to DNAT"), pkt("eth0", udp("10.0.0.9", W, 5353, 4000), "answer"), pkt("eth0", udp(A, W, 4000, 99), "to SNAT"), pkt("eth2", udp(W, "203.0.113.1", 99, 4000), "answer"),
      pkt("eth0", tcp(A, B, flags="", seq=1), "no entry: no option matches, inverted or not")],
     iptables=table("nat", "PREROUTING -i eth2 -p udp -m udp --dport 53 -j DNAT --to-destination 10.0.0.9:5353", "POSTROUTING -o eth2 -j SNAT --to-source 203.0.113.1")
     + table("filter", *[f"FORWARD -m conntrack {o}" for o in ("--ctstate DNAT", "--ctstate SNAT", "! --ctstate DNAT", "--ctorigsrc 203.0.113.2", "--ctorigdst 203.0.113.1", "--ctreplsrc 10.0.0.9", "--ctrepldst 203.0.113.1",
       "--ctproto 17", "! --ctproto 17", "--ctorigdstport 53", "--ctproto udp --ctreplsrcport 5353", "--ctstatus NONE", "--ctstatus EXPECTED", "--ctstatus SEEN_REPLY,ASSURED", "! --ctstatus SEEN_REPLY", "--ctdir ORIGINAL", "--ctdir REPLY",
       "--ctexpire 0:31", "--ctexpire 100:200", "! --ctorigsrc 10.0.0.0/8")]) + table("mangle", *STATE))
case("entries-already-in-the-dump", "The router is not fresh: connections from before the dump go on as they were, with their NAT and marks.",
     [pkt("eth2", udp(W, "203.0.113.1", 5000, 4000), "answer to a masqueraded UDP flow"),
      pkt("eth0", udp(A, W), "the flow goes on"), c2s("PA", 1001, 5001, b"GET /", note="an open TCP connection goes on"), s2c("A", 5001, 1006),
      pkt("eth0", ping(A, B, id=77), "a ping that was asked before"), pkt("eth1", quote("192.0.2.9", A, udp(A, B, 4000, 7000), 3, 1), "an error about a flow from before"), pkt("eth0", udp(A, B, 4001, 7001), "something new")],
     before=[pkt("eth0", udp(A, W))] + handshake() + [pkt("eth0", ping(A, B, id=77)), pkt("eth0", udp(A, B, 4000, 7000))],
     iptables=table("nat", "POSTROUTING -o eth2 -j MASQUERADE") + table("mangle", "PREROUTING -p tcp -j CONNMARK --set-mark 9", *STATE) + CT_FILTER)
case("ct-target-and-helpers-do-nothing-by-themselves", "Without CT --helper no helper looks into FTP; CT --ctevents and --timeout leave the path as it is.",
     handshake(dport=21) + [s2c("PA", 5001, 1001, b"227 Entering Passive Mode (192,0,2,2,19,137)\r\n", dport=21), c2s("S", 1, sport=4500, dport=5001, note="the data connection is NEW, not RELATED")],
     iptables=table("raw", "PREROUTING -p tcp -m tcp --dport 21 -j CT --ctevents new,destroy") + CT)

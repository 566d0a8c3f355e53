# SPDX-License-Identifier: MIT
"""Fragments: with and without conntrack, to the router, cut again, overlapping; and PMTU errors."""
from recipes import (COUNT, IP, TRACK, UDP, Raw, case, error, pieces, piece, ping, pkt, table, udp)

A, B, W = "10.0.0.2", "192.0.2.2", "203.0.113.2"
body = bytes(range(256)) * 5                                     # 1280 bytes: with the UDP header 1288
FIRST_RULES = table("mangle", "PREROUTING -f", "PREROUTING ! -f", "PREROUTING -p udp -m udp --dport 5000", "PREROUTING -p udp -m udp ! --dport 5000",
                    "PREROUTING -p udp", "FORWARD -f", "FORWARD -p udp -m udp --dport 5000", "INPUT -f", "INPUT -p udp -m udp --dport 5000")


def whole(ident, src=A, dst=B, **how):
    return udp(src, dst, 4000, 5000, body, id=ident, **how)


def frags(p, dev="eth0", order=None, cuts=(480, 960), note=""):
    got = pieces(p, *cuts)
    order = order or range(len(got))
    return [pkt(dev, got[i], f"{note} piece {i + 1} of {len(got)}") for i in order]


case("fragments-pass-singly-without-conntrack",
     "Nobody needs conntrack, so nothing is reassembled on the way: later pieces have no ports, and no term about ports matches, inverted or not.",
     frags(whole(1)) + frags(whole(2), order=(2, 0, 1), note="shuffled:")
     + [pkt("eth0", piece(IP(src=A, dst=B, proto=17, id=3, ttl=64), 0, bytes(UDP(sport=4000, dport=5000, len=100))[:8], True), "a first piece of 8 bytes: just the UDP header")],
     iptables=FIRST_RULES)
case("too-short-first-fragments-are-hotdropped",
     "A tcp or udp term drops a first piece that does not hold the whole header, and a TCP piece at offset 8, wherever the rule's other terms stand.",
     [pkt("eth0", piece(IP(src=A, dst=B, proto=6, id=5, ttl=64), 0, b"\x0f\xa0\x00\x50\0\0\0\1", True), "TCP, first 8 bytes only"),
      pkt("eth0", piece(IP(src=A, dst=B, proto=6, id=5, ttl=64), 8, b"\0\0\0\0\x50\x02\x20\0\0\0\0\0", False), "TCP at offset 8: could overwrite flags"),
      pkt("eth0", piece(IP(src=A, dst=B, proto=6, id=5, ttl=64), 16, b"\0" * 16, False), "TCP at offset 16 is harmless"),
      pkt("eth0", IP(src=A, dst=B, proto=17, id=6) / Raw(b"\x0f\xa0\x13"), "UDP of 3 bytes"),
      pkt("eth0", piece(IP(src=A, dst=B, proto=17, id=7, ttl=64), 8, b"\0" * 16, False), "UDP at offset 8 is not hotdropped"),
      pkt("eth0", IP(src=A, dst=W, proto=6, id=8) / Raw(b"\x0f\xa0\x00\x50"), "TCP of 4 bytes to an address the rule does not name")],
     iptables=table("filter", f"FORWARD -d {B}/32 -p tcp -m tcp --dport 9999 -j ACCEPT", f"FORWARD -d {B}/32 -p udp -m udp --dport 9999 -j ACCEPT"))
case("fragments-are-put-together-when-conntrack-is-in-use",
     "One rule about state, and PREROUTING sees whole packets only: all but the last piece are absorbed, in whatever order they come; what leaves is cut as it came.",
     frags(whole(1), note="in order:") + frags(whole(2), order=(2, 1, 0), note="reversed:") + frags(whole(3), order=(1, 0, 2), note="shuffled:")
     + frags(whole(4), order=(0, 0, 2), note="one twice, one missing:") + [pkt("eth0", pieces(whole(4), 480, 960)[1], "the missing one")],
     iptables=FIRST_RULES + TRACK)
case("fragments-of-different-flows-do-not-mix",
     "Pieces belong together by source, destination, protocol and id; an incomplete one waits without a trace in the counters.",
     [pkt("eth0", pieces(whole(1), 640)[0], "id 1, first"), pkt("eth0", pieces(whole(2), 640)[1], "id 2, last"),
      pkt("eth0", pieces(whole(1, src="10.0.0.3"), 640)[1], "id 1, last, another source"), pkt("eth0", pieces(whole(1, dst="192.0.2.3"), 640)[1], "another destination"),
      pkt("eth1", pieces(whole(1), 640)[1], "the right last piece, by another interface: belongs as well"),
      pkt("eth0", pieces(whole(2), 640)[0], "id 2, first")],
     iptables=FIRST_RULES + TRACK)
case("overlapping-fragments-kill-the-queue",
     "An overlap throws away everything that was collected; an exact duplicate only itself.",
     [pkt("eth0", pieces(whole(1), 480, 960)[0], "first"), pkt("eth0", pieces(whole(1), 480, 960)[0], "the same again"),
      pkt("eth0", pieces(whole(1), 472, 960)[1], "starts 8 bytes too early: overlap"),
      pkt("eth0", pieces(whole(1), 480, 960)[1], "middle: begins a new queue"), pkt("eth0", pieces(whole(1), 480, 960)[2], "last"),
      pkt("eth0", pieces(whole(1), 480, 960)[0], "first again: complete"),
      pkt("eth0", pieces(whole(2), 480, 960)[2], "id 2: last first"), pkt("eth0", pieces(whole(2), 480)[1], "a longer last piece that covers it"),
      pkt("eth0", piece(IP(src=A, dst=B, proto=17, id=3, ttl=64), 0, body[:484], True), "not a multiple of eight, more to come"),
      pkt("eth0", piece(IP(src=A, dst=B, proto=17, id=4, ttl=64), 65528, body[:100], False), "reaches beyond 65535"),
      pkt("eth0", piece(IP(src=A, dst=B, proto=17, id=5, ttl=64), 640, b"", False), "an empty last piece"),
      pkt("eth0", pieces(whole(6), 480, 960)[2], "id 6: last"), pkt("eth0", piece(IP(src=A, dst=B, proto=17, id=6, ttl=64), 1400, body[:80], True), "beyond the end that is known")],
     iptables=FIRST_RULES + TRACK)
case("reassembled-packets-are-cut-again-to-the-old-size-or-the-new-mtu",
     "What was reassembled leaves in pieces no larger than the largest that came, even where the whole would fit; a smaller MTU cuts further.",
     frags(whole(1, dst=W), note="to eth2, MTU 1500: the whole would fit:") + frags(whole(2), cuts=(960,), note="to eth1, MTU 700:")
     + frags(whole(3, flags="DF"), note="pieces without DF of a whole that had it:")
     + [pkt("eth0", whole(4, dst=W), "never cut"), pkt("eth0", whole(5), "cut by us: 1308 into 700")],
     iptables=TRACK, mtu={"eth1": 700})


def df(p, *cuts):
    """Pieces that all carry DF, as some stacks send them."""
    out = []
    for raw in pieces(p, *cuts):
        h = IP(raw)
        h.flags = int(h.flags) | 2
        del h.chksum
        out.append(bytes(h)[:20] + raw[20:])
    return out


case("fragments-with-df-are-not-cut-below-their-size",
     "Pieces with DF set make a packet that must leave in pieces of at most that size; if those exceed the MTU: fragmentation needed.",
     [pkt("eth0", x, f"DF, {n}") for n, x in enumerate(df(whole(1, dst=W), 640), 1)]
     + [pkt("eth0", x, f"DF, too large for eth1, {n}") for n, x in enumerate(df(whole(2), 960), 1)]
     + [pkt("eth0", x, f"DF, small enough for eth1, {n}") for n, x in enumerate(df(whole(3), 480, 960), 1)],
     iptables=TRACK, mtu={"eth1": 700})
case("fragments-to-the-router-are-always-put-together",
     "Without conntrack the pieces pass PREROUTING one by one and meet in local delivery, so INPUT sees the whole packet only.",
     frags(whole(1, dst="10.0.0.1")) + frags(ping(A, "10.0.0.1", data=body, id=9), note="ping:")
     + frags(udp(A, "10.0.0.1", 4000, 9, body, id=3), note="closed port:")
     + [pkt("eth0", pieces(whole(4, dst="10.0.0.255"), 640)[0], "broadcast 1", dst="ff:ff:ff:ff:ff:ff"), pkt("eth0", pieces(whole(4, dst="10.0.0.255"), 640)[1], "broadcast 2", dst="ff:ff:ff:ff:ff:ff")],
     iptables=FIRST_RULES, listen=[("udp", "0.0.0.0", 5000)])
case("fragments-to-the-router-with-conntrack",
     "The same with conntrack: already PREROUTING sees the whole packet.",
     frags(whole(1, dst="10.0.0.1")) + frags(ping(A, "10.0.0.1", data=body, id=9), order=(2, 0, 1), note="ping:"),
     iptables=FIRST_RULES + TRACK, listen=[("udp", "0.0.0.0", 5000)])
case("notrack-does-not-keep-fragments-from-being-put-together",
     "Reassembly happens at -400, before raw at -300 can say NOTRACK: the rule sees the whole packet.",
     frags(whole(1)), iptables=table("raw", "PREROUTING -f -j CT --notrack", "PREROUTING -p udp -m udp --dport 5000 -j CT --notrack") + TRACK)
case("fragments-through-nat",
     "DNAT and SNAT change the whole packet; addresses are new in every piece that leaves, the UDP checksum in the first.",
     [pkt("eth2", x, f"to be DNATed, {n}") for n, x in enumerate(pieces(udp(W, "203.0.113.1", 4000, 5000, body, id=1), 480, 960), 1)]
     + [pkt("eth0", x, f"to be masqueraded, {n}") for n, x in enumerate(pieces(udp(A, W, 4000, 5000, body, id=2), 480, 960), 1)],
     iptables=table("nat", "PREROUTING -i eth2 -p udp -m udp --dport 5000 -j DNAT --to-destination 10.0.0.9:6000", "POSTROUTING -o eth2 -j MASQUERADE"))
case("frag-needed-through-masquerading",
     "A fragmentation-needed error from the far side is translated back to the client; one made by the router itself quotes the client's own packet.",
     [pkt("eth0", udp(A, W, data=body, flags="DF"), "leaves by eth2"), error(1, 3, 4, "the far side cannot carry it", src="203.0.113.9"),
      pkt("eth0", udp(A, B, data=body, flags="DF"), "eth1 has MTU 700: our own error; no entry is made"),
      pkt("eth0", udp(A, B, data=b"x"), "small: passes")],
     iptables=table("nat", "POSTROUTING -o eth2 -j MASQUERADE", "POSTROUTING -o eth1 -j MASQUERADE"), mtu={"eth1": 700})
case("router-cuts-its-own-large-answers",
     "An echo reply larger than the way out is cut after POSTROUTING: one OUTPUT, one POSTROUTING, several frames.",
     [pkt("eth0", x, f"large ping, {n}") for n, x in enumerate(pieces(ping(A, "10.0.0.1", data=body, id=9), 640), 1)]
     + [pkt("eth1", x, f"large ping by eth1, {n}") for n, x in enumerate(pieces(ping(B, "192.0.2.1", data=body, id=9), 640), 1)],
     iptables=COUNT, mtu={"eth1": 700})

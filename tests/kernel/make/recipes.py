# SPDX-License-Identifier: MIT
"""Words to write kernel cases in: a router with up to four ports, frames, rule sets.

The router unless a case says otherwise: eth0 10.0.0.1/24, eth1 192.0.2.1/24, eth2 203.0.113.1/24, eth3 10.0.3.1/24; on each
network the neighbours .2, .3, .9 and .50 are known; the default route leads by 203.0.113.9; forwarding is on; the kernel's own
rate limit for ICMP errors is off, because it depends on the wall clock.
"""
from scapy.all import ICMP, IP, TCP, UDP, Ether, IPOption, Raw, conf  # noqa: F401

conf.verb = 0
CASES = {}
NETS = {"eth0": "10.0.0", "eth1": "192.0.2", "eth2": "203.0.113", "eth3": "10.0.3"}
HOSTS = (2, 3, 9, 50)
CHAINS = {"raw": ("PREROUTING", "OUTPUT"), "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
          "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"), "filter": ("INPUT", "FORWARD", "OUTPUT"),
          "security": ("INPUT", "FORWARD", "OUTPUT")}
NO_LIMIT = "net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_ratemask=0 net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000"


# Every packet is traced, so that the rules that it hits can be compared one by one.
TRACED = """table ip traced {
  chain in { type filter hook prerouting priority -500; meta nftrace set 1
  }
}
"""


def port(dev):
    n = int(dev[3:])
    return {"dev": dev, "mac": f"02:00:00:00:0{n}:01", "peer_mac": f"02:00:00:00:0{n}:02"}


def case(name, about, packets, iptables="", setup=(), late=(), listen=(), ipset="", ports=3, base=True, before=(), forward=True,
         neighbours=(), mtu=None, wait=0.004, redirects=False, nft=""):
    """One case. `about` is a sentence: what the kernel does here that a model may get wrong. `base` False: no addresses."""
    assert name not in CASES, name
    devs = list(NETS)[:ports]
    commands = [f"sysctl -qw {NO_LIMIT}", f"sysctl -qw net.ipv4.ip_forward={int(forward)}"]
    commands += [f"sysctl -qw net.ipv4.conf.{d}.rp_filter=0" for d in ["all"] + devs]
    if not redirects:
        commands += [f"sysctl -qw net.ipv4.conf.{d}.send_redirects=0" for d in ["all"] + devs]
    if base:
        for d in devs:
            commands.append(f"ip addr add {NETS[d]}.1/24 brd + dev {d}")
            commands += [neighbour(d, f"{NETS[d]}.{h}") for h in HOSTS]
        if "eth2" in devs:
            commands.append("ip route add default via 203.0.113.9")
    commands += [neighbour(d, a) for d, a in neighbours]
    recipe = {"about": about, "ports": [dict(port(d), **({"mtu": mtu[d]} if mtu and d in mtu else {})) for d in devs],
              "commands": commands + list(setup), "counters": "final", "wait": wait}
    if iptables:
        recipe["iptables"] = iptables
    if nft:
        recipe["nft"] = nft + TRACED
        recipe["nft_trace"] = True
    if ipset:
        recipe["ipset"] = ipset
    if late:
        recipe["late_commands"] = list(late)
    if listen:
        recipe["listen"] = [dict(zip(("proto", "addr", "port", "transparent"), x)) for x in listen]
    if before:
        recipe["before"] = list(before)
    recipe["packets"] = list(packets)
    CASES[name] = recipe


def neighbour(dev, addr):
    return f"ip neigh replace {addr} lladdr {port(dev)['peer_mac']} dev {dev} nud permanent"


def table(name, *rules, **policies):
    """An iptables-save text of one table; chains of one's own are declared when they are named."""
    lines, own = [], []
    for r in rules:
        chain = r.split()[0]
        if chain not in CHAINS[name] and chain not in own:
            own.append(chain)
        lines.append("-A " + r)
    head = [f":{c} {policies.get(c, 'ACCEPT')} [0:0]" for c in CHAINS[name]] + [f":{c} - [0:0]" for c in own]
    return "\n".join([f"*{name}"] + head + lines + ["COMMIT", ""])


# What conntrack says about a packet, written into the DSCP of what leaves, so that it can be told packet by packet
SAYS = {"INVALID": 1, "NEW": 2, "ESTABLISHED": 3, "RELATED": 4, "UNTRACKED": 5}
STATE = [f"POSTROUTING -m conntrack --ctstate {s} -j DSCP --set-dscp {n}" for s, n in SAYS.items()] + [
    f"POSTROUTING -m conntrack --ctstate {s} --ctdir REPLY -j DSCP --set-dscp {SAYS[s] + 8}" for s in ("ESTABLISHED", "RELATED")] + [
    "POSTROUTING -m conntrack --ctstatus ASSURED -j TOS --set-tos 0x01/0x01"]
COUNT = table("mangle")  # counts at all five hooks, and needs no conntrack
TRACK = table("filter", "FORWARD -m conntrack --ctstate INVALID", "FORWARD -m conntrack --ctstate NEW",
              "FORWARD -m conntrack --ctstate ESTABLISHED", "INPUT -m conntrack --ctstate INVALID", "INPUT -m conntrack --ctstate NEW",
              "INPUT -m conntrack --ctstate ESTABLISHED")


def pkt(dev, l3, note="", dst=None, src=None, sleep=None, kind=None):
    """A frame that arrives on `dev`; `l3` a scapy packet or bytes."""
    p = port(dev)
    if isinstance(l3, bytes):
        raw = bytes(Ether(src=src or p["peer_mac"], dst=dst or p["mac"], type=kind or 0x0800)) + l3
    else:
        raw = bytes(Ether(src=src or p["peer_mac"], dst=dst or p["mac"], **({"type": kind} if kind else {})) / l3)
    out = {"dev": dev, "hex": raw.hex()}
    if note:
        out["note"] = note
    if sleep:
        out["sleep"] = sleep
    return out


def reply(of, note="", **how):
    """The peer's answer to the last frame that left because of packet `of`: flags, seq, payload (hex), ttl."""
    return dict({"derive": "reply", "of": of}, **({"note": note} if note else {}), **how)


def error(of, type, code, note="", **how):
    """An ICMP error about the last frame that left because of packet `of`: src, extra (bytes quoted beyond 28)."""
    return dict({"derive": "icmp", "of": of, "type": type, "code": code}, **({"note": note} if note else {}), **how)


_ident = [0x1000]


def ip(src, dst, **how):
    if "id" not in how:
        _ident[0] = 0x1000 + (_ident[0] - 0x1000 + 1) % 0xE000
        how["id"] = _ident[0]
    return IP(src=src, dst=dst, **how)


def udp(src, dst, sport=4000, dport=5000, data=b"hello", **how):
    return ip(src, dst, **how) / UDP(sport=sport, dport=dport) / Raw(data)


def tcp(src, dst, sport=4000, dport=80, flags="S", seq=1000, ack=0, data=b"", options=(), window=64240, ipflags=0, **how):
    p = ip(src, dst, flags=ipflags, **how) / TCP(sport=sport, dport=dport, flags=flags, seq=seq, ack=ack, window=window, options=list(options))
    return p / Raw(data) if data else p


def ping(src, dst, id=7, seq=1, type=8, data=b"abcdefgh", **how):
    return ip(src, dst, **how) / ICMP(type=type, id=id, seq=seq) / Raw(data)


def quote(src, dst, inner, type=3, code=1, extra=0, nexthop=0, **how):
    """An ICMP error about `inner`, quoting its header, 8 bytes and `extra`."""
    icmp = ICMP(type=type, code=code, nexthopmtu=nexthop) if type == 3 else ICMP(type=type, code=code)
    return ip(src, dst, **how) / icmp / Raw(bytes(inner)[:28 + extra])


def pieces(packet, *cuts):
    """Cut a packet at byte offsets of its payload (multiples of 8): [fragment bytes]."""
    raw = bytes(packet)
    head, body = IP(raw[:20]), raw[20:]
    out, edges = [], [0] + list(cuts) + [len(body)]
    for a, b in zip(edges, edges[1:]):
        out.append(piece(head, a, body[a:b], b < len(body)))
    return out


def piece(head, offset, body, more):
    h = head.copy()
    h.flags, h.frag, h.len = "MF" if more else 0, offset // 8, 20 + len(body)
    del h.chksum
    return bytes(h)[:20] + body


def edit(packet, **fields):
    """The bytes of a packet with header bytes changed and the header checksum kept as it was: offset names b0.. b19."""
    raw = bytearray(bytes(packet))
    for k, v in fields.items():
        raw[int(k[1:])] = v
    return bytes(raw)


def checksum(raw):
    """Put a right header checksum into the bytes of an IPv4 packet."""
    raw = bytearray(raw)
    n = (raw[0] & 15) * 4
    raw[10:12] = b"\0\0"
    total = sum(raw[i] << 8 | raw[i + 1] for i in range(0, n, 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    raw[10:12] = (~total & 0xFFFF).to_bytes(2, "big")
    return bytes(raw)

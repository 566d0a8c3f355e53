#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Record what the real Linux kernel does with packets: the ground truth the project is measured against.

A *recipe* (JSON) names the ports of one router and the commands that configure it.  The oracle builds the
router in network namespaces of its own, dumps its state with the standard tools (that dump is what the project
reads), injects every frame on its port, and writes what came out, which rules counted, which conntrack entries
exist and why the kernel dropped what it dropped.

    kernel_oracle.py RECIPE.json OUTDIR

OUTDIR/host/*        ip-link.json ip-addr.json ip-route.txt ip6-route.txt ip-rule.txt ip6-rule.txt ip-neigh.txt
                     iptables-save.txt ip6tables-save.txt nft-ruleset.txt nft-ruleset.json ipset-save.txt
                     tc-qdisc.txt tc-class.txt tc-filter.txt ss.txt sysctl.txt conntrack.txt
OUTDIR/in.pcapng     the injected frames, each on its interface (if_name), in order
OUTDIR/recipe.json   the recipe
OUTDIR/expected.json one record a packet: out [{dev, hex}], drops [reason], counters {table: {chain: [[p,b]..]}}

Keys of a recipe: ports [{dev, mac, peer_mac, mtu?}], commands (run before the rules are loaded), iptables, ip6tables, nft, ipset
(texts to restore), late_commands (run after them), listen [{proto, addr, port, transparent?}] (sockets in the router), before (frames sent before
the dump is taken, so that the router is not fresh), packets [{dev, hex} or {derive, of, ...}, each with sleep? note?], counters
("each": the rule counters after every packet; else only at the end), wait (seconds to wait for what leaves), settle.
"""
import ctypes, json, os, re, select, socket, struct, subprocess, sys, time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PACKET_IGNORE_OUTGOING = 23
ETH_P_ALL = 3


def sh(cmd, ns=None, check=True, inp=None, quiet=False):
    full = ["ip", "netns", "exec", ns, "bash", "-c", cmd] if ns else ["bash", "-c", cmd]
    r = subprocess.run(full, input=inp, capture_output=True, text=True)
    if check and r.returncode:
        raise RuntimeError(f"{cmd!r} in {ns}: rc {r.returncode}: {r.stderr.strip()[:2000]}")
    return r.stdout


class NetNS:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.old = os.open("/proc/self/ns/net", os.O_RDONLY)
        fd = os.open(f"/var/run/netns/{self.name}", os.O_RDONLY)
        if libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(fd)
        return self

    def __exit__(self, *a):
        libc.setns(self.old, CLONE_NEWNET)
        os.close(self.old)


class DropTrace:
    """kfree_skb reasons of what this process's own sends caused (softirq runs inline in our send)."""

    def __init__(self):
        base = "/sys/kernel/tracing"
        if not os.path.exists(base + "/instances"):
            subprocess.run(["mount", "-t", "tracefs", "tracefs", base], capture_output=True)
        self.dir = f"{base}/instances/oracle{os.getpid()}"
        os.makedirs(self.dir, exist_ok=True)
        self.w("events/skb/kfree_skb/filter", f"common_pid == {os.getpid()}")
        self.w("events/skb/kfree_skb/enable", "1")
        self.fd = os.open(self.dir + "/trace_pipe", os.O_RDONLY | os.O_NONBLOCK)

    def w(self, f, v):
        with open(f"{self.dir}/{f}", "w") as h:
            h.write(v)

    def drain(self):
        buf = b""
        while True:
            try:
                b = os.read(self.fd, 65536)
            except BlockingIOError:
                break
            if not b:
                break
            buf += b
        out = []
        for m in re.finditer(rb"protocol=(\d+) location=(\S+) reason: (\S+)", buf):
            out.append({"proto": int(m[1]), "at": m[2].decode().split("+")[0], "reason": m[3].decode()})
        return out

    def close(self):
        self.w("events/skb/kfree_skb/enable", "0")
        os.close(self.fd)
        os.rmdir(self.dir)


def counters(text):
    """iptables-save -c -> {table: {chain: {"policy": [p,b], "rules": [[p,b], ...]}}}"""
    out, t = {}, None
    for line in text.splitlines():
        if line.startswith("*"):
            t = out.setdefault(line[1:], {})
        elif line.startswith(":"):
            m = re.match(r":(\S+) (\S+) \[(\d+):(\d+)\]", line)
            t[m[1]] = {"policy": [int(m[3]), int(m[4])], "rules": []}
        elif line.startswith("["):
            m = re.match(r"\[(\d+):(\d+)\] -A (\S+)", line)
            t[m[3]]["rules"].append([int(m[1]), int(m[2])])
    return out


def pcapng(path, ports, frames):
    def block(t, body):
        body += b"\0" * (-len(body) % 4)
        n = len(body) + 12
        return struct.pack("<II", t, n) + body + struct.pack("<I", n)

    def opt(code, val):
        return struct.pack("<HH", code, len(val)) + val + b"\0" * (-len(val) % 4)

    with open(path, "wb") as f:
        f.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        for p in ports:
            f.write(block(1, struct.pack("<HHI", 1, 0, 0) + opt(2, p.encode()) + opt(9, b"\x09") + opt(0, b"")))
        for ts, dev, raw in frames:
            ns = int(ts * 1e9)
            f.write(block(6, struct.pack("<IIIII", ports.index(dev), ns >> 32, ns & 0xFFFFFFFF, len(raw), len(raw))
                          + raw + b"\0" * (-len(raw) % 4)))


SYSCTLS = r"net\.(ipv4\.(ip_forward|conf\.[^.]*\.(rp_filter|forwarding|accept_local|accept_source_route|send_redirects" \
          r"|src_valid_mark|route_localnet|proxy_arp|log_martians|bc_forwarding|drop_unicast_in_l2_multicast|mc_forwarding" \
          r"|ignore_routes_with_linkdown|secure_redirects|shared_media|arp_ignore|arp_announce)" \
          r"|icmp_.*|ip_default_ttl|ip_local_port_range|fwmark_reflect|ip_no_pmtu_disc|ip_forward_use_pmtu|tcp_l3mdev_accept" \
          r"|fib_multipath_.*|tcp_fwmark_accept|ip_nonlocal_bind|ip_early_demux|tcp_early_demux|udp_early_demux|ipfrag_.*|ip_forward_update_priority)" \
          r"|ipv6\.conf\.[^.]*\.(forwarding|disable_ipv6|accept_source_route|hop_limit)|ipv6\.icmp\..*|ipv6\.(fib_.*|fwmark_reflect)" \
          r"|netfilter\.nf_conntrack_.*|bridge\.bridge-nf-.*)"

DUMPS = {
    "ip-link.json": "ip -j -d link", "ip-addr.json": "ip -j -d addr", "ip-addr.txt": "ip addr",
    "ip-route.txt": "ip -4 route show table all", "ip-route.json": "ip -j -4 route show table all",
    "ip6-route.txt": "ip -6 route show table all",
    "ip-rule.txt": "ip -4 rule", "ip6-rule.txt": "ip -6 rule", "ip-neigh.txt": "ip neigh",
    "iptables-save.txt": "iptables-legacy-save -c", "ip6tables-save.txt": "ip6tables-legacy-save -c",
    "nft-ruleset.txt": "nft -a list ruleset", "nft-ruleset.json": "nft -j list ruleset",
    "ipset-save.txt": "ipset save", "conntrack.txt": "conntrack -L -o extended 2>/dev/null; true",
    "tc-qdisc.txt": "tc qdisc", "ss.txt": "ss -HlntuwO --inet-sockopt",
    "sysctl.txt": f"sysctl -a 2>/dev/null | grep -E '{SYSCTLS}'",
}


def derive(p, recs, recipe):
    """A frame derived from what the kernel sent out for an earlier packet: its peer's reply, or an ICMP error about it."""
    from scapy.all import Ether, IP, IPv6, TCP, UDP, ICMP, ICMPv6EchoRequest, ICMPv6EchoReply, Raw
    outs = recs[p["of"] - 1]["out"]
    if not outs:
        return None
    o = outs[-1]
    f = Ether(bytes.fromhex(o["hex"]))
    port = next(q for q in recipe["ports"] if q["dev"] == o["dev"])
    eth = Ether(src=port["peer_mac"], dst=port["mac"])
    l3 = f[IPv6] if IPv6 in f else f[IP] if IP in f else None
    if l3 is None:
        return None
    if p["derive"] == "icmp":
        ip = IP(src=p.get("src", l3.dst), dst=l3.src, ttl=64) / ICMP(type=p["type"], code=p["code"])
        return o["dev"], bytes(eth / ip / Raw(bytes(l3)[:28 + p.get("extra", 0)]))
    ip = IPv6(src=l3.dst, dst=l3.src, hlim=p.get("ttl", 64)) if IPv6 in f else IP(src=l3.dst, dst=l3.src, ttl=p.get("ttl", 64))
    if TCP in f:
        t = f[TCP]
        l4 = TCP(sport=t.dport, dport=t.sport, flags=p.get("flags", "SA"), seq=p.get("seq", 5000), ack=t.seq + (1 if t.flags.S or t.flags.F else len(bytes(t.payload))), window=64240)
    elif UDP in f:
        l4 = UDP(sport=f[UDP].dport, dport=f[UDP].sport)
    elif ICMP in f and f[ICMP].type == 8:
        l4 = ICMP(type=0, id=f[ICMP].id, seq=f[ICMP].seq)
    else:
        return None
    return o["dev"], bytes(eth / ip / l4 / Raw(bytes.fromhex(p.get("payload", "6162"))) if not (TCP in f and p.get("flags", "SA") in ("SA", "A", "R", "RA")) else eth / ip / l4)


def without_peers(drops, outs):
    """The bare peers drop every frame that reaches them: it is for a MAC address that is not theirs, or a broadcast."""
    left = [d for d in drops if d["at"] != "skb_release_data"]  # pieces of a reassembled packet are freed one by one
    for o in outs:
        group = int(o["hex"][1], 16) & 1
        for reason in ("IP_INADDRERRORS", "IPV6DISABLED") if group else ("OTHERHOST",):
            at = next((d for d in left if d["reason"] == reason), None)
            if at:
                left.remove(at)
                break
    return left


class Oracle:
    def __init__(self, recipe):
        self.r = recipe
        self.ports = [p["dev"] for p in recipe["ports"]]
        tag = f"o{os.getpid()}"
        self.fw, self.ext = tag + "fw", tag + "x"

    def build(self):
        sh(f"ip netns add {self.fw}; ip netns add {self.ext}")
        sh("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; ip link set lo up", self.ext)
        v6 = self.r.get("ipv6", False)
        if not v6:
            sh("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1", self.fw)
        else:
            sh("sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.addr_gen_mode=1 "
               "net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.mldv2_unsolicited_report_interval=0", self.fw)
        sh("ip link set lo up", self.fw)
        self.socks = {}
        for i, p in enumerate(self.r["ports"]):
            d = p["dev"]
            sh(f"ip link add {d} netns {self.fw} address {p['mac']} type veth peer name x{i} netns {self.ext} address 06:00:00:00:00:{i:02x}")
            sh(f"ip link set x{i} promisc on up", self.ext)
            sh(f"ip link set {d} up", self.fw)
            sh(f"ethtool -K {d} tx off sg off tso off gso off gro off >/dev/null 2>&1; true", self.fw)
            sh(f"ethtool -K x{i} tx off gro off >/dev/null 2>&1; true", self.ext)
            if "mtu" in p:
                sh(f"ip link set x{i} mtu {max(p['mtu'], 1500)}", self.ext)
                sh(f"ip link set {d} mtu {p['mtu']}", self.fw)
        for c in self.r.get("commands", []):
            sh(c, self.fw)
        for tool, key in (("iptables-legacy-restore", "iptables"), ("ip6tables-legacy-restore", "ip6tables"),
                          ("ipset restore", "ipset"), ("nft -f -", "nft")):
            if self.r.get(key) and key == "ipset":
                sh(tool, self.fw, inp=self.r[key])
        for tool, key in (("iptables-legacy-restore", "iptables"), ("ip6tables-legacy-restore", "ip6tables"), ("nft -f -", "nft")):
            if self.r.get(key):
                sh(tool, self.fw, inp=self.r[key])
        for c in self.r.get("late_commands", []):
            sh(c, self.fw)
        self.listeners = []
        for l in self.r.get("listen", []):
            with NetNS(self.fw):
                fam = socket.AF_INET6 if ":" in l["addr"] else socket.AF_INET
                s = socket.socket(fam, socket.SOCK_STREAM if l["proto"] == "tcp" else socket.SOCK_DGRAM)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if l.get("transparent"):
                    s.setsockopt(socket.SOL_IP, 19, 1)  # IP_TRANSPARENT
                s.bind((l["addr"], l["port"]))
                if l["proto"] == "tcp":
                    s.listen(64)
                s.setblocking(False)
                self.listeners.append((l, s))
        time.sleep(self.r.get("settle", 0.15))
        with NetNS(self.ext):
            for i, d in enumerate(self.ports):
                s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                s.setsockopt(263, PACKET_IGNORE_OUTGOING, 1)
                s.bind((f"x{i}", ETH_P_ALL))
                s.setblocking(False)
                self.socks[d] = s

    def dump(self, out):
        os.makedirs(out, exist_ok=True)
        for f, cmd in DUMPS.items():
            txt = sh(cmd, self.fw, check=False)
            open(f"{out}/{f}", "w").write(txt)
        cls, flt = "", ""
        for d in self.ports + [x for x in self.r.get("extra_devs", [])]:
            cls += sh(f"tc class show dev {d} | sed 's/^/dev {d} /'", self.fw, check=False)
            for parent in ("", "ingress", "egress"):
                f = sh(f"tc filter show dev {d} {parent}", self.fw, check=False)
                flt += "".join(f"dev {d} {parent or 'root'} {l}\n" for l in f.splitlines())
        open(f"{out}/tc-class.txt", "w").write(cls)
        open(f"{out}/tc-filter.txt", "w").write(flt)
        json.dump({"ports": self.ports}, open(f"{out}/about.json", "w"))

    def send(self, p):
        with NetNS(self.ext):
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            s.bind((f"x{self.ports.index(p['dev'])}", 0))
            try:
                s.send(bytes.fromhex(p["hex"]))
            finally:
                s.close()

    def collect(self, wait):
        got, end = [], time.time() + wait
        while True:
            r, _, _ = select.select(list(self.socks.values()), [], [], max(0, end - time.time()))
            if not r:
                break
            for d, s in self.socks.items():
                while True:
                    try:
                        got.append({"dev": d, "hex": s.recv(65536).hex()})
                    except BlockingIOError:
                        break
        return got

    def run(self, out):
        dt = DropTrace()
        nft = None
        try:
            self.build()
            recs = []
            for p in self.r.get("before", []):
                if "derive" in p:
                    d = derive(p, recs, self.r)
                    p = dict(p, dev=d[0], hex=d[1].hex())
                self.send(p)
                recs.append({"out": self.collect(0.01)})
            self.dump(out + "/host")
            has_ipt = "iptables" in self.r or "ip6tables" in self.r
            if self.r.get("nft_trace"):
                nft = subprocess.Popen(["ip", "netns", "exec", self.fw, "stdbuf", "-oL", "nft", "monitor", "trace"],
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                os.set_blocking(nft.stdout.fileno(), False)
                time.sleep(0.3)
            self.collect(0.05); dt.drain()
            recs, frames, t0 = [], [], None
            for n, p in enumerate(self.r["packets"], 1):
                if p.get("sleep"):
                    time.sleep(p["sleep"])
                if "derive" in p:
                    d = derive(p, recs, self.r)
                    if d is None:
                        recs.append({"n": n, "skipped": True, "out": [], "drops": [], "delivered": []})
                        continue
                    p = dict(p, dev=d[0], hex=d[1].hex())
                raw = bytes.fromhex(p["hex"])
                now = time.time()
                frames.append((now, p["dev"], raw))
                self.send(dict(p, hex=raw.hex()))
                outs = self.collect(self.r.get("wait", 0.003))
                rec = {"n": n, "dev": p["dev"], "in": p["hex"], "out": outs, "drops": without_peers(dt.drain(), outs), "delivered": []}
                for l, ls in self.listeners:
                    if l["proto"] == "udp":
                        while True:
                            try:
                                ls.recvfrom(65536)
                                rec["delivered"].append(f"udp {l['addr']}:{l['port']}")
                            except BlockingIOError:
                                break
                if "note" in p:
                    rec["note"] = p["note"]
                if nft:
                    time.sleep(0.004)
                    buf = b""
                    while True:
                        try:
                            b = os.read(nft.stdout.fileno(), 1 << 20)
                        except BlockingIOError:
                            break
                        if not b:
                            break
                        buf += b
                    rec["nft_trace"] = buf.decode().splitlines()
                if has_ipt and self.r.get("counters", "each") == "each":
                    if "iptables" in self.r:
                        rec["counters"] = counters(sh("iptables-legacy-save -c", self.fw))
                    if "ip6tables" in self.r:
                        rec["counters6"] = counters(sh("ip6tables-legacy-save -c", self.fw))
                recs.append(rec)
            final = {"conntrack": sh("conntrack -L -o extended 2>/dev/null; true", self.fw),
                     "nft": sh("nft list ruleset", self.fw, check=False), "ipset": sh("ipset save", self.fw, check=False),
                     "tc": "".join(sh(f"tc -s qdisc show dev {d}; tc -s class show dev {d}", self.fw, check=False) for d in self.ports)}
            if "iptables" in self.r:
                final["iptables"] = counters(sh("iptables-legacy-save -c", self.fw))
            if "ip6tables" in self.r:
                final["ip6tables"] = counters(sh("ip6tables-legacy-save -c", self.fw))
            pcapng(out + "/in.pcapng", self.ports, frames)
            with open(out + "/expected.json", "w") as f:  # one line a packet
                f.write('{"kernel": %s,\n"packets": [\n' % json.dumps(os.uname().release))
                f.write(",\n".join(json.dumps(r) for r in recs))
                f.write('\n],\n"final": %s}\n' % json.dumps(final, indent=1 if self.r.get("counters") == "each" else None))
            json.dump(self.r, open(out + "/recipe.json", "w"), indent=1)
            return recs
        finally:
            if nft:
                nft.kill(); nft.wait()
            dt.close()
            for _, s in getattr(self, "listeners", []):
                s.close()
            for s in getattr(self, "socks", {}).values():
                s.close()
            subprocess.run(["bash", "-c", f"ip netns del {self.fw}; ip netns del {self.ext}"], capture_output=True)


if __name__ == "__main__":
    recipe = json.load(open(sys.argv[1]))
    recs = Oracle(recipe).run(sys.argv[2])
    for r in recs:
        if r.get("skipped"):
            print(r["n"], "skipped"); continue
        print(r["n"], r["dev"], "->", [(o["dev"], len(o["hex"]) // 2) for o in r["out"]], [d["reason"] for d in r["drops"]],
              r["delivered"], r.get("note", ""))

# SPDX-License-Identifier: MIT
"""Many matches in one rule set, put together by a fixed seed: what hand-made cases do not think of."""
import random

from recipes import TCP, UDP, Raw, case, ip, pieces, ping, pkt, table, tcp, udp

SOURCES = ("10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.3", "10.0.0.9", "10.0.0.50", "10.0.1.7", "192.0.2.3", "172.16.5.5")
TARGETS = ("192.0.2.2", "192.0.2.2", "192.0.2.3", "203.0.113.2", "203.0.113.50", "198.51.100.9", "10.0.0.1", "192.0.2.1")
TEXTS = ("GET /index", "get /INDEX", "\xc4\xe4\xf6\xdf", "aaaaaaab", "abcabcabd", "xyz")


def connlimit(r):
    return (f"-m connlimit --connlimit-{r.choice(('above', 'upto'))} {r.randrange(5)}"
            + r.choice(("", " --connlimit-mask 24", " --connlimit-mask 16", " --connlimit-mask 0")) + r.choice(("", " --connlimit-daddr")))


def hashlimit(r, where="m"):
    which = r.randrange(4)
    if which == 0:
        rate, burst = r.choice(("512b/s", "1kb/s", "2kb/s", "100kb/s")), r.choice(("", " --hashlimit-burst 1kb", " --hashlimit-burst 5kb"))
        if rate == "100kb/s":
            burst = ""
    else:
        rate, burst = r.choice(("1/sec", "2/sec", "6/min", "7/hour", "1/day")), f" --hashlimit-burst {r.randrange(1, 6)}"
        if "day" in rate:  # the kernel's credits overflow: with 2, 4 or 5 it refuses the rule
            burst = f" --hashlimit-burst {r.choice((1, 3))}"
    out = f"-m hashlimit --hashlimit-{r.choice(('above', 'upto'))} {rate}{burst}"
    modes = [m for m in ("srcip", "srcport", "dstip", "dstport") if r.random() < 0.5]
    if modes:
        out += " --hashlimit-mode " + ",".join(modes)
    if r.random() < 0.3:
        out += f" --hashlimit-srcmask {r.choice((0, 8, 24, 30, 31))}"
    if r.random() < 0.3:
        out += f" --hashlimit-dstmask {r.choice((0, 8, 24, 30, 31))}"
    by_windows = r.random() < 0.25 and "/sec" in rate or "b/s" in rate and r.random() < 0.25
    if by_windows:
        out += " --hashlimit-rate-match" + r.choice(("", " --hashlimit-rate-interval 2"))
    # Rules may share a table: the values are those of the rule that was loaded first, which a dump tells within one iptables
    # table only. The kernel refuses those that look at windows and those that do not in one.
    # When an expired entry is collected depends on the phase of a timer: here none expires.
    return out + f" --hashlimit-htable-expire 100000 --hashlimit-name {where}{'w' if by_windows else 'h'}{r.randrange(8)}"


def recent(r):
    how = r.choice(("--set", "--rcheck", "--update", "--update", "--remove", "--rcheck"))
    which = r.randrange(4)
    out = f"-m recent --name r{which} {r.choice(('', '', '! '))}{how}"
    if how in ("--rcheck", "--update"):
        if r.random() < 0.6:
            out += f" --seconds {r.choice((1, 1, 2, 60))}" + r.choice(("", "", " --reap"))
        if r.random() < 0.6:
            out += f" --hitcount {r.randrange(1, 6)}"
        if r.random() < 0.3:
            out += " --rttl"
    out += ("", "", " --mask 255.255.255.0", " --mask 255.0.0.255")[which]
    return out + r.choice(("", "", " --rdest"))


def connbytes(r):
    low = r.choice((0, 1, 2, 3, 28, 33, 60, 100, 200))
    span = r.choice((f"{low}", f"{low}:", f"{low}:{low + r.randrange(100)}", f":{low}"))
    return (f"-m connbytes {r.choice(('', '! '))}--connbytes {span} --connbytes-mode {r.choice(('packets', 'bytes', 'avgpkt'))}"
            f" --connbytes-dir {r.choice(('original', 'reply', 'both'))}")


def string(r):
    text = r.choice(TEXTS)
    text = text[r.randrange(2):len(text) - r.randrange(2)]
    bounds = r.choice(("", " --from {f}", " --to {t}", " --from {f} --to {t}"))
    start = r.choice((20, 28, 28, 29, 30, 40))
    bounds = bounds.format(f=start, t=start + r.choice((0, len(text) - 1, len(text), len(text) + 1, 20)))
    hexed = "".join(f"{ord(c):02x}" for c in text)
    what = f'--hex-string "|{hexed}|"' if r.random() < 0.5 or not text.isascii() else f'--string "{text}"'
    return f"-m string {r.choice(('', '! '))}{what} --algo {r.choice(('bm', 'kmp'))}{bounds}{r.choice(('', ' --icase'))}"


U32 = ("0>>22&0x3C@0>>16=53", "6&0xFF=17", "4&0x1FFF=0&&0>>22&0x3C@12>>26&0x3C@0=0:0xffffffff", "0&0xFFFF=28:33", "28=0x47455420,0x67657420",
       "0>>22&0x3C@12>>24&0xF0=0x50", "36=0:0xffffffff", "8>>24=64,63,62", "12=0x0A000002&&16=0xC0000202", "0<<16>>16=33:35", "16=0&&0=0")


def term(r, chain):
    """A match, or nothing where the chain does not allow it."""
    kind = r.randrange(15)
    if kind == 0:
        return connlimit(r)
    if kind in (1, 2):
        return hashlimit(r)
    if kind in (3, 4):
        return recent(r)
    if kind == 5:
        return connbytes(r)
    if kind == 6:
        return f"-m quota {r.choice(('', '! '))}--quota {r.choice((0, 33, 66, 99, 100, 150, 300, 1000))}"
    if kind == 7:
        return r.choice(("-m connlabel --label 3", "-m connlabel ! --label 3", "-m connlabel --label 3 --set", "-m connlabel ! --label 127 --set"))
    if kind == 8:
        every = r.randrange(1, 5)
        return f"-m statistic --mode nth {r.choice(('', '! '))}--every {every} --packet {r.randrange(every)}"
    if kind == 9:
        return f"-m limit --limit {r.choice(('6/min', '1/sec', '2/sec', '3/hour'))} --limit-burst {r.randrange(1, 6)}"
    if kind == 10:
        return string(r)
    if kind == 11:
        return f'-m u32 {r.choice(("", "! "))}--u32 "{r.choice(U32)}"'
    if kind == 12:
        if chain in ("OUTPUT", "POSTROUTING"):
            return "-m owner " + r.choice(("--socket-exists", "! --socket-exists", "--uid-owner 0", "! --uid-owner 0", "! --gid-owner 7 --suppl-groups",
                                           "--uid-owner 0-1000 --socket-exists", "! --uid-owner 7 ! --gid-owner 7"))
        return "-m helper " + r.choice(("--helper ftp", "! --helper ftp"))
    if kind == 13:
        if chain == "PREROUTING":
            return "-m rpfilter " + " ".join(o for o in ("--loose", "--validmark", "--accept-local", "--invert") if r.random() < 0.4)
        return "-m time " + r.choice(("--weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun", "! --monthdays 31", "--datestart 2020", "--datestop 2020",
                                      "--timestart 12:00 --timestop 12:00", "--timestart 00:00:01 --timestop 00:00:00 --contiguous"))
    return f"-p tcp -m tcpmss {r.choice(('', '! '))}--mss {r.choice(('1460', '536', '0', '1400:1460', '65535'))}"


def rules(r):
    out = {"mangle": [], "filter": [], "raw": []}
    for _ in range(40):
        chain = r.choice(("PREROUTING", "PREROUTING", "FORWARD", "FORWARD", "FORWARD", "INPUT", "OUTPUT", "POSTROUTING"))
        terms = [term(r, chain) for _ in range(r.choice((1, 1, 1, 2, 2, 3)))]
        named = [t for t in terms if t.startswith("-p ")]
        proto = "" if named else r.choice(("", "", "", "-p tcp ", "-p udp ", "-p icmp "))
        terms = (named[:1] + [t for t in terms if not t.startswith("-p ")])
        jump = r.choice(("",) * 8 + (f"-j DSCP --set-dscp {r.randrange(64)}", "-j MARK --set-xmark 0x7/0xf", "-j ACCEPT"))
        out["mangle"].append(f"{chain} {proto}{' '.join(terms)} {jump}")
    for _ in range(10):
        chain = r.choice(("FORWARD", "FORWARD", "INPUT", "OUTPUT"))
        out["filter"].append(f"{chain} {r.choice(('', '-p tcp ', '-p udp '))}{recent(r)} "
                             + r.choice(("-j DROP", "-j ACCEPT", "", "-j REJECT")))
    out["filter"] += [f"FORWARD -p tcp --syn {connlimit(r)} -j REJECT --reject-with tcp-reset", f"FORWARD -p udp {hashlimit(r, 'f')} -j DROP"]
    for _ in range(3):
        out["raw"].append("PREROUTING " + r.choice((recent, lambda r: hashlimit(r, "r")))(r) + r.choice(("", " -j NOTRACK")))
    return "".join(table(name, *rows) for name, rows in out.items())


def packets(r):
    out = []
    for _ in range(60):
        src, dst = r.choice(SOURCES), r.choice(TARGETS)
        dev = {"192.0.2": "eth1", "172.16.": "eth2"}.get(src[:7], "eth0") if r.random() < 0.9 else "eth2"
        sport, ttl = r.randrange(4000, 4004), r.choice((64, 64, 64, 63, 2, 1))
        body = r.choice(TEXTS + ("", "12345", "z" * r.randrange(200))).encode("latin-1")
        sleep = r.choice((0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 1.1))
        kind = r.randrange(10)
        if kind < 4:
            l3 = udp(src, dst, sport, r.choice((53, 53, 80)), body, ttl=ttl)
        elif kind < 7:
            flags = r.choice(("S", "S", "S", "A", "FA", "R", "SA", "PA"))
            mss = r.choice(((), (("MSS", 1460),), (("NOP", None), ("MSS", 536)), (("WScale", 3), ("MSS", 1400)), (("MSS", 0),), (("MSS", 65535),)))
            l3 = tcp(src, dst, sport, r.choice((80, 80, 22)), flags, 1000, 0 if flags == "S" else 5001, b"" if "S" in flags else body, mss, ttl=ttl)
        elif kind < 8:
            l3 = ping(src, dst, id=sport, data=body, ttl=ttl)
        elif kind < 9:
            l3 = ip(src, dst, proto=r.choice((47, 50, 51, 132, 6, 17)), ttl=ttl) / Raw(bytes(r.randrange(40)))
        else:
            first, rest = pieces(udp(src, dst, sport, 53, b"GET /index" * 8, ttl=ttl), 8 * r.randrange(1, 5))
            out.append(pkt(dev, first, sleep=sleep))
            out.append(pkt(dev, rest, sleep=0.02))
            continue
        out.append(pkt(dev, l3, sleep=sleep))
        if r.random() < 0.25:  # an answer, whether or not the question got through
            back = {"192.0.2": "eth1", "203.0.1": "eth2", "198.51.": "eth2"}.get(dst[:7])
            if back and (TCP in l3 or UDP in l3) and not dst.endswith(".1"):
                l4 = l3[TCP] if TCP in l3 else l3[UDP]
                answer = (tcp(dst, src, l4.dport, l4.sport, "SA", 5000, 1001) if TCP in l3 else udp(dst, src, l4.dport, l4.sport, b"answer"))
                out.append(pkt(back, answer, sleep=0.02))
    return out


for seed in range(1, 11):
    rnd = random.Random(f"mixed-matches-{seed}")
    case(f"mixed-matches-{seed:02}", "Rules of connlimit, hashlimit, recent, connbytes, quota, labels, limits, strings, u32 and their like, drawn by a seed.",
         packets(rnd), iptables=rules(rnd), setup=["ip route add 172.16.0.0/16 via 203.0.113.9", "ip route add blackhole 198.51.100.128/25"])

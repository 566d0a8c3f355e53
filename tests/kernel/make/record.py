#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Record kernel cases: write the recipe of each, let the oracle run it, print what the kernel did.

    record.py [--oracle PATH] [--list] [--show] [--all-rules] [NAME...]

Without names all cases are recorded, into the folder above this one. Needs root, scapy, and iptables-legacy, ipset, conntrack, nft.
"""
import argparse
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from recipes import CASES, IP, SAYS, Ether  # noqa: E402

for module in sorted(HERE.glob("cases_*.py")):
    importlib.import_module(module.stem)


def rules_with_counts(text, final, everything):
    lines, chain_at, table = [], {}, None
    for line in text.splitlines():
        if line.startswith("*"):
            table, chain_at = line[1:], {}
        elif line.startswith(":"):
            c = line[1:].split()[0]
            n = final.get(table, {}).get(c, {}).get("policy", [0, 0])
            if n[0]:
                lines.append(f"    {table} :{c} {n}")
        elif line.startswith("-A"):
            c = line.split()[1]
            i = chain_at[c] = chain_at.get(c, -1) + 1
            n = final.get(table, {}).get(c, {"rules": []})["rules"][i]
            if n[0] or everything:
                lines.append(f"    {table} {n} {line[3:]}")
    return lines


def frame(hexs):
    f = Ether(bytes.fromhex(hexs))
    text = f.summary().split(" / ", 1)[-1].replace(" / Raw", "") + f" {len(hexs) // 2 - 14} bytes"
    if IP in f:
        f = f[IP]
        said = {n: s for s, n in SAYS.items()}
        n = f.tos >> 2
        text += f" ttl {f.ttl} id {f.id:x}" + (f" {f.flags}" if f.flags else "") + (f" offset {f.frag * 8}" if f.frag else "")
        text += f" tos {f.tos:#x}" if f.tos else ""
        if n & 7 in said and n < 14 and f.tos < 0x40:
            text += f" ({said[n & 7]}{' reply' if n & 8 else ''}{' assured' if f.tos & 1 else ''})"
    return text


def show(folder, everything):
    recipe = json.load(open(folder / "recipe.json"))
    expected = json.load(open(folder / "expected.json"))
    print(f"== {folder.name}: {recipe['about']}")
    for r in expected["packets"]:
        if r.get("skipped"):
            print(f"{r['n']:3} skipped")
            continue
        print(f"{r['n']:3} {r['dev']} {frame(r['in'])} | {r.get('note', '')}")
        for o in r["out"]:
            print(f"      -> {o['dev']} {frame(o['hex'])}")
        for d in r["drops"]:
            print(f"      x  {d['reason']} at {d['at']}")
        for d in r["delivered"]:
            print(f"      => {d}")
    final = expected["final"]
    print("\n".join(rules_with_counts(recipe.get("iptables", ""), final.get("iptables", {}), everything)))
    print("    " + final["conntrack"].replace("\n", "\n    "))
    if final["ipset"]:
        print("    " + final["ipset"].replace("\n", "\n    "))


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--oracle", default=str(HERE / "kernel_oracle.py"))
    args.add_argument("--list", action="store_true", help="print the names and what each case is about")
    args.add_argument("--show", action="store_true", help="print what was recorded, without recording")
    args.add_argument("--all-rules", action="store_true", help="print the rules that never counted, too")
    args.add_argument("names", nargs="*")
    args = args.parse_args()
    unknown = [n for n in args.names if n not in CASES]
    if unknown:
        sys.exit(f"record.py: no such case: {', '.join(unknown)}")
    names = args.names or list(CASES)
    if args.list:
        for n in names:
            print(f"{n}: {CASES[n]['about']}")
        return
    for n in names:
        folder = HERE.parent / n
        if not args.show:
            with tempfile.TemporaryDirectory() as scratch:
                recipe = pathlib.Path(scratch) / "recipe.json"
                recipe.write_text(json.dumps(CASES[n]))
                out = pathlib.Path(scratch) / "case"
                r = subprocess.run([sys.executable, args.oracle, str(recipe), str(out)], capture_output=True, text=True)
                if r.returncode:
                    print(f"record.py: {n}: {r.stderr.strip()[-600:]}", file=sys.stderr)
                    continue
                if folder.exists():
                    shutil.rmtree(folder)
                shutil.copytree(out, folder)
        show(folder, args.all_rules)


if __name__ == "__main__":
    os.umask(0o022)
    main()
